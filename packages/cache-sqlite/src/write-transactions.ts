import type { Database } from 'better-sqlite3'

import type { CategoryIds } from './category-ids.ts'
import type { ClearedEntries } from './cleared-entries.ts'
import type { Epochs } from './epochs.ts'
import type { Eviction } from './eviction.ts'
import type { Recency } from './recency.ts'
import type { Statements } from './sqlite-statements.ts'
import type { WalUpkeep } from './wal-upkeep.ts'
import { WriteLedger } from './write-ledger.ts'

/** What writers work with. */
export interface WriterParts {
  /** The open file. */
  readonly database: Database
  /** What it was prepared for. */
  readonly statements: Statements
  /** Its categories. */
  readonly ids: CategoryIds
  /** The epochs of keys. */
  readonly epochs: Epochs
  /** When entries were used. */
  readonly recency: Recency
  /** What bounds its WAL. */
  readonly walUpkeep: WalUpkeep
  /** What removes entries to keep the limits. */
  readonly eviction: Eviction
  /** What `clear()` has set aside. */
  readonly cleared: ClearedEntries
}

/** How many cleared entries a transaction removes at least, and how many for each entry that it stores: the file must not grow by them. */
const CLEARED_PER_WRITE = 16
const CLEARED_PER_ENTRY = 2

/** The write transactions of a file: at the end of each the totals are right. Each does a little of what others have left. */
export class WriteTransactions {
  readonly #parts: WriterParts
  readonly #ledger: WriteLedger

  constructor(parts: WriterParts) {
    this.#parts = parts
    this.#ledger = new WriteLedger(parts.statements, parts)
  }

  /** Does work in a transaction, which will write about so many bytes, and store so many entries. */
  run<Result>(bytes: number, work: (ledger: WriteLedger) => Result, entries = 0): Result {
    const { database, statements, ids, recency, walUpkeep, eviction, cleared } = this.#parts
    this.#begin(bytes)
    let result: Result
    try {
      this.#ledger.begin()
      recency.catchUp()
      if (recency.isDue) recency.share()
      cleared.removeSome(Math.max(CLEARED_PER_WRITE, CLEARED_PER_ENTRY * entries))
      result = work(this.#ledger)
      this.#ledger.save()
      statements.commit.run()
    } catch (error) {
      ids.forget()
      eviction.forget()
      this.#ledger.forget()
      // SQLite has already rolled back where the disk is full or fails.
      if (database.inTransaction) statements.rollback.run()
      throw error
    }
    walUpkeep.afterWrite(bytes)
    return result
  }

  #begin(bytes: number): void {
    const { statements, walUpkeep } = this.#parts
    for (statements.begin.run(); walUpkeep.isFull(bytes); statements.begin.run()) {
      statements.rollback.run()
      walUpkeep.cut()
    }
  }
}
