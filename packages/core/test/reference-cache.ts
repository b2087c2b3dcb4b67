import {
  assertInvalidateFilter,
  CacheError,
  CacheEventEmitter,
  type CacheEventListener,
  type CacheStats,
  type CacheStore,
  type CategoryStats,
  type Clock,
  type Codec,
  compileGlob,
  createTtlPolicy,
  DEFAULT_CATEGORY,
  type Epoch,
  type GetOptions,
  hitRateOf,
  type InvalidateFilter,
  jsonCodec,
  type ScopeOptions,
  type SetOptions,
  type StoreOptions,
  systemClock,
  toMilliseconds,
  type TtlPolicy,
} from '../src/index.ts'

/** What the reference store keeps of an entry. */
export interface ReferenceEntry {
  readonly key: string
  readonly category: string
  readonly text: string
  readonly deadline: number
  /** The end of its grace: the deadline where it has none. */
  readonly keptUntil: number
  readonly tags: readonly string[]
}

/**
 * The contract in as few words as possible: a list of entries, searched from end to end. Its parts are open, so that
 * tests can break one of them.
 */
export class ReferenceCache implements CacheStore {
  entries: readonly ReferenceEntry[] = []
  reads = { hits: 0, misses: 0 }
  /** Grows with everything that touches any key of its category. */
  readonly epochs: Map<string, number> = new Map<string, number>()
  epochOfAll = 0
  closed = false
  readonly events: CacheEventEmitter = new CacheEventEmitter()
  readonly clock: Clock
  readonly codec: Codec
  readonly lifeOf: TtlPolicy

  constructor(options: StoreOptions = {}) {
    const { defaultTtl = Number.POSITIVE_INFINITY, categories, codec = jsonCodec(), clock = systemClock } = options
    this.lifeOf = createTtlPolicy(defaultTtl, categories)
    this.codec = codec
    this.clock = clock
  }

  get<T>(key: string, options: GetOptions = {}): T | undefined {
    if (options.allowStale !== true) return this.getMany<T>([key], options).get(key)
    this.assertOpen('get')
    return this.read<T>(key, options, (entry) => this.isKept(entry))
  }

  getMany<T>(keys: readonly string[], options: ScopeOptions = {}): Map<string, T> {
    this.assertOpen('get')
    const found = new Map<string, T>()
    for (const key of new Set(keys)) {
      const value = this.read<T>(key, options, (entry) => this.isLive(entry))
      if (value !== undefined) found.set(key, value)
    }
    return found
  }

  set(key: string, value: unknown, options: SetOptions = {}): boolean {
    return this.setMany([[key, value]], options) === 1
  }

  setMany(given: Iterable<readonly [key: string, value: unknown]>, options: SetOptions = {}): number {
    this.assertOpen('set')
    const category = this.categoryOf(options)
    const life = this.lifeOf(category, options.ttl)
    const deadline = this.clock.now() + life
    const keptUntil = deadline + this.graceOf(life, options)
    const texts = new Map<string, string>()
    for (const [key, value] of given) {
      if (value === undefined) throw new TypeError('undefined means a miss, so it cannot be stored.')
      this.assertString(key)
      texts.set(key, this.codec.encode(value))
    }
    if (options.ifEpoch !== undefined && options.ifEpoch !== this.getEpoch('', options)) return 0
    this.remove((entry) => texts.has(entry.key) && entry.category === category)
    const tags = [...(options.tags ?? [])]
    const stored = Array.from(texts, ([key, text]) => ({ key, category, text, deadline, keptUntil, tags }))
    this.entries = [...this.entries, ...stored]
    this.touch(category)
    return texts.size
  }

  has(key: string, options: ScopeOptions = {}): boolean {
    this.assertOpen('has')
    return this.find(key, this.categoryOf(options)) !== undefined
  }

  delete(key: string, options: ScopeOptions = {}): boolean {
    return this.deleteMany([key], options) === 1
  }

  deleteMany(keys: readonly string[], options: ScopeOptions = {}): number {
    this.assertOpen('delete')
    const category = this.categoryOf(options)
    let removed = 0
    for (const key of new Set(keys)) {
      this.assertString(key)
      const count = this.remove((entry) => entry.key === key && entry.category === category)
      this.events.emit('onCacheInvalidate', { key, category, count })
      removed += count
    }
    this.touch(category)
    return removed
  }

