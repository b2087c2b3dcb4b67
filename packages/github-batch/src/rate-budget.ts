import { type Clock, type Duration, RateLimitError, systemClock, toMilliseconds } from '@x/core'

import { type Delay, delay as realDelay } from './delay.ts'

/** What GitHub counts apart: REST requests and GraphQL points. */
export type RateBucket = 'core' | 'graphql'

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
   * The longest time to wait for a limit; beyond it requests fail with `RateLimitError`.
   *
   * @defaultValue `"65m"`: GitHub's windows last an hour
   */
  readonly maxWait?: Duration | undefined
  /** Called once for each time that a bucket must wait for; what it throws goes to the request that met it first. */
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

/**
 * GitHub's secondary limits are 900 REST and 2,000 GraphQL points a minute ("Rate limits for the REST API", 2026-11):
 * a burst and a pace that together stay within them in every minute.
 */
const PACE: Readonly<Record<RateBucket, { burst: number; perSecond: number }>> = {
  core: { burst: 180, perSecond: 12 },
  graphql: { burst: 500, perSecond: 25 },
}

/** The last millisecond that a `Date` can hold. */
const LATEST_DATE = 8.64e15

interface BucketState {
  /** Nothing is sent before this time. */
  pausedUntil: number
  /** The latest time that was told to `onWait`. */
  announcedUntil: number
  /** Points left in the hourly window that `resetAt` ends, as last heard; unknown before the first answer. */
  remaining: number | undefined
  limit: number
  resetAt: number
  /** Points that may be sent at once, refilled at the bucket's pace. */
  allowance: number
  allowanceAt: number
}

/** Counts what may still be sent to GitHub. One instance is shared by all who use a token: a limit met by one pauses all. */
export class RateBudget {
  readonly #buckets: Record<RateBucket, BucketState>
  readonly #share: number
  readonly #maxWait: number
  readonly #clock: Clock
  readonly #delay: Delay
  readonly #onWait: ((wait: RateWait) => void) | undefined

  /** @throws RangeError for a share outside 0 to 1, or a wait that is no duration. */
  constructor({
    rateLimitBuffer = 0.8,
    maxWait = '65m',
    onWait,
    clock = systemClock,
    delay = realDelay,
  }: RateBudgetOptions = {}) {
    if (!(rateLimitBuffer > 0 && rateLimitBuffer <= 1)) {
      throw new RangeError(`rateLimitBuffer must be above 0 and at most 1, not ${String(rateLimitBuffer)}.`)
    }
    this.#share = rateLimitBuffer
    this.#maxWait = toMilliseconds(maxWait)
    this.#clock = clock
    this.#delay = delay
    this.#onWait = onWait
    const fresh = (bucket: RateBucket): BucketState => ({
      pausedUntil: 0,
      announcedUntil: 0,
      remaining: undefined,
      limit: 0,
      resetAt: 0,
      allowance: PACE[bucket].burst,
      allowanceAt: clock.now(),
    })
    this.#buckets = { core: fresh('core'), graphql: fresh('graphql') }
  }

  /** Takes one point from a bucket if it may be sent now. */
  tryReserve(bucket: RateBucket): boolean {
    const state = this.#buckets[bucket]
    const now = this.#clock.now()
    if (this.#blockedUntil(state, now) > now) return false
    refill(state, PACE[bucket], now)
    if (state.allowance < 1) return false
    state.allowance -= 1
    if (state.remaining !== undefined) state.remaining -= 1
    return true
  }

  /**
   * Waits until a bucket may have a point to spare; whether it has, `tryReserve` tells.
   *
   * @throws RateLimitError when a limit lasts longer than `maxWait`.
   * @throws the signal's reason when it aborts.
   */
  async whenReady(bucket: RateBucket, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted()
    const state = this.#buckets[bucket]
    const now = this.#clock.now()
    const blockedUntil = this.#blockedUntil(state, now)
    if (blockedUntil > now) return this.#waitForLimit(bucket, blockedUntil, signal)
    refill(state, PACE[bucket], now)
    if (state.allowance < 1)
      await this.#delay(Math.ceil(((1 - state.allowance) * 1_000) / PACE[bucket].perSecond), signal)
  }

  /** Corrects a bucket by the headers of an answer (`x-ratelimit-limit`, `-remaining`, `-reset`). */
  observe(bucket: RateBucket, headers: Headers): void {
    const limit = readNumber(headers, 'x-ratelimit-limit')
    const remaining = readNumber(headers, 'x-ratelimit-remaining')
    const reset = readNumber(headers, 'x-ratelimit-reset')
    if (limit === undefined || remaining === undefined || reset === undefined) return
    const state = this.#buckets[bucket]
    const resetAt = reset * 1_000
    // Answers overtake each other: within one window the smallest number is the newest.
    const sameWindow = state.remaining !== undefined && resetAt === state.resetAt
    state.remaining = sameWindow ? Math.min(state.remaining ?? remaining, remaining) : remaining
    state.limit = limit
    state.resetAt = resetAt
  }

  /** Sends nothing from a bucket before a time (milliseconds since the Unix epoch), whoever asks. */
  pause(bucket: RateBucket, until: number): void {
    const state = this.#buckets[bucket]
    state.pausedUntil = Math.max(state.pausedUntil, until)
  }

  #blockedUntil({ pausedUntil, remaining, limit, resetAt }: BucketState, now: number): number {
    const reserved = limit - Math.floor(limit * this.#share)
    const empty = remaining !== undefined && remaining <= reserved && resetAt > now
    return empty ? Math.max(pausedUntil, resetAt) : pausedUntil
  }

  async #waitForLimit(bucket: RateBucket, until: number, signal: AbortSignal | undefined): Promise<void> {
    const state = this.#buckets[bucket]
    const wait = until - this.#clock.now()
    const reason = until > state.pausedUntil ? 'spent' : 'told'
    if (wait > this.#maxWait) {
      const why =
        reason === 'spent'
          ? `may use no more of GitHub's hourly ${bucket} limit`
          : `was told to wait by GitHub (${bucket})`
      const when = new Date(Math.min(until, LATEST_DATE)).toISOString()
      throw new RateLimitError(`This token ${why} until ${when}, longer than maxWait allows. Try again then.`, until)
    }
    if (until > state.announcedUntil) {
      state.announcedUntil = until
      this.#onWait?.({ bucket, until, reason })
    }
    await this.#delay(wait, signal)
  }
}

function refill(state: BucketState, { burst, perSecond }: { burst: number; perSecond: number }, now: number): void {
  const earned = (Math.max(0, now - state.allowanceAt) * perSecond) / 1_000
  state.allowance = Math.min(burst, state.allowance + earned)
  state.allowanceAt = now
}

function readNumber(headers: Headers, name: string): number | undefined {
  const text = headers.get(name)
  const number = text === null || text === '' ? Number.NaN : Number(text)
  return Number.isFinite(number) ? number : undefined
}
