import { closeSync, existsSync, mkdirSync, openSync, rmSync, statSync } from 'node:fs'
import { dirname } from 'node:path'

import { CacheError } from '@x/core'
import BetterSqlite3 from 'better-sqlite3'

import { fileIdentity } from './file-identity.ts'
import { realPath } from './real-path.ts'
import { hasReplacementLock, withReplacementLock } from './replacement-lock.ts'

/** A file that is there. */
export interface PreparedFile {
  /** Where it lies, and beside it its WAL: see `realPath`. */
  readonly realPath: string
  /** See `fileIdentity`. */
  readonly identity: string
}

/**
 * Makes the folder (0700) and the file (0600) where they are missing; the WAL takes its rights from the file. A symbolic link to nothing
 * gets the file that it names.
 *
 * @throws CacheError `STORE_UNAVAILABLE` for what is no file; SqliteError `SQLITE_BUSY` where somebody else is at it as well; errors of
 *   the file system as they are.
 */
export function prepareFile(place: string): PreparedFile {
  const path = realPath(place)
  const found = statSync(path, { throwIfNoEntry: false })
  if (found === undefined) {
    makeFolder(dirname(path))
    makeFile(path)
  } else if (!found.isFile()) {
    throw new CacheError('STORE_UNAVAILABLE', {
      message: `The cache ${place} cannot be opened: it is ${found.isDirectory() ? 'a directory' : 'no regular file'}. Give the path of a file.`,
      details: { path: place },
    })
  }
  const identity = fileIdentity(path)
  if (identity === undefined) throw new BetterSqlite3.SqliteError('The file was taken away at once.', 'SQLITE_BUSY')
  return { realPath: path, identity }
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
 * The WAL of a file that is gone must not stay beside the new one, nor its index, which others may have open: SQLite would read what
 * only the old one had. They go before there is a file to which new ones could belong, and nobody else makes it meanwhile: whoever sees
 * neither of them sees that somebody else is, or has been, at it.
 */
function makeFile(path: string): void {
  const leftovers = [`${path}-wal`, `${path}-shm`]
  if (!leftovers.some((leftover) => existsSync(leftover)) && !hasReplacementLock(path)) {
    createEmpty(path)
    return
  }
  withReplacementLock(path, () => {
    if (fileIdentity(path) !== undefined) return
    for (const leftover of leftovers) rmSync(leftover, { force: true })
    createEmpty(path)
  })
}

function createEmpty(path: string): void {
  try {
    closeSync(openSync(path, 'wx', 0o600))
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
  }
}
