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
  /** Points sent of late, by the part of a window in which they were: parts are counted from the Unix epoch. */
  readonly sent: readonly (readonly [part: number, points: number])[]
}

/** All buckets of one account. */
export type RateState = Readonly<Record<RateBucket, RateBucketState>>

/** A window is so many parts; what was sent is forgotten when a window has passed since the end of its part. */
const PARTS = 12

/** The account at rest. */
export function freshRateState(): RateState {
  const states = RATE_BUCKET_NAMES.map((bucket): [RateBucket, RateBucketState] => [
    bucket,
    {
      pausedUntil: 0,
      limit: 0,
      remaining: 0,
      resetAt: 0,
      sent: [],
    },
  ])
  return Object.fromEntries(states) as RateState
}

/** Points that may go now. */
export function allowanceOf(state: RateBucketState, bucket: RateBucket, now: number): number {
  const sent = recent(state, bucket, now).reduce((total, [, points]) => total + points, 0)
  return RATE_BUCKETS[bucket].points - sent
}

/** When the next point may go, as far as the pace is concerned. */
export function pacedUntil(state: RateBucketState, bucket: RateBucket, now: number): number {
  const [oldest] = recent(state, bucket, now)
  if (oldest === undefined || allowanceOf(state, bucket, now) >= 1) return now
  return (oldest[0] + 1 + PARTS) * partMs(bucket)
}

/** The bucket after so many points were sent. */
export function spent(
  state: RateBucketState,
  bucket: RateBucket,
  sent: { points: number; now: number },
): RateBucketState {
  const part = Math.floor(sent.now / partMs(bucket))
  const before = recent(state, bucket, sent.now)
  const same = before.find(([other]) => other === part)?.[1] ?? 0
  return { ...state, sent: [...before.filter(([other]) => other !== part), [part, same + sent.points]] }
}

/** What still counts; a clock that was set back does not make anybody wait for it. */
function recent(state: RateBucketState, bucket: RateBucket, now: number): RateBucketState['sent'] {
  const part = Math.floor(now / partMs(bucket))
  return state.sent.filter(([other]) => other >= part - PARTS && other <= part)
}

function partMs(bucket: RateBucket): number {
  return RATE_BUCKETS[bucket].windowMs / PARTS
}

/** The bucket as the headers of an answer correct it. */
export function observed(state: RateBucketState, headers: Headers): RateBucketState {
  const limit = readNumber(headers, 'x-ratelimit-limit')
  const remaining = readNumber(headers, 'x-ratelimit-remaining')
  const reset = readNumber(headers, 'x-ratelimit-reset')
  if (limit === undefined || remaining === undefined || reset === undefined) return state
  return newer(state, { ...state, limit, remaining, resetAt: reset * 1_000 })
}

/** What two who use the same account know together. */
export function combined(state: RateState, other: RateState): RateState {
  const states = RATE_BUCKET_NAMES.map((bucket): [RateBucket, RateBucketState] => {
    const pausedUntil = Math.max(state[bucket].pausedUntil, other[bucket].pausedUntil)
    const sent = mostSent(state[bucket].sent, other[bucket].sent)
    return [bucket, { ...newer(state[bucket], other[bucket]), pausedUntil, sent }]
  })
  return Object.fromEntries(states) as RateState
}

/** Who knows of more in a part has heard of it later, or has sent it while nobody could be told; only the newest parts count. */
function mostSent(sent: RateBucketState['sent'], other: RateBucketState['sent']): RateBucketState['sent'] {
  const parts = new Map(sent)
  for (const [part, points] of other) parts.set(part, Math.max(points, parts.get(part) ?? 0))
  return [...parts].sort(([a], [b]) => a - b).slice(-PARTS - 1)
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
