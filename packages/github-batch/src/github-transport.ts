import { Limiter } from '@x/batcher'
import {
  type Awaitable,
  CacheError,
  type Clock,
  GitHubAPIError,
  isNetworkError,
  NetworkError,
  RateLimitError,
} from '@x/core'

import { type Delay, LONGEST_TIMER } from './delay.ts'
import { type RateBucket, type RateBudget } from './rate-budget.ts'
import { readThrottle, readThrottleTime, type Throttle } from './throttle.ts'

/** What was sent so far, and what it cost. */
export interface GitHubUsage {
  /** Requests sent, those that failed and were sent again included. */
  readonly requests: number
  /** REST requests that count against the hourly limit: all but those answered 304. */
  readonly restPoints: number
  /** GraphQL points, as GitHub counted them. */
  readonly graphqlPoints: number
  /** Bytes of the answers' bodies, unpacked. */
  readonly bytes: number
}

/** One request. */
export interface GitHubRequest {
  /** Only what reads. */
  readonly method: 'GET' | 'POST'
  /** An absolute URL. */
  readonly url: string
  /** What it is counted in. */
  readonly bucket: RateBucket
  /** The media type wanted. */
  readonly accept: string
  /** Sent as JSON. */
  readonly body?: string | undefined
  /** Ends it with the signal's reason. */
  readonly signal?: AbortSignal | undefined
  /** Whether an answer of 500 and above is worth asking again the same way; by default it is. */
  readonly retryServerErrors?: boolean | undefined
  /** Whether an answer of status 200 says that a limit was met. */
  readonly isLimit?: ((body: Uint8Array) => boolean) | undefined
}

/** A whole answer of status 200 to 299, or 304. */
export interface GitHubAnswer {
  /** The HTTP status. */
  readonly status: number
  /** As they came. */
  readonly headers: Headers
  /** Unpacked. */
  readonly body: Uint8Array
}

/** A token, or a function that gives the one to use now. */
export type GitHubToken = string | (() => Awaitable<string>)

/** The client's options, read and complete. */
export interface GitHubTransportOptions {
  /** Absent: anonymous. */
  readonly token: GitHubToken | undefined
  /** For one whole answer. */
  readonly timeoutMs: number
  /** How to send. */
  readonly fetch: typeof fetch
  /** Requests on the wire at the same time. */
  readonly maxConcurrent: number
  /** How often to send again. */
  readonly retryAttempts: number
  /** Before the first retry. */
  readonly retryDelayMs: number
  /** What may be spent. */
  readonly budget: RateBudget
  /** For limits that name no time. */
  readonly clock: Clock
  /** How to wait before a retry. */
  readonly delay: Delay
}

/** After this many limits in a row a request is given up. */
const MOST_THROTTLES = 5
/** Where GitHub names no time: "wait for at least one minute", doubled each time (docs.github.com, 2026-11). */
const UNNAMED_THROTTLE_MS = 60_000

/** Sends requests within the limits, and again where an error may pass. */
export class GitHubTransport {
  readonly #options: GitHubTransportOptions
  readonly #limiter: Limiter
  readonly #usage = { requests: 0, restPoints: 0, graphqlPoints: 0, bytes: 0 }

  constructor(options: GitHubTransportOptions) {
    this.#options = options
    this.#limiter = new Limiter({ maxConcurrent: options.maxConcurrent })
  }

  get usage(): GitHubUsage {
    return { ...this.#usage }
  }

  countGraphqlPoints(points: number): void {
    this.#usage.graphqlPoints += points
  }

  /**
   * @throws NetworkError when no whole answer came, RateLimitError when a limit does not lift, GitHubAPIError for any
   * other answer above 304; the signal's reason when it aborts.
   */
  async send(request: GitHubRequest): Promise<GitHubAnswer> {
    let failures = 0
    let throttles = 0
    for (;;) {
      try {
        return await this.#attempt(request)
      } catch (error) {
        request.signal?.throwIfAborted()
        if (error instanceof Throttled) {
          this.#pause(request, error, throttles)
          throttles += 1
        } else {
          const wait = this.#retryDelay(request, error, failures)
          if (wait === undefined) throw error
          failures += 1
          await this.#options.delay(wait, request.signal)
        }
      }
    }
  }

  /** @throws RateLimitError after too many limits in a row. */
  #pause({ bucket }: GitHubRequest, { throttle, message }: Throttled, throttles: number): void {
    const until = throttle.until ?? this.#options.clock.now() + UNNAMED_THROTTLE_MS * 2 ** throttles
    if (throttles >= MOST_THROTTLES) throw new RateLimitError(`${message} (${throttles + 1} times in a row)`, until)
    this.#options.budget.pause(bucket, until)
  }

