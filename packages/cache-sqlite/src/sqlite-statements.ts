import type { Database, Statement } from 'better-sqlite3'

import { type EntryStatements, prepareEntryStatements } from './entry-statements.ts'
import { preparing } from './preparing.ts'
import { prepareTotalsStatements, type TotalsStatements } from './totals-statements.ts'

/** Every statement of fixed form, prepared once per connection. */
export interface Statements extends EntryStatements, TotalsStatements {
  /** Starts a transaction as a writer at once: one that begins as a reader could not wait for its turn. */
  readonly begin: Statement<[]>
  /** Ends it for good. */
  readonly commit: Statement<[]>
  /** Ends it as if it had not been. */
  readonly rollback: Statement<[]>
  /** Notes the limit for the bytes of all values; `null`: none. */
  readonly saveLimit: Statement<[maxSizeBytes: number | null]>
  /** Notes some uses. */
  readonly addUses: Statement<[batch: string]>
  /** Drops the notes up to one of them. */
  readonly dropUses: Statement<[upTo: number | bigint]>
  /** The notes after one of them. */
  readonly usesAfter: Statement<[id: number], readonly [id: number, batch: string]>
  /** Changes when another connection has committed, and only then. */
  readonly dataVersion: Statement<[], number>
  /** The pages of the file. */
  readonly pageCount: Statement<[], number>
  /** Those of them that hold nothing. */
  readonly freePageCount: Statement<[], number>
}

/** Prepares them all. */
export function prepareStatements(database: Database): Statements {
  const { sql, number } = preparing(database)
  return {
    ...prepareEntryStatements(database),
    ...prepareTotalsStatements(database),
    begin: sql('BEGIN IMMEDIATE'),
    commit: sql('COMMIT'),
    rollback: sql('ROLLBACK'),
    saveLimit: sql('INSERT OR REPLACE INTO limits (id, max_size_bytes) VALUES (0, ?)'),
    addUses: sql('INSERT INTO uses (batch) VALUES (?)'),
    dropUses: sql('DELETE FROM uses WHERE id <= ?'),
    usesAfter: sql<[number], readonly [number, string]>('SELECT id, batch FROM uses WHERE id > ? ORDER BY id').raw(),
    dataVersion: number('PRAGMA data_version'),
    pageCount: number('PRAGMA page_count'),
    freePageCount: number('PRAGMA freelist_count'),
  }
}
