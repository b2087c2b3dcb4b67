import { BatchProcessingError, type Duration, HttpStatusError, NetworkError } from '@x/core'

import { fetchSender } from './fetch-sender.ts'
import { authorizationOf, type HttpAuth } from './http-auth.ts'
import { assertHttpMethod, type HttpClient, type HttpRequest, type HttpResponse } from './http-client.ts'
import { addQuery, parseHttpUrl, resolveEndpoint } from './http-endpoint.ts'
import { type HttpAnswer, type HttpMessage, type HttpSender, TooLargeError } from './http-sender.ts'
import { poolSender } from './pool-sender.ts'
import { positiveDuration, positiveInteger } from './option-bounds.ts'
import { Secrets, secretValues } from './secrets.ts'
import { startTimer } from './timer.ts'

/** How a client sends. */
export interface HttpClientOptions {
  /** Where relative endpoints lie, its path included: `https://api.example.com/v2`. */
  readonly baseUrl: string
  /** Sent with every request to the origin of `baseUrl`, and to no other. */
  readonly headers?: Readonly<Record<string, string>> | undefined
  /** Sent as `Authorization`, to the origin of `baseUrl` only. */
  readonly auth?: HttpAuth | undefined
  /**
   * The longest time for one whole answer, redirects included. `Infinity`: none.
   *
   * @defaultValue `"30s"`
   */
  readonly timeout?: Duration | undefined
  /**
   * The largest body that is read, in bytes, unpacked; a larger one fails.
   *
   * @defaultValue 100 MiB
   */
  readonly maxResponseBytes?: number | undefined
  /**
   * How to send.
   *
   * @defaultValue undici, over connections of this client's own that stay open between requests
   */
  readonly fetch?: typeof fetch | undefined
}

const MAX_RESPONSE_BYTES = 100 * 1024 * 1024
const MOST_REDIRECTS = 5
/** Every request with one of them would fail, by `fetch` too. */
const HEADERS_OF_CONNECTIONS = ['expect', 'keep-alive', 'transfer-encoding', 'upgrade']
/** Characters of a refusal's body that its error keeps, and of those in its message. */
const EXCERPT_LENGTH = 500
const MESSAGE_LENGTH = 200

/**
 * A client that sends JSON and reads JSON. Its credentials and headers never go to another origin than that of its base
 * URL, neither by an absolute endpoint nor by a redirect, and are in no message.
 *
 * @throws TypeError for a URL or a header that cannot be used; RangeError for a number out of its bounds; CacheError
 * `INVALID_CONFIGURATION` for a credential that is missing, or that no header can carry.
 */
export function createHttpClient(options: HttpClientOptions): HttpClient {
  return new JsonClient(options)
}

class JsonClient implements HttpClient {
  readonly baseUrl: string
  readonly #base: URL
  /** Their names in small letters. */
  readonly #headers: Readonly<Record<string, string>>
  readonly #secrets: Secrets
  readonly #timeoutMs: number
  readonly #send: HttpSender

  constructor(options: HttpClientOptions) {
    const { auth, timeout = '30s', maxResponseBytes = MAX_RESPONSE_BYTES, fetch: send } = options
    this.#base = parseHttpUrl('baseUrl', options.baseUrl)
    this.#base.hash = ''
    this.#base.search = ''
    this.baseUrl = this.#base.href
    const headers = readHeaders(options.headers ?? {})
    const credential = auth === undefined ? [] : ['token' in auth ? auth.token : auth.password]
    if (auth !== undefined) headers.set('authorization', authorizationOf(auth))
    this.#secrets = new Secrets([...credential, ...secretValues(headers)])
    this.#headers = Object.fromEntries(headers)
    this.#timeoutMs = positiveDuration('timeout', timeout)
    const maxBytes = positiveInteger('maxResponseBytes', maxResponseBytes)
    this.#send = send === undefined ? poolSender(maxBytes) : fetchSender(send, maxBytes)
  }

