import type { BatchResult } from './batch-result.ts'
import type { HttpMethod } from './http-client.ts'

/** One request of a batch, and how far it has come. Fields are changed by its run and by the worker that has it. */
export class BatchItem {
  readonly requestId: string
  readonly method: HttpMethod
  readonly endpoint: string
  readonly data: unknown
  /** Set exactly once. */
  result: BatchResult | undefined
  /** Identical reads, which get the same outcome. */
  followers: BatchItem[] | undefined
  /** The identical read that is sent for this one. */
  leader: BatchItem | undefined
  /** When it was first sent, as `performance.now()` counts; -1: not yet. */
  startedAt = -1
  /** Whether a request is on the wire, be it that nobody waits for it any more. */
  inFlight = false
  failures = 0
  /** Limits met in a row, a 503 that names no time included. */
  throttles = 0
  lastError: Error | undefined
  /** For this item alone; absent where only the run can end it. */
  controller: AbortController | undefined
  deadline: NodeJS.Timeout | undefined
  retry: NodeJS.Timeout | undefined

  // eslint-disable-next-line max-params -- the three of `add`, and an id
  constructor(requestId: string, method: HttpMethod, endpoint: string, data: unknown) {
    this.requestId = requestId
    this.method = method
    this.endpoint = endpoint
    this.data = data
  }

  /** For messages: without the query, which may hold what is not for everybody. */
  get place(): string {
    return `${this.method} ${this.endpoint.replace(/[?#].*$/s, '')}`
  }
}
