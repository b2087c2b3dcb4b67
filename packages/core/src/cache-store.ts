import type { Awaitable } from './awaitable.ts'
import type { CacheEventListener } from './cache-events.ts'
import type { CacheStats } from './cache-stats.ts'
import type { Duration } from './duration.ts'

declare const epochBrand: unique symbol

/** Where the history of a key stood. Opaque: only the store that gave it can compare it. */
export type Epoch = (string | number) & { readonly [epochBrand]: true }

/** Which part of a store a call is about. */
export interface ScopeOptions {
  /**
   * Entries of one category never meet those of another.
   *
   * @defaultValue `"default"`
   */
  readonly category?: string | undefined
}

/** How an entry is read. */
export interface GetOptions extends ScopeOptions {
  /**
   * Answer also with an entry whose deadline has passed but whose grace has not: see `SetOptions.grace`.
   *
   * @defaultValue `false`
   */
  readonly allowStale?: boolean | undefined
}

/** How an entry is stored. */
export interface SetOptions extends ScopeOptions {
  /**
   * How long the entry lives: up to the deadline, not at it. 0 or less: gone at once. `Infinity`: until removed.
   *
   * @defaultValue the category's, else the store's
   */
  readonly ttl?: Duration | undefined
  /**
   * How long after its deadline the entry is kept for readers who allow a stale value. 0 or less: not at all; `Infinity`:
   * until removed. While it is kept it counts towards the limits, and may be removed to keep them; no other read sees it,
   * and no removal counts it. An entry whose ttl is 0 or less is gone at once, whatever its grace.
   *
   * @defaultValue 0
   */
  readonly grace?: Duration | undefined
  /** Names under which `invalidate({ tag })` finds the entry, replacing those of an earlier `set`. */
  readonly tags?: readonly string[] | undefined
  /** Store only if nothing touched the key since this was taken: see `CacheStore.getEpoch`. */
  readonly ifEpoch?: Epoch | undefined
}

/** Which entries to remove. Conditions combine with AND; an absent one restricts nothing. */
export interface InvalidateFilter {
  /** Exactly this key. */
  readonly key?: string | undefined
  /** Keys that match this glob: see `compileGlob`. */
  readonly pattern?: string | undefined
  /** Entries of this category; absent: of every category. */
  readonly category?: string | undefined
  /** Entries that carry this tag. */
  readonly tag?: string | undefined
}

/**
 * A cache: memory, SQLite, Redis, or one of your own that passes `@x/core/conformance`.
 *
 * - A miss is `undefined`; `null`, `false`, `0` and `""` are values.
 * - Any string is a legal key, category or tag. Keys are never rewritten or shortened.
 * - Values come back as they were given or are refused, and no caller can change what is stored by changing
 *   what it gave or got.
 * - A store that answers at once throws, one that answers later rejects: `await` inside an `async` function serves both.
 * - After `close()` every call throws `CacheError` `STORE_CLOSED`, but `close()` and those about listeners.
 */
export interface CacheStore extends AsyncDisposable {
  /** The value of a key, or `undefined`. */
  get<T = unknown>(key: string, options?: GetOptions): Awaitable<T | undefined>

  /** The values that are there, by key, in the order asked for; one round trip. A key asked for twice is there once. */
  getMany<T = unknown>(keys: readonly string[], options?: ScopeOptions): Awaitable<Map<string, T>>

  /**
   * Stores a value, replacing an earlier one with its deadline and tags. What is refused is refused whatever the epoch.
   *
   * @returns `false` when it was not stored: its epoch has passed, or the store fails open.
   * @throws TypeError for `undefined`, which means a miss.
   * @throws RangeError for a ttl or a grace that is no duration.
   * @throws CacheError `NOT_SERIALIZABLE` for a value that the codec refuses, `VALUE_TOO_LARGE` for one above the limit.
   */
  set(key: string, value: unknown, options?: SetOptions): Awaitable<boolean>

  /**
   * Stores many values in one round trip; the last of equal keys wins. One value that is refused, and none is stored.
   *
   * @returns how many were stored: an entry whose key was touched since `ifEpoch` is not.
   */
  setMany(entries: Iterable<readonly [key: string, value: unknown]>, options?: SetOptions): Awaitable<number>

  /** Whether a live value is there. Counts neither as a hit nor as a miss. */
  has(key: string, options?: ScopeOptions): Awaitable<boolean>

  /** Removes an entry, also one in its grace; `false` when there was no live one. */
  delete(key: string, options?: ScopeOptions): Awaitable<boolean>

  /** Removes entries in one round trip, also those in their grace; how many live ones there were. */
  deleteMany(keys: readonly string[], options?: ScopeOptions): Awaitable<number>

  /**
   * Removes the entries that meet every condition given, also those in their grace: a stale value is never served after
   * an invalidation. How many live ones there were.
   *
   * @throws TypeError for a filter without a condition: `clear()` is the way to remove everything.
   * @throws RangeError for a malformed glob.
   */
  invalidate(filter: InvalidateFilter): Awaitable<number>

  /**
   * Where the history of a key stands. A loader takes it before it loads, and gives it to `set` as `ifEpoch`: nothing
   * is stored if a `delete`, `invalidate`, `set` or `clear` that touches the key finished in between, in any process
   * that shares the store. It may be as coarse as the category: refusing too often is right, storing stale data never is.
   *
   * A key is touched whether or not an entry was there. `invalidate` touches every key that its key, pattern and
   * category admit; a tag does not narrow that, for nobody knows yet which tags a value being loaded will carry.
   * That an entry expires touches nothing.
   */
  getEpoch(key: string, options?: ScopeOptions): Awaitable<Epoch>

  /** Removes everything of this store (in Redis: of its namespace); how many live entries there were. */
  clear(): Awaitable<number>

  /** What the store has done since it was opened, and what it holds. */
  getStats(): Awaitable<CacheStats>

  /** Tells a listener what this store does from now on; one that is already there stays once. */
  addEventListener(listener: CacheEventListener): void

  /** Tells a listener nothing more; one that is not there is no error. */
  removeEventListener(listener: CacheEventListener): void

  /** Releases what the store opened. Idempotent; `await using` calls it. */
  close(): Awaitable<void>
}
