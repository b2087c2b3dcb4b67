import type { HttpMethod } from './http-client.ts'
import type { HttpTarget } from './http-endpoint.ts'
import type { RequestEnd } from './request-end.ts'

/** One request, ready to be sent. */
export interface HttpMessage {
  /** In capitals. */
  readonly method: HttpMethod
  /** Where to. */
  readonly target: HttpTarget
  /** All of them, their names in small letters. */
  readonly headers: Readonly<Record<string, string>>
  /** Sent as it is. */
  readonly body: string | undefined
  /** Ends it. */
  readonly end: RequestEnd
}

/** One whole answer. */
export interface HttpAnswer {
  /** The HTTP status. */
  readonly status: number
  /** As they came. */
  readonly headers: Pick<Headers, 'get'>
  /** The body, unpacked. */
  readonly text: string
}

/** Sends one request, follows no redirect, and reads the answer whole. */
export type HttpSender = (message: HttpMessage) => Promise<HttpAnswer>

/** A body that is not read to its end. */
export class TooLargeError extends Error {
  constructor(maxBytes: number) {
    super(`the answer is larger than maxResponseBytes (${maxBytes}). Raise it, or ask for less`)
  }
}
