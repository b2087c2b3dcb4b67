import type { Database, Statement } from 'better-sqlite3'

/** A realm whose entries are counted: a category, or the whole store. */
export interface TotalsRow {
  /** 0 for the whole store. */
  readonly id: number
  /** As key text; `null` for the whole store. */
  readonly name: string | null
  /** Entries in it, those in their grace and expired ones that still lie there included. */
  readonly entry_count: number
  /** Bytes of their values. */
  readonly size_bytes: number
  /** The stamp of the latest removal in it. */
  readonly barrier: number
  /** The latest stamp; only the whole store's counts. */
  readonly stamp: number
  /** No entry's own `sweep_at` is earlier; `null`: none has one. Only the whole store's counts. */
  readonly sweep_at: number | null
}

/** An entry without its value. */
export interface EntryRow {
  /** A stamp at which it was used, or earlier: see the schema. */
  readonly id: number
  /** The id of its category. */
  readonly category: number
  /** As key text. */
  readonly key: string
  /** Bytes of its value. */
  readonly size: number
  /** The stamp of its latest `set`. */
  readonly version: number
  /** 1 if it has tags. */
  readonly tagged: number
  /** Its deadline, in milliseconds since the Unix epoch; `null`: none. */
  readonly expires_at: number | null
  /** When its grace ends: the deadline where there is none; `null`: never. */
  readonly kept_until: number | null
  /** A lower bound of `kept_until`; `null`: there is none. */
  readonly sweep_at: number | null
}

/** What a read needs: arrays are read faster than objects. */
export type ValueRow = readonly [version: number, expiresAt: number | null, keptUntil: number | null, value: string]
/** The same of many keys. */
export type KeyedValueRow = readonly [key: string, ...ValueRow]

/** An entry that was removed. */
export type RemovedRow = readonly [key: string, id: number, size: number, tagged: number, expiresAt: number | null]

/** Every statement of fixed form, prepared once per connection. */
export interface Statements {
  /** Starts a transaction as a writer at once: one that begins as a reader could not wait for its turn. */
  readonly begin: Statement<[]>
  /** Ends it for good. */
  readonly commit: Statement<[]>
  /** Ends it as if it had not been. */
  readonly rollback: Statement<[]>
  /** The value of one key. */
  readonly value: Statement<[category: number, key: string], ValueRow>
  /** The values of the keys in a JSON array. */
  readonly values: Statement<[category: number, keys: string], KeyedValueRow>
  /** The deadline of one key. */
  readonly deadline: Statement<[category: number, key: string], { readonly expires_at: number | null }>
  /** One entry by its key. */
  readonly find: Statement<[category: number, key: string], EntryRow>
  /** One entry by its id. */
  readonly findById: Statement<[id: number], EntryRow>
  /** Some entries in the order of their ids, after one of them. */
  readonly oldest: Statement<[after: number, limit: number], EntryRow>
  /** The lowest ids of a category, after one of them. */
  readonly oldestOf: Statement<[category: number, after: number, limit: number], number>
  /** Entries whose lower bound of the end of the grace has passed, earliest first. */
  readonly due: Statement<[now: number, limit: number], EntryRow>
  /** The earliest lower bound of a deadline. */
  readonly earliestSweep: Statement<[], number | null>
  /** How many entries have expired and are due to be removed. */
  readonly dueCount: Statement<[now: number, now: number], number>
  /** How many entries have expired and are in their grace. */
  readonly graceCount: Statement<[now: number, now: number], number>
  /** A new entry. */
  readonly insert: Statement<
    [
      id: number,
      category: number,
      key: string,
      size: number,
      version: number,
      tagged: number,
      expiresAt: number | null,
      keptUntil: number | null,
      sweepAt: number | null,
      value: string,
    ]
  >
  /** Another value in an entry's place, by its id. */
  readonly update: Statement<
    [
      size: number,
      version: number,
      tagged: number,
      expiresAt: number | null,
      keptUntil: number | null,
      value: string,
      id: number,
    ]
  >
  /** Moves the lower bound of a deadline. */
  readonly setSweep: Statement<[sweepAt: number | null, id: number]>
  /** Puts an entry where its last use belongs, unless another one lies there. */
  readonly move: Statement<[to: number, id: number]>
  /** Removes an entry by its id. */
  readonly remove: Statement<[id: number]>
  /** Removes entries by the keys in a JSON array, unless they were stored since a stamp, and says what they were. */
  readonly removeKeys: Statement<[category: number, keys: string, before: number], RemovedRow>
  /** Tags an entry. */
  readonly addTag: Statement<[tag: string, id: number]>
  /** Moves the tags of an entry to its new id. */
  readonly moveTags: Statement<[to: number, id: number]>
  /** Removes the tags of an entry. */
  readonly removeTags: Statement<[id: number]>
  /** Removes every tag. */
  readonly removeAllTags: Statement<[]>
  /** Notes the limit for the bytes of all values; `null`: none. */
  readonly saveLimit: Statement<[maxSizeBytes: number | null]>
  /** Notes some uses. */
  readonly addUses: Statement<[batch: string]>
  /** Drops the notes up to one of them. */
  readonly dropUses: Statement<[upTo: number | bigint]>
  /** The notes after one of them. */
  readonly usesAfter: Statement<[id: number], readonly [id: number, batch: string]>
  /** The counts of a realm. */
  readonly totals: Statement<[id: number], TotalsRow>
  /** The counts of all realms that have entries, and of the whole store. */
  readonly allTotals: Statement<[], TotalsRow>
  /** The ids of the categories that have entries. */
  readonly filledCategories: Statement<[], number>
  /** Notes the counts of a category. */
  readonly saveTotals: Statement<[entryCount: number, sizeBytes: number, barrier: number, id: number]>
  /** Notes the counts of the store. */
  readonly saveStore: Statement<
    [entryCount: number, sizeBytes: number, barrier: number, stamp: number, sweepAt: number | null]
  >
  /** Sets the counts of all categories to zero. */
  readonly clearTotals: Statement<[]>
  /** The id of a category. */
  readonly categoryId: Statement<[name: string], number>
  /** Makes a category. */
  readonly addCategory: Statement<[name: string]>
  /** How many categories there are. */
  readonly categoryCount: Statement<[], number>
  /** Removes categories without entries in which nothing was removed for longest, and says until when. */
  readonly removeCategories: Statement<[limit: number], number>
  /** The latest stamp of the store, and the latest at which a key was touched. */
  readonly touch: Statement<
    [category: string, category: string, key: string],
    readonly [stamp: number, touchedAt: number]
  >
  /** Changes when another connection has committed, and only then. */
  readonly dataVersion: Statement<[], number>
  /** The pages of the file. */
  readonly pageCount: Statement<[], number>
  /** Those of them that hold nothing. */
  readonly freePageCount: Statement<[], number>
}

