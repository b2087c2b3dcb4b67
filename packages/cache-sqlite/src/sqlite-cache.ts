import {
  assertInvalidateFilter,
  type Awaitable,
  CacheError,
  CacheEventEmitter,
  type CacheEventListener,
  type CacheStats,
  type CacheStore,
  DEFAULT_CATEGORY,
  type Epoch,
  type GetOptions,
  hitRateOf,
  type InvalidateFilter,
  type ScopeOptions,
  type SetOptions,
  toMilliseconds,
} from '@x/core'
import { type CallContext, readThrough, type ReadThroughOptions } from '@x/shared-call'

import type { EncodedEntry, Stored, Storing } from './entry-writer.ts'
import { assertKeyFits, tagBytesOf } from './key-bytes.ts'
import { fromKeyText, toKeyText } from './key-text.ts'
import { resolveOptions, type ResolvedOptions, type SqliteCacheOptions } from './sqlite-cache-options.ts'
import type { EntryRow } from './entry-statements.ts'
import { StoreAccess } from './store-access.ts'

/** An epoch that has passed: of a file that cannot be asked. */
const PASSED_EPOCH = -1

/**
 * A cache in one SQLite file, shared by every process of a machine that opens it. Every call answers at once: no
 * promises. An entry's value bytes count towards `maxSizeBytes`, which holds at every moment.
 *
 * Every method that works on the file throws, besides what `CacheStore` says, `CacheError` `STORE_UNAVAILABLE` (locked for
 * longer than `busyTimeout`, disk full, no rights) and `STORE_CORRUPT`.
 */
export class SqliteCache implements CacheStore {
  readonly #options: ResolvedOptions
  readonly #events = new CacheEventEmitter()
  readonly #file: StoreAccess
  #hits = 0
  #misses = 0
  #evictions = 0
  #errors = 0

