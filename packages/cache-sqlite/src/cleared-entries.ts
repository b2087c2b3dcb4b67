import type { Database } from 'better-sqlite3'

import { CLEARED_PREFIX } from './sqlite-schema.ts'

/** How many rows one write removes. */
const REMOVED_PER_WRITE = 16

/** The entries that `clear()` has set aside: see `setEntriesAside`. They go a few with each write. */
export class ClearedEntries {
  readonly #database: Database
  #tables: string[] = []

  constructor(database: Database) {
    this.#database = database
    this.look()
  }

  /** Looks for tables of cleared entries: another process may have left some. */
  look(): void {
    this.#tables = this.#database
      .prepare<[string], string>("SELECT name FROM sqlite_schema WHERE type = 'table' AND name GLOB ?")
      .pluck()
      .all(`${CLEARED_PREFIX}*`)
  }

  /** Removes some rows, within a write transaction; `false` when there are none. */
  removeSome(limit: number = REMOVED_PER_WRITE): boolean {
    if (this.#tables.length === 0) return false
    this.look()
    const [table] = this.#tables
    if (table === undefined) return false
    const removal = `DELETE FROM ${table} WHERE id IN (SELECT id FROM ${table} ORDER BY id LIMIT ?)`
    if (this.#database.prepare(removal).run(limit).changes < limit) this.#database.exec(`DROP TABLE ${table}`)
    return true
  }
}
