import type { Recency } from './recency.ts'
import type { EntryRow } from './entry-statements.ts'
import type { Statements } from './sqlite-statements.ts'
import type { CategoryTotals, StoreTotals, WriteLedger } from './write-ledger.ts'

/** How many due entries one write looks at. */
const SWEPT_PER_WRITE = 16
/** How many it looks at where a category alone is full: they may all be in others. */
const SWEPT_FOR_CATEGORY = 64
/** How many entries one transaction removes before it stores any, expired ones included: more than it stores, so that an end is reached. */
export const REMOVED_PER_TRANSACTION = 2_048
/** How many entries are looked at in one search for the one that was used least recently. */
const MOST_SEEN = 4_096
/** How many bytes of values one search puts in order. */
const MOST_MOVED_BYTES = 256 * 1_024
/** How many entries are read at a time. */
const READ_AT_ONCE = 16
/** How many ids of a category are. */
const IDS_AT_ONCE = 256
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
  readonly category: CategoryTotals
  /** The limit of that category. */
  readonly categoryMaxSizeBytes: number
  /** By how much the bytes grow; negative when the entry shrinks. */
  readonly bytes: number
  /** By how much the number of entries grows: 0 when it is overwritten. */
  readonly entries: 0 | 1
  /** The id of the entry that is being overwritten, or `NO_ENTRY`. */
  readonly overwritten: number
  /** How many entries may be removed or looked at for it. */
  readonly most: number
}

/** Removes entries to keep the limits: expired ones first, then what was used least recently. */
export class Eviction {
  readonly #statements: Statements
  readonly #recency: Recency
  readonly #limits: EvictionLimits
  /** The lowest ids of a category with a limit of its own, ascending. Later entries have higher ones. */
  readonly #oldestOf = new Map<number, number[]>()
  /** Changes when another process has written, which may have moved entries in among these ids. */
  #listedAt: number | undefined

  constructor(statements: Statements, recency: Recency, limits: EvictionLimits) {
    this.#statements = statements
    this.#recency = recency
    this.#limits = limits
  }

  /** Removes some of the entries whose grace has ended. Returns how many were looked at: none means none are due. */
  sweep(ledger: WriteLedger, now: number): number {
    const { store } = ledger
    if (store.sweep_at === null || store.sweep_at > now) return 0
    ledger.orderDeadlines()
    const due = this.#statements.due.all(now, SWEPT_PER_WRITE)
    for (const row of due) {
      if (row.kept_until !== null && row.kept_until <= now) this.remove(ledger, row)
      else this.#statements.setSweep.run(row.kept_until, row.id)
    }
    if (due.length < SWEPT_PER_WRITE) ledger.sweepNotBefore(this.#statements.earliestSweep.get() ?? null)
    return due.length
  }

  /** Whether the store or a category has more than its limit: that may have been lowered, or be a higher one for others. */
  isOver({ store }: WriteLedger, category: CategoryTotals, categoryMaxSizeBytes: number): boolean {
    const { maxSizeBytes, maxEntries } = this.#limits
    return (
      category.size_bytes > categoryMaxSizeBytes || store.size_bytes > maxSizeBytes || store.entry_count > maxEntries
    )
  }

  /** Makes room for an entry. Returns what was removed before its time. */
  makeRoom(ledger: WriteLedger, now: number, needed: RoomNeeded): EntryRow[] {
    const evicted: EntryRow[] = []
    let swept = 0
    let mayBeDue = true
    while (swept + evicted.length < needed.most) {
      const isCategoryFull = needed.category.size_bytes + needed.bytes > needed.categoryMaxSizeBytes
      const isStoreFull = this.#isStoreFull(ledger.store, needed)
      if (!isCategoryFull && !isStoreFull) break
      if (mayBeDue && (isStoreFull || swept < SWEPT_FOR_CATEGORY)) {
        const count = this.sweep(ledger, now)
        swept += count
        mayBeDue = count > 0
        continue
      }
      if (evicted.length === 0) this.#recency.learn()
      const victim = this.#victim(ledger, needed.overwritten, isCategoryFull ? needed.category.id : undefined)
      if (victim === undefined) break
      this.remove(ledger, victim)
      evicted.push(victim)
    }
    return evicted
  }

  /** Removes what was used least recently, whether or not a limit asks for it. */
  evictOldest(ledger: WriteLedger, count: number): EntryRow[] {
    this.#recency.learn()
    const evicted: EntryRow[] = []
    while (evicted.length < count) {
      const victim = this.#victim(ledger, NO_ENTRY)
      if (victim === undefined) break
      this.remove(ledger, victim)
      evicted.push(victim)
    }
    return evicted
  }

  /** Removes one entry and counts it out. */
  remove(ledger: WriteLedger, row: Omit<EntryRow, 'key' | 'expires_at' | 'kept_until' | 'sweep_at'>): void {
    this.#statements.remove.run(row.id)
    if (row.tagged === 1) this.#statements.removeTags.run(row.id)
    ledger.countOut(row)
  }

  /** Forgets what it knows of the file: a transaction that was rolled back may have moved entries. */
  forget(): void {
    this.#oldestOf.clear()
  }

  #isStoreFull(store: StoreTotals, { bytes, entries }: RoomNeeded): boolean {
    return store.size_bytes + bytes > this.#limits.maxSizeBytes || store.entry_count + entries > this.#limits.maxEntries
  }

