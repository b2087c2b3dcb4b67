import { type Duration } from '@x/core'

import { type RateGate } from './rate-queue.ts'

/** What is known of a bucket. */
export interface RateBucketStatus {
  /** Points in an hour; `undefined` before the first answer. */
  readonly limit: number | undefined
  /** Points left in this hour; `undefined` before the first answer. */
  readonly remaining: number | undefined
  /** When the hour ends: milliseconds since the Unix epoch; `undefined` before the first answer. */
  readonly resetAt: number | undefined
  /** When a request that came now would go, by what is known: milliseconds since the Unix epoch. */
  readonly readyAt: number
  /** Requests that wait. */
  readonly waiting: number
}

/** What a request brings when it asks for its turn. */
export interface RateReserveOptions {
  /** Ends the wait with the signal's reason. */
  readonly signal?: AbortSignal | undefined
  /**
   * Higher goes first; who waits gains a step every ten seconds.
   *
   * @defaultValue 0
   */
  readonly priority?: number | undefined
  /**
   * The longest time to wait for a limit.
   *
   * @defaultValue the budget's
   */
  readonly maxWait?: Duration | undefined
  /** What else must have room, all of it at once. */
  readonly gates?: readonly RateGate[] | undefined
  /**
   * The share of the hourly limit that it may use, above 0; not more than the budget's.
   *
   * @defaultValue the budget's
   */
  readonly rateLimitBuffer?: number | undefined
}

/** A turn, which lasts until it is ended. */
export interface RateReservation {
  /** The answer has begun: its headers correct what is known, and the time to it is the measure of GitHub's work. */
  readonly answered: (headers: Headers) => void
  /** Gives back what the request held. The second time it does nothing. */
  readonly end: () => void
}
