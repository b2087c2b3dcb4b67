import { inspect } from 'node:util'

/** Where a request goes. */
export interface HttpTarget {
  /** As that of a `URL`. */
  readonly origin: string
  /** With its query. */
  readonly path: string
}

/** Made of characters that stay as they are in a URL's path and query. */
const PLAIN_ENDPOINT = /^\/[\w~!$&()*+,;=:@/?.-]*$/

/** Where endpoints lie. */
export class BaseUrl {
  readonly href: string
  readonly origin: string
  /** Without a slash at its end. */
  readonly #path: string

  /** @throws TypeError for what is no http(s) URL, or carries credentials. */
  constructor(text: string) {
    const url = parseHttpUrl('baseUrl', text)
    url.hash = ''
    url.search = ''
    this.href = url.href
    this.origin = url.origin
    this.#path = url.pathname.replace(/\/$/, '')
  }

  /**
   * The target of an endpoint: an absolute one as it is, any other below the base URL.
   *
   * @throws TypeError for what is no http(s) URL, or leads out of the base URL's path by `..`; for parameters that are none.
   */
  resolve(endpoint: string, parameters?: unknown): HttpTarget {
    // Parsing takes microseconds, and changes nothing of most endpoints.
    const isPlain = PLAIN_ENDPOINT.test(endpoint) && !endpoint.includes('/.') && !endpoint.endsWith('?')
    if (isPlain && parameters === undefined) return { origin: this.origin, path: this.#path + endpoint }
    const url = this.#parse(endpoint)
    if (parameters !== undefined) addQuery(url, parameters)
    return targetOf(url)
  }

  #parse(endpoint: string): URL {
    if (/^[a-z][a-z\d+.-]*:/i.test(endpoint)) return parseHttpUrl('endpoint', endpoint)
    // Joined as text: `new URL('//elsewhere', base)` would leave the host, and `new URL('/path', base)` the base's path.
    const url = new URL(`${this.origin}${this.#path}/${endpoint.replace(/^\//, '')}`)
    if (!`${url.pathname}/`.startsWith(`${this.#path}/`)) {
      throw new TypeError(`The endpoint must lie below the base URL, but leads to ${url.pathname}.`)
    }
    return url
  }
}

/** Of a parsed URL. */
export function targetOf({ origin, pathname, search }: URL): HttpTarget {
  return { origin, path: pathname + search }
}

/** @throws TypeError for what is no http(s) URL, or carries credentials. */
function parseHttpUrl(name: string, text: string): URL {
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
function addQuery(url: URL, parameters: unknown): void {
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
