import type { Clock } from './clock.ts'
import type { Codec } from './codec.ts'
import { type Duration, toMilliseconds } from './duration.ts'

/** The category of a call that names none. */
export const DEFAULT_CATEGORY = 'default'

/** What is particular to one category. */
export interface CategoryOptions {
  /** How long its entries live unless `set` says otherwise. 0 or less: gone at once. `Infinity`: until removed. */
  readonly ttl?: Duration | undefined
  /** A limit of its own for the bytes of its encoded values, within the store's. */
  readonly maxSizeBytes?: number | undefined
}

/** The options that every store has. */
export interface StoreOptions {
  /** How long an entry lives unless its category or `set` says otherwise; each store documents its default. */
  readonly defaultTtl?: Duration | undefined
  /** What is particular to some categories; others work without being named here. */
  readonly categories?: Readonly<Record<string, CategoryOptions>> | undefined
  /**
   * How values become text.
   *
   * @defaultValue `jsonCodec()`
   */
  readonly codec?: Codec | undefined
  /**
   * Where the time comes from.
   *
   * @defaultValue `systemClock`
   */
  readonly clock?: Clock | undefined
}

/** Answers how long an entry lives, in milliseconds: the call's own ttl, else its category's, else the store's. */
export type TtlPolicy = (category: string, ttl?: Duration) => number

/**
 * Reads every configured ttl once, so that a wrong one is refused when the store is made and not when it is used.
 *
 * @throws RangeError for a ttl that is no duration.
 */
export function createTtlPolicy(
  defaultTtl: Duration,
  categories: Readonly<Record<string, CategoryOptions>> = {},
): TtlPolicy {
  const fallback = toMilliseconds(defaultTtl)
  const byCategory = new Map<string, number>()
  for (const [category, { ttl }] of Object.entries(categories)) {
    if (ttl !== undefined) byCategory.set(category, toMilliseconds(ttl))
  }
  return (category, ttl) => (ttl === undefined ? (byCategory.get(category) ?? fallback) : toMilliseconds(ttl))
}