const TOTALS = 'id, name, entry_count, size_bytes, barrier, stamp, sweep_at'
const ENTRY = 'id, category, key, size, version, tagged, expires_at, kept_until, sweep_at'

/** Prepares them all. */
export function prepareStatements(database: Database): Statements {
  return { ...prepareReads(database), ...prepareWrites(database), ...prepareCounts(database) }
}

type Sql = <Parameters extends unknown[], Result = unknown>(text: string) => Statement<Parameters, Result>

/** Of a database: how its statements are prepared. */
function preparing(database: Database): {
  sql: Sql
  number: <P extends unknown[]>(text: string) => Statement<P, number>
} {
  const sql: Sql = <Parameters extends unknown[], Result>(text: string) => database.prepare<Parameters, Result>(text)
  return { sql, number: <P extends unknown[]>(text: string) => sql<P, number>(text).pluck() }
}

function prepareReads(
  database: Database,
): Pick<
  Statements,
  | 'value'
  | 'values'
  | 'deadline'
  | 'find'
  | 'findById'
  | 'oldest'
  | 'oldestOf'
  | 'due'
  | 'earliestSweep'
  | 'dueCount'
  | 'graceCount'
  | 'usesAfter'
> {
  const { sql, number } = preparing(database)
  return {
    value: sql<[number, string], ValueRow>(
      'SELECT version, expires_at, kept_until, value FROM entries WHERE category = ? AND key = ?',
    ).raw(),
    values: sql<[number, string], KeyedValueRow>(
      // A plain join with json_each would go through all entries: only this form searches the index.
      'SELECT key, version, expires_at, kept_until, value FROM entries WHERE category = ? AND key IN (SELECT value FROM json_each(?))',
    ).raw(),
    deadline: sql('SELECT expires_at FROM entries WHERE category = ? AND key = ?'),
    find: sql(`SELECT ${ENTRY} FROM entries WHERE category = ? AND key = ?`),
    findById: sql(`SELECT ${ENTRY} FROM entries WHERE id = ?`),
    oldest: sql(`SELECT ${ENTRY} FROM entries WHERE id > ? ORDER BY id LIMIT ?`),
    oldestOf: number('SELECT id FROM entries WHERE category = ? AND id > ? ORDER BY id LIMIT ?'),
    due: sql(`SELECT ${ENTRY} FROM entries WHERE sweep_at <= ? ORDER BY sweep_at LIMIT ?`),
    earliestSweep: number('SELECT min(sweep_at) FROM entries WHERE sweep_at IS NOT NULL'),
    dueCount: number('SELECT count(*) FROM entries WHERE sweep_at <= ? AND expires_at <= ?'),
    graceCount: number(
      `SELECT count(*) FROM entries
       WHERE kept_until IS NOT expires_at AND expires_at <= ? AND (sweep_at IS NULL OR sweep_at > ?)`,
    ),
    usesAfter: sql<[number], readonly [number, string]>('SELECT id, batch FROM uses WHERE id > ? ORDER BY id').raw(),
  }
}

