import type { EntryRow } from './entry-statements.ts'
import { REMOVED_PER_TRANSACTION } from './eviction.ts'
import type { WriteLedger } from './write-ledger.ts'
import type { WriterParts } from './write-transactions.ts'

const MIB = 1_024 * 1_024
const PAGE_BYTES = 4_096
/** The pages in use may exceed the limit for values by this share of it, and by a fixed part. */
const SHARE_ABOVE_LIMIT = 0.15
const FIXED_BYTES = 6 * MIB
/** The pages are counted anew after this part of what was free was written, or so many bytes at least or at most. */
const CHECKED_PART = 1 / 32
const CHECK_AFTER_LEAST_BYTES = MIB / 4
const CHECK_AFTER_MOST_BYTES = 4 * MIB
/** How many entries are evicted before the pages are counted again. */
const EVICTED_AT_ONCE = 64

/** What is removed, and where it is noted. */
export interface Removing {
  /** The time. */
  readonly now: number
  /** What goes before its time is added. */
  readonly evicted: EntryRow[]
}

/**
 * Keeps the pages in use within what the limit for values allows: entries with long keys and short values, half empty pages and
 * what was cleared fill a file as well. Pages that hold nothing are used before the file grows.
 */
export class PageBudget {
  readonly #parts: WriterParts
  readonly #maxBytes: number
  #bytesUntilCheck = 0

  constructor(parts: WriterParts, { maxSizeBytes }: { readonly maxSizeBytes: number }) {
    this.#parts = parts
    this.#maxBytes = maxSizeBytes * (1 + SHARE_ABOVE_LIMIT) + FIXED_BYTES
  }

  /**
   * Frees pages for so many bytes, if need be, within a write transaction: of what was cleared, then of what has expired, then of what was
   * used least recently. Says whether there are enough: if not, the rest is for another transaction.
   */
  keep(ledger: WriteLedger, bytes: number, { now, evicted }: Removing): boolean {
    this.#bytesUntilCheck -= bytes
    if (this.#bytesUntilCheck > 0) return true
    const { cleared, eviction } = this.#parts
    cleared.look()
    let free = this.#freeBytes() - bytes
    const hasToFree = free < 0
    for (let left = REMOVED_PER_TRANSACTION; free < 0; free = this.#freeBytes() - bytes) {
      if (left <= 0) return false
      const removed = cleared.removeSome(left) || eviction.sweep(ledger, now)
      left -= removed
      if (removed > 0) continue
      const some = eviction.evictOldest(ledger, EVICTED_AT_ONCE)
      if (some.length === 0) break
      left -= some.length
      evicted.push(...some)
    }
    const part = Math.max(free * CHECKED_PART, CHECK_AFTER_LEAST_BYTES)
    // What was freed is not if this transaction is rolled back: the next one looks again.
    this.#bytesUntilCheck = hasToFree ? 0 : Math.min(part, CHECK_AFTER_MOST_BYTES)
    return true
  }

  #freeBytes(): number {
    const { pageCount, freePageCount } = this.#parts.statements
    return this.#maxBytes - ((pageCount.get() ?? 0) - (freePageCount.get() ?? 0)) * PAGE_BYTES
  }
}
