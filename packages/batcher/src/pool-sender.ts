import type { IncomingHttpHeaders } from 'node:http'
import { promisify } from 'node:util'
import { brotliDecompress, gunzip } from 'node:zlib'

import { Agent, type Dispatcher } from 'undici'

import { type HttpMessage, type HttpSender, tooLarge } from './http-sender.ts'

/** By the name of a content's coding. The limit is that of what comes out: a few bytes may unpack to gigabytes. */
const UNPACK: Readonly<Record<string, (packed: Buffer, limits: { maxOutputLength: number }) => Promise<Buffer>>> = {
  gzip: promisify(gunzip),
  'x-gzip': promisify(gunzip),
  br: promisify(brotliDecompress),
}

/** The client limits the time of a whole answer itself. */
const NO_TIMEOUTS = { headersTimeout: 0, bodyTimeout: 0, connect: { timeout: 0 } }

/**
 * Sends over connections of its own that stay open between requests; one that is idle keeps no process alive. What is larger
 * than `maxBytes` is not read to its end.
 */
export function poolSender(maxBytes: number): HttpSender {
  const agent = new Agent(NO_TIMEOUTS)
  return async (message) => {
    const { status, headers, body } = await dispatch(agent, message, maxBytes)
    const text = await unpacked(body, headers.get('content-encoding') ?? '', maxBytes)
    return { status, headers, text: text.toString('utf8') }
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
function dispatch(agent: Agent, message: HttpMessage, maxBytes: number): Promise<PackedAnswer> {
  const { method, url, headers, body = null, signal } = message
  return new Promise((resolve, reject) => {
    signal.throwIfAborted()
    let controller: Dispatcher.DispatchController | undefined
    let status = 0
    let answered: IncomingHttpHeaders = {}
    const chunks: Buffer[] = []
    let bytes = 0
    // Also while it still connects, when there is nothing to abort yet.
    const leave = (): void => {
      const reason = new Error('aborted')
      controller?.abort(reason)
      reject(reason)
    }
    signal.addEventListener('abort', leave, { once: true })
    agent.dispatch(
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
        },
        onResponseData(reading, chunk) {
          bytes += chunk.length
          if (bytes > maxBytes) reading.abort(tooLarge(maxBytes))
          else chunks.push(chunk)
        },
        onResponseEnd() {
          signal.removeEventListener('abort', leave)
          const [only] = chunks
          resolve({
            status,
            headers: new PoolHeaders(answered),
            body: chunks.length === 1 && only !== undefined ? only : Buffer.concat(chunks),
          })
        },
        onResponseError(_, error) {
          signal.removeEventListener('abort', leave)
          reject(error)
        },
      },
    )
  })
}

async function unpacked(body: Buffer, coding: string, maxBytes: number): Promise<Buffer> {
  const unpack = UNPACK[coding.toLowerCase()]
  if (unpack === undefined || body.length === 0) return body
  try {
    return await unpack(body, { maxOutputLength: maxBytes })
  } catch (error) {
    throw (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE' ? tooLarge(maxBytes) : error
  }
}
