import {
  assertInvalidateFilter,
  type CacheStats,
  type CacheStore,
  type Clock,
  compileGlob,
  DEFAULT_CATEGORY,
  encodeKey,
  type Epoch,
  type GetOptions,
  type InvalidateFilter,
  jsonCodec,
  type ScopeOptions,
  type SetOptions,
  systemClock,
  toMilliseconds,
} from '@x/core'

interface Entry {
  readonly text: string
  readonly key: string
  readonly category: string
  readonly expiresAt: number
  readonly keptUntil: number
}

/** A small store over a map: JSON, deadlines, an epoch per key. Answers later, as one behind a network does. */
export class MapStore implements CacheStore {
  readonly log: string[] = []
  readonly #entries = new Map<string, Entry>()
  readonly #epochs = new Map<string, number>()
  readonly #codec = jsonCodec()
  readonly #clock: Clock

  constructor(clock: Clock = systemClock) {
    this.#clock = clock
  }

  async get<T>(
    key: string,
    { category = DEFAULT_CATEGORY, allowStale = false }: GetOptions = {},
  ): Promise<T | undefined> {
    await this.#note('get', key)
    const id = encodeKey(category, key)
    const entry = allowStale ? this.#kept(id) : this.#live(id)
    return entry === undefined ? undefined : (this.#codec.decode(entry.text) as T)
  }

  async getMany<T>(keys: readonly string[], options?: ScopeOptions): Promise<Map<string, T>> {
    const found = new Map<string, T>()
    for (const key of keys) {
      const value = await this.get<T>(key, options)
      if (value !== undefined) found.set(key, value)
    }
    return found
  }

  async set(key: string, value: unknown, options: SetOptions = {}): Promise<boolean> {
    const { category = DEFAULT_CATEGORY, ttl = Infinity, grace = 0, ifEpoch } = options
    if (value === undefined) throw new TypeError('undefined means a miss')
    const text = this.#codec.encode(value)
    await this.#note('set', key)
    const id = encodeKey(category, key)
    if (ifEpoch !== undefined && ifEpoch !== this.#epoch(id)) return false
    this.#touch(id)
    const life = toMilliseconds(ttl)
    const expiresAt = this.#clock.now() + life
    const keptUntil = life > 0 ? expiresAt + Math.max(0, toMilliseconds(grace)) : expiresAt
    this.#entries.set(id, { text, key, category, expiresAt, keptUntil })
    return true
  }

  async setMany(entries: Iterable<readonly [string, unknown]>, options?: SetOptions): Promise<number> {
    let stored = 0
    for (const [key, value] of entries) if (await this.set(key, value, options)) stored += 1
    return stored
  }

  async has(key: string, { category = DEFAULT_CATEGORY }: ScopeOptions = {}): Promise<boolean> {
    await this.#note('has', key)
    return this.#live(encodeKey(category, key)) !== undefined
  }

  async delete(key: string, { category = DEFAULT_CATEGORY }: ScopeOptions = {}): Promise<boolean> {
    await this.#note('delete', key)
    const id = encodeKey(category, key)
    const wasThere = this.#live(id) !== undefined
    this.#touch(id)
    this.#entries.delete(id)
    return wasThere
  }

  async deleteMany(keys: readonly string[], options?: ScopeOptions): Promise<number> {
    let deleted = 0
    for (const key of keys) if (await this.delete(key, options)) deleted += 1
    return deleted
  }

  async invalidate(filter: InvalidateFilter): Promise<number> {
    assertInvalidateFilter(filter)
    const glob = filter.pattern === undefined ? undefined : compileGlob(filter.pattern)
    let removed = 0
    for (const { key, category } of [...this.#entries.values()]) {
      const chosen =
        (filter.key ?? key) === key && (filter.category ?? category) === category && glob?.matches(key) !== false
      if (chosen && (await this.delete(key, { category }))) removed += 1
    }
    return removed
  }

  async getEpoch(key: string, { category = DEFAULT_CATEGORY }: ScopeOptions = {}): Promise<Epoch> {
    await this.#note('getEpoch', key)
    return this.#epoch(encodeKey(category, key))
  }

  async clear(): Promise<number> {
    return this.invalidate({ pattern: '*' })
  }

  async getStats(): Promise<CacheStats> {
    const entryCount = this.#entries.size
    const idle = { hits: 0, misses: 0, hitRate: 0, evictions: 0, errors: 0, totalSizeBytes: 0 }
    return Promise.resolve({ ...idle, entryCount, byCategory: {} })
  }

  async close(): Promise<void> {
    await Promise.resolve()
  }

  addEventListener(): void {
    // Nobody listens here.
  }

  removeEventListener(): void {
    // Nobody listens here.
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  async #note(call: string, key: string): Promise<void> {
    this.log.push(`${call} ${key}`)
    await Promise.resolve()
  }

  #live(id: string): Entry | undefined {
    const entry = this.#entries.get(id)
    return entry !== undefined && this.#clock.now() < entry.expiresAt ? entry : undefined
  }

  #kept(id: string): Entry | undefined {
    const entry = this.#entries.get(id)
    return entry !== undefined && this.#clock.now() < entry.keptUntil ? entry : undefined
  }

  #epoch(id: string): Epoch {
    return (this.#epochs.get(id) ?? 0) as Epoch
  }

  #touch(id: string): void {
    this.#epochs.set(id, (this.#epochs.get(id) ?? 0) + 1)
  }
}
