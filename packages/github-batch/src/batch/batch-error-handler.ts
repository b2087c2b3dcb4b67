import { type Clock, type Duration, isRateLimitError, systemClock, toMilliseconds } from '@x/core'

import { assertKnownOptions } from '../known-options.ts'
import { type BatchRecoveryPlan } from './batch-recovery-plan.ts'
import { type BatchRequest, identityOf } from './batch-request.ts'
import { type BatchResult } from './batch-result.ts'
import { type FailureKind, failureKindOf } from '../client/failure-kind.ts'
import { retryDelay, type RetrySchedule } from '../client/retry-schedule.ts'

/** How patient an error handler is. */
export interface BatchErrorHandlerOptions {
  /**
   * Tries beyond the first after no answer came, and after a rate limit; after a timeout or an answer of 500 and above at
   * most 2. 0: none.
   *
   * @defaultValue 3
   */
  readonly retryAttempts?: number | undefined
  /**
   * What the waits are multiples of, 0 or more: 1, 2, 4, … up to 60 after no answer; 1, 3, … up to 120 after a timeout; 5, 10, … up
   * to 300 after an answer of 500 and above.
   *
   * @defaultValue `"1s"`
   */
  readonly retryDelayBase?: Duration | undefined
  /**
   * Where the time comes from, for limits that end at one.
   *
   * @defaultValue `systemClock`
   */
  readonly clock?: Clock | undefined
}

/** GitHub hands out no larger file ("Git blobs", docs.github.com, 2026-11): 100 MB. */
const LARGEST_BLOB = 100 * 1_024 * 1_024

/** What to multiply the requests at the same time by; 1 where it is not named. */
const CONCURRENCY_FACTORS: Partial<Record<FailureKind, number>> = { 'rate-limit': 0.5, timeout: 0.7 }

/** Decides what is tried again, when, and what is given up. */
export class BatchErrorHandler {
  readonly #schedule: RetrySchedule
  readonly #clock: Clock

  /** @throws TypeError for an unknown option; RangeError for a number or a duration out of its bounds. */
  constructor(options: BatchErrorHandlerOptions = {}) {
    assertKnownOptions(options, { retryAttempts: true, retryDelayBase: true, clock: true })
    const { retryAttempts = 3, retryDelayBase = '1s', clock = systemClock } = options
    if (!Number.isInteger(retryAttempts) || retryAttempts < 0) {
      throw new RangeError(`retryAttempts must be a whole number from 0, not ${String(retryAttempts)}.`)
    }
    const retryDelayMs = toMilliseconds(retryDelayBase)
    if (!(retryDelayMs >= 0)) throw new RangeError(`retryDelayBase must be 0 or more, not ${String(retryDelayBase)}.`)
    this.#schedule = { retryAttempts, retryDelayMs }
    this.#clock = clock
  }

  /**
   * Plans how to go on after a batch failed as a whole; `attempt` is how often it had failed before, by default never.
   */
  handleBatchFailure(
    failedBatch: readonly BatchRequest[],
    error: Error,
    { attempt = 0 }: { readonly attempt?: number | undefined } = {},
  ): BatchRecoveryPlan {
    const reason = failureKindOf(error)
    const delayMs = this.#delay(error, attempt)
    const retries = delayMs !== undefined
    return {
      reason,
      retryRequests: retries ? failedBatch : [],
      skipRequests: retries ? [] : failedBatch,
      delayMs: delayMs ?? 0,
      concurrencyFactor: CONCURRENCY_FACTORS[reason] ?? 1,
      failsBatch: reason === 'authentication',
    }
  }

  /**
   * The failed requests that are still wanted: each once, and none whose file has come with another request; the most important
   * first.
   */
  handlePartialFailure(
    successfulResults: readonly BatchResult[],
    failedRequests: readonly BatchRequest[],
  ): BatchRequest[] {
    const had = new Set(successfulResults.map(({ request }) => identityOf(request)))
    const wanted = new Map<string, BatchRequest>()
    for (const request of failedRequests) {
      const identity = identityOf(request)
      if (!had.has(identity) && !wanted.has(identity)) wanted.set(identity, request)
    }
    return [...wanted.values()].sort((a, b) => (b.priority ?? 0) - (a.priority ?? 0))
  }

  /**
   * Whether to try a request again that has failed; `attempt` is how often it had failed before: 0 the first time.
   */
  shouldRetryRequest({ estimatedSize = 0 }: BatchRequest, error: Error, attempt: number): boolean {
    return estimatedSize <= LARGEST_BLOB && this.#delay(error, attempt) !== undefined
  }

  #delay(error: Error, attempt: number): number | undefined {
    if (!isRateLimitError(error)) return retryDelay(failureKindOf(error), attempt, this.#schedule)
    return attempt < this.#schedule.retryAttempts ? Math.max(0, error.resetTime - this.#clock.now()) : undefined
  }
}
