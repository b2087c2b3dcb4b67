import { CacheError } from '@x/core'
import BetterSqlite3, { type Database } from 'better-sqlite3'

import { latestMicroseconds } from './stamp-clock.ts'

/** "xcac": marks a file as ours, in its header. */
const APPLICATION_ID = 0x78636163
/** What this package writes. An older file is emptied and made anew: it is a cache. */
const SCHEMA_VERSION = 7
/** What the name of a table of cleared entries begins with. */
export const CLEARED_PREFIX = 'cleared_'

/**
 * `entries`: the value comes last, so that reading the rest of a row never follows its overflow pages. `id` is a stamp (see
 * `WriteLedger.nextStamp`): that of the `set` that made the entry, or, once an eviction has put it in order, of a later use. So the table
 * itself lies in the order of the last use, as far as the file knows, and no index of it has to be kept.
 * `version` is the stamp of the latest `set`. `sweep_at` is a lower bound of `kept_until` (the deadline, or the end of the grace after
 * it): overwriting an entry moves only the latter, and so writes to no index. `category_entries` and
 * `category_bytes` are what its category held when the entry was made: see `counts`.
 *
 * `deadlines` has the `sweep_at` of entries in their order, but for those whose ids are above `deadlines_to`: they are brought in many
 * at a time, as an index of the table would be one more page for each new entry.
 *
 * `uses` says which entries were read since, in batches: see `Recency`.
 *
 * `limits`: that of whoever stored last, for those who look into the file.
 *
 * `totals`: one row per category with its counts, and the row 0 for the whole store, whose counts a trigger keeps at their sums: with
 * 10,000 categories, to add them up takes a hundred times as long as a write. `settled` is the stamp of the latest change that was saved
 * in a row. Stamps up to the store's `reserved_to` may be in use. It is not called `stamp`, as until schema 5, nor `reserved`, as in
 * schema 6: a process with an earlier version, which had the file open when it was made anew, fails where it would give out stamps that
 * are in use, or save counts that do not hold. `barrier` is the stamp
 * of the latest removal in its row's realm. An id is never used again: other processes remember it. No entry is due before the store's
 * own `sweep_at`: most writes need not search.
 *
 * `counts` is what holds of the categories: the totals, or what the latest entry says of its own where it was made after they were
 * saved. So a new entry writes its own page and that of its key, and no third one.
 */
const TABLES = `
  CREATE TABLE totals (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT UNIQUE,
    entry_count INTEGER NOT NULL DEFAULT 0,
    size_bytes INTEGER NOT NULL DEFAULT 0,
    barrier INTEGER NOT NULL DEFAULT 0,
    settled INTEGER NOT NULL DEFAULT 0,
    reserved_to INTEGER NOT NULL DEFAULT 0,
    deadlines_to INTEGER NOT NULL DEFAULT 0,
    sweep_at NUMERIC
  );
  CREATE TRIGGER category_saved AFTER UPDATE OF entry_count, size_bytes ON totals WHEN new.id > 0 BEGIN
    UPDATE totals
    SET entry_count = entry_count + new.entry_count - old.entry_count, size_bytes = size_bytes + new.size_bytes - old.size_bytes
    WHERE id = 0;
  END;
  CREATE TABLE deadlines (
    sweep_at NUMERIC NOT NULL,
    id INTEGER NOT NULL,
    PRIMARY KEY (sweep_at, id)
  ) WITHOUT ROWID;
  CREATE TABLE tags (
    tag TEXT NOT NULL,
    entry_id INTEGER NOT NULL,
    PRIMARY KEY (tag, entry_id)
  ) WITHOUT ROWID;
  CREATE INDEX tags_by_entry ON tags (entry_id);
  CREATE TABLE uses (
    id INTEGER PRIMARY KEY,
    batch TEXT NOT NULL
  );
  CREATE TABLE limits (
    id INTEGER PRIMARY KEY CHECK (id = 0),
    max_size_bytes NUMERIC
  );
  CREATE TABLE leases (
    key TEXT PRIMARY KEY,
    fence INTEGER NOT NULL,
    expires_at NUMERIC NOT NULL
  ) WITHOUT ROWID;
  CREATE INDEX leases_by_expiry ON leases (expires_at);
`

