import { type Caller } from './caller.ts'
import { type Limits } from './limits.ts'

/** The two hourly budgets of a token. */
export type Bucket = 'core' | 'graphql'

/** A budget as the `x-ratelimit-*` headers show it. */
export interface BudgetStatus {
  readonly limit: number
  readonly remaining: number
  readonly used: number
  /** Seconds since the epoch. */
  readonly reset: number
  readonly resource: Bucket
}

/** A counter that starts with the first use and is void at `endsAt`. */
interface Window {
  used: number
  endsAt: number
}

interface Account {
  readonly hours: Record<Bucket, Window>
  readonly minutes: Record<Bucket, Window>
  /** Milliseconds of processor time. */
  readonly processorMinutes: Record<Bucket, Window>
  inFlight: number
}

const HOUR_MS = 3_600_000
const MINUTE_MS = 60_000
/** What a GraphQL `Int` can show; stands for `Infinity`. */
const LARGEST_LIMIT = 2_147_483_647

/** Counts what each token used: by the hour (primary limit), by the minute, at once, and by processor time (secondary limits). */
export class RateLimiter {
  readonly #limits: Limits
  readonly #clock: { now(): number }
  readonly #accounts = new Map<string, Account>()

  constructor(limits: Limits, clock: { now(): number }) {
    this.#limits = limits
    this.#clock = clock
  }

  /** Counts a request against the secondary limits; false: refuse it. Who was let in calls `leave` exactly once. */
  enter({ token }: Caller, bucket: Bucket): boolean {
    const account = this.#account(token)
    const { concurrent, restPointsPerMinute, graphqlPointsPerMinute } = this.#limits
    if (!this.#hasProcessorTime(account, bucket)) return false
    const minute = this.#current(account.minutes, bucket, MINUTE_MS)
    const perMinute = bucket === 'core' ? restPointsPerMinute : graphqlPointsPerMinute
    if (account.inFlight >= concurrent || minute.used >= perMinute) return false
    minute.used += 1
    account.inFlight += 1
    return true
  }

  /** Counts the processor time that an answer took. */
  work({ token }: Caller, bucket: Bucket, ms: number): void {
    this.#current(this.#account(token).processorMinutes, bucket, MINUTE_MS).used += ms
  }

  leave({ token }: Caller): void {
    this.#account(token).inFlight -= 1
  }

  /** Takes points from the hour; false: nothing is left, and nothing was taken. */
  spend({ token }: Caller, bucket: Bucket, points: number): boolean {
    const hour = this.#current(this.#account(token).hours, bucket, HOUR_MS)
    if (hour.used >= this.#limit(token, bucket)) return false
    hour.used += points
    return true
  }

  /** Gives points back that a request turned out not to cost. */
  refund({ token }: Caller, bucket: Bucket, points: number): void {
    const hour = this.#current(this.#account(token).hours, bucket, HOUR_MS)
    hour.used = Math.max(0, hour.used - points)
  }

  status({ token }: Caller, bucket: Bucket): BudgetStatus {
    const hour = this.#current(this.#account(token).hours, bucket, HOUR_MS)
    const limit = this.#limit(token, bucket)
    const used = Math.min(hour.used, limit)
    return { limit, remaining: limit - used, used, reset: Math.ceil(hour.endsAt / 1000), resource: bucket }
  }

  #limit(token: string, bucket: Bucket): number {
    const { restPerHour, graphqlPointsPerHour, anonymousPerHour } = this.#limits
    const limit = bucket === 'core' ? restPerHour : graphqlPointsPerHour
    return Math.min(limit, token === '' ? anonymousPerHour : LARGEST_LIMIT)
  }

  #hasProcessorTime({ processorMinutes }: Account, bucket: Bucket): boolean {
    const { processorMsPerMinute, graphqlProcessorMsPerMinute } = this.#limits
    const usedBy = (one: Bucket): number => this.#current(processorMinutes, one, MINUTE_MS).used
    if (bucket === 'graphql' && usedBy('graphql') >= graphqlProcessorMsPerMinute) return false
    return usedBy('core') + usedBy('graphql') < processorMsPerMinute
  }

  #account(token: string): Account {
    const known = this.#accounts.get(token)
    if (known !== undefined) return known
    const unused = (): Record<Bucket, Window> => ({ core: { used: 0, endsAt: 0 }, graphql: { used: 0, endsAt: 0 } })
    const account = { hours: unused(), minutes: unused(), processorMinutes: unused(), inFlight: 0 }
    this.#accounts.set(token, account)
    return account
  }

  #current(windows: Record<Bucket, Window>, bucket: Bucket, lengthMs: number): Window {
    const now = this.#clock.now()
    if (now >= windows[bucket].endsAt) windows[bucket] = { used: 0, endsAt: now + lengthMs }
    return windows[bucket]
  }
}