function prepareWrites(
  database: Database,
): Pick<
  Statements,
  | 'begin'
  | 'commit'
  | 'rollback'
  | 'insert'
  | 'update'
  | 'setSweep'
  | 'move'
  | 'remove'
  | 'removeKeys'
  | 'addTag'
  | 'moveTags'
  | 'removeTags'
  | 'removeAllTags'
  | 'saveLimit'
  | 'addUses'
  | 'dropUses'
> {
  const { sql } = preparing(database)
  return {
    begin: sql('BEGIN IMMEDIATE'),
    commit: sql('COMMIT'),
    rollback: sql('ROLLBACK'),
    insert: sql(
      `INSERT INTO entries (id, category, key, size, version, tagged, expires_at, kept_until, sweep_at, value)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    ),
    update: sql(
      'UPDATE entries SET size = ?, version = ?, tagged = ?, expires_at = ?, kept_until = ?, value = ? WHERE id = ?',
    ),
    setSweep: sql('UPDATE entries SET sweep_at = ? WHERE id = ?'),
    move: sql('UPDATE OR IGNORE entries SET id = ? WHERE id = ?'),
    remove: sql('DELETE FROM entries WHERE id = ?'),
    removeKeys: sql<[number, string, number], RemovedRow>(
      `DELETE FROM entries WHERE category = ? AND key IN (SELECT value FROM json_each(?)) AND version < ?
       RETURNING key, id, size, tagged, expires_at`,
    ).raw(),
    addTag: sql('INSERT OR IGNORE INTO tags (tag, entry_id) VALUES (?, ?)'),
    moveTags: sql('UPDATE tags SET entry_id = ? WHERE entry_id = ?'),
    removeTags: sql('DELETE FROM tags WHERE entry_id = ?'),
    removeAllTags: sql('DELETE FROM tags'),
    saveLimit: sql('INSERT OR REPLACE INTO limits (id, max_size_bytes) VALUES (0, ?)'),
    addUses: sql('INSERT INTO uses (batch) VALUES (?)'),
    dropUses: sql('DELETE FROM uses WHERE id <= ?'),
  }
}

function prepareCounts(
  database: Database,
): Pick<
  Statements,
  | 'totals'
  | 'allTotals'
  | 'filledCategories'
  | 'saveTotals'
  | 'saveStore'
  | 'clearTotals'
  | 'categoryId'
  | 'addCategory'
  | 'categoryCount'
  | 'removeCategories'
  | 'touch'
  | 'dataVersion'
  | 'pageCount'
  | 'freePageCount'
> {
  const { sql, number } = preparing(database)
  return {
    totals: sql(`SELECT ${TOTALS} FROM totals WHERE id = ?`),
    allTotals: sql(`SELECT ${TOTALS} FROM totals WHERE entry_count > 0 OR id = 0`),
    filledCategories: number('SELECT id FROM totals WHERE entry_count > 0 AND id > 0'),
    saveTotals: sql('UPDATE totals SET entry_count = ?, size_bytes = ?, barrier = ? WHERE id = ?'),
    saveStore: sql(
      'UPDATE totals SET entry_count = ?, size_bytes = ?, barrier = ?, stamp = ?, sweep_at = ? WHERE id = 0',
    ),
    clearTotals: sql('UPDATE totals SET entry_count = 0, size_bytes = 0 WHERE entry_count > 0'),
    categoryId: number('SELECT id FROM totals WHERE name = ?'),
    addCategory: sql('INSERT INTO totals (name) VALUES (?)'),
    categoryCount: number('SELECT count(*) FROM totals'),
    removeCategories: number(
      `DELETE FROM totals WHERE id IN (SELECT id FROM totals WHERE id > 0 AND entry_count = 0 ORDER BY barrier LIMIT ?)
       RETURNING barrier`,
    ),
    touch: sql<[string, string, string], readonly [number, number]>(
      `SELECT stamp, max(
         barrier,
         ifnull((SELECT barrier FROM totals WHERE name = ?), 0),
         ifnull((SELECT version FROM entries WHERE category = (SELECT id FROM totals WHERE name = ?) AND key = ?), 0)
       )
       FROM totals WHERE id = 0`,
    ).raw(),
    dataVersion: number('PRAGMA data_version'),
    pageCount: number('PRAGMA page_count'),
    freePageCount: number('PRAGMA freelist_count'),
  }
}
