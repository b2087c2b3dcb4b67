import type { HttpMethod } from './http-client.ts'

interface BatchResultFacts {
  /** What `add` answered. */
  readonly requestId: string
  /** As it was added. */
  readonly method: HttpMethod
  /** As it was added. */
  readonly endpoint: string
  /** Milliseconds from when it was first sent until it ended, with its retries and what they waited for; 0: never sent. */
  readonly durationMs: number
}

/** A request that was answered with what was asked for. */
export interface BatchSuccess<Data = unknown> extends BatchResultFacts {
  /** Tells a `BatchSuccess` from a `BatchFailure`. */
  readonly success: true
  /** The body; the same object for all that were coalesced. */
  readonly data: Data
  /** The HTTP status. */
  readonly status: number
}

/** A request that failed, or was never sent. */
export interface BatchFailure extends BatchResultFacts {
  /** Tells a `BatchFailure` from a `BatchSuccess`. */
  readonly success: false
  /** What the client threw, as it is; the signal's reason; or why it was not sent. */
  readonly error: Error
  /** The HTTP status of its last answer; `undefined` where there was none. */
  readonly status: number | undefined
}

/** What became of one request. */
export type BatchResult<Data = unknown> = BatchSuccess<Data> | BatchFailure
