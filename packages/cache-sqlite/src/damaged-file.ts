import { renameSync } from 'node:fs'

import BetterSqlite3 from 'better-sqlite3'

import { fileIdentity } from './file-identity.ts'

/** An empty file that stays: deleting it would let two hold it. */
const LOCK_SUFFIX = '.recreate-lock'
const LONGEST_WAIT_MS = 2_000

/**
 * Moves a damaged file, with its WAL, to a name of its own beside it, unless another process has already done so.
 *
 * @returns the new path, or `undefined` when the path holds another file than the damaged one.
 */
export function moveAside(path: string, damaged: string | undefined): string | undefined {
  if (damaged === undefined) return undefined
  // Another process may be about to do the same: whoever comes second must not move the new file.
  const lock = new BetterSqlite3(`${path}${LOCK_SUFFIX}`, { timeout: LONGEST_WAIT_MS })
  try {
    lock.exec('BEGIN EXCLUSIVE')
    return fileIdentity(path) === damaged ? rename(path) : undefined
  } finally {
    lock.close()
  }
}

function rename(path: string): string {
  const aside = freeName(`${path}.corrupt-${new Date().toISOString().replaceAll(':', '-')}`)
  // The WAL goes first: SQLite would replay it into a new file of the old name.
  for (const suffix of ['-wal', '-shm', '']) {
    if (fileIdentity(path + suffix) !== undefined) renameSync(path + suffix, aside + suffix)
  }
  return aside
}

function freeName(name: string): string {
  let free = name
  for (let count = 2; fileIdentity(free) !== undefined; count += 1) free = `${name}-${count}`
  return free
}
