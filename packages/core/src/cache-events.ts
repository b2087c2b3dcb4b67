/** The entry that an event is about. */
export interface CacheEvent {
  /** Its key, as the caller gave it. */
  readonly key: string
  /** Its category. */
  readonly category: string
}

/** What was removed: one entry, or everything that a pattern, a category or a tag named. */
export interface CacheInvalidateEvent {
  /** The key, when one was named. */
  readonly key?: string | undefined
  /** The glob, when one was given. */
  readonly pattern?: string | undefined
  /** The category, when one was given. */
  readonly category?: string | undefined
  /** The tag, when one was given. */
  readonly tag?: string | undefined
  /** How many entries went. */
  readonly count: number
}

/** Who wants to know what a cache does. A listener that throws, or whose promise rejects, never breaks the cache. */
export interface CacheEventListener {
  /** A read answered with a value, be it a stale one that the reader allowed. */
  onCacheHit?(event: CacheEvent): void
  /** A read found nothing, or something expired. */
  onCacheMiss?(event: CacheEvent): void
  /** Entries were removed by `delete`, `deleteMany`, `invalidate` or `clear`. */
  onCacheInvalidate?(event: CacheInvalidateEvent): void
  /** An entry was removed to keep a limit. */
  onCacheEvict?(event: CacheEvent): void
  /** An operation failed and was answered as a miss or a dropped write. */
  onCacheError?(error: unknown): void
}

/** The listeners of one cache. */
export class CacheEventEmitter {
  readonly #listeners = new Set<CacheEventListener>()

  /** Whether anybody listens: lets a hot path skip building an event. */
  get active(): boolean {
    return this.#listeners.size > 0
  }

  /** Adds a listener; one that is already there stays once. */
  add(listener: CacheEventListener): void {
    this.#listeners.add(listener)
  }

  /** Removes a listener; one that is not there is no error. */
  remove(listener: CacheEventListener): void {
    this.#listeners.delete(listener)
  }

  /**
   * Tells every listener that was there when the event came. What a listener throws, or its promise rejects with, is
   * dropped.
   */
  emit<Name extends keyof CacheEventListener>(
    name: Name,
    event: Parameters<NonNullable<CacheEventListener[Name]>>[0],
  ): void {
    for (const listener of [...this.#listeners]) {
      try {
        const call = listener[name] as ((event: unknown) => unknown) | undefined
        const answer = call?.call(listener, event)
        if (answer instanceof Promise) answer.catch(ignore)
      } catch {
        // The listener's failure is its own: see CacheEventListener.
      }
    }
  }
}

function ignore(): void {
  // The listener's failure is its own: see CacheEventListener.
}
