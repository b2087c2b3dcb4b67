import { type Clock, GitHubAPIError, isNetworkError, RateLimitError, toMilliseconds } from '@x/core'

import { type Delay } from './delay.ts'
import { failureKindOf } from './failure-kind.ts'
import { GitHubExchange } from './github-exchange.ts'
import { describe, type GitHubAnswer, type GitHubRequest } from './github-request.ts'
import { type NetworkConditions } from './network-conditions.ts'
import { NetworkMonitor } from './network-monitor.ts'
import { type RateBudget } from '../budget/rate-budget.ts'
import { type RateGate } from '../budget/rate-queue.ts'
import { type RateReservation } from '../budget/rate-reservation.ts'
import { type GitHubToken, requestHeaders } from './request-headers.ts'
import { retryDelay } from './retry-schedule.ts'
import { readThrottle, readThrottleTime, type Throttle } from './throttle.ts'
import { type GitHubUsage, UsageMeter } from './usage-meter.ts'

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

const NO_BYTES = new Uint8Array()
/** After this many limits in a row a request is given up. */
const MOST_THROTTLES = 5
/** Where GitHub names no time: "wait for at least one minute", doubled each time (docs.github.com, 2026-11). */
const UNNAMED_THROTTLE_MS = 60_000

/** Sends requests within the limits, and again where an error may pass. */
export class GitHubTransport {
  readonly #options: GitHubTransportOptions
  readonly #gate: RateGate
  readonly #network = new NetworkMonitor()
  readonly #meter = new UsageMeter()

  constructor(options: GitHubTransportOptions) {
    this.#options = options
    this.#gate = { limit: options.maxConcurrent, inUse: 0 }
  }

  get budget(): RateBudget {
    return this.#options.budget
  }

  get usage(): GitHubUsage {
    return this.#meter.usage
  }

  /** What the way to GitHub is like; `undefined` before enough was seen of it. */
  get networkConditions(): NetworkConditions | undefined {
    return this.#network.conditions
  }

  /** Adds to what was counted for a request. */
  count({ meter }: Pick<GitHubRequest, 'meter'>, cost: Partial<GitHubUsage>): void {
    this.#meter.count(cost)
    meter?.count(cost)
  }

  /**
   * @throws NetworkError when no whole answer came, RateLimitError when a limit does not lift, GitHubAPIError for any
   * other answer above 304; the signal's reason when it aborts.
   */
  send(request: GitHubRequest): Promise<GitHubAnswer> {
    return this.#persist(request, async (reservation) => {
      const exchange = await this.#begin(request, reservation)
      const body = await this.#readWhole(request, exchange)
      this.#judge(request, exchange.response, body)
      return { status: exchange.response.status, headers: exchange.response.headers, body }
    })
  }

  /**
   * As `send`, but hands out the answer's body as it comes, read no faster than it is asked for, with `timeoutMs` for each
   * piece. What fails after the beginning is not sent again.
   */
  stream(request: GitHubRequest): Promise<AsyncIterable<Uint8Array>> {
    return this.#persist(request, async (reservation) => {
      const exchange = await this.#begin(request, reservation)
      const { response } = exchange
      this.#judge(request, response, response.ok ? NO_BYTES : await this.#readWhole(request, exchange))
      return this.#readPieces(request, exchange)
    })
  }

  /** Tries until something comes of it, or fails in a way that does not pass. */
  async #persist<T>(request: GitHubRequest, exchange: (reservation: RateReservation) => Promise<T>): Promise<T> {
    let failures = 0
    let throttles = 0
    for (;;) {
      try {
        return await this.#attempt(request, exchange)
      } catch (error) {
        request.signal?.throwIfAborted()
        if (isNetworkError(error)) this.#network.record({ answered: false })
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
  async #attempt<T>(request: GitHubRequest, exchange: (reservation: RateReservation) => Promise<T>): Promise<T> {
    const { bucket, signal, priority, maxWait, meter, gate, rateLimitBuffer } = request
    meter?.begin()
    try {
      const gates = gate === undefined ? [this.#gate] : [this.#gate, gate]
      const turn = { signal, priority, maxWait, gates, rateLimitBuffer }
      const reservation = await this.#options.budget.reserve(bucket, turn)
      try {
        return await exchange(reservation)
      } finally {
        reservation.end()
      }
    } finally {
      meter?.end()
    }
  }

  async #begin(request: GitHubRequest, reservation: RateReservation): Promise<GitHubExchange> {
    const { fetch, timeoutMs } = this.#options
    const headers = await requestHeaders(request, this.#options.token)
    this.count(request, { requests: 1 })
    const exchange = await GitHubExchange.begin(request, { fetch, headers, timeoutMs })
    // A GraphQL query takes GitHub's own time as well.
    const latencyMs = request.bucket === 'core' ? exchange.latencyMs : undefined
    this.#network.record({ answered: exchange.response.status < 500, latencyMs })
    reservation.answered(exchange.response.headers)
    return exchange
  }

  async #readWhole(request: GitHubRequest, exchange: GitHubExchange): Promise<Uint8Array> {
    const begunAt = performance.now()
    const body = await exchange.readWhole()
    this.count(request, { bytes: body.byteLength })
    this.#network.recordTransfer(body.byteLength, performance.now() - begunAt)
    return body
  }

  async *#readPieces(request: GitHubRequest, exchange: GitHubExchange): AsyncGenerator<Uint8Array, void, undefined> {
    for await (const piece of exchange.readPieces()) {
      this.count(request, { bytes: piece.byteLength })
      yield piece
    }
  }

  /** @throws for an answer that is not the one that was asked for. */
  #judge(request: GitHubRequest, response: Response, body: Uint8Array): void {
    const now = this.#options.clock.now()
    const text = response.ok ? '' : new TextDecoder().decode(body.subarray(0, 2_000))
    const message = `${describe(request)}: ${response.status} ${messageIn(text)}`
    if (response.ok && request.isLimit?.(body) === true) {
      throw new Throttled(`${describe(request)}: rate limit exceeded`, readThrottleTime(response.headers, now))
    }
    const throttle = readThrottle(response, text, now)
    if (throttle !== undefined) throw new Throttled(message, throttle)
    // What GitHub refuses for its limits, or has not changed, it does not count.
    if (request.bucket === 'core' && response.status !== 304) this.count(request, { restPoints: 1 })
    if (!response.ok && response.status !== 304) throw new GitHubAPIError(message, response.status)
  }

  /** Milliseconds until the same request is worth another try; `undefined`: it is not. */
  #retryDelay(request: GitHubRequest, error: unknown, failures: number): number | undefined {
    const { retryAttempts = this.#options.retryAttempts, retryDelay: delay, retryServerErrors = true } = request
    const kind = failureKindOf(error)
    if (kind === 'server' && !retryServerErrors) return undefined
    const retryDelayMs = delay === undefined ? this.#options.retryDelayMs : toMilliseconds(delay)
    return retryDelay(kind, failures, { retryAttempts, retryDelayMs })
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

/** The `message` of GitHub's JSON, or the beginning of whatever came instead. */
function messageIn(text: string): string {
  const [, message] = /"message"\s*:\s*"((?:[^"\\]|\\.)*)"/.exec(text) ?? []
  return (message ?? text).replace(/\s+/g, ' ').trim().slice(0, 200)
}
