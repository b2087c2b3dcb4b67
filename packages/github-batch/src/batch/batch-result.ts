import { type BatchRequest } from './batch-request.ts'
import { type FileContent } from '../files/file-content.ts'

/** What became of a request: its content, or the error that kept it back. */
export interface BatchResult {
  /** What was asked for. */
  readonly request: BatchRequest
  /** The file; absent where there is an error, and once `cleanupBatchResources` has dropped it. */
  content?: FileContent | undefined
  /** Why there is no content. */
  readonly error?: Error | undefined
  /** Whether the cache had the content. */
  readonly fromCache: boolean
  /** From the call to this result. */
  readonly processingTimeMs: number
}
