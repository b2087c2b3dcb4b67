import {
  assertInvalidateFilter,
  type Awaitable,
  CacheError,
  type CacheEventListener,
  type CacheStats,
  type CacheStore,
  DEFAULT_CATEGORY,
  type Duration,
  type Epoch,
  type GetOptions,
  type InvalidateFilter,
  type ScopeOptions,
  type SetOptions,
  toMilliseconds,
} from '@x/core'
import { type AsyncSharedCall, type CallContext, readThrough, type ReadThroughOptions } from '@x/shared-call'

import { type CounterOptions } from './counter-options.ts'
import { EntryStore, isNotInteger, type Writing } from './entry-store.ts'
import { parseEntry, StampMaker } from './entry-text.ts'
import { decodeValue, encodeValue } from './entry-value.ts'
import { Epochs, NO_EPOCH, readEpoch } from './epochs.ts'
import { Invalidation } from './invalidation.ts'
import { KeySpace } from './key-space.ts'
import { type EntryFilter, type LiveEntry, liveEntries } from './live-entries.ts'
import { readAndKeep } from './local-read.ts'
import { type LocalTier, openLocalTier } from './local-tier.ts'
import {
  graceMsOf,
  type RedisCacheOptions,
  type ResolvedOptions,
  resolveOptions,
  wholeMs,
} from './redis-cache-options.ts'
import { Outcomes } from './outcomes.ts'
import { createRedisClient, type RedisClient } from './redis-client.ts'
import { RedisLease } from './redis-lease.ts'
import { RedisLink } from './redis-link.ts'
import { type RedisHealth, timePing } from './ping-redis.ts'
import { cacheStatsOf, measureEntries, readServerStats, type ServerStats } from './redis-cache-stats.ts'
import { sharedLoads } from './shared-loads.ts'
import { TagIndex } from './tag-index.ts'

/** Each load has a lease of its own: its key is not used again. */
const LOAD_FENCE_LIFE = '1m'

/** How `getOrSet` loads and stores. */
export type GetOrSetOptions<Value = unknown> = Omit<ReadThroughOptions<Value>, 'coalescer'>

/**
 * A cache in Redis that any number of machines share. Every call settles within `commandTimeout` for each round trip that it takes, and at
 * once while Redis is known to be gone; what it does then is `onFailure`'s to say.
 */
export class RedisCache implements CacheStore {
  readonly #options: ResolvedOptions
  readonly #link: RedisLink
  readonly #keys: KeySpace
  readonly #entries: EntryStore
  readonly #local: LocalTier | undefined
  readonly #epochs: Epochs
  readonly #invalidation: Invalidation
  readonly #lease: RedisLease | undefined
  /** What loads on several machines hand to each other: neither entries nor counted. */
  readonly #results: RedisCache | undefined
  readonly #coalescer: AsyncSharedCall | undefined
  readonly #outcomes: Outcomes
  #closed = false

