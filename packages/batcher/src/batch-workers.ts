import { type Duration, HttpStatusError, NetworkError, RateLimitError } from '@x/core'

import type { BatchItem } from './batch-item.ts'
import type { BatchRun } from './batch-run.ts'
import { type AdaptiveOptions, createGradientLimit, type GradientLimit } from './gradient-limit.ts'
import { bucketOf } from './host-bucket.ts'
import type { HttpClient, HttpRequest, HttpResponse } from './http-client.ts'
import type { Lane } from './lane.ts'
import { positiveDuration, positiveInteger } from './option-bounds.ts'
import { type RateOptions, RateWindow } from './rate-window.ts'
import { type RetryOptions, RetryPolicy } from './retry-policy.ts'
import { readThrottle } from './throttle.ts'
import { startTimer } from './timer.ts'

const DEFAULT_MAX_CONCURRENT = 10
/** The last millisecond that a `Date` can hold. */
const LATEST_DATE = 8.64e15

/** How a batcher sends. */
export interface RequestBatcherOptions {
  /**
   * Requests on the wire at the same time, over all executions of this batcher: a positive integer. With `adaptive` the
   * most that it may become.
   *
   * @defaultValue 10; with `adaptive` 200
   */
  readonly maxConcurrent?: number | undefined
  /**
   * At most so many requests, retries included, start in any window of that length.
   *
   * @defaultValue no such limit
   */
  readonly rate?: RateOptions | undefined
  /**
   * Finds by itself how many requests the server bears, from how long it takes (Gradient2).
   *
   * @defaultValue `false`
   */
  readonly adaptive?: boolean | AdaptiveOptions | undefined
  /** Which requests are sent again, and when. */
  readonly retry?: RetryOptions | undefined
  /**
   * The longest time for one request, from when it is first sent, retries and their waits included. Its slot is taken
   * until the client has really ended it. `Infinity`: none.
   *
   * @defaultValue `Infinity`: the client has a timeout of its own for each try
   */
  readonly timeout?: Duration | undefined
  /**
   * The longest time to wait for a limit of the server to lift. Where it asks for more, what waits for it fails with
   * `RateLimitError` at once.
   *
   * @defaultValue `"5m"`
   */
  readonly maxWait?: Duration | undefined
}

/** Sends the requests of all runs of a batcher within its limits, again where that is worth it, and tells the runs what became of each. */
export class BatchWorkers {
  readonly #client: HttpClient
  readonly #maxConcurrent: number
  readonly #gradient: GradientLimit | undefined
  readonly #rate: RateWindow | undefined
  readonly #retry: RetryPolicy
  readonly #timeoutMs: number
  readonly #maxWaitMs: number
  readonly #runs = new Set<BatchRun>()
  /** How many workers there are: each holds a slot, and has at most one request on the wire. */
  #workers = 0
  #wakeUp: NodeJS.Timeout | undefined

  /** @throws RangeError for a number out of its bounds. */
  constructor(client: HttpClient, options: RequestBatcherOptions) {
    const { adaptive = false, rate, retry, timeout = Infinity, maxWait = '5m' } = options
    this.#client = client
    this.#gradient = adaptive === false ? undefined : createGradientLimit(adaptive, options.maxConcurrent)
    this.#maxConcurrent = positiveInteger('maxConcurrent', options.maxConcurrent ?? DEFAULT_MAX_CONCURRENT)
    this.#rate = rate === undefined ? undefined : new RateWindow(rate)
    this.#retry = new RetryPolicy(retry)
    this.#timeoutMs = positiveDuration('timeout', timeout)
    this.#maxWaitMs = positiveDuration('maxWait', maxWait)
  }

  /** How many requests may be on the wire now. */
  get limit(): number {
    return this.#gradient?.limit ?? this.#maxConcurrent
  }

  start(run: BatchRun): void {
    this.#runs.add(run)
    run.start()
    this.#fill()
  }

