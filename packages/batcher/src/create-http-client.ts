import { BatchProcessingError, type Duration, HttpStatusError, NetworkError, UnreadableAnswerError } from '@x/core'

import { unwatchAbort, watchAbort } from './abort-watch.ts'
import { Deadlines } from './deadlines.ts'
import { fetchSender } from './fetch-sender.ts'
import { authorizationOf, type HttpAuth } from './http-auth.ts'
import { assertHttpMethod, type HttpClient, type HttpRequest, type HttpResponse } from './http-client.ts'
import { BaseUrl, type HttpTarget, targetOf } from './http-endpoint.ts'
import { type HttpAnswer, type HttpMessage, type HttpSender, TooLargeError } from './http-sender.ts'
import { positiveDuration, positiveInteger } from './option-bounds.ts'
import { poolSender } from './pool-sender.ts'
import { RequestEnd } from './request-end.ts'
import { Secrets, secretValues } from './secrets.ts'
import { ACCEPT_ENCODING } from './unpack.ts'

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
const REDIRECTS = [301, 302, 303, 307, 308]
const MOST_REDIRECTS = 5
const COMMON_HEADERS = { accept: 'application/json', 'user-agent': '@x/batcher' }
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
  readonly #base: BaseUrl
  /** For the origin of the base URL, and for others. */
  readonly #ownHeaders: HeaderSet
  readonly #foreignHeaders: HeaderSet
  readonly #secrets: Secrets
  readonly #timeoutMs: number
  readonly #deadlines: Deadlines
  readonly #send: HttpSender

  constructor(options: HttpClientOptions) {
    const { auth, timeout = '30s', maxResponseBytes = MAX_RESPONSE_BYTES, fetch: send } = options
    this.#base = new BaseUrl(options.baseUrl)
    this.baseUrl = this.#base.href
    const headers = readHeaders(options.headers ?? {})
    const credential = auth === undefined ? [] : ['token' in auth ? auth.token : auth.password]
    if (auth !== undefined) headers.set('authorization', authorizationOf(auth))
    this.#secrets = new Secrets([...credential, ...secretValues(headers)])
    // `fetch` says itself what it unpacks.
    const common = { ...COMMON_HEADERS, ...(send === undefined ? { 'accept-encoding': ACCEPT_ENCODING } : {}) }
    this.#ownHeaders = headerSet(common, Object.fromEntries(headers))
    this.#foreignHeaders = headerSet(common, {})
    this.#timeoutMs = positiveDuration('timeout', timeout)
    this.#deadlines = new Deadlines(this.#timeoutMs)
    const maxBytes = positiveInteger('maxResponseBytes', maxResponseBytes)
    this.#send = send === undefined ? poolSender(maxBytes) : fetchSender(send, maxBytes)
  }

  async request({ method, endpoint, data, signal }: HttpRequest): Promise<HttpResponse> {
    assertHttpMethod(method)
    const reads = method === 'GET' || method === 'HEAD'
    const target = this.#base.resolve(endpoint, reads ? data : undefined)
    const body = reads || data === undefined ? undefined : JSON.stringify(data)
    // The caller's own code may have run: a getter, a `toJSON`.
    signal?.throwIfAborted()
    const end = new RequestEnd()
    this.#deadlines.add(end)
    if (signal !== undefined) watchAbort(signal, end)
    try {
      return this.#read(await this.#travel({ method, target, body, end }), { method, target })
    } catch (error) {
      signal?.throwIfAborted()
      if (end.by !== 'time') throw error
      throw new NetworkError(this.#message({ method, target }, `no whole answer within ${this.#timeoutMs} ms`), {
        cause: error,
      })
    } finally {
      this.#deadlines.delete(end)
      if (signal !== undefined) unwatchAbort(signal, end)
    }
  }

  /** Follows redirects by hand: the platform would take our headers along. */
  async #travel({ end, ...first }: Omit<HttpMessage, 'headers'>): Promise<HttpAnswer> {
    let { method, target, body } = first
    let trusted = target.origin === this.#base.origin
    for (let redirects = 0; ; redirects += 1) {
      const { plain, withBody } = trusted ? this.#ownHeaders : this.#foreignHeaders
      const message = { method, target, body, end, headers: body === undefined ? plain : withBody }
      let answer: HttpAnswer
      try {
        answer = await this.#send(message)
      } catch (cause) {
        throw this.#failureOf(message, cause)
      }
      const next = redirectTarget(answer, target)
      if (next === undefined || redirects === MOST_REDIRECTS) return answer
      // As the Fetch standard has it: 303, and the others' POST, become a GET without a body.
      const becomesGet = answer.status === 303 ? method !== 'HEAD' : answer.status <= 302 && method === 'POST'
      if (becomesGet) [method, body] = ['GET', undefined]
      if (next.origin !== target.origin) {
        // What was meant for one server is not for another.
        if (body !== undefined) return answer
        trusted = false
      }
      target = next
    }
  }

  /** Why no answer came. What a `fetch` of the caller's throws of our own kind is meant for the caller. */
  #failureOf(place: Place, cause: unknown): BatchProcessingError {
    if (cause instanceof BatchProcessingError) return cause
    if (cause instanceof TooLargeError) return new BatchProcessingError(this.#message(place, cause.message))
    return new NetworkError(this.#message(place, reasonOf(cause)), { cause })
  }

  /** @throws HttpStatusError for a status that says no; UnreadableAnswerError for JSON that is none. */
  #read({ status, headers, text }: HttpAnswer, place: Place): HttpResponse {
    const isJson = /[/+]json\b/i.test(headers.get('content-type') ?? '')
    const data = text === '' ? undefined : isJson ? parseJson(text) : text
    if (status >= 300 && status !== 304) {
      // Before white space goes: a secret may hold some.
      const words = this.#secrets.redact(wordsOf(data, text)).replace(/\s+/g, ' ').trim().slice(0, MESSAGE_LENGTH)
      throw new HttpStatusError(this.#message(place, `${status} ${words}`.trim()), status, {
        headers,
        body: this.#secrets.redact(text).slice(0, EXCERPT_LENGTH),
      })
    }
    if (isJson && text !== '' && data === undefined) {
      throw new UnreadableAnswerError(this.#message(place, `${status}, and its JSON cannot be read`))
    }
    return { status, headers, data }
  }

  /** Without the query, which may hold what is not for everybody. */
  #message({ method, target: { origin, path } }: Place, what: string): string {
    return this.#secrets.redact(`${method} ${origin}${path.replace(/\?.*$/s, '')}: ${what}`)
  }
}

