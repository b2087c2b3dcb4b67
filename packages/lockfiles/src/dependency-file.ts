import { LOCKFILE_FORMATS } from './lockfile-formats.ts'

const FILE_NAMES: ReadonlySet<string> = new Set(LOCKFILE_FORMATS.flatMap((format) => format.fileNames))

/** npm's own record of what it has installed: the only file in `node_modules` that speaks about the project. */
const HIDDEN_LOCKFILE = '.package-lock.json'

/**
 * Whether `parseLockfile` reads files of this path, judged by the base name (case counts). Both `/` and `\` separate
 * folders. What lies below a `node_modules` folder belongs to somebody else and is not, except
 * `node_modules/.package-lock.json`.
 */
export function isDependencyFile(path: string): boolean {
  const folders = path.split(/[/\\]/)
  const name = folders.pop() ?? ''
  if (!FILE_NAMES.has(name)) return false
  if (name === HIDDEN_LOCKFILE && folders.pop() !== 'node_modules') return false
  return !folders.includes('node_modules')
}
