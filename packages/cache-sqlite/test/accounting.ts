import BetterSqlite3 from 'better-sqlite3'
import { expect } from 'vitest'

/** What a cache file counts, and what really lies in it. */
interface Accounting {
  readonly counted: unknown
  readonly found: unknown
  readonly integrity: unknown
  readonly strayTags: unknown
}

/** Looks into a cache file behind the cache's back. */
function accountingOf(path: string): Accounting {
  const database = new BetterSqlite3(path)
  try {
    const found = database
      .prepare(
        'SELECT category AS id, count(*) AS entries, sum(size) AS bytes FROM entries GROUP BY category ORDER BY id',
      )
      .all() as { id: number; entries: number; bytes: number }[]
    const real = database
      .prepare('SELECT count(*) AS n, total(length(CAST(value AS BLOB))) AS bytes FROM entries')
      .get() as {
      n: number
      bytes: number
    }
    return {
      counted: database
        .prepare(
          'SELECT id, entry_count AS entries, size_bytes AS bytes FROM counts WHERE entry_count > 0 OR id = 0 ORDER BY id',
        )
        .all(),
      found: [{ id: 0, entries: real.n, bytes: real.bytes }, ...found],
      integrity: database.pragma('integrity_check', { simple: true }),
      strayTags: database
        .prepare('SELECT count(*) FROM tags WHERE entry_id NOT IN (SELECT id FROM entries WHERE tagged = 1)')
        .pluck()
        .get(),
    }
  } finally {
    database.close()
  }
}

/** Fails unless the counts of a cache file are those of its entries, and the file is whole. */
export function expectExactAccounting(path: string): void {
  const { counted, found, integrity, strayTags } = accountingOf(path)
  expect(counted).toEqual(found)
  expect({ integrity, strayTags }).toEqual({ integrity: 'ok', strayTags: 0 })
}
