import { renameSync, statSync } from 'node:fs'

/** Tells one file from another that later has the same path; `undefined` when there is none. */
export function fileIdentity(path: string): string | undefined {
  const found = statSync(path, { throwIfNoEntry: false, bigint: true })
  return found === undefined ? undefined : `${found.dev}:${found.ino}`
}

/**
 * Moves a damaged file, with its WAL, to a name of its own beside it, unless another process has already done so.
 *
 * @returns the new path, or `undefined` when the path holds another file than the damaged one.
 */
export function moveAside(path: string, damaged: string | undefined): string | undefined {
  if (damaged === undefined || fileIdentity(path) !== damaged) return undefined
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
