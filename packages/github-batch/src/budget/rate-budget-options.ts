import { type Clock, type Duration, systemClock } from '@x/core'

import { assertKnownOptions } from '../known-options.ts'
import { type Delay, delay as realDelay } from '../client/delay.ts'
import { type RateBucket } from './rate-bucket.ts'
import { type SharedRatesOptions } from './shared-rates.ts'

/** What a budget tells while requests wait in it. */
export interface RateWait {
  /** The bucket that is empty or was told to wait. */
  readonly bucket: RateBucket
  /** When it goes on: milliseconds since the Unix epoch. */
  readonly until: number
  /** `spent`: the share of the hourly limit that may be used; `told`: GitHub asked to come back later. */
  readonly reason: 'spent' | 'told'
}

/** How a budget spends. */
export interface RateBudgetOptions {
  /**
   * The share of the hourly limit that may be used, above 0 and up to 1; the rest is left to others with the same token.
   *
   * @defaultValue 0.8
   */
  readonly rateLimitBuffer?: number | undefined
  /**
   * Requests on the wire at the same time, of all clients and processes that share the budget: 1 to 100 (GitHub refuses
   * more).
   *
   * @defaultValue 50
   */
  readonly maxConcurrent?: number | undefined
  /**
   * The longest time to wait for a limit; beyond it requests fail with `RateLimitError`.
   *
   * @defaultValue `"65m"`: GitHub's windows last an hour
   */
  readonly maxWait?: Duration | undefined
  /**
   * Where processes with the same account share what they know of its limits, and a new process finds it again. A store
   * that fails leaves each with its own knowledge.
   *
   * @defaultValue none: this budget is alone
   */
  readonly shared?: SharedRatesOptions | undefined
  /** Called once for each time that a bucket must wait for; what it throws is dropped. */
  readonly onWait?: ((wait: RateWait) => void) | undefined
  /**
   * Where the time comes from.
   *
   * @defaultValue `systemClock`
   */
  readonly clock?: Clock | undefined
  /**
   * How to wait.
   *
   * @defaultValue a timer
   */
  readonly delay?: Delay | undefined
}

/** The options, complete. */
export interface ResolvedRateBudgetOptions extends Pick<RateBudgetOptions, 'shared' | 'onWait'> {
  /** As given, or the default. */
  readonly rateLimitBuffer: number
  /** As given, or the default. */
  readonly maxConcurrent: number
  /** As given, or the default. */
  readonly maxWait: Duration
  /** As given, or the default. */
  readonly clock: Clock
  /** As given, or the default. */
  readonly delay: Delay
}

/** @throws TypeError for an unknown option; RangeError for a number out of its bounds. */
export function resolveRateBudgetOptions(options: RateBudgetOptions): ResolvedRateBudgetOptions {
  assertKnownOptions(options, {
    rateLimitBuffer: true,
    maxConcurrent: true,
    maxWait: true,
    shared: true,
    onWait: true,
    clock: true,
    delay: true,
  })
  const { rateLimitBuffer = 0.8, maxConcurrent = 50, maxWait = '65m', shared, onWait } = options
  const { clock = systemClock, delay = realDelay } = options
  if (!(rateLimitBuffer > 0 && rateLimitBuffer <= 1)) {
    throw new RangeError(`rateLimitBuffer must be above 0 and at most 1, not ${String(rateLimitBuffer)}.`)
  }
  if (!Number.isInteger(maxConcurrent) || maxConcurrent < 1 || maxConcurrent > 100) {
    throw new RangeError(`maxConcurrent must be a whole number from 1 to 100, not ${String(maxConcurrent)}.`)
  }
  return { rateLimitBuffer, maxConcurrent, maxWait, shared, onWait, clock, delay }
}