  async request({ method, endpoint, data, signal }: HttpRequest): Promise<HttpResponse> {
    assertHttpMethod(method)
    signal?.throwIfAborted()
    const url = resolveEndpoint(this.#base, endpoint)
    const reads = method === 'GET' || method === 'HEAD'
    if (reads && data !== undefined) addQuery(url, data)
    const body = reads || data === undefined ? undefined : JSON.stringify(data)
    const end = new AbortController()
    const leave = (): void => {
      end.abort(signal?.reason)
    }
    signal?.addEventListener('abort', leave, { once: true })
    let late = false
    const timer = startTimer(() => {
      late = true
      end.abort()
    }, this.#timeoutMs)
    try {
      return this.#read(await this.#travel({ method, url, body, signal: end.signal }), { method, url })
    } catch (error) {
      signal?.throwIfAborted()
      // Set by the timer, which the checker does not see.
      if (!(late as boolean)) throw error
      throw new NetworkError(this.#message({ method, url }, `no whole answer within ${this.#timeoutMs} ms`), {
        cause: error,
      })
    } finally {
      clearTimeout(timer)
      signal?.removeEventListener('abort', leave)
    }
  }

  /** Follows redirects by hand: the platform would take our headers along. */
  async #travel(message: Omit<HttpMessage, 'headers'>): Promise<HttpAnswer> {
    let { method, url, body } = message
    let trusted = url.origin === this.#base.origin
    for (let redirects = 0; ; redirects += 1) {
      const answer = await this.#sendOnce({
        method,
        url,
        body,
        signal: message.signal,
        headers: this.#headersFor(trusted, body),
      })
      const target = redirectTarget(answer, url)
      if (target === undefined || redirects === MOST_REDIRECTS) return answer
      // As the Fetch standard has it: 303, and the others' POST, become a GET without a body.
      const becomesGet = answer.status === 303 ? method !== 'HEAD' : answer.status <= 302 && method === 'POST'
      if (becomesGet) [method, body] = ['GET', undefined]
      if (target.origin !== url.origin) {
        // What was meant for one server is not for another.
        if (body !== undefined) return answer
        trusted = false
      }
      url = target
    }
  }

  async #sendOnce(message: HttpMessage): Promise<HttpAnswer> {
    try {
      return await this.#send(message)
    } catch (cause) {
      // What a `fetch` of the caller's throws of this kind is meant for the caller.
      if (cause instanceof BatchProcessingError) throw cause
      if (cause instanceof TooLargeError) throw new BatchProcessingError(this.#message(message, cause.message))
      throw new NetworkError(this.#message(message, reasonOf(cause)), { cause })
    }
  }

  #headersFor(trusted: boolean, body: string | undefined): Record<string, string> {
    return {
      accept: 'application/json',
      'user-agent': '@x/batcher',
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(trusted ? this.#headers : {}),
    }
  }

  /** @throws HttpStatusError for a status that says no; BatchProcessingError for JSON that is none. */
  #read({ status, headers, text }: HttpAnswer, place: Place): HttpResponse {
    const isJson = /[/+]json\b/i.test(headers.get('content-type') ?? '')
    const data = text === '' ? undefined : isJson ? parseJson(text) : text
    if (status >= 300 && status !== 304) {
      const words = this.#secrets.redact(wordsOf(data, text)).slice(0, MESSAGE_LENGTH)
      throw new HttpStatusError(this.#message(place, `${status} ${words}`.trim()), status, {
        headers,
        body: this.#secrets.redact(text).slice(0, EXCERPT_LENGTH),
      })
    }
    if (isJson && text !== '' && data === undefined) {
      throw new BatchProcessingError(this.#message(place, `${status}, and its JSON cannot be read`))
    }
    return { status, headers, data }
  }

  /** Without the query, which may hold what is not for everybody. */
  #message({ method, url }: Place, what: string): string {
    return this.#secrets.redact(`${method} ${url.origin}${url.pathname}: ${what}`)
  }
}

type Place = Pick<HttpMessage, 'method' | 'url'>

function readHeaders(headers: Readonly<Record<string, string>>): Headers {
  const read = new Headers()
  for (const [name, value] of Object.entries(headers)) {
    if (HEADERS_OF_CONNECTIONS.includes(name.toLowerCase())) {
      throw new TypeError(
        `The header ${JSON.stringify(name)} cannot be sent: it is the connection's, not yours. Leave it out.`,
      )
    }
    try {
      read.set(name, value)
    } catch {
      // The platform's own message shows the value.
      throw new TypeError(`The header ${JSON.stringify(name)} cannot be sent: its name or value has an odd character.`)
    }
  }
  return read
}

/** Where an answer sends its client; `undefined`: nowhere that can be followed. */
function redirectTarget({ status, headers }: HttpAnswer, url: URL): URL | undefined {
  const location = [301, 302, 303, 307, 308].includes(status) ? headers.get('location') : null
  if (location === null || !URL.canParse(location, url.href)) return undefined
  const target = new URL(location, url.href)
  return target.protocol === 'http:' || target.protocol === 'https:' ? target : undefined
}

/** `undefined` is no JSON value. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}

/** What a refusal says: the sentence in its JSON where there is one, else the beginning of its text. */
function wordsOf(data: unknown, text: string): string {
  const { errorMessages, message, error } = (typeof data === 'object' && data !== null ? data : {}) as Record<
    string,
    unknown
  >
  const candidates: unknown[] = [Array.isArray(errorMessages) ? errorMessages.join(' ') : undefined, message, error]
  const sentence = candidates.filter((candidate) => typeof candidate === 'string').find((words) => words !== '')
  return (sentence ?? text).replace(/\s+/g, ' ').trim()
}

/** `fetch` hides what happened behind "fetch failed"; where each address of a host refused, Node has a code and no words. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const origin = error.cause instanceof Error ? error.cause : error
  return origin.message === '' ? String((origin as NodeJS.ErrnoException).code) : origin.message
}