  /**
   * Opens the file, or makes it.
   *
   * @throws TypeError for an unknown option or a value of the wrong type.
   * @throws RangeError for a number or a duration out of bounds.
   * @throws CacheError `STORE_UNAVAILABLE` when it cannot be opened, `STORE_CORRUPT` when it is damaged or another program's,
   *   unless it fails open.
   */
  constructor(options: SqliteCacheOptions) {
    this.#options = resolveOptions(options)
    this.#file = new StoreAccess(this.#options, (error) => {
      this.#errors += 1
      this.#events.emit('onCacheError', error)
    })
    this.#file.orElse(undefined, () => undefined)
  }

  /** See `CacheStore.get`. */
  get<T = unknown>(key: string, { category = DEFAULT_CATEGORY, allowStale = false }: GetOptions = {}): T | undefined {
    const reading = { category, key, allowStale }
    let value = this.#file.connection?.hot?.readUnasked(reading, this.#options.clock)
    if (value === undefined) {
      const now = this.#options.clock.now()
      value = this.#file.orElse(undefined, ({ values }) => values.read(reading, now))
    }
    this.#countRead(key, category, value !== undefined)
    return value as T | undefined
  }

  /** See `CacheStore.getMany`: one statement. */
  getMany<T = unknown>(keys: readonly string[], { category = DEFAULT_CATEGORY }: ScopeOptions = {}): Map<string, T> {
    const now = this.#options.clock.now()
    const values = this.#file.orElse(new Map<string, unknown>(), (connection) =>
      connection.values.readMany({ category, keys }, now),
    )
    if (this.#events.active || values.size < keys.length) {
      for (const key of new Set(keys)) this.#countRead(key, category, values.has(key))
    } else this.#hits += values.size
    return values as Map<string, T>
  }

  /** See `CacheStore.set`. */
  set(key: string, value: unknown, options: SetOptions = {}): boolean {
    return this.#store([[key, value]], options) === 1
  }

  /** See `CacheStore.setMany`: one transaction for every 1,000 entries, and for every 4 MiB. */
  setMany(entries: Iterable<readonly [key: string, value: unknown]>, options: SetOptions = {}): number {
    return this.#store(new Map(entries), options)
  }

  /**
   * The value of a key, or loaded and stored: one load for all who ask for it at the same time in this process. See
   * `readThrough` of `@x/shared-call`.
   *
   * @throws what `load` throws, as it is; `signal.reason`; CacheError `OPERATION_TIMEOUT`.
   */
  getOrSet<Value>(
    key: string,
    load: (context: CallContext) => Awaitable<Value>,
    options?: ReadThroughOptions<Value>,
  ): Promise<Value> {
    return readThrough(this, key, load, options)
  }

  /** See `CacheStore.has`. */
  has(key: string, { category = DEFAULT_CATEGORY }: ScopeOptions = {}): boolean {
    const now = this.#options.clock.now()
    return this.#file.orElse(false, ({ reader }) => reader.has(category, key, now))
  }

  /** See `CacheStore.delete`. */
  delete(key: string, options: ScopeOptions = {}): boolean {
    return this.deleteMany([key], options) === 1
  }

  /** See `CacheStore.deleteMany`: one transaction for every 1,000. */
  deleteMany(keys: readonly string[], { category = DEFAULT_CATEGORY }: ScopeOptions = {}): number {
    this.#file.assertOpen()
    if (keys.length === 0) return 0
    const now = this.#options.clock.now()
    const removed = this.#file
      .run(({ remover, hot }) => {
        for (const key of keys) hot?.drop(category, key)
        return remover.remove(toKeyText(category), keys.map(toKeyText), now)
      })
      .map(fromKeyText)
    for (const key of removed) this.#events.emit('onCacheInvalidate', { key, category, count: 1 })
    return removed.length
  }

  /** See `CacheStore.invalidate`. */
  invalidate(filter: InvalidateFilter): number {
    this.#file.assertOpen()
    assertInvalidateFilter(filter)
    const now = this.#options.clock.now()
    const count = this.#file.run(({ remover, hot }) => {
      hot?.clear()
      return remover.invalidate(filter, now)
    })
    if (count > 0) this.#events.emit('onCacheInvalidate', { ...filter, count })
    return count
  }

  /**
   * See `CacheStore.getEpoch`. It stays the same until the key is touched. A `set` refuses only loads of its own key. A `delete`
   * refuses all loads of its category, and so does an `invalidate` that names one; `clear` and every other `invalidate`
   * refuse those of all categories.
   */
  getEpoch(key: string, { category = DEFAULT_CATEGORY }: ScopeOptions = {}): Epoch {
    return this.#file.orElse(PASSED_EPOCH, ({ epochs }) => epochs.of(toKeyText(category), toKeyText(key))) as Epoch
  }

  /** See `CacheStore.clear`. */
  clear(): number {
    const now = this.#options.clock.now()
    const count = this.#file.run(({ remover, hot }) => {
      hot?.clear()
      return remover.clear(now)
    })
    if (count > 0) this.#events.emit('onCacheInvalidate', { count })
    return count
  }

  /** See `CacheStore.getStats`: hits, misses and evictions are this instance's, the rest is the file's. */
  getStats(): CacheStats {
    const categories = this.#file.orElse([], (connection) => connection.categories())
    return {
      hits: this.#hits,
      misses: this.#misses,
      hitRate: hitRateOf(this.#hits, this.#misses),
      entryCount: categories.reduce((sum, { entry_count }) => sum + entry_count, 0),
      totalSizeBytes: categories.reduce((sum, { size_bytes }) => sum + size_bytes, 0),
      evictions: this.#evictions,
      errors: this.#errors,
      byCategory: Object.fromEntries(
        categories.map(({ name, entry_count: entryCount, size_bytes: totalSizeBytes }) => [
          fromKeyText(name),
          { entryCount, totalSizeBytes },
        ]),
      ),
    }
  }

  /** Adds a listener for what this instance does. */
  addEventListener(listener: CacheEventListener): void {
    this.#events.add(listener)
  }

  /** Removes a listener. */
  removeEventListener(listener: CacheEventListener): void {
    this.#events.remove(listener)
  }

  /** Brings everything into the file and closes it. Idempotent. */
  close(): void {
    this.#file.close()
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

  #store(entries: Iterable<readonly [key: string, value: unknown]>, options: SetOptions): number {
    const { category = DEFAULT_CATEGORY, ttl, grace = 0, tags = [], ifEpoch } = options
    this.#file.assertOpen()
    const now = this.#options.clock.now()
    const expiresAt = now + this.#options.ttlOf(category, ttl)
    const keptUntil = expiresAt + Math.max(0, toMilliseconds(grace))
    const categoryMaxSizeBytes = this.#options.maxSizeBytesOf(category)
    const limit = Math.min(categoryMaxSizeBytes, this.#options.maxValueBytes)
    const encoded: EncodedEntry[] = []
    const tagTexts = textsOf(tags)
    const tagBytes = tagBytesOf(tagTexts)
    for (const [key, value] of entries) {
      const entry = this.#encode(key, value, limit)
      assertKeyFits(key, entry.keyText, tagBytes)
      encoded.push(entry)
    }
    const storing: Storing = {
      category: toKeyText(category),
      categoryMaxSizeBytes,
      expiresAt,
      keptUntil,
      tags: tagTexts,
      tagBytes,
      ifEpoch: ifEpoch === undefined ? undefined : readEpoch(ifEpoch),
      now,
    }
    if (encoded.length === 0) return 0
    const { stored, evicted } = this.#file.orElse(NOTHING_STORED, ({ writer, hot }) => {
      for (const entry of encoded) hot?.drop(category, entry.key)
      return writer.store(encoded, storing)
    })
    if (evicted.length > 0) this.#reportEvicted(evicted)
    return stored.length
  }

  #encode(key: string, value: unknown, limit: number): EncodedEntry {
    const keyText = toKeyText(key)
    if (value === undefined) {
      throw new TypeError(
        `Cannot store undefined under ${JSON.stringify(key)}: it means a miss. Store null, or delete.`,
      )
    }
    const text = this.#options.codec.encode(value)
    if (!text.isWellFormed()) {
      throw new CacheError('NOT_SERIALIZABLE', {
        message: `The codec's text for ${JSON.stringify(key)} has a lone surrogate, which SQLite cannot keep. Let the codec escape it.`,
        details: { key, path: 'value' },
      })
    }
    const size = Buffer.byteLength(text)
    if (size > limit) {
      throw new CacheError('VALUE_TOO_LARGE', {
        message: `The value of ${JSON.stringify(key)} has ${size} bytes, more than the limit of ${limit}. Raise maxSizeBytes, or store less.`,
        details: { key, bytes: size, limit },
      })
    }
    return { key, keyText, text, size }
  }

  #countRead(key: string, category: string, hit: boolean): void {
    if (hit) this.#hits += 1
    else this.#misses += 1
    if (this.#events.active) this.#events.emit(hit ? 'onCacheHit' : 'onCacheMiss', { key, category })
  }

  #reportEvicted(evicted: readonly EntryRow[]): void {
    this.#evictions += evicted.length
    const hot = this.#file.connection?.hot
    if (!this.#events.active && hot === undefined) return
    // All of them before the first is told: a listener may close the cache.
    const events = evicted.map((row) => ({
      key: fromKeyText(row.key),
      category: fromKeyText(this.#file.connection?.categoryName(row.category) ?? ''),
    }))
    for (const { category, key } of events) hot?.drop(category, key)
    for (const event of events) this.#events.emit('onCacheEvict', event)
  }
}

const NOTHING_STORED: Stored = { stored: [], evicted: [] }

/** Tags as key text, each once. */
function textsOf(tags: readonly string[]): readonly string[] {
  return tags.length === 0 ? tags : [...new Set(tags)].map(toKeyText)
}

/** Anything else would compare as "nothing happened since", and store what it must not. */
function readEpoch(epoch: Epoch): number {
  if (Number.isSafeInteger(epoch)) return epoch as number
  throw new TypeError(`Not an epoch of this cache: ${String(epoch)}. Give what getEpoch() answered.`)
}
