import { CacheError } from '@x/core'

import type { CategoryIds } from './category-ids.ts'
import type { EntryRow } from './entry-statements.ts'
import type { Recency } from './recency.ts'
import { microseconds, RESERVED_AHEAD } from './stamp-clock.ts'
import type { Statements } from './sqlite-statements.ts'
import type { CategoryRow, StoreRow } from './totals-statements.ts'

type Mutable<Row> = { -readonly [Name in keyof Row]: Row[Name] }

/** What is counted of a category, during a write transaction. */
export type CategoryTotals = Mutable<CategoryRow>

/** What is counted of the whole store. */
export type StoreTotals = Mutable<StoreRow>

/** What a ledger works with. */
interface LedgerParts {
  readonly ids: CategoryIds
  readonly recency: Recency
}

/** How many new entries may wait until their deadlines are put in order. */
const MOST_DEADLINES_LEFT = 128

/**
 * The counts of the store and of categories: read when a write transaction needs them, saved before it commits, and good for the
 * next one unless another connection has committed since. Within a transaction nobody else can change them, because it holds the
 * write lock from its start.
 *
 * Of one category, the entry that was added last says what it makes of the counts, until something else changes them: to add entries, the
 * totals need not be written.
 *
 * Nor need the store's own row be written to give out stamps of which the file already says that they may be in use: whoever does so
 * twice in a row reserves those of the next moments. Others go on after what is reserved, whether or not it was used. Those who load go by
 * what is settled: a later stamp may still be given out.
 */
export class WriteLedger {
  readonly #statements: Statements
  readonly #ids: CategoryIds
  readonly #recency: Recency
  readonly #categories = new Map<number, CategoryTotals>()
  readonly #byName = new Map<string, CategoryTotals>()
  /** Categories of which the totals do not have everything yet. */
  readonly #changed = new Set<CategoryTotals>()
  /** Those of them of which that is the barrier, too. */
  readonly #barred = new Set<CategoryTotals>()
  /** The one of which the latest entry says the counts, and no more. */
  #said: CategoryTotals | undefined
  #store: StoreTotals
  /** Of stamps up to this one, the file says that they may be in use. */
  #known = 0
  /** Whether the store's own row does not have everything yet, stamps aside. */
  #isStoreChanged = false
  #deadlinesLeft = 0
  #seenVersion: number | undefined
  /** Whether nobody else has committed since the last transaction here. */
  #goesOn = false

  constructor(statements: Statements, { ids, recency }: LedgerParts) {
    this.#statements = statements
    this.#recency = recency
    this.#ids = ids
    this.#store = found(statements.store.get())
  }

  /** The whole store. */
  get store(): StoreTotals {
    return this.#store
  }

