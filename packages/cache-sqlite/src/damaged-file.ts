import { renameSync } from 'node:fs'

import { fileIdentity } from './file-identity.ts'
import { withReplacementLock } from './replacement-lock.ts'

/**
 * Moves a damaged file, with its WAL, to a name of its own beside it, unless another process has already done so.
 *
 * @returns the new path, or `undefined` when the path holds another file than the damaged one.
 */
export function moveAside(path: string, damaged: string | undefined): string | undefined {
  if (damaged === undefined) return undefined
  // Another process may be about to do the same: whoever comes second must not move the new file.
  return withReplacementLock(path, () => (fileIdentity(path) === damaged ? rename(path) : undefined))
}

function rename(path: string): string {
  const aside = freeName(`${path}.corrupt-${new Date().toISOString().replaceAll(':', '-')}`)
  // The file goes first: as long as it lies there, whoever opens it may make another WAL.
  for (const suffix of ['', '-wal', '-shm']) {
    if (fileIdentity(path + suffix) !== undefined) renameSync(path + suffix, aside + suffix)
  }
  return aside
}

function freeName(name: string): string {
  let free = name
  for (let count = 2; fileIdentity(free) !== undefined; count += 1) free = `${name}-${count}`
  return free
}
