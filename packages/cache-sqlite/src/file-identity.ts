import { statSync } from 'node:fs'

/** Tells one file from another that later has the same path; `undefined` when there is none. */
export function fileIdentity(path: string): string | undefined {
  const found = statSync(path, { throwIfNoEntry: false, bigint: true })
  return found === undefined ? undefined : `${found.dev}:${found.ino}`
}

/** Whether a path leads to another file by now, to none, or to what cannot be looked at: opening it anew says why. */
export function isReplaced(path: string, identity: string): boolean {
  try {
    return fileIdentity(path) !== identity
  } catch {
    return true
  }
}
