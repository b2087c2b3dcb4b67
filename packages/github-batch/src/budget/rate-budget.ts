import { type Clock, RateLimitError, toMilliseconds } from '@x/core'

import { type Delay } from '../client/delay.ts'
import { ProcessorTime } from './processor-time.ts'
import { isRateBucket, RATE_BUCKET_NAMES, RATE_BUCKETS, type RateBucket } from './rate-bucket.ts'
import { type RateBudgetOptions, type RateWait, resolveRateBudgetOptions } from './rate-budget-options.ts'
import { type RateGate, RateQueue, type RateWaiter } from './rate-queue.ts'
import {
  allowanceOf,
  blockedUntil,
  combined,
  freshRateState,
  observed,
  pacedUntil,
  type RateState,
  spent,
} from './rate-state.ts'
import { type RateBucketStatus, type RateReservation, type RateReserveOptions } from './rate-reservation.ts'
import { SharedRates } from './shared-rates.ts'
import { WaitListeners } from './wait-listeners.ts'

interface Bucket {
  readonly queue: RateQueue
  /** Points taken from the shared state and not sent yet. */
  points: number
  /** Ends the wait for the next turn. */
  wake: AbortController | undefined
  /** Whether the shared state is being asked. */
  asking: boolean
}

/** So many points are taken from the shared state together. */
const POINTS_AT_ONCE = 20
/** Before the shared state is asked again when it had nothing left. */
const ASK_AGAIN_MS = 250
/** The last millisecond that a `Date` can hold. */
const LATEST_DATE = 8.64e15

/**
 * Counts what may still be sent to GitHub: by the hour, by the minute, at once, and by its processors' time. A request
 * reserves from all of them together, and waits in its bucket where one has nothing left. A limit met by one pauses all.
 */
export class RateBudget {
  readonly #buckets: Readonly<Record<RateBucket, Bucket>>
  readonly #waits = new WaitListeners()
  readonly #work = new ProcessorTime()
  readonly #shared: SharedRates | undefined
  readonly #share: number
  readonly #maxConcurrent: number
  readonly #maxWaitMs: number
  readonly #clock: Clock
  readonly #delay: Delay
  #state: RateState
  #inFlight = 0
  /** Processes that share the account. */
  #users = 1

  /** @throws TypeError for an unknown option; RangeError for a number out of its bounds, or a wait that is no duration. */
  constructor(options: RateBudgetOptions = {}) {
    const { rateLimitBuffer, maxConcurrent, maxWait, shared, onWait, clock, delay } = resolveRateBudgetOptions(options)
    this.#share = rateLimitBuffer
    this.#maxConcurrent = maxConcurrent
    this.#maxWaitMs = toMilliseconds(maxWait)
    this.#shared = shared && new SharedRates(shared)
    this.#clock = clock
    this.#delay = delay
    if (onWait !== undefined) this.#waits.listen(onWait)
    this.#state = freshRateState()
    const bucket = (): Bucket => ({
      queue: new RateQueue(),
      points: 0,
      wake: undefined,
      asking: false,
    })
    this.#buckets = Object.fromEntries(RATE_BUCKET_NAMES.map((name) => [name, bucket()])) as Record<RateBucket, Bucket>
  }

