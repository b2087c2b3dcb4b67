/** How much lies in one category. */
export interface CategoryStats {
  /** Live entries, those in their grace, and expired ones not yet removed. */
  readonly entryCount: number
  /** Bytes of their encoded values. */
  readonly totalSizeBytes: number
}

/** What a store has done since it was opened, and what it holds. */
export interface CacheStats extends CategoryStats {
  /** Reads that answered with a value, be it a stale one that the reader allowed. */
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
