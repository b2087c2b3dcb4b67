import { LockfileError } from './lockfile-error.ts'
import { LockfileFault } from './lockfile-fault.ts'
import { formatsOf } from './lockfile-formats.ts'
import { type ParsedLockfile } from './parsed-lockfile.ts'

const MAX_BYTES = 64 * 1024 * 1024

/**
 * Reads the packages that a file pins. Time and memory grow with the size of the text alone; nothing outside the text is read.
 *
 * @param path - names the format by its end, as `isDependencyFile` judges it, and the file in errors.
 * @param text - the whole file, decoded from UTF-8; a byte order mark is skipped. At most 64 MiB as UTF-8.
 * @throws LockfileError `UNKNOWN_FORMAT` (no format has this base name), `TOO_LARGE`, `MALFORMED` (with line and column),
 * `UNSUPPORTED_VERSION` (a version of the format that is not known).
 */
export function parseLockfile(path: string, text: string): ParsedLockfile {
  const formats = formatsOf(path)
  if (formats.length === 0)
    throw new LockfileError('UNKNOWN_FORMAT', { path, reason: 'No known format has this name.' })
  if (exceedsLimit(text)) throw new LockfileError('TOO_LARGE', { path, reason: 'The file is larger than 64 MiB.' })

  const content = text.startsWith('\uFEFF') ? text.slice(1) : text
  const format = formats.find(({ recognises }) => recognises?.(content) ?? true)
  if (format === undefined)
    throw new LockfileError('UNKNOWN_FORMAT', { path, reason: 'No known format looks like this.' })
  try {
    return format.parse(content, path)
  } catch (error) {
    if (!(error instanceof LockfileFault)) throw error
    throw new LockfileError(error.code, { path, reason: error.message, line: error.line, column: error.column })
  }
}

function exceedsLimit(text: string): boolean {
  if (text.length > MAX_BYTES) return true
  // A UTF-16 unit takes at most three bytes of UTF-8: most texts need no count.
  return text.length * 3 > MAX_BYTES && Buffer.byteLength(text) > MAX_BYTES
}
