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

  /** Removes some rows, within a write transaction; how many. */
  removeSome(limit: number = REMOVED_PER_WRITE): number {
    if (this.#tables.length === 0) return 0
    this.look()
    let left = limit
    for (const table of this.#tables) {
      const removal = `DELETE FROM ${table} WHERE id IN (SELECT id FROM ${table} ORDER BY id LIMIT ?)`
      left -= this.#database.prepare(removal).run(left).changes
      if (left === 0) break
      this.#database.exec(`DROP TABLE ${table}`)
    }
    return limit - left
  }
}
