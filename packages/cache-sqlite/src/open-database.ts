import { closeSync, mkdirSync, openSync, statSync } from 'node:fs'
import { dirname } from 'node:path'

import { CacheError } from '@x/core'
import BetterSqlite3, { type Database } from 'better-sqlite3'

import { blockThread } from './block-thread.ts'
import { isBusy, type StorePlace } from './sqlite-errors.ts'
import { assertSupportedRuntime } from './sqlite-runtime.ts'
import { createSchema, readSchemaState } from './sqlite-schema.ts'

/** The path of a cache that lives and dies with its process. */
export const IN_MEMORY = ':memory:'

/** At most, and only as far as pages are read: what is not here comes from the operating system's own cache. */
const PAGE_CACHE_KIB = 64 * 1_024
const PAUSE_MS = 5

/**
 * Opens a cache's database and makes it ready: folder, file, schema, settings. Two processes may do so at once.
 *
 * @throws CacheError for another program's database, a newer schema, a folder in place of the file, an old Node.js;
 *   errors of SQLite and of the file system as they are.
 */
export function openDatabase(place: StorePlace): Database {
  assertSupportedRuntime()
  if (place.path !== IN_MEMORY) prepareFile(place.path)
  const deadline = performance.now() + place.busyTimeoutMs
  for (;;) {
    try {
      return openOnce(place)
    } catch (error) {
      // Switching to WAL and the recovery after a crash fail at once when another process does the same.
      if (!isBusy(error) || performance.now() >= deadline) throw error
      blockThread(PAUSE_MS)
    }
  }
}

/**
 * Opening a file with such content for writing would bring that into it, whoever's file it is: so it is read first. As long as the
 * reader is open, what it has read of the write-ahead log is not read again.
 */
function openOnce(place: StorePlace): Database {
  const { path, busyTimeoutMs } = place
  if (path === IN_MEMORY || !hasPendingContent(path)) return openForWriting(place)
  const reader = new BetterSqlite3(path, { readonly: true, timeout: busyTimeoutMs })
  try {
    readSchemaState(reader, path)
    return openForWriting(place)
  } finally {
    reader.close()
  }
}

function openForWriting({ path, busyTimeoutMs }: StorePlace): Database {
  const database = new BetterSqlite3(path, { timeout: busyTimeoutMs })
  try {
    const state = readSchemaState(database, path)
    const mode = database.pragma('journal_mode = WAL', { simple: true })
    if (mode !== 'wal' && path !== IN_MEMORY) throw noWal(path)
    database.pragma('synchronous = NORMAL')
    database.pragma(`cache_size = -${PAGE_CACHE_KIB}`)
    if (state !== 'current') createSchema(database, path)
    return database
  } catch (error) {
    database.close()
    throw error
  }
}

/** Makes the folder (0700) and the file (0600) where they are missing; the WAL takes its rights from the file. */
function prepareFile(path: string): void {
  const found = statSync(path, { throwIfNoEntry: false })
  if (found?.isFile() === true) return
  if (found !== undefined) {
    throw new CacheError('STORE_UNAVAILABLE', {
      message: `The cache ${path} cannot be opened: it is ${found.isDirectory() ? 'a directory' : 'no regular file'}. Give the path of a file.`,
      details: { path },
    })
  }
  makeFolder(dirname(path))
  try {
    closeSync(openSync(path, 'wx', 0o600))
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
  }
}

/** Not `mkdirSync({ recursive: true })`: where a file system answers ENOENT, as /proc does, that never returns (seen on Node 24). */
function makeFolder(folder: string): void {
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true) return
  if (dirname(folder) !== folder) makeFolder(dirname(folder))
  try {
    mkdirSync(folder, { mode: 0o700 })
  } catch (error) {
    if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true) throw error
  }
}

/**
 * Whether its write-ahead log has content. A rollback journal, which a kill during the first open may leave, only restores what
 * was there, and cannot be read past without.
 */
function hasPendingContent(path: string): boolean {
  return (statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0) > 0
}

function noWal(path: string): CacheError {
  return new CacheError('STORE_UNAVAILABLE', {
    message: `The cache ${path} lies where SQLite cannot keep a write-ahead log. Choose a path on a local disk.`,
    details: { path },
  })
}
