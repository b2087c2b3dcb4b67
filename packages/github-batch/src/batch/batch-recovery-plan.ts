import { type BatchRequest } from './batch-request.ts'
import { type FailureKind } from '../client/failure-kind.ts'

/** What to do about a batch that failed. Every request of it is either retried or given up. */
export interface BatchRecoveryPlan {
  /** Why it failed. */
  readonly reason: FailureKind
  /** To send again, after `delayMs`. */
  readonly retryRequests: readonly BatchRequest[]
  /** To give up, each with the error of the batch. */
  readonly skipRequests: readonly BatchRequest[]
  /** Milliseconds to wait before the next try; 0 where there is none. */
  readonly delayMs: number
  /** What to multiply the number of requests at the same time by, above 0 and up to 1. */
  readonly concurrencyFactor: number
  /** Whether nothing else is worth sending either: the token is refused. */
  readonly failsBatch: boolean
}
