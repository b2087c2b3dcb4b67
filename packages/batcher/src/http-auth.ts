import { CacheError } from '@x/core'

/** Who asks: a user with a password (or an API token in its place), or the bearer of a token. */
export type HttpAuth = { readonly username: string; readonly password: string } | { readonly token: string }

/**
 * The `Authorization` header.
 *
 * @throws CacheError `INVALID_CONFIGURATION` for a credential that is missing, or that no header can carry.
 */
export function authorizationOf(auth: HttpAuth): string {
  if ('token' in auth) {
    if (!isText(auth.token)) throw unusable('token', 'is missing')
    if (!/^[\x21-\x7E]+$/.test(auth.token))
      throw unusable('token', 'has a space, a line break or another odd character')
    return `Bearer ${auth.token}`
  }
  const { username, password } = auth
  if (!isText(username)) throw unusable('username', 'is missing')
  if (!isText(password)) throw unusable('password', 'is missing')
  // RFC 7617, 2: the first colon ends the user's name.
  if (username.includes(':')) throw unusable('username', 'has a colon')
  if (/[\r\n]/.test(username + password)) throw unusable('credentials', 'have a line break')
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && value !== ''
}

function unusable(what: string, why: string): CacheError {
  return new CacheError('INVALID_CONFIGURATION', { message: `The ${what} ${why}. Set it again.` })
}
