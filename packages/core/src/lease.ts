import type { Awaitable } from './awaitable.ts'
import type { Duration } from './duration.ts'

/** The right to be the only one that works on a key, for a limited time, among processes or machines. */
export interface Lease {
  /**
   * Tries once to become the holder of a key.
   *
   * @param key - What is held; any string.
   * @param ttl - For how long, unless renewed or released; must be positive and finite.
   * @returns the hold, or `undefined` while somebody else holds the key.
   * @throws RangeError for a ttl that is not positive and finite.
   * @throws CacheError `STORE_UNAVAILABLE` when the store behind it cannot be reached: nobody can know who holds the key.
   */
  acquire(key: string, ttl: Duration): Awaitable<HeldLease | undefined>
}

/** A key held. It ends by `release`, or when its time has passed without a `renew`. */
export interface HeldLease {
  /** Grows with each acquisition of the key, so that whoever receives work can refuse that of an earlier holder. */
  readonly fence: number
  /** Extends the hold from now. `false`: it is no longer held, and its work must not be published. */
  renew(ttl: Duration): Awaitable<boolean>
  /** Ends the hold. A hold that was lost in the meantime is left to its new holder. */
  release(): Awaitable<void>
}