  invalidate(filter: InvalidateFilter): number {
    this.assertOpen('invalidate')
    assertInvalidateFilter(filter)
    const { key, pattern, category, tag } = filter
    const glob = pattern === undefined ? undefined : compileGlob(pattern)
    const count = this.remove(
      (entry) =>
        (key === undefined || entry.key === key) &&
        (glob?.matches(entry.key) ?? true) &&
        (category === undefined || entry.category === category) &&
        (tag === undefined || entry.tags.includes(tag)),
    )
    this.touch(category)
    this.events.emit('onCacheInvalidate', { ...filter, count })
    return count
  }

  getEpoch(key: string, options: ScopeOptions = {}): Epoch {
    this.assertOpen('getEpoch')
    this.assertString(key)
    return `${this.epochOfAll}/${this.epochs.get(this.categoryOf(options)) ?? 0}` as Epoch
  }

  clear(): number {
    this.assertOpen('clear')
    const count = this.remove(() => true)
    this.touch()
    this.events.emit('onCacheInvalidate', { count })
    return count
  }

  getStats(): CacheStats {
    this.assertOpen('getStats')
    const byCategory = new Map<string, CategoryStats>()
    for (const { category, text } of this.entries) {
      const { entryCount, totalSizeBytes } = byCategory.get(category) ?? { entryCount: 0, totalSizeBytes: 0 }
      byCategory.set(category, {
        entryCount: entryCount + 1,
        totalSizeBytes: totalSizeBytes + Buffer.byteLength(text),
      })
    }
    return {
      ...this.reads,
      hitRate: hitRateOf(this.reads.hits, this.reads.misses),
      entryCount: this.entries.length,
      totalSizeBytes: this.entries.reduce((total, { text }) => total + Buffer.byteLength(text), 0),
      evictions: 0,
      errors: 0,
      byCategory: Object.fromEntries(byCategory),
    }
  }

  addEventListener(listener: CacheEventListener): void {
    this.events.add(listener)
  }

  removeEventListener(listener: CacheEventListener): void {
    this.events.remove(listener)
  }

  close(): void {
    this.closed = true
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.close()
    return Promise.resolve()
  }

  categoryOf({ category = DEFAULT_CATEGORY }: ScopeOptions): string {
    this.assertString(category)
    return category
  }

  isLive({ deadline }: ReferenceEntry): boolean {
    return this.clock.now() < deadline
  }

  isKept({ keptUntil }: ReferenceEntry): boolean {
    return this.clock.now() < keptUntil
  }

  graceOf(life: number, { grace = 0 }: SetOptions): number {
    const graceMs = toMilliseconds(grace)
    return life > 0 ? Math.max(0, graceMs) : 0
  }

  find(
    key: string,
    category: string,
    isWanted = (entry: ReferenceEntry): boolean => this.isLive(entry),
  ): ReferenceEntry | undefined {
    this.assertString(key)
    return this.entries.find((entry) => entry.key === key && entry.category === category && isWanted(entry))
  }

  read<T>(key: string, options: ScopeOptions, isWanted: (entry: ReferenceEntry) => boolean): T | undefined {
    const category = this.categoryOf(options)
    const entry = this.find(key, category, isWanted)
    this.countRead(key, category, entry !== undefined)
    return entry === undefined ? undefined : (this.codec.decode(entry.text) as T)
  }

  /** Removes what is wanted, live or not; how many live ones there were. */
  remove(isWanted: (entry: ReferenceEntry) => boolean): number {
    const removed = this.entries.filter(isWanted)
    this.entries = this.entries.filter((entry) => !isWanted(entry))
    return removed.filter((entry) => this.isLive(entry)).length
  }

  /** Makes every epoch taken so far a passed one: of a category, or of all. */
  touch(category?: string): void {
    if (category === undefined) this.epochOfAll += 1
    else this.epochs.set(category, (this.epochs.get(category) ?? 0) + 1)
  }

  countRead(key: string, category: string, isHit: boolean): void {
    this.reads[isHit ? 'hits' : 'misses'] += 1
    this.events.emit(isHit ? 'onCacheHit' : 'onCacheMiss', { key, category })
  }

  assertString(text: unknown): void {
    if (typeof text !== 'string') throw new TypeError(`Not a string: ${String(text)}. Keys and categories are strings.`)
  }

  assertOpen(call: string): void {
    if (this.closed) throw new CacheError('STORE_CLOSED', { details: { call } })
  }
}
