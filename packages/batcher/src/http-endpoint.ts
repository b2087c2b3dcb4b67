import { inspect } from 'node:util'

/**
 * The URL of an endpoint: an absolute one as it is, any other below the base URL.
 *
 * @throws TypeError for what is no http(s) URL, or leads out of the base URL's path by `..`.
 */
export function resolveEndpoint(baseUrl: URL, endpoint: string): URL {
  if (/^[a-z][a-z\d+.-]*:/i.test(endpoint)) return parseHttpUrl('endpoint', endpoint)
  // Joined as text: `new URL('//elsewhere', base)` would leave the host, and `new URL('/path', base)` the base's path.
  const base = baseUrl.href.replace(/\/$/, '')
  const url = new URL(`${base}/${endpoint.replace(/^\//, '')}`)
  if (!`${url.pathname}/`.startsWith(`${baseUrl.pathname.replace(/\/$/, '')}/`)) {
    throw new TypeError(`The endpoint must lie below the base URL, but leads to ${url.pathname}.`)
  }
  return url
}

/** @throws TypeError for what is no http(s) URL, or carries credentials. */
export function parseHttpUrl(name: string, text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:') {
    throw new TypeError(`The ${name} must be an http or https URL, not ${inspect(text)}.`)
  }
  if (url.username !== '' || url.password !== '') {
    throw new TypeError(`The ${name} must not hold a user or a password: give them as auth.`)
  }
  return url
}

/**
 * Adds parameters to the query; of an array each item, of `undefined` nothing.
 *
 * @throws TypeError for parameters that are no plain object, or values that have no one text.
 */
export function addQuery(url: URL, parameters: unknown): void {
  if (!isPlainObject(parameters)) {
    throw new TypeError(`The data of GET and HEAD are query parameters, { name: value }, not ${inspect(parameters)}.`)
  }
  for (const [name, value] of Object.entries(parameters)) {
    for (const item of Array.isArray(value) ? (value as unknown[]) : [value]) {
      if (item === undefined) continue
      if (typeof item === 'object' || typeof item === 'function' || typeof item === 'symbol') {
        throw new TypeError(
          `The query parameter ${inspect(name)} must be text, a number or a boolean, not ${typeof item}.`,
        )
      }
      url.searchParams.append(name, String(item))
    }
  }
}

/** Of this or another realm. What others hold (`Map`, `URLSearchParams`) is no property of theirs. */
function isPlainObject(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || Object.getPrototypeOf(prototype) === null
}
