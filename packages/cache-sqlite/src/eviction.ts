import type { Recency } from './recency.ts'
import type { EntryRow, Statements } from './sqlite-statements.ts'
import type { Totals, WriteLedger } from './write-ledger.ts'

/** How many due entries one write looks at. */
const SWEPT_PER_WRITE = 16
/** How many entries that were used later than their index says one eviction may put in order before it takes the next. */
const REORDERED_PER_EVICTION = 4_096
/** No entry has this id. */
export const NO_ENTRY = -1

/** The limits of a cache. */
export interface EvictionLimits {
  /** For the bytes of all values. */
  readonly maxSizeBytes: number
  /** For the number of entries. */
  readonly maxEntries: number
}

/** The room that an entry needs, of which it may have some already. */
export interface RoomNeeded {
  /** Its category. */
  readonly category: Totals
  /** The limit of that category. */
  readonly categoryMaxSizeBytes: number
  /** By how much the bytes grow; negative when the entry shrinks. */
  readonly bytes: number
  /** By how much the number of entries grows: 0 when it is overwritten. */
  readonly entries: 0 | 1
  /** The id of the entry that is being overwritten, or `NO_ENTRY`. */
  readonly overwritten: number
}

/** Removes entries to keep the limits: expired ones first, then what was used least recently. */
export class Eviction {
  readonly #statements: Statements
  readonly #recency: Recency
  readonly #limits: EvictionLimits
  /** Per category with a limit of its own, a stamp before which it has no entry: searching starts there. */
  readonly #searchFrom = new Map<number, number>()

  constructor(statements: Statements, recency: Recency, limits: EvictionLimits) {
    this.#statements = statements
    this.#recency = recency
    this.#limits = limits
  }

  /** Removes some of the entries that have expired. Returns how many were looked at: none means none are due. */
  sweep(ledger: WriteLedger, now: number): number {
    const { store } = ledger
    if (store.sweep_at === null || store.sweep_at > now) return 0
    const due = this.#statements.due.all(now, SWEPT_PER_WRITE)
    for (const row of due) {
      if (row.kept_until !== null && row.kept_until <= now) this.remove(ledger, row)
      else this.#statements.setSweep.run(row.kept_until, row.id)
    }
    if (due.length < SWEPT_PER_WRITE) store.sweep_at = this.#statements.earliestSweep.get() ?? null
    return due.length
  }

  /** Makes room for an entry. Returns what was removed before its time. */
  makeRoom(ledger: WriteLedger, now: number, needed: RoomNeeded): EntryRow[] {
    const evicted: EntryRow[] = []
    let mayBeDue = true
    for (;;) {
      const isCategoryFull = needed.category.size_bytes + needed.bytes > needed.categoryMaxSizeBytes
      if (!isCategoryFull && !this.#isStoreFull(ledger.store, needed)) return evicted
      if (mayBeDue) {
        mayBeDue = this.sweep(ledger, now) > 0
        continue
      }
      const victim = this.#victim(needed.overwritten, isCategoryFull ? needed.category.id : undefined)
      if (victim === undefined) return evicted
      this.remove(ledger, victim)
      evicted.push(victim)
    }
  }

  /** Removes one entry and counts it out. */
  remove(ledger: WriteLedger, row: EntryRow): void {
    this.#statements.remove.run(row.id)
    if (row.tagged === 1) this.#statements.removeTags.run(row.id)
    this.#recency.forget(row.id)
    ledger.countOut(row)
  }

  #isStoreFull(store: Totals, { bytes, entries }: RoomNeeded): boolean {
    return store.size_bytes + bytes > this.#limits.maxSizeBytes || store.entry_count + entries > this.#limits.maxEntries
  }

  /** The least lower bound that is true is the least of all: every other entry was used at its own bound or later. */
  #victim(overwritten: number, category: number | undefined): EntryRow | undefined {
    for (let reordered = 0; ; reordered += 1) {
      const row = this.#oldest(overwritten, category)
      if (row === undefined) return undefined
      const usedAt = Math.max(row.used_at, this.#recency.usedAt(row.id) ?? 0)
      if (usedAt <= row.lru_at || reordered === REORDERED_PER_EVICTION) return row
      this.#statements.setRecency.run(usedAt, usedAt, row.id)
      this.#recency.forget(row.id)
    }
  }

  #oldest(overwritten: number, category: number | undefined): EntryRow | undefined {
    if (category === undefined) return this.#statements.oldest.get(overwritten)
    const from = this.#searchFrom.get(category) ?? 0
    let row = this.#statements.oldestOf.get(from, category, overwritten)
    // Another process may have stored one with an earlier stamp.
    if (row === undefined && from > 0) row = this.#statements.oldestOf.get(0, category, overwritten)
    // The overwritten entry was passed over, and may lie before: it is no ground to move on.
    if (row !== undefined && overwritten === NO_ENTRY) this.#searchFrom.set(category, row.lru_at)
    return row
  }
}