  /**
   * No entry was used before the stamp that is its id: so once one is found that was used no later than the id of the next, it
   * is the one that was used least recently. What was used after its id is put where it belongs, so that the next search is short.
   */
  #victim(ledger: WriteLedger, overwritten: number, category?: number): EntryRow | undefined {
    let victim: EntryRow | undefined
    let victimUsedAt = Infinity
    let movableBytes = MOST_MOVED_BYTES
    let seen = 0
    for (const row of category === undefined ? this.#inOrder() : this.#inOrderOf(category)) {
      if (victim !== undefined && (victimUsedAt <= row.id || seen >= MOST_SEEN)) break
      seen += 1
      if (row.id === overwritten) continue
      const usedAt = Math.max(row.id, row.version, this.#recency.usedAt(row.version))
      const isMoved = usedAt > row.id && row.size <= movableBytes
      if (isMoved) movableBytes -= row.size
      const found = isMoved ? this.#moveTo(ledger, usedAt, row) : row
      if (usedAt < victimUsedAt) [victim, victimUsedAt] = [found, usedAt]
    }
    return victim
  }

  *#inOrder(): Iterable<EntryRow> {
    let after = -1
    for (let limit = 1; ; limit = READ_AT_ONCE) {
      const rows = this.#statements.oldest.all(after, limit)
      yield* rows
      after = rows.at(-1)?.id ?? Infinity
      if (rows.length < limit) return
    }
  }

  *#inOrderOf(category: number): Iterable<EntryRow> {
    let ids = this.#oldestOf.get(category) ?? []
    for (let index = 0; ;) {
      if (index === ids.length) {
        const version = this.#statements.dataVersion.get()
        if (version !== this.#listedAt) {
          this.#listedAt = version
          this.#oldestOf.clear()
          ids = []
          index = 0
        }
        ids.push(...this.#statements.oldestOf.all(category, ids.at(-1) ?? -1, IDS_AT_ONCE))
        this.#oldestOf.set(category, ids)
      }
      const id = ids[index]
      if (id === undefined) return
      const row = this.#statements.findById.get(id)
      if (row?.category !== category) ids.splice(index, 1)
      else {
        index += 1
        yield row
      }
    }
  }

  #moveTo(ledger: WriteLedger, usedAt: number, row: EntryRow): EntryRow {
    let id = usedAt
    // Another entry may have been used at the very same microsecond.
    while (this.#statements.move.run(id, row.id).changes === 0) id += 1
    ledger.moved(row.category, id)
    if (row.tagged === 1) this.#statements.moveTags.run(id, row.id)
    this.#insertOldestOf(row.category, id)
    return { ...row, id }
  }

  #insertOldestOf(category: number, id: number): void {
    const ids = this.#oldestOf.get(category)
    if (ids === undefined || id > (ids.at(-1) ?? -1)) return
    ids.splice(
      ids.findIndex((other) => other > id),
      0,
      id,
    )
  }
}
