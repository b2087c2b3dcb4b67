import BetterSqlite3 from 'better-sqlite3'

/** Takes the write lock of a file, as another process would. */
export function lockFile(path: string): { release(): void } {
  const database = new BetterSqlite3(path)
  database.exec('BEGIN IMMEDIATE')
  return {
    release: () => {
      database.close()
    },
  }
}
