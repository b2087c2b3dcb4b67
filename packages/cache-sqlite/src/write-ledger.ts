import { CacheError } from '@x/core'

import type { CategoryIds } from './category-ids.ts'
import type { EntryRow } from './entry-statements.ts'
import type { Recency } from './recency.ts'
import { microseconds } from './stamp-clock.ts'
import type { Statements } from './sqlite-statements.ts'
import type { TotalsRow } from './totals-statements.ts'

/** What is counted of a realm, during a write transaction. */
export type Totals = { -readonly [Name in keyof TotalsRow]: TotalsRow[Name] }

/** What a ledger works with. */
interface LedgerParts {
  readonly ids: CategoryIds
  readonly recency: Recency
}

const STORE_ID = 0
/** How far ahead stamps are reserved, in microseconds: by as much the order of uses by several processes may be wrong. */
const RESERVED_AHEAD = 2_000
/** How many new entries may wait until their deadlines are put in order. */
const MOST_DEADLINES_LEFT = 128

/**
 * The counts of the store and of categories: read when a write transaction needs them, saved before it commits, and good for the
 * next one unless another connection has committed since. Within a transaction nobody else can change them, because it holds the
 * write lock from its start.
 *
 * A transaction that only adds entries to one category need not save anything: the latest entry says what it makes of the counts, and
 * holds until the totals are saved by a later one.
 *
 * Nor need one that only gives out stamps (it overwrites a value with one of as many bytes), if the file already says that they may be
 * in use: whoever writes twice in a row reserves those of the next moments. Others go on after what is reserved, whether or not it was
 * used. Those who load go by what is settled: a later stamp may still be given out.
 */
export class WriteLedger {
  readonly #statements: Statements
  readonly #ids: CategoryIds
  readonly #recency: Recency
  readonly #categories = new Map<number, Totals>()
  readonly #byName = new Map<string, Totals>()
  /** Categories whose counts the totals do not have yet. */
  readonly #changed = new Set<Totals>()
  #store: Totals
  /** Of stamps up to this one, the file says that they may be in use. */
  #reserved: number
  /** Whether this transaction has done what only the totals can say. */
  #hasToSave = false
  #deadlinesLeft = 0
  #seenVersion: number | undefined
  /** Whether nobody else has committed since the last transaction here. */
  #goesOn = false

  constructor(statements: Statements, { ids, recency }: LedgerParts) {
    this.#statements = statements
    this.#recency = recency
    this.#ids = ids
    this.#store = this.#load(STORE_ID)
    this.#reserved = this.#store.stamp
  }

  /** The whole store. */
  get store(): Totals {
    return this.#store
  }

