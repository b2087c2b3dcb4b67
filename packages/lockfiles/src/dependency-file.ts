import { formatsOf } from './lockfile-formats.ts'

/** npm's own record of what it has installed: the only file in `node_modules` that speaks about the project. */
const HIDDEN_LOCKFILE = '.package-lock.json'

/**
 * Whether `parseLockfile` reads files of this path, judged by its end: the base name, for requirements of pip
 * also the folder (case counts). Both `/` and `\` separate
 * folders. What lies below a `node_modules` folder belongs to somebody else and is not, except
 * `node_modules/.package-lock.json`.
 */
export function isDependencyFile(path: string): boolean {
  const folders = path.split(/[/\\]/)
  const name = folders.pop() ?? ''
  if (formatsOf(path).length === 0) return false
  if (name === HIDDEN_LOCKFILE && folders.pop() !== 'node_modules') return false
  return !folders.includes('node_modules')
}
