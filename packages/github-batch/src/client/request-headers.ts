import { type Awaitable, CacheError } from '@x/core'

import { type GitHubRequest } from './github-request.ts'

/** A token, or a function that gives the one to use now. */
export type GitHubToken = string | (() => Awaitable<string>)

/**
 * What a request is sent with: the token as it is now.
 *
 * @throws CacheError `INVALID_CONFIGURATION` for what can be no token; what the function throws that gives it; the signal's reason.
 */
export async function requestHeaders(
  { accept, body, signal }: GitHubRequest,
  token: GitHubToken | undefined,
): Promise<Record<string, string>> {
  const secret = typeof token === 'function' ? await unlessAborted(token(), signal) : token
  if (secret !== undefined && !/^[\x21-\x7E]*$/.test(secret)) {
    throw new CacheError('INVALID_CONFIGURATION', {
      message: 'The token has a space, a line break or another character that no token has. Set it again.',
    })
  }
  return {
    accept,
    'user-agent': '@x/github-batch',
    'x-github-api-version': '2022-11-28',
    ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    ...(secret === undefined || secret === '' ? {} : { authorization: `Bearer ${secret}` }),
  }
}

/** Waits for a token no longer than the request itself would. */
async function unlessAborted<T>(awaitable: Awaitable<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return awaitable
  signal.throwIfAborted()
  const { promise, reject } = Promise.withResolvers<never>()
  const abort = (): void => {
    reject(signal.reason as Error)
  }
  signal.addEventListener('abort', abort, { once: true })
  try {
    return await Promise.race([awaitable, promise])
  } finally {
    signal.removeEventListener('abort', abort)
  }
}