type Place = Pick<HttpMessage, 'method' | 'target'>

/** The headers of requests without a body, and of those with one. */
interface HeaderSet {
  readonly plain: Readonly<Record<string, string>>
  readonly withBody: Readonly<Record<string, string>>
}

/** Their names in small letters. Made once: every request has one of them. */
function headerSet(common: Readonly<Record<string, string>>, own: Readonly<Record<string, string>>): HeaderSet {
  return {
    plain: { ...common, ...own },
    withBody: { ...common, 'content-type': 'application/json', ...own },
  }
}

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
function redirectTarget({ status, headers }: HttpAnswer, { origin, path }: HttpTarget): HttpTarget | undefined {
  const location = REDIRECTS.includes(status) ? headers.get('location') : null
  const from = origin + path
  if (location === null || !URL.canParse(location, from)) return undefined
  const url = new URL(location, from)
  return url.protocol === 'http:' || url.protocol === 'https:' ? targetOf(url) : undefined
}

/** `undefined` is no JSON value. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}

/** What a refusal says: the sentence in its JSON where there is one, else its text. */
function wordsOf(data: unknown, text: string): string {
  const { errorMessages, message, error } = (typeof data === 'object' && data !== null ? data : {}) as Record<
    string,
    unknown
  >
  const candidates: unknown[] = [Array.isArray(errorMessages) ? errorMessages.join(' ') : undefined, message, error]
  const sentence = candidates.filter((candidate) => typeof candidate === 'string').find((words) => words !== '')
  return sentence ?? text
}

/** `fetch` hides what happened behind "fetch failed"; where each address of a host refused, Node has a code and no words. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const origin = error.cause instanceof Error ? error.cause : error
  return origin.message === '' ? String((origin as NodeJS.ErrnoException).code) : origin.message
}
