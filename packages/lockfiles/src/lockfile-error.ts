const ADVICE = {
  UNKNOWN_FORMAT: 'Ask isDependencyFile() first.',
  MALFORMED: 'Repair the file, or let its package manager write it again.',
  TOO_LARGE: 'Leave it out, or split the project.',
  UNSUPPORTED_VERSION: 'Update this package, or let another version of the package manager write the file.',
} as const

/** Why a file could not be read at all, for programs. */
export type LockfileErrorCode = keyof typeof ADVICE

/** Every code, for those who list or check them. */
export const LOCKFILE_ERROR_CODES = Object.keys(ADVICE) as readonly LockfileErrorCode[]

/** Facts about a file that could not be read. */
export interface LockfileErrorOptions {
  /** The file, as the caller named it. */
  readonly path: string
  /** What is wrong, as a sentence. */
  readonly reason: string
  /** The line of the first fault, counted from 1; absent where the fault has no place. */
  readonly line?: number | undefined
  /** The column of the first fault in UTF-16 units, counted from 1; absent where the fault has no place. */
  readonly column?: number | undefined
}

/** A file could not be read at all: nothing is known about what it installs. */
export class LockfileError extends Error {
  override readonly name = 'LockfileError'
  readonly code: LockfileErrorCode
  readonly path: string
  declare readonly line?: number
  declare readonly column?: number

  constructor(code: LockfileErrorCode, { path, reason, line, column }: LockfileErrorOptions) {
    super(`${[path, line, column].filter((part) => part !== undefined).join(':')}: ${reason} ${ADVICE[code]}`)
    this.code = code
    this.path = path
    if (line !== undefined) this.line = line
    if (column !== undefined) this.column = column
  }
}

/** Whether an error is a `LockfileError`, of this or another installed copy of the package; with a code, only of that one. */
export function isLockfileError(error: unknown, code?: LockfileErrorCode): error is LockfileError {
  if (!(error instanceof Error) || error.name !== 'LockfileError' || !('code' in error)) return false
  return code === undefined ? (LOCKFILE_ERROR_CODES as readonly unknown[]).includes(error.code) : error.code === code
}
