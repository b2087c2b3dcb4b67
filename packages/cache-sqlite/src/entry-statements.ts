import type { Database, Statement } from 'better-sqlite3'

import { preparing } from './preparing.ts'

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

/** What overwriting an entry asks of it. */
export type FoundRow = readonly [
  id: number,
  size: number,
  version: number,
  tagged: number,
  expiresAt: number | null,
  sweepAt: number | null,
]

/** What a read needs: arrays are read faster than objects. */
export type ValueRow = readonly [version: number, expiresAt: number | null, keptUntil: number | null, value: string]

/** The same of many keys. */
export type KeyedValueRow = readonly [key: string, ...ValueRow]

/** An entry that was removed. */
export type RemovedRow = readonly [key: string, id: number, size: number, tagged: number, expiresAt: number | null]

/** What is asked of entries and their tags, and done to them. */
export interface EntryStatements {
  /** The value of one key. */
  readonly value: Statement<[category: number, key: string], ValueRow>
  /** The values of the keys in a JSON array. */
  readonly values: Statement<[category: number, keys: string], KeyedValueRow>
  /** The deadline of one key. */
  readonly deadline: Statement<[category: number, key: string], { readonly expires_at: number | null }>
  /** One entry by its key. */
  readonly find: Statement<[category: number, key: string], FoundRow>
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
  /** Brings the deadlines of entries with ids after one of them into their order. */
  readonly orderDeadlines: Statement<[after: number]>
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
      categoryEntries: number,
      categoryBytes: number,
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
  /** Removes every entry. */
  readonly removeAll: Statement<[]>
  /** Tags an entry. */
  readonly addTag: Statement<[tag: string, id: number]>
  /** Moves the tags of an entry to its new id. */
  readonly moveTags: Statement<[to: number, id: number]>
  /** Removes the tags of an entry. */
  readonly removeTags: Statement<[id: number]>
  /** Removes every tag. */
  readonly removeAllTags: Statement<[]>
}

const ENTRY = 'id, category, key, size, version, tagged, expires_at, kept_until, entries.sweep_at'

/** Prepares them all. */
export function prepareEntryStatements(database: Database): EntryStatements {
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
    find: sql<[number, string], FoundRow>(
      'SELECT id, size, version, tagged, expires_at, sweep_at FROM entries WHERE category = ? AND key = ?',
    ).raw(),
    findById: sql(`SELECT ${ENTRY} FROM entries WHERE id = ?`),
    oldest: sql(`SELECT ${ENTRY} FROM entries WHERE id > ? ORDER BY id LIMIT ?`),
    oldestOf: number('SELECT id FROM entries WHERE category = ? AND id > ? ORDER BY id LIMIT ?'),
    due: sql(
      `SELECT ${ENTRY} FROM deadlines AS due CROSS JOIN entries USING (id) WHERE due.sweep_at <= ? ORDER BY due.sweep_at LIMIT ?`,
    ),
    earliestSweep: number('SELECT min(sweep_at) FROM deadlines'),
    dueCount: number(
      'SELECT count(*) FROM deadlines AS due CROSS JOIN entries USING (id) WHERE due.sweep_at <= ? AND expires_at <= ?',
    ),
    graceCount: number(
      `SELECT count(*) FROM entries
       WHERE kept_until IS NOT expires_at AND expires_at <= ? AND (sweep_at IS NULL OR sweep_at > ?)`,
    ),
    orderDeadlines: sql(
      'INSERT OR IGNORE INTO deadlines SELECT sweep_at, id FROM entries WHERE id > ? AND sweep_at IS NOT NULL',
    ),
    insert: sql(
      `INSERT INTO entries
         (id, category, key, size, version, tagged, expires_at, kept_until, sweep_at, category_entries,
          category_bytes, value)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
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
    removeAll: sql('DELETE FROM entries'),
    addTag: sql('INSERT OR IGNORE INTO tags (tag, entry_id) VALUES (?, ?)'),
    moveTags: sql('UPDATE tags SET entry_id = ? WHERE entry_id = ?'),
    removeTags: sql('DELETE FROM tags WHERE entry_id = ?'),
    removeAllTags: sql('DELETE FROM tags'),
  }
}
