import type { Database, Statement } from 'better-sqlite3'

/** A realm whose entries are counted: a category, or the whole store. */
export interface TotalsRow {
  /** 0 for the whole store. */
  readonly id: number
  /** As key text; `null` for the whole store. */
  readonly name: string | null
  /** Entries in it, expired ones that still lie there included. */
  readonly entry_count: number
  /** Bytes of their values. */
  readonly size_bytes: number
  /** The sequence of the latest removal in it. */
  readonly barrier: number
  /** How many changes there have been; only the whole store's counts. */
  readonly sequence: number
  /** No entry's own `sweep_at` is earlier; `null`: none has one. Only the whole store's counts. */
  readonly sweep_at: number | null
}

/** An entry without its value. */
export interface EntryRow {
  /** The rowid. A later entry may get that of a removed one. */
  readonly id: number
  /** The id of its category. */
  readonly category: number
  /** As key text. */
  readonly key: string
  /** Bytes of its value. */
  readonly size: number
  /** The sequence of its latest `set`. */
  readonly version: number
  /** 1 if it has tags. */
  readonly tagged: number
  /** When it was used last, as far as the file knows: a stamp of `Recency`. */
  readonly used_at: number
  /** A lower bound of `used_at`. */
  readonly lru_at: number
  /** Its deadline, in milliseconds since the Unix epoch; `null`: none. */
  readonly expires_at: number | null
  /** When its grace ends: the deadline where there is none; `null`: never. */
  readonly kept_until: number | null
  /** A lower bound of `kept_until`; `null`: there is none. */
  readonly sweep_at: number | null
}

/** What a read needs: arrays are read faster than objects. */
export type ValueRow = readonly [id: number, expiresAt: number | null, keptUntil: number | null, value: string]
/** The same of many keys. */
export type KeyedValueRow = readonly [key: string, ...ValueRow]

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
  /** The entry that was used least recently, going by the lower bounds, but for one. */
  readonly oldest: Statement<[except: number], EntryRow>
  /** The same of one category, from a lower bound on. */
  readonly oldestOf: Statement<[from: number, category: number, except: number], EntryRow>
  /** Entries whose lower bound of the end of the grace has passed, earliest first. */
  readonly due: Statement<[now: number, limit: number], EntryRow>
  /** The earliest lower bound of a deadline. */
  readonly earliestSweep: Statement<[], number | null>
  /** How many entries have expired. */
  readonly expiredCount: Statement<[now: number], number>
  /** A new entry. */
  readonly insert: Statement<
    [
      category: number,
      key: string,
      size: number,
      version: number,
      tagged: number,
      usedAt: number,
      lruAt: number,
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
      usedAt: number,
      expiresAt: number | null,
      keptUntil: number | null,
      value: string,
      id: number,
    ]
  >
  /** Moves the lower bound of a deadline. */
  readonly setSweep: Statement<[sweepAt: number | null, id: number]>
  /** Notes a later use. */
  readonly touch: Statement<[{ id: number; usedAt: number }]>
  /** Raises the lower bound of the last use, and the use itself, to what it really was. */
  readonly setRecency: Statement<[lruAt: number, usedAt: number, id: number]>
  /** Removes an entry by its id. */
  readonly remove: Statement<[id: number]>
  /** Removes every entry. */
  readonly removeAll: Statement<[]>
  /** Tags an entry. */
  readonly addTag: Statement<[tag: string, id: number]>
  /** Removes the tags of an entry. */
  readonly removeTags: Statement<[id: number]>
  /** Removes every tag. */
  readonly removeAllTags: Statement<[]>
  /** Counts of the whole store and of one category. */
  readonly totals: Statement<[id: number], TotalsRow>
  /** Counts of all realms. */
  readonly allTotals: Statement<[], TotalsRow>
  /** Notes the counts of a realm. */
  readonly saveTotals: Statement<
    [entryCount: number, sizeBytes: number, barrier: number, sequence: number, sweepAt: number | null, id: number]
  >
  /** Sets the counts of all realms to zero. */
  readonly clearTotals: Statement<[]>
  /** The name of a category. */
  readonly categoryName: Statement<[id: number], string>
  /** The id of a category. */
  readonly categoryId: Statement<[name: string], number>
  /** Makes a category. */
  readonly addCategory: Statement<[name: string]>
  /** The sequence of the store. */
  readonly sequence: Statement<[], number>
  /** The latest stamp of recency in the file. */
  readonly latestUse: Statement<[], number | null>
}

