import {
  assertInvalidateFilter,
  type Awaitable,
  CacheError,
  CacheEventEmitter,
  type CacheEventListener,
  type CacheStats,
  type CacheStore,
  compileGlob,
  DEFAULT_CATEGORY,
  type Epoch,
  type GetOptions,
  hitRateOf,
  type InvalidateFilter,
  type ScopeOptions,
  type SetOptions,
} from '@x/core'
import { type CallContext, readThrough, type ReadThroughOptions } from '@x/shared-call'

import { CategoryGroups } from './category-groups.ts'
import { EntryTable } from './entry-table.ts'
import { EpochWatch } from './epoch-watch.ts'
import {
  type MemoryCacheOptions,
  resolveMemoryCacheOptions,
  type ResolvedMemoryCacheOptions,
} from './memory-cache-options.ts'
import { type Candidate, candidateOf, type MemoryEntry, NO_TAGS, type Placement, placementOf } from './memory-entry.ts'
import { scopedId } from './scoped-id.ts'
import { TagIndex } from './tag-index.ts'

/**
 * A cache in the memory of this process. Every call answers at once: no promises. Its limits hold at every moment: what was
 * used least recently goes before a value comes in.
 */
export class MemoryCache implements CacheStore {
  readonly #options: ResolvedMemoryCacheOptions
  readonly #events = new CacheEventEmitter()
  readonly #tags = new TagIndex<MemoryEntry>()
  readonly #table: EntryTable<MemoryEntry>
  readonly #groups: CategoryGroups
  readonly #epochs = new EpochWatch()
  #isClosed = false
  #hits = 0
  #misses = 0

  /**
   * @throws TypeError for an unknown option or a value of the wrong type.
   * @throws RangeError for a number or a duration out of bounds.
   */
  constructor(options: MemoryCacheOptions = {}) {
    this.#options = resolveMemoryCacheOptions(options)
    this.#table = new EntryTable(this.#options.limits, this.#onLeave)
    this.#groups = new CategoryGroups(this.#options.categoryLimits)
  }

