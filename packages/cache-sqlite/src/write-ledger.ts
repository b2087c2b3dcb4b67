import { CacheError } from '@x/core'

import type { CategoryIds } from './category-ids.ts'
import type { Recency } from './recency.ts'
import type { EntryRow, Statements, TotalsRow } from './sqlite-statements.ts'

/** What is counted of a realm, during a write transaction. */
export type Totals = { -readonly [Name in keyof TotalsRow]: TotalsRow[Name] }

const STORE_ID = 0

/**
 * The counts of the store and of the categories that a write transaction touches: read once, kept here, saved before it commits.
 * Nobody else can change them meanwhile, because the transaction holds the write lock from its start.
 */
export class WriteLedger {
  /** The whole store. */
  readonly store: Totals
  readonly #statements: Statements
  readonly #ids: CategoryIds
  readonly #recency: Recency
  readonly #categories: Totals[] = []
  readonly #before: TotalsRow[] = []

  constructor(statements: Statements, { ids, recency }: { ids: CategoryIds; recency: Recency }) {
    this.#statements = statements
    this.#recency = recency
    this.#ids = ids
    this.store = this.#load(STORE_ID)
  }

  /** The next number in the order of all changes: the time in microseconds, or the one after the latest where that has passed. */
  nextStamp(): number {
    this.store.stamp = this.#recency.stamp(this.store.stamp)
    return this.store.stamp
  }

  /** A category by its id. */
  category(id: number): Totals {
    return this.#categories.find((totals) => totals.id === id) ?? this.#open(id)
  }

  /** A category by its name, made if need be: only of a transaction that has opened none. */
  openCategory(name: string): Totals {
    const id = this.#ids.find(name)
    const found = id === undefined ? undefined : this.#statements.totals.get(id)
    return found?.name === name ? this.#add(found) : this.#open(this.#ids.open(name, this.store))
  }

  /** Counts entries in (or, negative, out of) a category and the store. */
  count(category: Totals, entries: number, bytes: number): void {
    category.entry_count += entries
    category.size_bytes += bytes
    this.store.entry_count += entries
    this.store.size_bytes += bytes
  }

  /**
   * Counts an entry out that nobody asked to remove. A load that began before the entry was stored must still find that
   * it was: hence the barrier.
   */
  countOut(row: EntryRow): void {
    const category = this.category(row.category)
    this.count(category, -1, -row.size)
    category.barrier = Math.max(category.barrier, row.version)
  }

  /** Counts all entries of all categories out. */
  countAllOut(): void {
    this.#statements.clearTotals.run()
    this.#categories.length = 0
    this.store.entry_count = 0
    this.store.size_bytes = 0
    this.store.sweep_at = null
  }

  /** Notes when an entry will have to be looked at. */
  sweepBy(time: number): void {
    if (this.store.sweep_at === null || time < this.store.sweep_at) this.store.sweep_at = time
  }

  /** Writes the counts back: those of a category only if they have changed. */
  save(): void {
    for (const [index, { id, entry_count, size_bytes, barrier }] of this.#categories.entries()) {
      const before = this.#before[index]
      if (before?.entry_count !== entry_count || before.size_bytes !== size_bytes || before.barrier !== barrier) {
        this.#statements.saveTotals.run(entry_count, size_bytes, barrier, id)
      }
    }
    const { entry_count, size_bytes, barrier, stamp, sweep_at } = this.store
    this.#statements.saveStore.run(entry_count, size_bytes, barrier, stamp, sweep_at)
  }

  #open(id: number): Totals {
    return this.#add(this.#load(id))
  }

  #add(totals: Totals): Totals {
    this.#categories.push(totals)
    this.#before.push({ ...totals })
    return totals
  }

  #load(id: number): Totals {
    const totals = this.#statements.totals.get(id)
    if (totals !== undefined) return totals
    throw new CacheError('STORE_CORRUPT', {
      message: `The totals of the cache (row ${id}) are lost. Remove the file, or open it with onCorrupt: "recreate".`,
    })
  }
}