const TOTALS = 'id, name, entry_count, size_bytes, barrier, sequence, sweep_at'
const ENTRY = 'id, category, key, size, version, tagged, used_at, lru_at, expires_at, kept_until, sweep_at'

/** Prepares them all. */
export function prepareStatements(database: Database): Statements {
  const sql = <Parameters extends unknown[], Result = unknown>(text: string): Statement<Parameters, Result> =>
    database.prepare<Parameters, Result>(text)
  return {
    begin: sql('BEGIN IMMEDIATE'),
    commit: sql('COMMIT'),
    rollback: sql('ROLLBACK'),
    value: sql<[number, string], ValueRow>(
      'SELECT id, expires_at, kept_until, value FROM entries WHERE category = ? AND key = ?',
    ).raw(),
    values: sql<[number, string], KeyedValueRow>(
      // A plain join with json_each would go through all entries: only this form searches the index.
      'SELECT key, id, expires_at, kept_until, value FROM entries WHERE category = ? AND key IN (SELECT value FROM json_each(?))',
    ).raw(),
    deadline: sql('SELECT expires_at FROM entries WHERE category = ? AND key = ?'),
    find: sql(`SELECT ${ENTRY} FROM entries WHERE category = ? AND key = ?`),
    oldest: sql(`SELECT ${ENTRY} FROM entries INDEXED BY entries_by_recency WHERE id <> ? ORDER BY lru_at LIMIT 1`),
    oldestOf: sql(
      `SELECT ${ENTRY} FROM entries INDEXED BY entries_by_recency
       WHERE lru_at >= ? AND category = ? AND id <> ? ORDER BY lru_at LIMIT 1`,
    ),
    due: sql(`SELECT ${ENTRY} FROM entries INDEXED BY entries_by_expiry WHERE sweep_at <= ? ORDER BY sweep_at LIMIT ?`),
    earliestSweep: sql<[], number | null>(
      'SELECT min(sweep_at) FROM entries INDEXED BY entries_by_expiry WHERE sweep_at IS NOT NULL',
    ).pluck(),
    expiredCount: sql<[number], number>('SELECT count(*) FROM entries WHERE expires_at <= ?').pluck(),
    insert: sql(
      `INSERT INTO entries (category, key, size, version, tagged, used_at, lru_at, expires_at, kept_until, sweep_at, value)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    ),
    update: sql(
      'UPDATE entries SET size = ?, version = ?, tagged = ?, used_at = ?, expires_at = ?, kept_until = ?, value = ? WHERE id = ?',
    ),
    setSweep: sql('UPDATE entries SET sweep_at = ? WHERE id = ?'),
    touch: sql('UPDATE entries SET used_at = $usedAt WHERE id = $id AND used_at < $usedAt'),
    setRecency: sql('UPDATE entries SET lru_at = ?, used_at = ? WHERE id = ?'),
    remove: sql('DELETE FROM entries WHERE id = ?'),
    removeAll: sql('DELETE FROM entries'),
    addTag: sql('INSERT OR IGNORE INTO tags (tag, entry_id) VALUES (?, ?)'),
    removeTags: sql('DELETE FROM tags WHERE entry_id = ?'),
    removeAllTags: sql('DELETE FROM tags'),
    totals: sql(`SELECT ${TOTALS} FROM totals WHERE id IN (0, ?)`),
    allTotals: sql(`SELECT ${TOTALS} FROM totals`),
    saveTotals: sql(
      'UPDATE totals SET entry_count = ?, size_bytes = ?, barrier = ?, sequence = ?, sweep_at = ? WHERE id = ?',
    ),
    clearTotals: sql('UPDATE totals SET entry_count = 0, size_bytes = 0 WHERE entry_count > 0'),
    categoryName: sql<[number], string>('SELECT name FROM totals WHERE id = ?').pluck(),
    categoryId: sql<[string], number>('SELECT id FROM totals WHERE name = ?').pluck(),
    addCategory: sql('INSERT INTO totals (name) VALUES (?)'),
    sequence: sql<[], number>('SELECT sequence FROM totals WHERE id = 0').pluck(),
    latestUse: sql<[], number | null>('SELECT max(lru_at) FROM entries').pluck(),
  }
}
