import { type Clock, type Duration, systemClock, toMilliseconds } from '@x/core'

import { assertKnownOptions } from '../known-options.ts'
import { type Delay, delay as realDelay } from './delay.ts'
import { type GitHubToken } from './request-headers.ts'
import { type GitHubTransportOptions } from './github-transport.ts'
import { RateBudget } from '../budget/rate-budget.ts'

/** How to reach GitHub. */
export interface GitHubClientOptions {
  /** A token, or a function that gives the one to use now; absent: anonymous, 60 requests an hour. */
  readonly token?: GitHubToken | undefined
  /**
   * The REST API: `https://HOST/api/v3` for GitHub Enterprise.
   *
   * @defaultValue `"https://api.github.com"`
   */
  readonly baseUrl?: string | undefined
  /**
   * The longest time for one whole answer, above 0; `Infinity`: none (a timer ends at 24 days).
   *
   * @defaultValue `"30s"`
   */
  readonly timeout?: Duration | undefined
  /**
   * How to send a request.
   *
   * @defaultValue the platform's `fetch`
   */
  readonly fetch?: typeof fetch | undefined
  /**
   * Requests on the wire at the same time, 1 to 100 (GitHub refuses more); a plan asks for fewer.
   *
   * @defaultValue 50
   */
  readonly maxConcurrent?: number | undefined
  /**
   * How often a request is sent again after no answer came; after a timeout or an answer of 500 and above at most twice.
   *
   * @defaultValue 3
   */
  readonly retryAttempts?: number | undefined
  /**
   * The wait before the first retry after no answer came. It doubles with each, up to 60 times this; after a timeout it
   * triples, up to 120 times; after an answer of 500 and above it is five times as long, and doubles.
   *
   * @defaultValue `"1s"`
   */
  readonly retryDelay?: Duration | undefined
  /**
   * The budget, shared by all clients of one token.
   *
   * @defaultValue a new one with its own defaults
   */
  readonly budget?: RateBudget | undefined
  /**
   * Where the time comes from.
   *
   * @defaultValue `systemClock`
   */
  readonly clock?: Clock | undefined
  /**
   * How to wait before a retry.
   *
   * @defaultValue a timer
   */
  readonly delay?: Delay | undefined
}

/** The options, complete. */
export interface ResolvedClientOptions extends GitHubTransportOptions {
  /** Without a final slash. */
  readonly baseUrl: string
}

/**
 * @throws RangeError for a number out of its bounds.
 * @throws TypeError for an unknown option, or a base URL that is none.
 */
export function resolveClientOptions(options: GitHubClientOptions): ResolvedClientOptions {
  assertKnownOptions(options, {
    token: true,
    baseUrl: true,
    timeout: true,
    fetch: true,
    maxConcurrent: true,
    retryAttempts: true,
    retryDelay: true,
    budget: true,
    clock: true,
    delay: true,
  })
  const { token, baseUrl = 'https://api.github.com', timeout = '30s', fetch = globalThis.fetch } = options
  const { maxConcurrent = 50, retryAttempts = 3, retryDelay = '1s', clock = systemClock, delay = realDelay } = options
  const { budget = new RateBudget({ clock, delay }) } = options
  assertBaseUrl(baseUrl)
  const timeoutMs = toMilliseconds(timeout)
  if (timeoutMs <= 0) throw new RangeError(`timeout must be above 0, not ${String(timeout)}.`)
  assertCount('maxConcurrent', maxConcurrent, { least: 1, most: 100 })
  assertCount('retryAttempts', retryAttempts, { least: 0, most: 100 })
  const retryDelayMs = toMilliseconds(retryDelay)
  const limits = { timeoutMs, maxConcurrent, retryAttempts, retryDelayMs }
  return { token, baseUrl: baseUrl.replace(/\/+$/, ''), fetch, ...limits, budget, clock, delay }
}

/** Without a word of the URL: it may hold a secret. */
function assertBaseUrl(baseUrl: string): void {
  const url = URL.parse(baseUrl)
  if (url === null || !/^https?:$/.test(url.protocol)) throw new TypeError('baseUrl must be an http or https URL.')
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') {
    throw new TypeError('baseUrl must not hold a user, a password, a query or a fragment. Give the token as `token`.')
  }
}

/** @throws RangeError for what is no whole number within the bounds. */
export function assertCount(name: string, value: number, { least, most }: { least: number; most: number }): void {
  if (!Number.isInteger(value) || value < least || value > most) {
    throw new RangeError(`${name} must be a whole number from ${least} to ${most}, not ${String(value)}.`)
  }
}
