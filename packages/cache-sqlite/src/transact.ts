import type { Database } from 'better-sqlite3'

/**
 * Does work as one transaction, which is a writer's from its start: one that begins as a reader fails when it would write after
 * another process has, however long it is willing to wait.
 */
export function transact<Result>(database: Database, work: () => Result): Result {
  database.exec('BEGIN IMMEDIATE')
  try {
    const result = work()
    database.exec('COMMIT')
    return result
  } catch (error) {
    // SQLite has already rolled back where the disk is full or fails.
    if (database.inTransaction) database.exec('ROLLBACK')
    throw error
  }
}
