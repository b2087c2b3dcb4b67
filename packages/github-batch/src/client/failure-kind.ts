import { isGitHubAPIError, isNetworkError, isRateLimitError } from '@x/core'

/**
 * Why a request failed, as far as it decides what to do next.
 *
 * - `network`: no answer. `timeout`: none in time. `server`: an answer of 500 and above. These may pass.
 * - `rate-limit`: passes at a known time.
 * - `authentication`: the token is refused; every other request would be too.
 * - `item`: this file alone cannot be had: not found, forbidden, too large, or other bytes than promised.
 */
export type FailureKind = 'network' | 'timeout' | 'server' | 'rate-limit' | 'authentication' | 'item'

/** What kind of failure an error stands for. */
export function failureKindOf(error: unknown): FailureKind {
  if (isRateLimitError(error)) return 'rate-limit'
  if (isNetworkError(error)) return isTimeout(error.cause) ? 'timeout' : 'network'
  if (isGitHubAPIError(error, 401)) return 'authentication'
  return isGitHubAPIError(error) && error.statusCode >= 500 ? 'server' : 'item'
}

function isTimeout(cause: unknown): boolean {
  return cause instanceof Error && cause.name === 'TimeoutError'
}
