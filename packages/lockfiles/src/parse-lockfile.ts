import { LockfileError } from './lockfile-error.ts'
import { LockfileFault } from './lockfile-fault.ts'
import { type ParsedLockfile } from './parsed-lockfile.ts'
import { selectFormat } from './select-format.ts'

/**
 * Reads the packages that a file pins. Time and memory grow with the size of the text alone; nothing outside the text is read.
 *
 * @param path - names the format by its end, as `isDependencyFile` judges it, and the file in errors.
 * @param text - the whole file, decoded from UTF-8; a byte order mark is skipped. At most 64 MiB as UTF-8.
 * @throws LockfileError `UNKNOWN_FORMAT` (no format has this base name), `TOO_LARGE`, `MALFORMED` (with line and column),
 * `UNSUPPORTED_VERSION` (a version of the format that is not known).
 */
export function parseLockfile(path: string, text: string): ParsedLockfile {
  const { format, content } = selectFormat(path, text)
  try {
    return format.parse(content, path)
  } catch (error) {
    if (!(error instanceof LockfileFault)) throw error
    throw new LockfileError(error.code, { path, reason: error.message, line: error.line, column: error.column })
  }
}
