/** What batches have done so far. */
export interface BatchMetrics {
  /** Files that were asked for. */
  readonly totalRequests: number
  /** Of them, those that were read. */
  readonly successfulRequests: number
  /** Of them, those that the cache had. */
  readonly cacheHits: number
  /** Files in a batch, on average; 0 without any. */
  readonly averageBatchSize: number
  /** The sum of what each batch took, milliseconds: more than what passed where batches ran side by side. */
  readonly totalProcessingTimeMs: number
  /** Calls to GitHub that one call for each file would have cost beyond those that were made. */
  readonly apiCallsSaved: number
  /**
   * How well what ran side by side was filled: time that batches ran, divided by the time that at least one ran and by the
   * most that ran at once. 1: all slots were busy all the time; 0 without any batch.
   */
  readonly parallelEfficiency: number
}

/** The share of requests that were read, 0 to 1; 1 where there was none. */
export function successRateOf({ totalRequests, successfulRequests }: BatchMetrics): number {
  return totalRequests === 0 ? 1 : successfulRequests / totalRequests
}
