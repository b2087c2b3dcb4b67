import type { Database, Statement } from 'better-sqlite3'

import { preparing } from './preparing.ts'

/** What is counted of a realm. */
interface RealmRow {
  /** Entries in it, those in their grace and expired ones that still lie there included. */
  readonly entry_count: number
  /** Bytes of their values. */
  readonly size_bytes: number
  /** The stamp of the latest removal in it. */
  readonly barrier: number
}

/** A category. */
export interface CategoryRow extends RealmRow {
  /** Never used again for another. */
  readonly id: number
  /** As key text. */
  readonly name: string
}

/** The whole store. */
export interface StoreRow extends RealmRow {
  /** No stamp in use is later. */
  readonly stamp: number
  /** The same, as far as its own row says it. */
  readonly reserved: number
  /** No entry's own `sweep_at` is earlier; `null`: none has one. */
  readonly sweep_at: number | null
  /** The deadlines of entries with later ids are not in their order yet. */
  readonly deadlines_to: number
}

/** What is asked of the counts of the store and of its categories, and done to them. */
export interface TotalsStatements {
  /** The whole store. */
  readonly store: Statement<[], StoreRow>
  /** The category whose counts the latest entry says. */
  readonly saidCategory: Statement<[], CategoryRow>
  /** Any other category. */
  readonly category: Statement<[id: number], CategoryRow>
  /** The categories that have entries. */
  readonly allCategories: Statement<[], CategoryRow>
  /** The ids of the categories that have entries. */
  readonly filledCategories: Statement<[], number>
  /** Notes the counts of a category. */
  readonly saveCategory: Statement<
    [entryCount: number, sizeBytes: number, barrier: number, settled: number, id: number]
  >
  /** Notes what the store has besides counts. */
  readonly saveStore: Statement<
    [barrier: number, settled: number, reserved: number, deadlinesTo: number, sweepAt: number | null]
  >
  /** Sets the counts of all categories to zero. */
  readonly clearTotals: Statement<[]>
  /** The id of a category. */
  readonly categoryId: Statement<[name: string], number>
  /** Makes a category. */
  readonly addCategory: Statement<[name: string]>
  /** How many categories there are. */
  readonly categoryCount: Statement<[], number>
  /** Removes categories without entries, once their counts are saved, in which nothing was removed for longest, and says until when. */
  readonly removeCategories: Statement<[limit: number], number>
  /** A stamp of the store that no later change has, and the latest at which a key was touched. */
  readonly touch: Statement<[key: string, category: string], readonly [settled: number, touchedAt: number]>
}

const CATEGORY = 'id, name, entry_count, size_bytes, barrier'

/** Prepares them all. */
export function prepareTotalsStatements(database: Database): TotalsStatements {
  const { sql, number } = preparing(database)
  return {
    store: sql(
      `SELECT store.barrier, store.reserved_to AS reserved, store.sweep_at, store.deadlines_to,
         max(store.reserved_to, ifnull(latest.id, 0)) AS stamp,
         store.entry_count + ifnull(category_entries - said.entry_count, 0) AS entry_count,
         store.size_bytes + ifnull(category_bytes - said.size_bytes, 0) AS size_bytes
       FROM totals AS store
         LEFT JOIN entries AS latest ON latest.id = (SELECT max(id) FROM entries)
         LEFT JOIN totals AS said ON said.id = latest.category AND said.settled < latest.id
       WHERE store.id = 0`,
    ),
    saidCategory: sql(
      `SELECT totals.id, name, category_entries AS entry_count, category_bytes AS size_bytes, barrier
       FROM entries AS latest JOIN totals ON totals.id = latest.category AND settled < latest.id
       WHERE latest.id = (SELECT max(id) FROM entries)`,
    ),
    category: sql(`SELECT ${CATEGORY} FROM totals WHERE id = ?`),
    allCategories: sql(`SELECT ${CATEGORY} FROM counts WHERE entry_count > 0`),
    filledCategories: number('SELECT id FROM counts WHERE entry_count > 0'),
    saveCategory: sql('UPDATE totals SET entry_count = ?, size_bytes = ?, barrier = ?, settled = ? WHERE id = ?'),
    saveStore: sql(
      'UPDATE totals SET barrier = ?, settled = ?, reserved_to = ?, deadlines_to = ?, sweep_at = ? WHERE id = 0',
    ),
    clearTotals: sql('UPDATE totals SET entry_count = 0, size_bytes = 0 WHERE id > 0 AND entry_count > 0'),
    categoryId: number('SELECT id FROM totals WHERE name = ?'),
    addCategory: sql('INSERT INTO totals (name) VALUES (?)'),
    categoryCount: number('SELECT count(*) FROM totals'),
    removeCategories: number(
      `DELETE FROM totals WHERE id IN (SELECT id FROM totals WHERE id > 0 AND entry_count = 0 ORDER BY barrier LIMIT ?)
       RETURNING barrier`,
    ),
    touch: sql<[string, string], readonly [number, number]>(
      `SELECT max(store.settled, ifnull(realm.settled, 0), ifnull((SELECT max(id) FROM entries), 0)), max(
         store.barrier,
         ifnull(realm.barrier, 0),
         ifnull((SELECT version FROM entries WHERE category = realm.id AND key = ?), 0)
       )
       FROM totals AS store LEFT JOIN totals AS realm ON realm.name = ? WHERE store.id = 0`,
    ).raw(),
  }
}