  /** To be called when a run has ended. */
  end(run: BatchRun): void {
    this.#runs.delete(run)
    // Nothing waits any more: the process may end.
    if (this.#runs.size === 0) clearTimeout(this.#wakeUp)
  }

  /** Goes on with a run that was held. */
  release(run: BatchRun): void {
    if (!run.held) return
    run.held = false
    this.#fill()
  }

  /** Starts as many workers as there is work and room for, and sets the time to look again. */
  #fill(): void {
    const now = performance.now()
    let next = Infinity
    for (const run of this.#runs) {
      next = Math.min(next, this.#attendToPauses(run, now))
      while (this.#workers < this.limit && run.isReady(now)) {
        if (this.#rate !== undefined && this.#rate.nextAt > now) {
          next = Math.min(next, this.#rate.nextAt)
          break
        }
        this.#workers += 1
        void run.inContext(() => this.#work(run))
      }
    }
    clearTimeout(this.#wakeUp)
    this.#wakeUp = undefined
    // Whoever was told of a result may have ended them all.
    if (next < Infinity && this.#runs.size > 0)
      this.#wakeUp = startTimer(
        () => {
          this.#fill()
        },
        Math.ceil(next - now),
      )
  }

  /** Sends one request of a run after the other, as long as there are any and the limit has room. */
  async #work(run: BatchRun): Promise<void> {
    let now = performance.now()
    for (let item = this.#next(run, now); item !== undefined; item = this.#next(run, now)) {
      const inFlight = this.#workers
      const sentAt = now
      try {
        const response = await this.#client.request(this.#begin(run, item, now))
        now = performance.now()
        item.inFlight = false
        const { status, data } = response
        if (status >= 400) throw refusal(item, response)
        this.#gradient?.sample(now - sentAt, inFlight)
        run.succeed(item, { status, data, now })
      } catch (error) {
        now = performance.now()
        item.inFlight = false
        this.#failed(run, item, { error, now })
      }
    }
    this.#workers -= 1
    this.#fill()
  }

  #next(run: BatchRun, now: number): BatchItem | undefined {
    if (this.#workers > this.limit) return undefined
    if (this.#rate !== undefined && this.#rate.nextAt > now) return undefined
    const item = run.take(now)
    if (item !== undefined) this.#rate?.count(now)
    return item
  }

  #begin(run: BatchRun, item: BatchItem, now: number): HttpRequest {
    if (item.startedAt < 0) {
      item.startedAt = now
      this.#retry.countFirst()
      if (this.#timeoutMs < Infinity) this.#setDeadline(run, item)
    }
    item.inFlight = true
    const { method, endpoint, data } = item
    return { method, endpoint, data, signal: (item.controller ?? run.controller).signal }
  }

  #setDeadline(run: BatchRun, item: BatchItem): void {
    const controller = new AbortController()
    item.controller = controller
    item.deadline = startTimer(() => {
      const error = new NetworkError(`${item.place}: no result within ${this.#timeoutMs} ms`)
      run.fail(item, error)
      controller.abort(error)
      this.#fill()
    }, this.#timeoutMs)
  }

  #failed(run: BatchRun, item: BatchItem, { error, now }: { error: unknown; now: number }): void {
    const throttle = readThrottle(error)
    if (throttle !== undefined) {
      const wait = throttle.waitMs ?? this.#retry.throttleDelay(item.throttles)
      bucketOf(this.#client, item.endpoint).pause(now + wait)
    }
    if (item.result !== undefined) return
    if (error instanceof Error) item.lastError = error
    if (run.stopped || (throttle !== undefined && !this.#retry.allowsAfterLimits(item.method, item.throttles))) {
      run.fail(item, error)
      return
    }
    item.throttles = throttle === undefined ? 0 : item.throttles + 1
    if (throttle?.isLimit === true) {
      run.again(item)
      return
    }
    const delay = this.#retry.retryDelay(error, item.method, item.failures)
    if (delay === undefined) {
      run.fail(item, error)
      return
    }
    item.failures += 1
    item.retry = startTimer(() => {
      run.again(item)
      this.#fill()
    }, delay)
  }

  /** Fails what would wait too long; answers when the first of the other pauses ends. */
  #attendToPauses(run: BatchRun, now: number): number {
    let next = Infinity
    for (const lane of run.pausedLanes(now)) {
      const { pausedUntil } = lane.bucket
      if (pausedUntil - now > this.#maxWaitMs) this.#giveUp(run, lane, pausedUntil - now)
      else next = Math.min(next, pausedUntil)
    }
    return next
  }

  #giveUp(run: BatchRun, lane: Lane, wait: number): void {
    const resetTime = Date.now() + wait
    const when = new Date(Math.min(resetTime, LATEST_DATE)).toISOString()
    for (let item = lane.take(); item !== undefined; item = lane.take()) {
      const message = `${item.place}: the server takes no requests until ${when}, longer than maxWait allows. Try again then.`
      const cause = item.lastError
      run.fail(item, new RateLimitError(message, resetTime, cause === undefined ? undefined : { cause }))
    }
  }
}

/** For clients that answer with a refusal rather than throw it. */
function refusal({ place }: BatchItem, { status, headers }: HttpResponse): HttpStatusError {
  return new HttpStatusError(`${place}: ${status}`, status, { headers })
}
