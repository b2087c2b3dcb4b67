import { RATE_BUCKET_NAMES, RATE_BUCKETS, type RateBucket } from './rate-bucket.ts'

/** What is known of a bucket: plain data, so that a store can keep it. Times are milliseconds since the Unix epoch. */
export interface RateBucketState {
  /** Nothing is sent before this time. */
  readonly pausedUntil: number
  /** Points in an hour, as last heard; 0 before the first answer. */
  readonly limit: number
  /** Points left in the window that ends at `resetAt`. */
  readonly remaining: number
  /** When the window ends. */
  readonly resetAt: number
  /** Points that may go at once, as of `allowanceAt`. */
  readonly allowance: number
  /** When the allowance was counted. */
  readonly allowanceAt: number
}

/** All buckets of one account. */
export type RateState = Readonly<Record<RateBucket, RateBucketState>>

/** The account at rest. */
export function freshRateState(now: number): RateState {
  const states = RATE_BUCKET_NAMES.map((bucket): [RateBucket, RateBucketState] => [
    bucket,
    {
      pausedUntil: 0,
      limit: 0,
      remaining: 0,
      resetAt: 0,
      allowance: RATE_BUCKETS[bucket].burst,
      allowanceAt: now,
    },
  ])
  return Object.fromEntries(states) as RateState
}

/** The bucket with what the time has earned it. */
export function refilled(state: RateBucketState, bucket: RateBucket, now: number): RateBucketState {
  const { burst, perSecond } = RATE_BUCKETS[bucket]
  const earned = (Math.max(0, now - state.allowanceAt) * perSecond) / 1_000
  return { ...state, allowance: Math.min(burst, state.allowance + earned), allowanceAt: now }
}

/** The bucket as the headers of an answer correct it. */
export function observed(state: RateBucketState, headers: Headers): RateBucketState {
  const limit = readNumber(headers, 'x-ratelimit-limit')
  const remaining = readNumber(headers, 'x-ratelimit-remaining')
  const reset = readNumber(headers, 'x-ratelimit-reset')
  if (limit === undefined || remaining === undefined || reset === undefined) return state
  return newer(state, { ...state, limit, remaining, resetAt: reset * 1_000 })
}

/** What two who use the same account know together; the allowance is the first one's. */
export function combined(state: RateState, other: RateState): RateState {
  const states = RATE_BUCKET_NAMES.map((bucket): [RateBucket, RateBucketState] => {
    const pausedUntil = Math.max(state[bucket].pausedUntil, other[bucket].pausedUntil)
    return [bucket, { ...newer(state[bucket], other[bucket]), pausedUntil }]
  })
  return Object.fromEntries(states) as RateState
}

/** When a bucket may be asked again; 0: at any time. `rateLimitBuffer` is the share of an hour's points to use. */
export function blockedUntil(state: RateBucketState, bucket: RateBucket, rateLimitBuffer: number): number {
  const { pausedUntil, limit, remaining, resetAt } = state
  const share = Math.min(rateLimitBuffer, RATE_BUCKETS[bucket].share)
  const reserved = limit - Math.floor(limit * share)
  return limit > 0 && remaining <= reserved ? Math.max(pausedUntil, resetAt) : pausedUntil
}

/** Answers overtake each other: of one window the smallest number is the newest, and of two windows the later one. */
function newer(state: RateBucketState, other: RateBucketState): RateBucketState {
  const { limit, remaining, resetAt } = other
  if (resetAt < state.resetAt) return state
  if (resetAt > state.resetAt) return { ...state, limit, remaining, resetAt }
  return { ...state, limit, remaining: Math.min(state.remaining, remaining) }
}

function readNumber(headers: Headers, name: string): number | undefined {
  const text = headers.get(name)
  const number = text === null || text === '' ? Number.NaN : Number(text)
  return Number.isFinite(number) ? number : undefined
}
