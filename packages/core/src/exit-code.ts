import {
  isGitHubAPIError,
  isHttpStatusError,
  isNetworkError,
  isRateLimitError,
  isUnreadableAnswerError,
} from './batch-processing-error.ts'
import { type CacheError, isCacheError } from './cache-error.ts'

/** How every command of these packages ends. */
export const EXIT_CODES = {
  success: 0,
  /** An invalid argument, or an operation that failed. */
  general: 1,
  /** A missing or refused credential, or a bad configuration. */
  configuration: 2,
  /** The cache cannot be opened, is damaged, or may not be used. */
  cacheDatabase: 3,
  /** A service cannot be reached, does not answer in time, or not with what was asked for. */
  network: 4,
  threatsFound: 5,
  /** Something could not be read; wins over `threatsFound`. */
  scanIncomplete: 6,
  interrupted: 130,
} as const

/** One of `EXIT_CODES`. */
export type ExitCode = (typeof EXIT_CODES)[keyof typeof EXIT_CODES]

const NETWORK_ERRORS: ReadonlySet<unknown> = new Set(
  'ECONNREFUSED ECONNRESET ENOTFOUND EAI_AGAIN ETIMEDOUT EHOSTUNREACH ENETUNREACH'.split(' '),
)

/** The exit code for an error: 0 for `undefined`, 130 for an abort, 1 for what is not known here. */
export function exitCodeOf(error: unknown): ExitCode {
  if (error === undefined) return EXIT_CODES.success
  if (isCacheError(error)) return exitCodeOfCacheError(error)
  if (isGitHubAPIError(error, 401) || isHttpStatusError(error, 401)) return EXIT_CODES.configuration
  if (isServiceError(error)) return EXIT_CODES.network
  if (error instanceof Error && error.name === 'AbortError') return EXIT_CODES.interrupted
  return error instanceof Error && 'code' in error && NETWORK_ERRORS.has(error.code)
    ? EXIT_CODES.network
    : EXIT_CODES.general
}

function isServiceError(error: unknown): boolean {
  return [isNetworkError, isRateLimitError, isGitHubAPIError, isHttpStatusError, isUnreadableAnswerError].some((isOf) =>
    isOf(error),
  )
}

function exitCodeOfCacheError({ code }: CacheError): ExitCode {
  if (code === 'INVALID_CONFIGURATION') return EXIT_CODES.configuration
  return code.startsWith('STORE_') ? EXIT_CODES.cacheDatabase : EXIT_CODES.general
}