  /** Call when a write transaction has begun. */
  begin(): void {
    const version = this.#statements.dataVersion.get()
    this.#hasToSave = false
    this.#goesOn = version === this.#seenVersion
    if (this.#goesOn) return
    this.forget()
    this.#store = this.#load(STORE_ID)
    this.#reserved = this.#store.stamp
    if (this.#store.unsaved !== null) this.#changed.add(this.category(this.#store.unsaved))
    this.#seenVersion = version
  }

  /** Call when a transaction was rolled back: what was counted in it has not happened. */
  forget(): void {
    this.#seenVersion = undefined
    this.#changed.clear()
    this.#forgetCategories()
  }

  /** The next number in the order of all changes: the time in microseconds, or the one after the latest where that has passed. */
  nextStamp(): number {
    this.#store.stamp = this.#recency.stamp(this.#store.stamp)
    return this.#store.stamp
  }

  /** Notes that an entry was put where a stamp says, whatever it says of the counts. */
  useStamp(stamp: number): void {
    this.#store.stamp = Math.max(this.#store.stamp, stamp)
    this.#hasToSave = true
  }

  /** A category by its id. */
  category(id: number): Totals {
    const known = this.#categories.get(id)
    if (known !== undefined) return known
    const totals = this.#load(id)
    this.#categories.set(id, totals)
    return totals
  }

  /** A category by its name, made if need be: only of a transaction that has counted nothing yet. */
  openCategory(name: string): Totals {
    const known = this.#byName.get(name)
    if (known !== undefined) return known
    const totals = this.category(this.#ids.look(name) ?? this.#make(name))
    this.#byName.set(name, totals)
    return totals
  }

  /** Refuses every load in a realm that began before now, and says at which stamp. */
  bar(realm: Totals): number {
    realm.barrier = this.nextStamp()
    this.#hasToSave = true
    if (realm !== this.#store) this.#changed.add(realm)
    return realm.barrier
  }

  /** Counts entries in (or, negative, out of) a category and the store. */
  count(category: Totals, entries: number, bytes: number): void {
    if (entries === 0 && bytes === 0) return
    this.#add(category, entries, bytes)
    this.#hasToSave = true
  }

  /** Counts an entry in that is new, has the latest stamp, and will say what the counts are now. */
  countIn(category: Totals, bytes: number): void {
    this.#add(category, 1, bytes)
    // It has room for one category.
    if (this.#changed.size > 1) this.#hasToSave = true
    this.#reserved = Math.max(this.#reserved, this.#store.stamp)
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
  }

  /** Counts all entries of all categories out. */
  countAllOut(): void {
    this.#statements.clearTotals.run()
    this.#changed.clear()
    this.#forgetCategories()
    this.#store.entry_count = 0
    this.#store.size_bytes = 0
    this.#store.sweep_at = null
    this.#hasToSave = true
  }

  /** Notes when an entry will have to be looked at. */
  sweepBy(time: number): void {
    if (this.#store.sweep_at === null || time < this.#store.sweep_at) this.sweepNotBefore(time)
  }

  /** Notes when the first entry will have to be looked at; `null`: none. */
  sweepNotBefore(time: number | null): void {
    if (time === this.#store.sweep_at) return
    this.#store.sweep_at = time
    this.#hasToSave = true
  }

  /** Puts the deadlines of all entries in order: call before they are asked for. */
  orderDeadlines(): void {
    this.#deadlinesLeft = 0
    if (this.#store.deadlines_to === this.#store.stamp) return
    this.#statements.orderDeadlines.run(this.#store.deadlines_to)
    this.#store.deadlines_to = this.#store.stamp
    this.#hasToSave = true
  }

  /** Writes what has changed, unless the entries say it. */
  save(): void {
    if (this.#deadlinesLeft >= MOST_DEADLINES_LEFT) this.orderDeadlines()
    if (this.#hasToSave || this.#store.stamp > this.#reserved) this.#saveTotals()
  }

  #saveTotals(): void {
    const { entry_count, size_bytes, barrier, stamp, deadlines_to, sweep_at } = this.#store
    for (const { id, entry_count, size_bytes, barrier } of this.#changed) {
      this.#statements.saveTotals.run(entry_count, size_bytes, barrier, id)
    }
    this.#changed.clear()
    const isAhead = this.#goesOn && !this.#hasToSave
    this.#reserved = isAhead ? Math.max(stamp, microseconds() + RESERVED_AHEAD) : stamp
    this.#statements.saveStore.run(entry_count, size_bytes, barrier, stamp, this.#reserved, deadlines_to, sweep_at)
  }

  #add(category: Totals, entries: number, bytes: number): void {
    category.entry_count += entries
    category.size_bytes += bytes
    this.#store.entry_count += entries
    this.#store.size_bytes += bytes
    this.#changed.add(category)
  }

  /** Categories that are empty may go to make room for it. */
  #make(name: string): number {
    this.#hasToSave = true
    this.#saveTotals()
    this.#forgetCategories()
    return this.#ids.make(name, this.#store)
  }

  #forgetCategories(): void {
    this.#categories.clear()
    this.#byName.clear()
  }

  #load(id: number): Totals {
    const totals = this.#statements.totals.get(id)
    if (totals !== undefined) return totals
    throw new CacheError('STORE_CORRUPT', {
      message: `The totals of the cache (row ${id}) are lost. Remove the file, or open it with onCorrupt: "recreate".`,
    })
  }
}
