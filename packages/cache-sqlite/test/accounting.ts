import BetterSqlite3 from 'better-sqlite3'
import { expect } from 'vitest'

/** What a cache file counts, and what really lies in it. */
interface Accounting {
  readonly counted: unknown
  readonly found: unknown
  readonly integrity: unknown
  readonly strayTags: unknown
  readonly wrongSums: unknown
  readonly wrongDeadlines: unknown
}

/** Looks into a cache file behind the cache's back. */
function accountingOf(path: string): Accounting {
  const database = new BetterSqlite3(path)
  try {
    return {
      counted: database
        .prepare(
          `SELECT id, entry_count AS entries, size_bytes AS bytes, size_bytes AS noted FROM counts
           WHERE entry_count > 0 ORDER BY id`,
        )
        .all(),
      found: database
        .prepare(
          `SELECT category AS id, count(*) AS entries, total(length(CAST(value AS BLOB))) AS bytes, sum(size) AS noted
           FROM entries GROUP BY category ORDER BY id`,
        )
        .all(),
      wrongSums: database
        .prepare(
          `SELECT * FROM totals WHERE id = 0 AND
             (entry_count, size_bytes) <> (SELECT total(entry_count), total(size_bytes) FROM totals WHERE id > 0)`,
        )
        .all(),
      integrity: database.pragma('integrity_check', { simple: true }),
      strayTags: database
        .prepare('SELECT count(*) FROM tags WHERE entry_id NOT IN (SELECT id FROM entries WHERE tagged = 1)')
        .pluck()
        .get(),
      wrongDeadlines: database
        .prepare(
          `SELECT entries.id, deadlines.id FROM deadlines FULL JOIN entries USING (sweep_at, id)
           WHERE entries.id IS NULL OR
             (deadlines.id IS NULL AND sweep_at IS NOT NULL AND entries.id <= (SELECT max(deadlines_to) FROM totals))`,
        )
        .all(),
    }
  } finally {
    database.close()
  }
}

/** Fails unless the counts of a cache file are those of its entries, and the file is whole. */
export function expectExactAccounting(path: string): void {
  const { counted, found, ...rest } = accountingOf(path)
  expect(counted).toEqual(found)
  expect(rest).toEqual({ integrity: 'ok', strayTags: 0, wrongDeadlines: [], wrongSums: [] })
}
