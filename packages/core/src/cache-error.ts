const DEFAULT_MESSAGES = {
  MEMORY_LIMIT_EXCEEDED: 'The memory limit is exceeded. Raise it, or store less.',
  INVALID_CONFIGURATION: 'The configuration is not valid.',
  OPERATION_TIMEOUT: 'The operation did not end in time.',
  WARMING_FAILED: 'The cache could not be warmed.',
  STORE_UNAVAILABLE: 'The store cannot be reached. Check that it runs and that this process may use it.',
  STORE_CORRUPT: 'The store is damaged. Restore it, or start with a new one.',
  STORE_CLOSED: 'The store is closed. Open a new one, or close it later.',
  VALUE_TOO_LARGE: 'The value is larger than the limit of the store.',
  NOT_SERIALIZABLE: 'The value would not come back as it is. Convert it first, or use another codec.',
} as const

/** What went wrong, for programs. */
export type CacheErrorCode = keyof typeof DEFAULT_MESSAGES

/** Every code, for those who list or check them. */
export const CACHE_ERROR_CODES = Object.keys(DEFAULT_MESSAGES) as readonly CacheErrorCode[]

/** What a `CacheError` may carry besides its code. */
export interface CacheErrorOptions {
  /** What happened and what to do next; each code has a general one. */
  readonly message?: string | undefined
  /** Facts for programs: the key, the limit, the path of a value. Never the value itself, never a secret. */
  readonly details?: Readonly<Record<string, unknown>> | undefined
  /** What led to it. */
  readonly cause?: unknown
}

/** A cache, a lease or their configuration failed. */
export class CacheError extends Error {
  override readonly name = 'CacheError'
  readonly code: CacheErrorCode
  readonly details: Readonly<Record<string, unknown>>

  constructor(code: CacheErrorCode, { message, details = {}, cause }: CacheErrorOptions = {}) {
    super(message ?? DEFAULT_MESSAGES[code], cause === undefined ? undefined : { cause })
    this.code = code
    this.details = details
  }
}

/** Whether an error is a `CacheError`, of this or another installed copy of the package; with a code, only of that one. */
export function isCacheError(error: unknown, code?: CacheErrorCode): error is CacheError {
  if (!(error instanceof Error) || error.name !== 'CacheError' || !('code' in error)) return false
  return code === undefined ? (CACHE_ERROR_CODES as readonly unknown[]).includes(error.code) : error.code === code
}
