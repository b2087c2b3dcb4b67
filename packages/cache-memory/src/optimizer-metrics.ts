/** What an optimizer has done, and is doing. With `enableMetrics: false`, only `evictions` and `concurrentRequests` count. */
export interface CacheMetrics {
  /** Calls answered without a run, be it with a stale value that they allowed. */
  readonly cacheHits: number
  /** Calls that found nothing fresh enough: those included that joined a run, or ended with what had expired, a hit as well. */
  readonly cacheMisses: number
  /** Values removed to keep a limit. */
  readonly evictions: number
  /** Runs that failed, however many waited for each, and what the second tier could not do. */
  readonly errorCount: number
  /** Runs in progress. */
  readonly concurrentRequests: number
  /** Patterns that could not be warmed, after all attempts. */
  readonly warmingErrors: number
}

/** The counters that belong to no group of entries. */
export interface OptimizerCounters {
  /** See `CacheMetrics`. */
  errorCount: number
  /** See `CacheMetrics`. */
  warmingErrors: number
}
