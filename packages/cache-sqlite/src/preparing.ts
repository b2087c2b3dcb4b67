import type { Database, Statement } from 'better-sqlite3'

type Sql = <Parameters extends unknown[], Result = unknown>(text: string) => Statement<Parameters, Result>

/** How the statements of a database are prepared: those with rows, and those that answer one number. */
export function preparing(database: Database): {
  sql: Sql
  number: <P extends unknown[]>(text: string) => Statement<P, number>
} {
  const sql: Sql = <Parameters extends unknown[], Result>(text: string) => database.prepare<Parameters, Result>(text)
  return { sql, number: <P extends unknown[]>(text: string) => sql<P, number>(text).pluck() }
}