  /** A slot is taken only while something is on the wire: who waits for one bucket does not hold up the other. */
  async #attempt(request: GitHubRequest): Promise<GitHubAnswer> {
    const { budget } = this.#options
    const { bucket, signal } = request
    for (;;) {
      await budget.whenReady(bucket, signal)
      const answer = await this.#limiter.run(
        async () => (budget.tryReserve(bucket) ? this.#exchange(request) : undefined),
        { signal },
      )
      if (answer !== undefined) return answer
    }
  }

  async #exchange(request: GitHubRequest): Promise<GitHubAnswer> {
    const { response, body } = await this.#fetchWhole(request)
    this.#usage.bytes += body.byteLength
    this.#options.budget.observe(request.bucket, response.headers)
    const answer = { status: response.status, headers: response.headers, body }
    const now = this.#options.clock.now()
    const text = response.ok ? '' : new TextDecoder().decode(body.subarray(0, 2_000))
    const message = `${describe(request)}: ${response.status} ${messageIn(text)}`
    if (response.ok && request.isLimit?.(body) === true) {
      throw new Throttled(`${describe(request)}: rate limit exceeded`, readThrottleTime(response.headers, now))
    }
    const throttle = readThrottle(response, text, now)
    if (throttle !== undefined) throw new Throttled(message, throttle)
    // What GitHub refuses for its limits, or has not changed, it does not count.
    if (request.bucket === 'core' && response.status !== 304) this.#usage.restPoints += 1
    if (response.ok || response.status === 304) return answer
    throw new GitHubAPIError(message, response.status)
  }

  async #fetchWhole(request: GitHubRequest): Promise<{ response: Response; body: Uint8Array }> {
    const { timeoutMs } = this.#options
    const headers = await this.#headers(request)
    const deadline = new AbortController()
    const timer = setTimeout(
      () => {
        deadline.abort()
      },
      Math.min(timeoutMs, LONGEST_TIMER),
    )
    const signal = request.signal === undefined ? deadline.signal : AbortSignal.any([request.signal, deadline.signal])
    try {
      this.#usage.requests += 1
      const { method, url, body = null } = request
      const response = await this.#options.fetch(url, { method, headers, body, signal })
      return { response, body: new Uint8Array(await response.arrayBuffer()) }
    } catch (cause) {
      request.signal?.throwIfAborted()
      const why = deadline.signal.aborted ? `no whole answer within ${timeoutMs} ms` : reasonOf(cause)
      throw new NetworkError(`${describe(request)}: ${why}`, { cause })
    } finally {
      clearTimeout(timer)
    }
  }

  async #headers({ accept, body, signal }: GitHubRequest): Promise<Record<string, string>> {
    const { token } = this.#options
    const secret = typeof token === 'function' ? await unlessAborted(token(), signal) : token
    if (secret !== undefined && !/^[\x21-\x7E]*$/.test(secret)) {
      throw new CacheError('INVALID_CONFIGURATION', {
        message: 'The token has a space, a line break or another character that no token has. Set it again.',
      })
    }
    return {
      accept,
      'user-agent': '@x/github-batch',
      'x-github-api-version': '2022-11-28',
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(secret === undefined || secret === '' ? {} : { authorization: `Bearer ${secret}` }),
    }
  }

  /** Milliseconds until the same request is worth another try; `undefined`: it is not. */
  #retryDelay(request: GitHubRequest, error: unknown, failures: number): number | undefined {
    const { retryAttempts, retryDelayMs } = this.#options
    if (isNetworkError(error)) {
      return failures < retryAttempts ? Math.min(2 ** failures, 60) * retryDelayMs : undefined
    }
    const serverError = error instanceof GitHubAPIError && error.statusCode >= 500
    if (!serverError || request.retryServerErrors === false) return undefined
    return failures < Math.min(retryAttempts, 2) ? Math.min(5 * 2 ** failures, 300) * retryDelayMs : undefined
  }
}

/** GitHub asked to come back later. */
class Throttled extends Error {
  readonly throttle: Throttle

  constructor(message: string, throttle: Throttle) {
    super(message)
    this.throttle = throttle
  }
}

function describe({ method, url }: GitHubRequest): string {
  return `${method} ${url}`
}

/** Waits for a token no longer than the request itself would. */
async function unlessAborted<T>(awaitable: Awaitable<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return awaitable
  signal.throwIfAborted()
  const { promise, reject } = Promise.withResolvers<never>()
  const abort = (): void => {
    reject(signal.reason as Error)
  }
  signal.addEventListener('abort', abort, { once: true })
  try {
    return await Promise.race([awaitable, promise])
  } finally {
    signal.removeEventListener('abort', abort)
  }
}

/** `fetch` hides what happened behind "fetch failed". */
function reasonOf(error: unknown): string {
  const { cause } = error as { cause?: unknown }
  if (cause instanceof Error)
    return cause.message === '' ? String((cause as NodeJS.ErrnoException).code) : cause.message
  return error instanceof Error ? error.message : String(error)
}

/** The `message` of GitHub's JSON, or the beginning of whatever came instead. */
function messageIn(text: string): string {
  const [, message] = /"message"\s*:\s*"((?:[^"\\]|\\.)*)"/.exec(text) ?? []
  return (message ?? text).replace(/\s+/g, ' ').trim().slice(0, 200)
}
