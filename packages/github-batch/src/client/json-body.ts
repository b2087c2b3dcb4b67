import { GitHubAPIError } from '@x/core'

/** What an answer's JSON says; whether it is what was asked for is for the reader to check. @throws GitHubAPIError where it is none. */
export function parseJson<T>(body: Uint8Array, url: string): T {
  try {
    return JSON.parse(new TextDecoder().decode(body)) as T
  } catch (cause) {
    throw new GitHubAPIError(`${url}: the answer is not JSON`, 200, { cause })
  }
}
