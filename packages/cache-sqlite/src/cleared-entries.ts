import type { Database } from 'better-sqlite3'

import { CLEARED_PREFIX } from './sqlite-schema.ts'

/** How many bytes of values go at once, and the value that exceeds them: SQLite reads the pages that it frees. */
const REMOVED_BYTES = 16 * 1_024 * 1_024

/**
 * The entries that `clear()` has set aside: see `setEntriesAside`. They go with what is written: the latest first, so that there are
 * never many tables of them, how often ever a cache is filled and cleared.
 */
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
      .prepare<[string], string>(
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name GLOB ? ORDER BY name DESC",
      )
      .pluck()
      .all(`${CLEARED_PREFIX}*`)
  }

  /** Removes some rows, within a write transaction; how many. */
  removeSome(limit: number): number {
    if (this.#tables.length === 0) return 0
    this.look()
    let rows = 0
    let bytes = 0
    for (const table of this.#tables) {
      const first = this.#database
        .prepare<[number], [id: number, size: number]>(`SELECT id, size FROM ${table} ORDER BY id LIMIT ?`)
        .raw()
        .all(limit - rows)
      let last = -1
      for (const [id, size] of first) {
        if (bytes >= REMOVED_BYTES) break
        last = id
        bytes += size
        rows += 1
      }
      this.#database.prepare(`DELETE FROM ${table} WHERE id <= ?`).run(last)
      if (rows === limit || bytes >= REMOVED_BYTES) break
      this.#database.exec(`DROP TABLE ${table}`)
    }
    return rows
  }
}
