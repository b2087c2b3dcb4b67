import { lstatSync, readlinkSync, realpathSync } from 'node:fs'
import { dirname, isAbsolute } from 'node:path'

/**
 * Where a path leads to, through symbolic links, also where there is nothing yet: beside that SQLite keeps its log.
 *
 * @throws errors of the file system, such as for links that lead in a circle.
 */
export function realPath(path: string): string {
  try {
    return realpathSync.native(path)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error
  }
  if (lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() !== true) return path
  const target = readlinkSync(path)
  // BAD: resolve(dirname(path), target), which takes `..` after a linked folder for the folder of the link.
  return realPath(isAbsolute(target) ? target : `${dirname(path)}/${target}`)
}
