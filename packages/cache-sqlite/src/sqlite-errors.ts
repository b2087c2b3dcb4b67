import { CacheError, type CacheErrorCode } from '@x/core'

/** What messages name. */
export interface StorePlace {
  /** The file of the cache. */
  readonly path: string
  /** How long an operation waits for others, in milliseconds. */
  readonly busyTimeoutMs: number
}

type Report = readonly [code: CacheErrorCode, happened: (place: StorePlace) => string]

const RIGHTS = 'Check the rights of this user on it and on its folder.'
const BUSY: Report = [
  'STORE_UNAVAILABLE',
  ({ busyTimeoutMs }) =>
    `was in use by others for longer than busyTimeout (${busyTimeoutMs} ms). Try again, or raise busyTimeout.`,
]
const DAMAGED: Report = [
  'STORE_CORRUPT',
  () =>
    "is damaged or no SQLite database. Check the path; remove the file, or open it with onCorrupt: 'recreate', which keeps it aside and starts empty.",
]
const NOT_WRITABLE: Report = [
  'STORE_UNAVAILABLE',
  () => `cannot be written, or has been moved since it was opened. ${RIGHTS}`,
]
const NOT_OPENED: Report = ['STORE_UNAVAILABLE', () => `cannot be opened. Check the path. ${RIGHTS}`]
const NO_SPACE: Report = [
  'STORE_UNAVAILABLE',
  () => 'cannot grow: the disk is full. Free some space, or choose a place that has more.',
]
const NO_FOLDER: Report = [
  'STORE_UNAVAILABLE',
  () => 'cannot be opened: a part of its path is a file and no folder. Choose another path.',
]
const TOO_MANY_FILES: Report = [
  'STORE_UNAVAILABLE',
  () => 'cannot be opened: too many files are open. Close some, or raise the limit (ulimit -n).',
]
const NOT_READABLE: Report = ['STORE_UNAVAILABLE', () => 'cannot be read or written. Check its disk.']

/** By the first two words of an SQLite result code, or by a code of the operating system, of which every other one is `NOT_OPENED`. */
const REPORTS: Readonly<Record<string, Report>> = {
  SQLITE_BUSY: BUSY,
  SQLITE_LOCKED: BUSY,
  SQLITE_PROTOCOL: BUSY,
  SQLITE_CORRUPT: DAMAGED,
  SQLITE_NOTADB: DAMAGED,
  SQLITE_CANTOPEN: NOT_OPENED,
  SQLITE_PERM: NOT_WRITABLE,
  SQLITE_READONLY: NOT_WRITABLE,
  SQLITE_IOERR: NOT_READABLE,
  EIO: NOT_READABLE,
  SQLITE_FULL: NO_SPACE,
  ENOSPC: NO_SPACE,
  EDQUOT: NO_SPACE,
  ENOTDIR: NO_FOLDER,
  EEXIST: NO_FOLDER,
  EMFILE: TOO_MANY_FILES,
  ENFILE: TOO_MANY_FILES,
  EROFS: NOT_WRITABLE,
}

/** Says what an error of SQLite or of the file system means for the cache. Every other error comes back as it is. */
export function toCacheError(error: unknown, place: StorePlace): unknown {
  const code = codeOf(error)
  const known = REPORTS[code.startsWith('SQLITE_') ? code.split('_', 2).join('_') : code]
  const report = known ?? (isSystemError(error) ? NOT_OPENED : undefined)
  if (report === undefined) return error
  const [cacheErrorCode, happened] = report
  return new CacheError(cacheErrorCode, {
    message: `The cache ${place.path} ${happened(place)}`,
    details: { path: place.path, code },
    cause: error,
  })
}

/** Whether SQLite gave up waiting for another connection. */
export function isBusy(error: unknown): boolean {
  return /^SQLITE_(BUSY|LOCKED|PROTOCOL)/.test(codeOf(error))
}

/** By its `syscall`: an `errno` is also in errors of zlib, which a codec may throw. */
function isSystemError(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : ''
}