  /**
   * Does not wait for a connection: the first call does.
   *
   * @throws TypeError for an unknown option, a value of the wrong type, or a client that cannot be used.
   * @throws RangeError for a duration out of bounds.
   */
  constructor(options: RedisCacheOptions = {}) {
    this.#options = resolveOptions(options)
    this.#outcomes = new Outcomes(this.#options)
    const { client, url } = options
    this.#link = new RedisLink(client ?? createRedisClient({ url }), {
      ownsClient: client === undefined,
      limitMs: this.#options.commandTimeoutMs,
    })
    this.#keys = new KeySpace(this.#options.namespace)
    const stamps = new StampMaker()
    const tags = new TagIndex(this.#link, this.#keys)
    this.#epochs = new Epochs(this.#link, this.#keys, stamps)
    this.#local = openLocalTier(this.client, this.#keys, this.#options)
    this.#entries = new EntryStore(this.#link, { stamps, epochs: this.#epochs, tags, local: this.#local })
    this.#invalidation = new Invalidation(this.#link, this.#keys, {
      entries: this.#entries,
      local: this.#local,
      epochs: this.#epochs,
      tags,
    })
    if (!this.#options.sharesLoads) return
    const shared = { client: this.#link.client, commandTimeout: this.#options.commandTimeoutMs }
    const { namespace, codec } = this.#options
    this.#lease = new RedisLease({ ...shared, namespace, fenceLife: LOAD_FENCE_LIFE })
    this.#results = new RedisCache({ ...shared, namespace: this.#keys.results, codec, onFailure: options.onFailure })
    this.#coalescer = sharedLoads(this.#results, this.#lease)
  }

  /** The client, for commands of your own; `qualify` says where entries lie. */
  get client(): RedisClient {
    return this.#link.client
  }

  /** The Redis key of an entry: `{namespace}:{category}:{key}`, with `:` and `%` escaped in category and key. */
  qualify(key: string, { category = DEFAULT_CATEGORY }: ScopeOptions = {}): string {
    return this.#keys.entry(category, key)
  }

  /** Whether values are served from memory now: the server tells of every change. */
  get isLocalCoherent(): boolean {
    return this.#local?.isCoherent === true
  }

  /** See `CacheStore.get`: from memory, with `local`, or in one round trip. */
  get<T = unknown>(key: string, options: GetOptions = {}): Promise<T | undefined> {
    const { category = DEFAULT_CATEGORY, allowStale = false } = options
    const held = this.#local?.find(category, key)
    if (held === undefined) return this.#fetch(key, category, allowStale) as Promise<T | undefined>
    this.#outcomes.countRead(key, category, true)
    return Promise.resolve(held as T)
  }

  /** See `CacheStore.getMany`: one command, in a cluster one batch for each node. */
  async getMany<T = unknown>(
    keys: readonly string[],
    { category = DEFAULT_CATEGORY }: ScopeOptions = {},
  ): Promise<Map<string, T>> {
    const keySpace = this.#open()
    const distinct = [...new Set(keys)]
    const values = new Map<string, T>()
    if (distinct.length === 0) return values
    let replies: readonly (Buffer | null)[] = []
    try {
      replies = await this.#entries.readMany(keySpace.entries(category, distinct))
    } catch (error) {
      this.#outcomes.absorb(error)
    }
    for (const [index, key] of distinct.entries()) {
      const value = this.#decodeOrMiss(key, replies[index] ?? null)
      if (value !== undefined) values.set(key, value as T)
      this.#outcomes.countRead(key, category, value !== undefined)
    }
    return values
  }

  /** See `CacheStore.set`. With a ttl of 0 or less it deletes, and throws `STORE_UNAVAILABLE` as `delete` does. */
  async set(key: string, value: unknown, options: SetOptions = {}): Promise<boolean> {
    const { category = DEFAULT_CATEGORY } = options
    const redisKey = this.#open().entry(category, key)
    const writing = this.#writingOf(options)
    const payload = encodeValue(this.#options.codec, key, value)
    if (writing === undefined) return false
    if (isRemoval(writing)) {
      await this.#entries.remove([redisKey])
      return true
    }
    try {
      return (await this.#entries.write(redisKey, payload, writing)) !== 0
    } catch (error) {
      this.#outcomes.absorb(error)
      return false
    }
  }

  /** See `CacheStore.setMany`. An epoch is about its key: entries of other keys are not stored with it. */
  async setMany(entries: Iterable<readonly [key: string, value: unknown]>, options: SetOptions = {}): Promise<number> {
    const keySpace = this.#open()
    const { category = DEFAULT_CATEGORY } = options
    const writing = this.#writingOf(options)
    const payloads = new Map<string, string>()
    for (const [key, value] of entries) {
      payloads.set(keySpace.entry(category, key), encodeValue(this.#options.codec, key, value))
    }
    if (payloads.size === 0 || writing === undefined) return 0
    if (isRemoval(writing)) {
      await this.#entries.remove([...payloads.keys()])
      return payloads.size
    }
    return await this.#outcomes.orElse(0, () => this.#entries.writeMany(payloads, writing))
  }

  /** See `CacheStore.has`. */
  async has(key: string, { category = DEFAULT_CATEGORY }: ScopeOptions = {}): Promise<boolean> {
    const redisKey = this.#open().entry(category, key)
    const [size = -1] = await this.#outcomes.orElse([], () => this.#entries.measure([redisKey]))
    return size >= 0
  }

  /** See `CacheStore.delete`. */
  async delete(key: string, options: ScopeOptions = {}): Promise<boolean> {
    return (await this.deleteMany([key], options)) === 1
  }

  /** See `CacheStore.deleteMany`. */
  async deleteMany(keys: readonly string[], { category = DEFAULT_CATEGORY }: ScopeOptions = {}): Promise<number> {
    const keySpace = this.#open()
    const byRedisKey = new Map(keys.map((key) => [keySpace.entry(category, key), key]))
    if (byRedisKey.size === 0) return 0
    const removed = await this.#entries.remove([...byRedisKey.keys()])
    for (const redisKey of removed) {
      this.#outcomes.events.emit('onCacheInvalidate', { key: byRedisKey.get(redisKey), category, count: 1 })
    }
    return removed.length
  }

  /** See `CacheStore.invalidate`. By key and category it is one command; by tag it costs what carries the tag; else it scans. */
  async invalidate(filter: InvalidateFilter): Promise<number> {
    this.#open()
    assertInvalidateFilter(filter)
    const count = await this.#invalidation.run(filter)
    if (count > 0) this.#outcomes.events.emit('onCacheInvalidate', { ...filter, count })
    return count
  }

  /** See `CacheStore.getEpoch`. It is as fine as the key; invalidations by tag or pattern refuse all of their category. */
  async getEpoch(key: string, { category = DEFAULT_CATEGORY }: ScopeOptions = {}): Promise<Epoch> {
    const redisKey = this.#open().entry(category, key)
    return await this.#outcomes.orElse(NO_EPOCH, () => this.#epochs.open(category, redisKey))
  }

  /**
   * The value, or what `load` makes of it, stored: see `readThrough` of `@x/shared-call`. While Redis does not answer, it
   * loads, or throws as `get` does.
   */
  getOrSet<Value>(
    key: string,
    load: (context: CallContext) => Awaitable<Value>,
    options: GetOrSetOptions<Value> = {},
  ): Promise<Value> {
    return readThrough(this, key, load, { ...options, coalescer: this.#coalescer })
  }

  /** See `CacheStore.clear`: of this namespace, some keys at a time, so that the server goes on serving. */
  async clear(): Promise<number> {
    this.#open()
    const count = await this.#invalidation.clear()
    if (count > 0) this.#outcomes.events.emit('onCacheInvalidate', { count })
    return count
  }

  /**
   * Adds to a counter, atomically; an absent one begins at 0. `get` reads it as a number, `set` may begin it.
   *
   * @param key - Whose entry is the counter.
   * @param amount - A safe integer.
   * @param options - Where it is, and how long it lives.
   * @param options.category - Its category.
   * @param options.ttl - From when it is made.
   * @returns what it is now.
   * @throws RangeError for an amount that is none; TypeError when the entry is no integer, or would exceed the safe ones.
   * @throws CacheError `STORE_UNAVAILABLE`, whatever `onFailure` says: whether it was counted is unknown then.
   */
  async increment(key: string, amount = 1, { category = DEFAULT_CATEGORY, ttl }: CounterOptions = {}): Promise<number> {
    const redisKey = this.#open().entry(category, key)
    if (!Number.isSafeInteger(amount)) throw new RangeError(`Not an amount: ${amount}. Give a safe integer.`)
    try {
      return await this.#entries.increment(redisKey, amount, this.#options.ttlOf(category, ttl))
    } catch (error) {
      if (!isNotInteger(error)) throw error
      throw new TypeError(
        `The entry ${JSON.stringify(key)} is no integer to count with. Delete it, or use another key.`,
        { cause: error },
      )
    }
  }

  /** `increment` by the negative amount. */
  decrement(key: string, amount = 1, options: CounterOptions = {}): Promise<number> {
    return this.increment(key, -amount, options)
  }

  /** How long an entry still lives, in milliseconds; `Infinity`: until removed; `undefined`: there is none. */
  async getTtl(key: string, { category = DEFAULT_CATEGORY }: ScopeOptions = {}): Promise<number | undefined> {
    const redisKey = this.#open().entry(category, key)
    return await this.#outcomes.orElse(undefined, () => this.#entries.ttl(redisKey))
  }

  /**
   * Gives an entry another deadline, counted from now; its grace goes with it. 0 or less deletes it.
   *
   * @returns whether there was a live one.
   * @throws RangeError for a ttl that is no duration.
   */
  async expire(key: string, ttl: Duration, { category = DEFAULT_CATEGORY }: ScopeOptions = {}): Promise<boolean> {
    const redisKey = this.#open().entry(category, key)
    const ttlMs = wholeMs(toMilliseconds(ttl))
    if (ttlMs === 0) return await this.delete(key, { category })
    return await this.#outcomes.orElse(false, () => this.#entries.expire(redisKey, ttlMs))
  }

  /** Whether Redis answers, and how fast. Never throws but `STORE_CLOSED`. */
  async ping(): Promise<RedisHealth> {
    this.#open()
    return await timePing(() => this.#link.run(() => this.#link.client.ping()))
  }

  /**
   * See `CacheStore.getStats`: hits, misses and errors are this instance's, evictions those of the servers; the entries are
   * counted by a scan. While Redis does not answer, under `onFailure: "miss"`, what it holds is said to be nothing.
   */
  async getStats(): Promise<CacheStats> {
    const keySpace = this.#open()
    const byCategory = await this.#outcomes.orElse({}, () => measureEntries(this.#link, keySpace, this.#entries))
    const server = await this.#outcomes.orElse(undefined, () => readServerStats(this.#link))
    return cacheStatsOf(this.#outcomes.counts, byCategory, server?.evictedKeys ?? 0)
  }

  /**
   * The live entries that a filter names, each once, in no order, found by a scan: to look into a cache, not to work with it.
   * Throws `STORE_UNAVAILABLE` where Redis does not answer, whatever `onFailure` says.
   *
   * @throws RangeError for a malformed glob.
   */
  keys(filter: EntryFilter = {}): AsyncGenerator<LiveEntry> {
    return liveEntries(this.#link, this.#entries, { ...filter, keys: this.#open() })
  }

  /** What the servers say of themselves: evictions and memory of everything that they hold, not of this namespace alone. */
  async getServerStats(): Promise<ServerStats> {
    this.#open()
    return await readServerStats(this.#link)
  }

  /** Adds a listener for what this instance does. */
  addEventListener(listener: CacheEventListener): void {
    this.#outcomes.events.add(listener)
  }

  /** Removes a listener. */
  removeEventListener(listener: CacheEventListener): void {
    this.#outcomes.events.remove(listener)
  }

  /** Closes the connection, unless the client was given. Idempotent. */
  async close(): Promise<void> {
    this.#closed = true
    this.#local?.close()
    this.#link.close()
    await this.#lease?.close()
    await this.#results?.close()
  }

  /** Closes the cache at the end of an `await using` block. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #open(): KeySpace {
    if (this.#closed) throw new CacheError('STORE_CLOSED', { details: { namespace: this.#options.namespace } })
    return this.#keys
  }

  async #fetch(key: string, category: string, allowStale: boolean): Promise<unknown> {
    const redisKey = this.#open().entry(category, key)
    const { codec } = this.#options
    let value: unknown
    try {
      value =
        this.#local === undefined || allowStale
          ? decodeValue(codec, key, await this.#entries.read(redisKey, category, allowStale))
          : await readAndKeep(this.#local, this.#entries, { category, key, redisKey, codec })
    } catch (error) {
      this.#outcomes.absorb(error)
    }
    this.#outcomes.countRead(key, category, value !== undefined)
    return value
  }

  /** `undefined`: with `NO_EPOCH` nothing is stored. */
  #writingOf({ category = DEFAULT_CATEGORY, ttl, grace = 0, tags, ifEpoch }: SetOptions): Writing | undefined {
    const ttlMs = this.#options.ttlOf(category, ttl)
    const graceMs = graceMsOf(grace)
    const epoch = ifEpoch === undefined ? undefined : readEpoch(ifEpoch)
    if (ifEpoch !== undefined && epoch === undefined) return undefined
    return { category, ttlMs, graceMs, tags: tags === undefined ? [] : [...new Set(tags)], epoch }
  }

  #decodeOrMiss(key: string, bytes: Buffer | null): unknown {
    try {
      return decodeValue(this.#options.codec, key, parseEntry(bytes))
    } catch (error) {
      this.#outcomes.absorb(error)
      return undefined
    }
  }
}

/** With an epoch even what lives no more is written: what has passed since must not be removed. */
function isRemoval({ ttlMs, epoch }: Writing): boolean {
  return ttlMs <= 0 && epoch === undefined
}
