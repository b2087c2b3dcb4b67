import { LockfileError } from './lockfile-error.ts'
import { formatsOf, type LockfileFormat } from './lockfile-formats.ts'

const MAX_BYTES = 64 * 1024 * 1024

/**
 * The format of a file, and its text without a byte order mark.
 *
 * @throws LockfileError `UNKNOWN_FORMAT` or `TOO_LARGE`.
 */
export function selectFormat(path: string, text: string): { format: LockfileFormat; content: string } {
  const formats = formatsOf(path)
  if (formats.length === 0)
    throw new LockfileError('UNKNOWN_FORMAT', { path, reason: 'No known format has this name.' })
  if (exceedsLimit(text)) throw new LockfileError('TOO_LARGE', { path, reason: 'The file is larger than 64 MiB.' })

  const content = text.startsWith('\uFEFF') ? text.slice(1) : text
  const format = formats.find(({ recognises }) => recognises?.(content) ?? true)
  if (format === undefined)
    throw new LockfileError('UNKNOWN_FORMAT', { path, reason: 'No known format looks like this.' })
  return { format, content }
}

function exceedsLimit(text: string): boolean {
  if (text.length > MAX_BYTES) return true
  // A UTF-16 unit takes at most three bytes of UTF-8: most texts need no count.
  return text.length * 3 > MAX_BYTES && Buffer.byteLength(text) > MAX_BYTES
}
