import { statSync } from 'node:fs'

import { CacheError } from '@x/core'
import BetterSqlite3, { type Database } from 'better-sqlite3'

import { blockThread } from './block-thread.ts'
import { isReplaced } from './file-identity.ts'
import { type PreparedFile, prepareFile } from './prepare-file.ts'
import { isBusy, type StorePlace } from './sqlite-errors.ts'
import { assertSupportedRuntime } from './sqlite-runtime.ts'
import { createSchema, readSchemaState } from './sqlite-schema.ts'

/** The path of a cache that lives and dies with its process. */
export const IN_MEMORY = ':memory:'

/** At most, and only as far as pages are read: what is not here comes from the operating system's own cache. */
const PAGE_CACHE_KIB = 64 * 1_024
const PAUSE_MS = 5

/** A database that is open, and which file it is. */
export interface OpenDatabase {
  /** Ready for use. */
  readonly database: Database
  /** What its path led to when it was opened; `undefined`: it lies in memory. */
  readonly file: PreparedFile | undefined
}

/**
 * Opens a cache's database and makes it ready: folder, file, schema, settings. Two processes may do so at once. A file that is replaced
 * meanwhile is left for the new one.
 *
 * @throws CacheError for another program's database, a newer schema, a folder in place of the file, an old Node.js;
 *   errors of SQLite and of the file system as they are.
 */
export function openDatabase(place: StorePlace): OpenDatabase {
  assertSupportedRuntime()
  if (place.path === IN_MEMORY) return { database: openForWriting(place), file: undefined }
  const deadline = performance.now() + place.busyTimeoutMs
  for (;;) {
    let file: PreparedFile | undefined
    try {
      file = prepareFile(place.path)
      return { database: openOnce(place, file), file }
    } catch (error) {
      // Switching to WAL and the recovery after a crash fail at once when another process does the same.
      const isPassing = isBusy(error) || (file !== undefined && isReplaced(place.path, file.identity))
      if (!isPassing || performance.now() >= deadline) throw error
      blockThread(PAUSE_MS)
    }
  }
}

/**
 * Opening a file with such content for writing would bring that into it, whoever's file it is: so it is read first. As long as the
 * reader is open, what it has read of the write-ahead log is not read again.
 */
function openOnce(place: StorePlace, { realPath, identity }: PreparedFile): Database {
  const { path, busyTimeoutMs } = place
  if (!hasPendingContent(realPath)) return openForWriting(place, identity)
  const reader = new BetterSqlite3(path, { readonly: true, timeout: busyTimeoutMs })
  try {
    readSchemaState(reader, path)
    return openForWriting(place, identity)
  } finally {
    reader.close()
  }
}

function openForWriting({ path, busyTimeoutMs }: StorePlace, identity?: string): Database {
  const database = new BetterSqlite3(path, { timeout: busyTimeoutMs, fileMustExist: identity !== undefined })
  try {
    const state = readSchemaState(database, path)
    const mode = database.pragma('journal_mode = WAL', { simple: true })
    if (mode !== 'wal' && path !== IN_MEMORY) throw noWal(path)
    // The WAL may be that of a new file, into which nothing of this one must come.
    if (identity !== undefined && isReplaced(path, identity)) throw replaced()
    database.pragma('synchronous = NORMAL')
    database.pragma(`cache_size = -${PAGE_CACHE_KIB}`)
    if (state !== 'current') createSchema(database, path)
    return database
  } catch (error) {
    database.close()
    throw error
  }
}

/**
 * Whether its write-ahead log has content. A rollback journal, which a kill during the first open may leave, only restores what
 * was there, and cannot be read past without.
 */
function hasPendingContent(realPath: string): boolean {
  return (statSync(`${realPath}-wal`, { throwIfNoEntry: false })?.size ?? 0) > 0
}

function replaced(): Error {
  return new BetterSqlite3.SqliteError('The file was replaced while it was opened.', 'SQLITE_READONLY_DBMOVED')
}

function noWal(path: string): CacheError {
  return new CacheError('STORE_UNAVAILABLE', {
    message: `The cache ${path} lies where SQLite cannot keep a write-ahead log. Choose a path on a local disk.`,
    details: { path },
  })
}
