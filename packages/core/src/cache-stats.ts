/** How much lies in one category. */
export interface CategoryStats {
  /** Live and not yet removed expired entries. */
  readonly entryCount: number
  /** Bytes of their encoded values. */
  readonly totalSizeBytes: number
}

/** What a store has done since it was opened, and what it holds. */
export interface CacheStats extends CategoryStats {
  /** Reads that found a live value. */
  readonly hits: number
  /** Reads that did not. */
  readonly misses: number
  /** `hits / (hits + misses)`; 0 before the first read. */
  readonly hitRate: number
  /** Entries removed to keep a limit. */
  readonly evictions: number
  /** Failures answered as a miss or a dropped write. */
  readonly errors: number
  /** What it holds, by category; a category without entries is absent. */
  readonly byCategory: Readonly<Record<string, CategoryStats>>
}

/** The share of reads that hit: 0 before the first read. */
export function hitRateOf(hits: number, misses: number): number {
  return hits === 0 ? 0 : hits / (hits + misses)
}
