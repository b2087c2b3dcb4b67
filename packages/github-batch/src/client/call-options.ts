import { type Duration } from '@x/core'

import { type RateGate } from '../budget/rate-queue.ts'
import { type UsageMeter } from './usage-meter.ts'

/** Limits of a call, within the client's and its budget's. */
export interface CallLimits {
  /** Lets only so many requests of all calls that share it go at the same time; the client's own limit holds besides. */
  readonly gate?: RateGate | undefined
  /**
   * The share of the hourly limits that the call may use, above 0; not more than the budget's.
   *
   * @defaultValue the budget's
   */
  readonly rateLimitBuffer?: number | undefined
  /**
   * How often each request of the call is sent again.
   *
   * @defaultValue the client's
   */
  readonly retryAttempts?: number | undefined
  /**
   * What the waits before that are multiples of.
   *
   * @defaultValue the client's
   */
  readonly retryDelay?: Duration | undefined
}

/** What a single call may bring. */
export interface GitHubCallOptions extends CallLimits {
  /** Ends the call with the signal's reason. */
  readonly signal?: AbortSignal | undefined
  /** Counts what the call costs as well, and forbids it where its points are spent. */
  readonly meter?: UsageMeter | undefined
  /**
   * Where calls wait for their turn, a higher one goes first; who waits gains a step every ten seconds.
   *
   * @defaultValue 0
   */
  readonly priority?: number | undefined
  /**
   * The longest time to wait for a limit; beyond it the call fails with `RateLimitError`.
   *
   * @defaultValue the budget's
   */
  readonly maxWait?: Duration | undefined
}

/** What a call for several files may bring. */
export interface MultipleFilesOptions extends GitHubCallOptions {
  /**
   * Requests of this call at the same time, 1 to 100.
   *
   * @defaultValue 5
   */
  readonly maxConcurrent?: number | undefined
}

/** What a single GraphQL call may bring. */
export interface GraphqlCallOptions extends GitHubCallOptions {
  /**
   * Whether to ask again the same way after an answer of 500 and above; a large question is better made smaller.
   *
   * @defaultValue `true`
   */
  readonly retryServerErrors?: boolean | undefined
}
