import { type Duration, isHttpStatusError, isNetworkError, toMilliseconds } from '@x/core'

import { backOff } from './back-off.ts'
import { assertHttpMethod, type HttpMethod } from './http-client.ts'
import { nonNegative } from './option-bounds.ts'

/** Which requests are sent again, and when. */
export interface RetryOptions {
  /**
   * How often a request that failed is sent again. 0: never, limits included.
   *
   * @defaultValue 2
   */
  readonly attempts?: number | undefined
  /**
   * The methods that may be sent twice without harm. Add `POST` where yours only reads.
   *
   * @defaultValue `["GET", "HEAD", "PUT", "DELETE"]`, which are idempotent (RFC 9110, 9.2.2)
   */
  readonly methods?: readonly HttpMethod[] | undefined
  /**
   * The longest wait before the first retry; each further one may be twice as long. The wait is chosen at random
   * between 0 and that.
   *
   * @defaultValue `"500ms"`
   */
  readonly delay?: Duration | undefined
  /**
   * No retry waits longer than this.
   *
   * @defaultValue `"30s"`
   */
  readonly maxDelay?: Duration | undefined
  /**
   * Retries for each request sent for the first time, besides 10 for a start: where most requests fail, the server is not
   * asked many times over. `Infinity`: no budget. A limit (429, `Retry-After`) costs nothing of it, nor of `attempts`; a 503
   * that names no time costs both: the server may be down.
   *
   * @defaultValue 0.2
   */
  readonly budget?: number | undefined
}

const IDEMPOTENT: readonly HttpMethod[] = ['GET', 'HEAD', 'PUT', 'DELETE']
/** Answers that may be different the next time. */
const PASSING: ReadonlySet<number> = new Set([408, 500, 502, 503, 504])
/** Retries that are always there, so that a small batch is not left without. */
const BUDGET_FLOOR = 10
/** A request waits for so many limits in a row, and fails with the next. */
const MOST_THROTTLES = 5
/** Where a server names no time, a limit is waited for at least this long, and twice as long each time. */
const UNNAMED_THROTTLE_MS = 1_000

/** Decides about retries, for all requests of one batcher together. */
export class RetryPolicy {
  readonly #attempts: number
  readonly #methods: ReadonlySet<HttpMethod>
  readonly #delayMs: number
  readonly #maxDelayMs: number
  readonly #budget: number
  #sent = 0
  #retried = 0

  /** @throws RangeError for a number out of its bounds, TypeError for an unknown method. */
  constructor({
    attempts = 2,
    methods = IDEMPOTENT,
    delay = '500ms',
    maxDelay = '30s',
    budget = 0.2,
  }: RetryOptions = {}) {
    this.#attempts = nonNegative('retry.attempts', attempts)
    this.#delayMs = nonNegative('retry.delay', toMilliseconds(delay))
    this.#maxDelayMs = nonNegative('retry.maxDelay', toMilliseconds(maxDelay))
    this.#budget = nonNegative('retry.budget', budget)
    for (const method of methods) assertHttpMethod(method)
    this.#methods = new Set(methods)
  }

  /** A request goes out for the first time. */
  countFirst(): void {
    this.#sent += 1
  }

  /** Whether a request that meets a limit, after so many in a row, may be sent again. */
  allowsAfterLimits(method: HttpMethod, throttles: number): boolean {
    return this.#attempts > 0 && throttles < MOST_THROTTLES && this.#methods.has(method)
  }

  /** Milliseconds until a failed request is worth sending again, taken from the budget; `undefined`: it is not. */
  retryDelay(error: unknown, method: HttpMethod, failures: number): number | undefined {
    const passing = isNetworkError(error) || (isHttpStatusError(error) && PASSING.has(error.statusCode))
    if (!passing || failures >= this.#attempts || !this.#methods.has(method)) return undefined
    if (this.#retried >= BUDGET_FLOOR + this.#budget * this.#sent) return undefined
    this.#retried += 1
    return backOff(failures, this.#delayMs, this.#maxDelayMs)
  }

  /** How long to wait for a limit that named no time. Never near nothing: a herd would come back at once. */
  throttleDelay(throttles: number): number {
    return UNNAMED_THROTTLE_MS * 2 ** throttles * (1 + Math.random() / 2)
  }
}
