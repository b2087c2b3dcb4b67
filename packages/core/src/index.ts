export type { Awaitable } from './awaitable.ts'
export {
  BatchProcessingError,
  GitHubAPIError,
  HttpStatusError,
  type HttpStatusErrorOptions,
  isGitHubAPIError,
  isHttpStatusError,
  isNetworkError,
  isRateLimitError,
  isUnreadableAnswerError,
  NetworkError,
  RateLimitError,
  UnreadableAnswerError,
} from './batch-processing-error.ts'
export {
  CACHE_ERROR_CODES,
  CacheError,
  type CacheErrorCode,
  type CacheErrorOptions,
  isCacheError,
} from './cache-error.ts'
export {
  type CacheEvent,
  CacheEventEmitter,
  type CacheEventListener,
  type CacheInvalidateEvent,
} from './cache-events.ts'
export { type CacheStats, type CategoryStats, hitRateOf } from './cache-stats.ts'
export type { CacheStore, Epoch, GetOptions, InvalidateFilter, ScopeOptions, SetOptions } from './cache-store.ts'
export { type Clock, coarseClock, systemClock } from './clock.ts'
export type { Codec } from './codec.ts'
export { type Duration, toMilliseconds } from './duration.ts'
export { encodeKey } from './encode-key.ts'
export { EXIT_CODES, type ExitCode, exitCodeOf } from './exit-code.ts'
export { freezePlain } from './freeze-plain.ts'
export { compileGlob, escapeGlob, type Glob } from './glob.ts'
export { assertInvalidateFilter } from './invalidate-filter.ts'
export { jsonCodec, type JsonCodecOptions } from './json-codec.ts'
export type { HeldLease, Lease } from './lease.ts'
export { richCodec } from './rich-codec.ts'
export {
  type CategoryOptions,
  createTtlPolicy,
  DEFAULT_CATEGORY,
  type StoreOptions,
  type TtlPolicy,
} from './store-options.ts'
