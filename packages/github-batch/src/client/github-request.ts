import { type Duration } from '@x/core'

import { type RateBucket } from '../budget/rate-bucket.ts'
import { type RateGate } from '../budget/rate-queue.ts'
import { type UsageMeter } from './usage-meter.ts'

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
  /** Counts it as well, and may forbid it. */
  readonly meter?: UsageMeter | undefined
  /** Higher goes first where requests wait. */
  readonly priority?: number | undefined
  /** The longest time to wait for a limit; by default the budget's. */
  readonly maxWait?: Duration | undefined
  /** What else must have room. */
  readonly gate?: RateGate | undefined
  /** The share of the hourly limit that it may use; by default the budget's. */
  readonly rateLimitBuffer?: number | undefined
  /** How often to send it again; by default as the client does. */
  readonly retryAttempts?: number | undefined
  /** Before the first retry; by default as the client waits. */
  readonly retryDelay?: Duration | undefined
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

/** The request in an error's words: no token is in it. */
export function describe({ method, url }: GitHubRequest): string {
  return `${method} ${url}`
}
