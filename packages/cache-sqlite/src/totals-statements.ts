import type { Database, Statement } from 'better-sqlite3'

import { preparing } from './preparing.ts'

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
  /** No stamp in use is later; only the whole store's counts. */
  readonly stamp: number
  /** No entry's own `sweep_at` is earlier; `null`: none has one. Only the whole store's counts. */
  readonly sweep_at: number | null
  /** The deadlines of entries with later ids are not in their order yet. Only the whole store's counts. */
  readonly deadlines_to: number
  /** The category whose counts, with those of the store, only the latest entry says; `null`: none. */
  readonly unsaved: number | null
}

/** What is asked of the counts of the store and of its categories, and done to them. */
export interface TotalsStatements {
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
    [
      entryCount: number,
      sizeBytes: number,
      barrier: number,
      settled: number,
      reserved: number,
      deadlinesTo: number,
      sweepAt: number | null,
    ]
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
  /** A stamp of the store that no later change has, and the latest at which a key was touched. */
  readonly touch: Statement<
    [category: string, category: string, key: string],
    readonly [settled: number, touchedAt: number]
  >
}

const COUNTS = 'id, name, entry_count, size_bytes, barrier, stamp, sweep_at, deadlines_to, unsaved'

/** Prepares them all. */
export function prepareTotalsStatements(database: Database): TotalsStatements {
  const { sql, number } = preparing(database)
  return {
    totals: sql(`SELECT ${COUNTS} FROM counts WHERE id = ?`),
    allTotals: sql(`SELECT ${COUNTS} FROM counts WHERE entry_count > 0 OR id = 0`),
    filledCategories: number('SELECT id FROM counts WHERE entry_count > 0 AND id > 0'),
    saveTotals: sql('UPDATE totals SET entry_count = ?, size_bytes = ?, barrier = ? WHERE id = ?'),
    saveStore: sql(
      `UPDATE totals SET entry_count = ?, size_bytes = ?, barrier = ?, settled = ?, reserved = ?, deadlines_to = ?, sweep_at = ?
       WHERE id = 0`,
    ),
    clearTotals: sql('UPDATE totals SET entry_count = 0, size_bytes = 0 WHERE entry_count > 0'),
    categoryId: number('SELECT id FROM totals WHERE name = ?'),
    addCategory: sql('INSERT INTO totals (name) VALUES (?)'),
    categoryCount: number('SELECT count(*) FROM totals'),
    removeCategories: number(
      `DELETE FROM totals WHERE id IN (SELECT id FROM counts WHERE id > 0 AND entry_count = 0 ORDER BY barrier LIMIT ?)
       RETURNING barrier`,
    ),
    touch: sql<[string, string, string], readonly [number, number]>(
      `SELECT max(settled, ifnull((SELECT max(id) FROM entries), 0)), max(
         barrier,
         ifnull((SELECT barrier FROM totals WHERE name = ?), 0),
         ifnull((SELECT version FROM entries WHERE category = (SELECT id FROM totals WHERE name = ?) AND key = ?), 0)
       )
       FROM totals WHERE id = 0`,
    ).raw(),
  }
}
