import { existsSync } from 'node:fs'

import BetterSqlite3 from 'better-sqlite3'

/** An empty file that stays: deleting it would let two hold it. */
const SUFFIX = '.recreate-lock'
const LONGEST_WAIT_MS = 2_000

/** Does work while nobody else moves the file aside, or makes one in the place of one that is gone. */
export function withReplacementLock<Result>(path: string, work: () => Result): Result {
  const lock = new BetterSqlite3(`${path}${SUFFIX}`, { timeout: LONGEST_WAIT_MS })
  try {
    lock.exec('BEGIN EXCLUSIVE')
    return work()
  } finally {
    lock.close()
  }
}

/** Whether somebody has taken the lock of a file before. */
export function hasReplacementLock(path: string): boolean {
  return existsSync(`${path}${SUFFIX}`)
}