  /**
   * Waits for a turn.
   *
   * @throws RateLimitError when a limit lasts longer than `maxWait`.
   * @throws the signal's reason when it aborts.
   */
  async reserve(
    bucket: RateBucket,
    { signal, priority = 0, maxWait, gates = [], rateLimitBuffer = this.#share }: RateReserveOptions = {},
  ): Promise<RateReservation> {
    signal?.throwIfAborted()
    const maxWaitMs = maxWait === undefined ? this.#maxWaitMs : toMilliseconds(maxWait)
    const { queue } = this.#buckets[bucket]
    const { promise, resolve, reject } = Promise.withResolvers<RateReservation>()
    const waiter: RateWaiter = {
      priority,
      since: this.#clock.now(),
      maxWaitMs,
      gates,
      share: Math.min(rateLimitBuffer, this.#share),
      grant: () => {
        resolve(this.#begin(bucket, gates))
      },
      refuse: reject,
    }
    const leave = (): void => {
      queue.remove(waiter)
      if (queue.size === 0) this.#buckets[bucket].wake?.abort()
      reject(signal?.reason as Error)
    }
    signal?.addEventListener('abort', leave, { once: true })
    queue.add(waiter)
    this.#serve(bucket)
    try {
      return await promise
    } finally {
      signal?.removeEventListener('abort', leave)
    }
  }

  /** Sends nothing from a bucket before a time (milliseconds since the Unix epoch), whoever asks. */
  pause(bucket: RateBucket, until: number): void {
    const state = this.#state[bucket]
    this.#change(bucket, { ...state, pausedUntil: Math.max(state.pausedUntil, until) })
    // Others must not wait for this process's next request to hear of it.
    if (this.#shared !== undefined) void this.#ask(bucket, 0)
    this.#serve(bucket)
  }

  /** The time by which it counts: milliseconds since the Unix epoch. */
  now(): number {
    return this.#clock.now()
  }

  /** What is known of each bucket now. */
  get status(): Readonly<Record<RateBucket, RateBucketStatus>> {
    const now = this.#clock.now()
    const entries = RATE_BUCKET_NAMES.map((bucket): [RateBucket, RateBucketStatus] => {
      const { limit, remaining, resetAt } = this.#state[bucket]
      const isKnown = limit > 0
      return [
        bucket,
        {
          limit: isKnown ? limit : undefined,
          remaining: isKnown ? remaining : undefined,
          resetAt: isKnown ? resetAt : undefined,
          readyAt: this.#estimate(bucket, now),
          waiting: this.#buckets[bucket].queue.size,
        },
      ]
    })
    return Object.fromEntries(entries) as Record<RateBucket, RateBucketStatus>
  }

  /** Tells a listener of each wait as it begins; the answer ends that. */
  listen(listener: (wait: RateWait) => void): () => void {
    return this.#waits.listen(listener)
  }

  /** Gives turns as long as there are any, and else sees to it that it is called again. */
  #serve(bucket: RateBucket): void {
    const { queue } = this.#buckets[bucket]
    for (;;) {
      const now = this.#clock.now()
      this.#refuseImpatient(bucket, now)
      // Whoever ends a turn calls again.
      if (this.#inFlight >= Math.max(1, Math.floor(this.#maxConcurrent / this.#users))) return
      const waiter = queue.next(now, ({ share }) => this.#blockedUntil(bucket, share) <= now)
      if (waiter === undefined) {
        const opensAt = queue.least(({ share }) => this.#blockedUntil(bucket, share))
        if (opensAt > now && opensAt < Infinity) this.#wakeAt(bucket, opensAt)
        return
      }
      const readyAt = this.#readyAt(bucket, now)
      if (readyAt > now) {
        this.#wakeAt(bucket, readyAt)
        return
      }
      if (!this.#take(bucket, now)) return
      queue.remove(waiter)
      waiter.grant()
    }
  }

  /** When the bucket's next request may go, as far as limits and processor time are concerned, and the pace. */
  #readyAt(bucket: RateBucket, now: number): number {
    const limits = this.#blockedUntil(bucket, this.#share)
    const work = this.#work.readyAt(bucket === 'graphql' ? 'graphql' : 'core', now, this.#users)
    if (this.#shared !== undefined) return Math.max(limits, work)
    return Math.max(limits, work, pacedUntil(this.#state[bucket], bucket, now))
  }

  #blockedUntil(bucket: RateBucket, share: number): number {
    return blockedUntil(this.#state[bucket], bucket, share)
  }

  /** Takes one point; `false`: the shared state is asked for some first. */
  #take(bucket: RateBucket, now: number): boolean {
    const own = this.#buckets[bucket]
    const state = this.#state[bucket]
    if (this.#shared !== undefined) {
      if (own.points < 1) {
        void this.#ask(bucket, POINTS_AT_ONCE)
        return false
      }
      own.points -= 1
      this.#change(bucket, { ...state, remaining: state.remaining - 1 })
      return true
    }
    this.#change(bucket, { ...spent(state, bucket, { points: 1, now }), remaining: state.remaining - 1 })
    return true
  }

  #begin(bucket: RateBucket, gates: readonly RateGate[]): RateReservation {
    const settle = this.#work.take(bucket === 'graphql' ? 'graphql' : 'core')
    const begunAt = this.#clock.now()
    let open = true
    let settled = false
    const settleOnce = (): void => {
      if (!settled) settle(this.#clock.now() - begunAt)
      settled = true
    }
    this.#inFlight += 1
    for (const gate of gates) gate.inUse += 1
    return {
      answered: (headers) => {
        settleOnce()
        this.#observe(bucket, headers)
      },
      end: () => {
        if (!open) return
        open = false
        settleOnce()
        this.#inFlight -= 1
        for (const gate of gates) gate.inUse -= 1
        this.#serveAll()
      },
    }
  }

  /** The bucket with the most urgent request first: a slot that several wait for goes there. */
  #serveAll(): void {
    const now = this.#clock.now()
    const waiting = RATE_BUCKET_NAMES.filter((name) => this.#buckets[name].queue.size > 0)
    const urgency = (name: RateBucket): number => this.#buckets[name].queue.urgency(now)
    for (const name of waiting.sort((a, b) => urgency(b) - urgency(a))) this.#serve(name)
  }

  #observe(bucket: RateBucket, headers: Headers): void {
    const named = headers.get('x-ratelimit-resource')
    const counted = isRateBucket(named) ? named : bucket
    this.#change(counted, observed(this.#state[counted], headers))
  }

  #change(bucket: RateBucket, state: RateState[RateBucket]): void {
    this.#state = { ...this.#state, [bucket]: state }
  }

  #refuseImpatient(bucket: RateBucket, now: number): void {
    const { queue } = this.#buckets[bucket]
    const reason = (until: number): RateWait['reason'] => (until > this.#state[bucket].pausedUntil ? 'spent' : 'told')
    const opensAt = ({ share }: RateWaiter): number => this.#blockedUntil(bucket, share)
    for (const waiter of queue.takeImpatient((one) => opensAt(one) - now)) {
      const until = opensAt(waiter)
      waiter.refuse(limitError(bucket, until, reason(until)))
    }
    const until = queue.least(opensAt)
    if (until > now && until < Infinity) this.#waits.announce({ bucket, until, reason: reason(until) })
  }

  /** Serves the bucket at a time, which replaces an earlier appointment. */
  #wakeAt(bucket: RateBucket, time: number): void {
    const own = this.#buckets[bucket]
    own.wake?.abort()
    const wake = new AbortController()
    own.wake = wake
    const serve = (): void => {
      if (own.wake !== wake) return
      own.wake = undefined
      this.#serve(bucket)
    }
    this.#delay(Math.max(0, Math.ceil(time - this.#clock.now())), wake.signal).then(serve, () => undefined)
  }

  /** Tells the shared state what is known, and takes points of it. */
  async #ask(bucket: RateBucket, wanted: number): Promise<void> {
    const own = this.#buckets[bucket]
    if (own.asking && wanted > 0) return
    if (wanted > 0) own.asking = true
    let points = 0
    try {
      const known = this.#state
      const share = await this.#shared?.exchange(known, { bucket, wanted, now: this.#clock.now() })
      if (share !== undefined) {
        // What was heard meanwhile still holds.
        this.#state = combined(this.#state, share.state)
        this.#users = share.users ?? this.#users
        points = share.points
      }
    } catch {
      // Without its store a process goes on alone: what it last heard of still counts, and the others have their part.
      const now = this.#clock.now()
      const others = RATE_BUCKETS[bucket].points * (1 - 1 / this.#users)
      points = Math.max(0, Math.min(wanted, Math.floor(allowanceOf(this.#state[bucket], bucket, now) - others)))
      this.#change(bucket, spent(this.#state[bucket], bucket, { points, now }))
    }
    own.points += points
    if (wanted === 0) return
    own.asking = false
    if (points > 0) this.#serve(bucket)
    else if (own.queue.size > 0) this.#wakeAt(bucket, this.#clock.now() + ASK_AGAIN_MS)
  }

  #estimate(bucket: RateBucket, now: number): number {
    const { points, windowMs } = RATE_BUCKETS[bucket]
    // Those that wait go first, a window's worth at a time.
    const later = this.#buckets[bucket].queue.size - allowanceOf(this.#state[bucket], bucket, now)
    return this.#readyAt(bucket, now) + Math.max(0, Math.ceil(later / points)) * windowMs
  }
}

function limitError(bucket: RateBucket, until: number, reason: RateWait['reason']): RateLimitError {
  const why =
    reason === 'spent' ? `may use no more of GitHub's hourly ${bucket} limit` : `was told to wait by GitHub (${bucket})`
  const when = new Date(Math.min(until, LATEST_DATE)).toISOString()
  return new RateLimitError(`This token ${why} until ${when}, longer than maxWait allows. Try again then.`, until)
}
