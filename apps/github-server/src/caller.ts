/** Who asks: a token, or nobody in particular. */
export interface Caller {
  /** Empty when there is none. */
  readonly token: string
}

/** The token of an `Authorization` header: `Bearer T`, `token T`, or the password (else the user) of `Basic`. */
export function callerOf(authorization: string | undefined): Caller {
  const [scheme = '', value = ''] = (authorization ?? '').trim().split(/\s+/, 2)
  if (scheme.toLowerCase() !== 'basic') return { token: value }
  const credentials = Buffer.from(value, 'base64').toString('utf8')
  const colon = credentials.indexOf(':')
  if (colon < 0) return { token: credentials }
  const password = credentials.slice(colon + 1)
  const isPlaceholder = password === '' || password === 'x-oauth-basic'
  return { token: isPlaceholder ? credentials.slice(0, colon) : password }
}
