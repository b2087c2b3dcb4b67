import { CacheEventEmitter, isCacheError } from '@x/core'

/** What came of a cache's calls: counted, told to its listeners, and failures let pass or thrown as `onFailure` says. */
export class Outcomes {
  /** Those who hear of it. */
  readonly events: CacheEventEmitter = new CacheEventEmitter()
  readonly #throws: boolean
  #hits = 0
  #misses = 0
  #errors = 0

  constructor({ throws }: { throws: boolean }) {
    this.#throws = throws
  }

  /** So many until now. */
  get counts(): { readonly hits: number; readonly misses: number; readonly errors: number } {
    return { hits: this.#hits, misses: this.#misses, errors: this.#errors }
  }

  /** An entry was read, or not found. */
  countRead(key: string, category: string, hit: boolean): void {
    if (hit) this.#hits += 1
    else this.#misses += 1
    if (this.events.active) this.events.emit(hit ? 'onCacheHit' : 'onCacheMiss', { key, category })
  }

  /** Counts a failure that `onFailure` lets pass, and throws any other. */
  absorb(error: unknown): void {
    const isFailure = isCacheError(error, 'STORE_UNAVAILABLE') || isCacheError(error, 'STORE_CORRUPT')
    if (!isFailure || this.#throws) throw error
    this.#errors += 1
    this.events.emit('onCacheError', error)
  }

  /** What the work answers, or the fallback where it fails and that may pass. */
  async orElse<Value>(fallback: Value, work: () => Promise<Value>): Promise<Value> {
    try {
      return await work()
    } catch (error) {
      this.absorb(error)
      return fallback
    }
  }
}