  /** See `CacheStore.get`. */
  get<T = unknown>(key: string, { category = DEFAULT_CATEGORY, allowStale }: GetOptions = {}): T | undefined {
    this.#assertOpen()
    const entry = this.#find(scopedId(category, key), allowStale === true)
    this.#countRead(key, category, entry !== undefined)
    return entry === undefined ? undefined : (this.#options.holder.read(entry) as T)
  }

  /** See `CacheStore.getMany`. */
  getMany<T = unknown>(keys: readonly string[], options: ScopeOptions = {}): Map<string, T> {
    this.#assertOpen()
    const { category } = options
    const values = new Map<string, T>()
    for (const key of new Set(keys)) {
      const value = this.get<T>(key, { category })
      if (value !== undefined) values.set(key, value)
    }
    return values
  }

  /** See `CacheStore.set`. */
  set(key: string, value: unknown, options: SetOptions = {}): boolean {
    this.#assertOpen()
    const placement = placementOf(options, this.#options)
    const { category } = placement
    return this.#store(candidateOf({ key, value, category }, this.#options), placement)
  }

  /** See `CacheStore.setMany`. */
  setMany(entries: Iterable<readonly [key: string, value: unknown]>, options: SetOptions = {}): number {
    this.#assertOpen()
    const placement = placementOf(options, this.#options)
    const { category } = placement
    const candidates = new Map<string, Candidate>()
    for (const [key, value] of entries) candidates.set(key, candidateOf({ key, value, category }, this.#options))
    let stored = 0
    for (const candidate of candidates.values()) if (this.#store(candidate, placement)) stored += 1
    return stored
  }

  /** See `CacheStore.has`. */
  has(key: string, { category = DEFAULT_CATEGORY }: ScopeOptions = {}): boolean {
    this.#assertOpen()
    return this.#isLive(this.#table.peek(scopedId(category, key)), this.#options.clock.now())
  }

  /** See `CacheStore.delete`. */
  delete(key: string, options: ScopeOptions = {}): boolean {
    return this.deleteMany([key], options) === 1
  }

  /** See `CacheStore.deleteMany`. */
  deleteMany(keys: readonly string[], { category = DEFAULT_CATEGORY }: ScopeOptions = {}): number {
    this.#assertOpen()
    const now = this.#options.clock.now()
    const removed: string[] = []
    for (const key of keys) {
      const id = scopedId(category, key)
      const entry = this.#table.peek(id)
      this.#epochs.touch(id)
      this.#table.remove(entry)
      if (this.#isLive(entry, now)) removed.push(key)
    }
    for (const key of removed) this.#events.emit('onCacheInvalidate', { key, category, count: 1 })
    return removed.length
  }

  /** See `CacheStore.invalidate`: looks at every entry, unless the filter has a tag, or a key and a category. */
  invalidate(filter: InvalidateFilter): number {
    this.#assertOpen()
    assertInvalidateFilter(filter)
    const { key, pattern, category, tag } = filter
    const glob = pattern === undefined ? undefined : compileGlob(pattern)
    const admits = (candidateKey: string, candidateCategory: string): boolean =>
      (key === undefined || candidateKey === key) &&
      (category === undefined || candidateCategory === category) &&
      glob?.matches(candidateKey) !== false
    this.#epochs.touchWhere(admits)
    const now = this.#options.clock.now()
    let count = 0
    for (const entry of this.#candidates(filter)) {
      if (!admits(entry.key, entry.group.name) || (tag !== undefined && !entry.tags.includes(tag))) continue
      this.#table.remove(entry)
      if (this.#isLive(entry, now)) count += 1
    }
    if (count > 0) this.#events.emit('onCacheInvalidate', { ...filter, count })
    return count
  }

  /** See `CacheStore.getEpoch`: it is that of the key alone. */
  getEpoch(key: string, { category = DEFAULT_CATEGORY }: ScopeOptions = {}): Epoch {
    this.#assertOpen()
    return this.#epochs.take(scopedId(category, key), key, category)
  }

  /**
   * The value of a key, or what `load` answers, which is stored: see `readThrough` of `@x/shared-call`.
   *
   * @throws (rejects) what `load` throws; `signal.reason`; CacheError `OPERATION_TIMEOUT`; ReentrantCallError.
   */
  getOrSet<Value>(
    key: string,
    load: (context: CallContext) => Awaitable<Value>,
    options?: ReadThroughOptions<Value>,
  ): Promise<Value> {
    return readThrough(this, key, load, options)
  }

  /** See `CacheStore.clear`. */
  clear(): number {
    this.#assertOpen()
    this.#epochs.touchWhere(() => true)
    const now = this.#options.clock.now()
    let count = 0
    for (const entry of this.#table.entries()) if (this.#isLive(entry, now)) count += 1
    this.#removeAll()
    if (count > 0) this.#events.emit('onCacheInvalidate', { count })
    return count
  }

  /** See `CacheStore.getStats`. */
  getStats(): CacheStats {
    this.#assertOpen()
    return {
      hits: this.#hits,
      misses: this.#misses,
      hitRate: hitRateOf(this.#hits, this.#misses),
      entryCount: this.#table.entryCount,
      totalSizeBytes: this.#table.sizeBytes,
      evictions: this.#table.evictions,
      errors: 0,
      byCategory: this.#groups.stats,
    }
  }

  /** See `CacheStore.addEventListener`. */
  addEventListener(listener: CacheEventListener): void {
    this.#events.add(listener)
  }

  /** See `CacheStore.removeEventListener`. */
  removeEventListener(listener: CacheEventListener): void {
    this.#events.remove(listener)
  }

  /** Lets go of every entry. Idempotent. */
  close(): void {
    this.#isClosed = true
    this.#removeAll()
  }

  /** Closes the cache at the end of a `using` block. */
  [Symbol.dispose](): void {
    this.close()
  }

  /** Closes the cache at the end of an `await using` block. */
  [Symbol.asyncDispose](): Promise<void> {
    this.close()
    return Promise.resolve()
  }

  #assertOpen(): void {
    if (this.#isClosed) throw new CacheError('STORE_CLOSED')
  }

  /** A live entry, or one in its grace where that is allowed. One past its grace is removed. */
  #find(id: string, allowsStale: boolean): MemoryEntry | undefined {
    const entry = this.#table.get(id)
    // Asking the clock takes longer than all the rest.
    if (entry === undefined || entry.expiresAt === Infinity) return entry
    const now = this.#options.clock.now()
    if (now < entry.expiresAt) return entry
    if (now >= entry.expiresAt + entry.graceMs) this.#table.remove(entry)
    else if (allowsStale) return entry
    return undefined
  }

  #isLive(entry: MemoryEntry | undefined, now: number): boolean {
    return entry !== undefined && now < entry.expiresAt
  }

  /** Runs none of the caller's code, but listeners at the end. */
  #store({ id, key, held, isText, sizeBytes }: Candidate, placement: Placement): boolean {
    const { category, expiresAt, graceMs, tags, ifEpoch } = placement
    // A listener may have closed it since the last of many was stored.
    if (this.#isClosed) return false
    if (ifEpoch !== undefined && !this.#epochs.isCurrent(id, ifEpoch)) return false
    this.#epochs.touch(id)
    if (!placement.isKept) {
      this.#table.remove(this.#table.peek(id))
      return true
    }
    const group = this.#groups.of(category)
    const entry: MemoryEntry = {
      id,
      key,
      group,
      held,
      isText,
      sizeBytes,
      expiresAt,
      graceMs,
      tags,
      older: undefined,
      newer: undefined,
    }
    const evicted = this.#table.put(entry)
    this.#groups.entered(group)
    if (tags !== NO_TAGS) this.#tags.add(entry)
    for (const { key: evictedKey, group: from } of evicted) {
      this.#events.emit('onCacheEvict', { key: evictedKey, category: from.name })
    }
    return true
  }

  readonly #onLeave = (entry: MemoryEntry): void => {
    if (entry.tags !== NO_TAGS) this.#tags.remove(entry)
    this.#groups.left(entry.group)
  }

  #removeAll(): void {
    this.#table.clear()
    this.#tags.clear()
    this.#groups.clear()
  }

  /** The fewest entries among which all that the filter means are. */
  #candidates({ key, category, tag }: InvalidateFilter): readonly MemoryEntry[] {
    if (key !== undefined && category !== undefined) {
      const entry = this.#table.peek(scopedId(category, key))
      return entry === undefined ? [] : [entry]
    }
    return tag === undefined ? this.#table.entries() : [...this.#tags.get(tag)]
  }

  #countRead(key: string, category: string, isHit: boolean): void {
    if (isHit) this.#hits += 1
    else this.#misses += 1
    if (this.#events.active) this.#events.emit(isHit ? 'onCacheHit' : 'onCacheMiss', { key, category })
  }
}