  /** Call when a write transaction has begun. */
  begin(): void {
    const version = this.#statements.dataVersion.get()
    this.#goesOn = version === this.#seenVersion
    if (this.#goesOn) return
    this.forget()
    this.#store = found(this.#statements.store.get())
    this.#known = this.#store.reserved
    this.#said = this.#statements.saidCategory.get()
    if (this.#said !== undefined) {
      // As long as the latest entry is there, which `#unsay` is told of.
      this.#known = this.#store.stamp
      this.#categories.set(this.#said.id, this.#said)
      this.#changed.add(this.#said)
    }
    this.#seenVersion = version
  }

  /** Call when a transaction was rolled back: what was counted in it has not happened. */
  forget(): void {
    this.#seenVersion = undefined
    this.#isStoreChanged = false
    this.#said = undefined
    this.#changed.clear()
    this.#barred.clear()
    this.#forgetCategories()
  }

  /** The next number in the order of all changes: the time in microseconds, or the one after the latest where that has passed. */
  nextStamp(): number {
    this.#store.stamp = this.#recency.stamp(this.#store.stamp)
    return this.#store.stamp
  }

  /** A category by its id. */
  category(id: number): CategoryTotals {
    const known = this.#categories.get(id)
    if (known !== undefined) return known
    const totals = found(this.#statements.category.get(id))
    this.#categories.set(id, totals)
    return totals
  }

  /** A category by its name, made if need be: only of a transaction that has counted nothing yet. */
  openCategory(name: string): CategoryTotals {
    const known = this.#byName.get(name)
    if (known !== undefined) return known
    const totals = this.category(this.#ids.look(name) ?? this.#make(name))
    this.#byName.set(name, totals)
    return totals
  }

  /** Refuses every load in a category (`undefined`: in all) that began before now, and says at which stamp. */
  bar(category: CategoryTotals | undefined): number {
    const stamp = this.nextStamp()
    if (category === undefined) {
      this.#store.barrier = stamp
      this.#isStoreChanged = true
    } else {
      category.barrier = stamp
      this.#barred.add(category)
      this.#change(category)
    }
    return stamp
  }

  /** Counts entries in (or, negative, out of) a category and the store. */
  count(category: CategoryTotals, entries: number, bytes: number): void {
    if (entries === 0 && bytes === 0) return
    this.#add(category, entries, bytes)
    this.#change(category)
  }

  /** Counts an entry in that is new, has the latest stamp, and will say what its category's counts are now. */
  countIn(category: CategoryTotals, bytes: number): void {
    this.#add(category, 1, bytes)
    this.#changed.add(category)
    this.#said = category
    this.#known = Math.max(this.#store.reserved, this.#store.stamp)
    this.#deadlinesLeft += 1
  }

  /**
   * Counts an entry out that nobody asked to remove. A load that began before the entry was stored must still find that
   * it was: hence the barrier.
   */
  countOut(row: Pick<EntryRow, 'category' | 'size' | 'version'>): void {
    const category = this.category(row.category)
    this.count(category, -1, -row.size)
    category.barrier = Math.max(category.barrier, row.version)
    this.#barred.add(category)
  }

  /** Counts all entries of all categories out. */
  countAllOut(): void {
    this.#statements.clearTotals.run()
    this.#unsay()
    this.#changed.clear()
    this.#barred.clear()
    this.#forgetCategories()
    this.#store.entry_count = 0
    this.#store.size_bytes = 0
    this.sweepNotBefore(null)
  }

  /** Notes that an entry was put where a stamp says: if it is the latest one now, what it says of the counts does not hold. */
  moved(categoryId: number, stamp: number): void {
    this.#store.stamp = Math.max(this.#store.stamp, stamp)
    this.#unsay()
    this.#changed.add(this.category(categoryId))
  }

  /** Notes when an entry will have to be looked at. */
  sweepBy(time: number): void {
    if (this.#store.sweep_at === null || time < this.#store.sweep_at) this.sweepNotBefore(time)
  }

  /** Notes when the first entry will have to be looked at; `null`: none. */
  sweepNotBefore(time: number | null): void {
    if (time === this.#store.sweep_at) return
    this.#store.sweep_at = time
    this.#isStoreChanged = true
  }

  /** Puts the deadlines of all entries in order: call before they are asked for. */
  orderDeadlines(): void {
    this.#deadlinesLeft = 0
    if (this.#store.deadlines_to === this.#store.stamp) return
    this.#statements.orderDeadlines.run(this.#store.deadlines_to)
    this.#store.deadlines_to = this.#store.stamp
    this.#isStoreChanged = true
  }

  /** Writes what has changed, unless the latest entry says it. */
  save(): void {
    if (this.#deadlinesLeft >= MOST_DEADLINES_LEFT) this.orderDeadlines()
    this.#saveCategories()
    if (this.#isStoreChanged || this.#store.stamp > this.#known) this.#saveStore()
  }

  #saveCategories(): void {
    for (const category of this.#changed) {
      if (category === this.#said && !this.#barred.has(category)) continue
      const { entry_count, size_bytes, barrier, id } = category
      this.#statements.saveCategory.run(entry_count, size_bytes, barrier, this.#store.stamp, id)
      this.#changed.delete(category)
    }
    this.#barred.clear()
  }

  #saveStore(): void {
    const { barrier, stamp, deadlines_to, sweep_at } = this.#store
    const isAhead = this.#goesOn && !this.#isStoreChanged
    this.#store.reserved = isAhead ? Math.max(stamp, microseconds() + RESERVED_AHEAD) : stamp
    this.#known = this.#store.reserved
    this.#statements.saveStore.run(barrier, stamp, this.#store.reserved, deadlines_to, sweep_at)
    this.#isStoreChanged = false
  }

  #add(category: CategoryTotals, entries: number, bytes: number): void {
    category.entry_count += entries
    category.size_bytes += bytes
    this.#store.entry_count += entries
    this.#store.size_bytes += bytes
  }

  /** So that it is saved: no entry says it. */
  #change(category: CategoryTotals): void {
    if (category === this.#said) this.#unsay()
    this.#changed.add(category)
  }

  /** What the latest entry says will not hold any more, and what comes in its place may be older than stamps in use. */
  #unsay(): void {
    this.#said = undefined
    this.#known = this.#store.reserved
  }

  /** Categories that are empty may go to make room for it. */
  #make(name: string): number {
    this.#unsay()
    this.#saveCategories()
    this.#forgetCategories()
    this.#isStoreChanged = true
    return this.#ids.make(name, this.#store)
  }

  #forgetCategories(): void {
    this.#categories.clear()
    this.#byName.clear()
  }
}

function found<Row>(row: Row | undefined): Row {
  if (row !== undefined) return row
  throw new CacheError('STORE_CORRUPT', {
    message: 'Totals of the cache are lost. Remove the file, or open it with onCorrupt: "recreate".',
  })
}
