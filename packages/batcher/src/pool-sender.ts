import type { IncomingHttpHeaders } from 'node:http'
import type { Socket } from 'node:net'
import { promisify } from 'node:util'
import { brotliDecompress, gunzip } from 'node:zlib'

import { Agent, buildConnector, type Dispatcher } from 'undici'

import { type HttpMessage, type HttpSender, TooLargeError } from './http-sender.ts'

/** By the name of a content's coding. The limit is that of what comes out: a few bytes may unpack to gigabytes. */
const UNPACK: Readonly<Record<string, (packed: Buffer, limits: { maxOutputLength: number }) => Promise<Buffer>>> = {
  gzip: promisify(gunzip),
  'x-gzip': promisify(gunzip),
  br: promisify(brotliDecompress),
}

/** The client limits the time of a whole answer itself. */
const NO_TIMEOUTS = { headersTimeout: 0, bodyTimeout: 0 }

/**
 * Sends over connections of its own that stay open between requests; one that is idle keeps no process alive. What is larger
 * than `maxBytes` is not read to its end.
 */
export function poolSender(maxBytes: number): HttpSender {
  const pool = new ConnectionPool()
  return async (message) => {
    const { status, headers, body } = await dispatch(pool, message, maxBytes)
    const text = await unpacked(body, headers.get('content-encoding') ?? '', maxBytes)
    return { status, headers, text: text.toString('utf8') }
  }
}

/** Connections, and what they are asked. */
class ConnectionPool {
  readonly #agent: Agent
  #opening: Socket | undefined

  constructor() {
    // It answers the socket, though its type does not say so.
    const connect = buildConnector({ timeout: 0 }) as (
      ...how: Parameters<buildConnector.connector>
    ) => Socket | undefined
    this.#agent = new Agent({
      ...NO_TIMEOUTS,
      connect: (options, callback) => {
        this.#opening = connect(options, callback)
      },
    })
  }

  /** Sends a request. Returns the connection that is made for it, and for it alone; `undefined`: there is one already. */
  dispatch(request: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): Socket | undefined {
    this.#opening = undefined
    this.#agent.dispatch(request, handler)
    return this.#opening
  }
}

interface PackedAnswer {
  readonly status: number
  readonly headers: PoolHeaders
  readonly body: Buffer
}

class PoolHeaders implements Pick<Headers, 'get'> {
  readonly #headers: IncomingHttpHeaders

  constructor(headers: IncomingHttpHeaders) {
    this.#headers = headers
  }

  get(name: string): string | null {
    const value = this.#headers[name.toLowerCase()]
    return Array.isArray(value) ? value.join(', ') : (value ?? null)
  }
}

/** Without the stream that `request` of undici makes of each body: the chunks are taken as they come. */
function dispatch(pool: ConnectionPool, message: HttpMessage, maxBytes: number): Promise<PackedAnswer> {
  const { method, url, headers, body = null, signal } = message
  return new Promise((resolve, reject) => {
    signal.throwIfAborted()
    let controller: Dispatcher.DispatchController | undefined
    let status = 0
    let answered: IncomingHttpHeaders = {}
    const chunks: Buffer[] = []
    let bytes = 0
    const leave = (): void => {
      const reason = new Error('aborted')
      controller?.abort(reason)
      // While it still connects there is nothing to abort, and the attempt alone would keep the process alive.
      if (controller === undefined) opening?.destroy(reason)
      reject(reason)
    }
    const answer = (): void => {
      signal.removeEventListener('abort', leave)
      const [only] = chunks
      const body = chunks.length === 1 && only !== undefined ? only : Buffer.concat(chunks)
      resolve({ status, headers: new PoolHeaders(answered), body })
    }
    const opening = pool.dispatch(
      {
        origin: url.origin,
        path: url.pathname + url.search,
        method,
        headers: { 'accept-encoding': 'gzip, br', ...headers },
        body,
      },
      {
        onRequestStart(started) {
          controller = started
          if (signal.aborted) leave()
        },
        onResponseStart(_, statusCode, responseHeaders) {
          status = statusCode
          answered = responseHeaders
          // Its length is that of the body that it does not have, which undici waits for.
          if (statusCode === 304) answer()
        },
        onResponseData(reading, chunk) {
          bytes += chunk.length
          if (bytes > maxBytes) reading.abort(new TooLargeError(maxBytes))
          else chunks.push(chunk)
        },
        onResponseEnd: answer,
        onResponseError(_, error) {
          signal.removeEventListener('abort', leave)
          reject(error)
        },
      },
    )
    signal.addEventListener('abort', leave, { once: true })
  })
}

async function unpacked(body: Buffer, coding: string, maxBytes: number): Promise<Buffer> {
  const unpack = UNPACK[coding.toLowerCase()]
  if (unpack === undefined || body.length === 0) return body
  try {
    return await unpack(body, { maxOutputLength: maxBytes })
  } catch (error) {
    throw (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE' ? new TooLargeError(maxBytes) : error
  }
}
