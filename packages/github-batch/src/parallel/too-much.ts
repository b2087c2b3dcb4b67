import { isGitHubAPIError } from '@x/core'

/**
 * Whether GitHub may have refused a question because it was too much at once: then a part of it can succeed. Other
 * errors (a limit, a lost connection, a refused token) would meet each part as well.
 */
export function mayBeTooMuch(error: unknown): boolean {
  return isGitHubAPIError(error) && (error.statusCode >= 500 || error.statusCode === 200)
}
