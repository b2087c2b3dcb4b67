import { CacheError } from '@x/core'

import type { CategoryIds } from './category-ids.ts'
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
  readonly #categories = new Map<number, Totals>()

  /** Reads the store's counts, and in the same search those of the category that the transaction is about. */
  constructor(statements: Statements, ids: CategoryIds, category: number = STORE_ID) {
    this.#statements = statements
    this.#ids = ids
    this.store = this.#load(category)
  }

  /** The next number in the order of changes. */
  nextSequence(): number {
    this.store.sequence += 1
    return this.store.sequence
  }

  /** A category by its id. */
  category(id: number): Totals {
    const known = this.#categories.get(id)
    if (known !== undefined) return known
    this.#load(id)
    return this.category(id)
  }

  /** A category by its name, made if need be. */
  openCategory(name: string): Totals {
    return this.category(this.#ids.open(name))
  }

  /** Counts entries in (or, negative, out of) a category and the store. */
  count(category: Totals, entries: number, bytes: number): void {
    for (const totals of [category, this.store]) {
      totals.entry_count += entries
      totals.size_bytes += bytes
    }
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

  /** Notes when an entry will have to be looked at. */
  sweepBy(time: number): void {
    if (this.store.sweep_at === null || time < this.store.sweep_at) this.store.sweep_at = time
  }

  /** Writes the counts back. */
  save(): void {
    const { saveTotals } = this.#statements
    for (const { id, entry_count, size_bytes, barrier, sequence, sweep_at } of this.#categories.values()) {
      saveTotals.run(entry_count, size_bytes, barrier, sequence, sweep_at, id)
    }
    const { entry_count, size_bytes, barrier, sequence, sweep_at } = this.store
    saveTotals.run(entry_count, size_bytes, barrier, sequence, sweep_at, STORE_ID)
  }

  /** Reads a category's counts along with the store's, which it returns. */
  #load(id: number): Totals {
    const rows = this.#statements.totals.all(id)
    const store = rows.find((row) => row.id === STORE_ID)
    const category = rows.find((row) => row.id === id)
    if (store === undefined || category === undefined) {
      throw new CacheError('STORE_CORRUPT', {
        message: `The totals of the cache (row ${id}) are lost. Remove the file, or open it with onCorrupt: "recreate".`,
      })
    }
    if (id !== STORE_ID) this.#categories.set(id, category)
    return store
  }
}