const ENTRIES = `
  CREATE TABLE entries (
    id INTEGER PRIMARY KEY,
    category INTEGER NOT NULL,
    key TEXT NOT NULL,
    size INTEGER NOT NULL,
    version INTEGER NOT NULL,
    tagged INTEGER NOT NULL,
    expires_at NUMERIC,
    kept_until NUMERIC,
    sweep_at NUMERIC,
    category_entries INTEGER NOT NULL,
    category_bytes INTEGER NOT NULL,
    value TEXT NOT NULL,
    UNIQUE (category, key)
  );
  CREATE INDEX entries_with_grace ON entries (expires_at) WHERE kept_until IS NOT expires_at;
  CREATE TRIGGER entry_removed AFTER DELETE ON entries WHEN old.sweep_at IS NOT NULL BEGIN
    DELETE FROM deadlines WHERE sweep_at = old.sweep_at AND id = old.id;
  END;
  CREATE TRIGGER entry_moved AFTER UPDATE OF id, sweep_at ON entries BEGIN
    DELETE FROM deadlines WHERE sweep_at = old.sweep_at AND id = old.id;
    INSERT INTO deadlines SELECT new.sweep_at, new.id WHERE new.sweep_at IS NOT NULL;
  END;
  CREATE VIEW counts AS
    SELECT totals.id, name, barrier,
      ifnull(category_entries, entry_count) AS entry_count, ifnull(category_bytes, size_bytes) AS size_bytes
    FROM totals LEFT JOIN entries AS latest
      ON latest.id = (SELECT max(id) FROM entries) AND latest.category = totals.id AND latest.id > settled
    WHERE totals.id > 0;
`

/** Whose file it is: ours as this package writes it, ours of an earlier version, or one without content. */
export type SchemaState = 'current' | 'older' | 'empty'

/**
 * Looks whose database it is, and writes nothing.
 *
 * @throws CacheError `STORE_CORRUPT` for another program's database, `STORE_UNAVAILABLE` for one of a newer version of this package.
 */
export function readSchemaState(database: Database, path: string): SchemaState {
  const { applicationId, version, tables } = readHeader(database)
  if (applicationId === 0 && tables === 0) return 'empty'
  if (applicationId !== APPLICATION_ID) {
    throw new CacheError('STORE_CORRUPT', {
      message: `The file ${path} is another program's database, and was left as it is. Choose another path for the cache.`,
      details: { path, reason: 'foreign' },
    })
  }
  if (version > SCHEMA_VERSION) {
    throw new CacheError('STORE_UNAVAILABLE', {
      message: `The cache ${path} was written by a newer version of @x/cache-sqlite (schema ${version}; this one knows ${SCHEMA_VERSION}). Update the package, or choose another path.`,
      details: { path, version },
    })
  }
  return version === SCHEMA_VERSION ? 'current' : 'older'
}

/** Whether an error comes of another schema: one that another version of this package has put in the place of ours. */
export function isOfOtherSchema(error: unknown, database: Database, path: string): boolean {
  if (!(error instanceof BetterSqlite3.SqliteError && /^SQLITE_(ERROR|CONSTRAINT)/.test(error.code))) return false
  try {
    return readSchemaState(database, path) !== 'current'
  } catch {
    return true
  }
}

/** Creates the tables, in place of those of an earlier version. Leaves alone what another process made meanwhile. */
export function createSchema(database: Database, path: string): void {
  const create = database.transaction(() => {
    const state = readSchemaState(database, path)
    if (state === 'current') return
    if (state === 'older') dropTables(database)
    database.exec(TABLES)
    database.exec(ENTRIES)
    // All start at the time, so that an epoch taken in a file that was removed since is refused by this one.
    const start = latestMicroseconds()
    database
      .prepare('INSERT INTO totals (id, barrier, settled, reserved_to) VALUES (0, ?, ?, ?)')
      .run(start, start, start)
    database.pragma(`application_id = ${APPLICATION_ID}`)
    database.pragma(`user_version = ${SCHEMA_VERSION}`)
  })
  create.immediate()
}

/**
 * Puts an empty table in the place of `entries`, whose rows are no entries any more and go a few at a time: deleting them all at
 * once would take as long as reading them. Statements that are prepared notice by themselves, in every process.
 */
export function setEntriesAside(database: Database, stamp: number): void {
  database.exec(`
    DROP VIEW counts;
    DROP TRIGGER entry_removed;
    DROP TRIGGER entry_moved;
    DROP INDEX entries_with_grace;
    DELETE FROM deadlines;
    ALTER TABLE entries RENAME TO ${CLEARED_PREFIX}${stamp};
    ${ENTRIES}
  `)
}

/** In one transaction: another process may just be making the schema. */
function readHeader(database: Database): Record<'applicationId' | 'version' | 'tables', number> {
  const read = database.transaction(() => ({
    tables: Number(database.prepare('SELECT count(*) FROM sqlite_schema').pluck().get()),
    applicationId: Number(database.pragma('application_id', { simple: true })),
    version: Number(database.pragma('user_version', { simple: true })),
  }))
  return read()
}

function dropTables(database: Database): void {
  const found = database.prepare<[], { type: string; name: string }>(
    "SELECT type, name FROM sqlite_schema WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite%' ORDER BY type DESC",
  )
  for (const { type, name } of found.all()) database.exec(`DROP ${type} "${name.replaceAll('"', '""')}"`)
}
