import type { IncomingHttpHeaders } from 'node:http'
import type { Socket } from 'node:net'

import { buildConnector, type Dispatcher, Pool } from 'undici'

import { decodeText } from './decode-text.ts'
import { type HttpAnswer, type HttpSender, TooLargeError } from './http-sender.ts'
import type { Sending } from './request-end.ts'
import { unpack } from './unpack.ts'

/** The client limits the time of a whole answer itself. */
const NO_TIMEOUTS = { headersTimeout: 0, bodyTimeout: 0 }

/**
 * Sends over connections of its own that stay open between requests; one that is idle keeps no process alive. What is larger
 * than `maxBytes` is not read to its end.
 */
export function poolSender(maxBytes: number): HttpSender {
  const pool = new ConnectionPool()
  return ({ method, target: { origin, path }, headers, body = null, end }) =>
    new Promise((resolve, reject) => {
      const exchange = new Exchange(maxBytes, resolve, reject)
      end.sends(exchange)
      exchange.opening = pool.dispatch(origin, { path, method, headers, body }, exchange)
    })
}

/** Connections, and what they are asked. */
class ConnectionPool {
  /** By origin. BAD: an Agent of undici. Once a connection breaks after its answer, it closes every later one after one request (7.30). */
  readonly #pools = new Map<string, Pool>()
  // It answers the socket, though its type does not say so.
  readonly #connect = buildConnector({ timeout: 0 }) as (
    ...how: Parameters<buildConnector.connector>
  ) => Socket | undefined
  #opening: Socket | undefined

  /** Sends a request. Returns the connection that is made for it, and for it alone; `undefined`: there is one already. */
  dispatch(
    origin: string,
    request: Dispatcher.DispatchOptions,
    handler: Dispatcher.DispatchHandler,
  ): Socket | undefined {
    this.#opening = undefined
    this.#poolOf(origin).dispatch(request, handler)
    return this.#opening
  }

  #poolOf(origin: string): Pool {
    const known = this.#pools.get(origin)
    if (known !== undefined) return known
    const pool = new Pool(origin, {
      ...NO_TIMEOUTS,
      connect: (options, callback) => {
        this.#opening = this.#connect(options, callback)
      },
    })
    this.#pools.set(origin, pool)
    return pool
  }
}

/** One request, and its answer as it comes. Without the stream that `request` of undici makes of each body. */
class Exchange implements Dispatcher.DispatchHandler, Sending {
  /** The connection that is made for it. */
  opening: Socket | undefined
  readonly #maxBytes: number
  readonly #resolve: (answer: HttpAnswer | Promise<HttpAnswer>) => void
  readonly #reject: (error: unknown) => void
  #controller: Dispatcher.DispatchController | undefined
  #abandoned: Error | undefined
  #status = 0
  #headers: IncomingHttpHeaders = {}
  #body: Buffer | undefined
  /** Of a body that comes in more than one piece. */
  #chunks: Buffer[] | undefined
  #bytes = 0

  constructor(
    maxBytes: number,
    resolve: (answer: HttpAnswer | Promise<HttpAnswer>) => void,
    reject: (error: unknown) => void,
  ) {
    this.#maxBytes = maxBytes
    this.#resolve = resolve
    this.#reject = reject
  }

  giveUp(): void {
    this.#abandoned = new Error('aborted')
    this.#controller?.abort(this.#abandoned)
    // While it still connects there is nothing to abort, and the attempt alone would keep the process alive.
    if (this.#controller === undefined) this.opening?.destroy(this.#abandoned)
    this.#reject(this.#abandoned)
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller
    if (this.#abandoned !== undefined) controller.abort(this.#abandoned)
  }

  onResponseStart(_: unknown, status: number, headers: IncomingHttpHeaders): void {
    this.#status = status
    this.#headers = headers
    // Its length is that of the body that it does not have, which undici waits for.
    if (status === 304) this.onResponseEnd()
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#bytes += chunk.length
    if (this.#bytes > this.#maxBytes) controller.abort(new TooLargeError(this.#maxBytes))
    else if (this.#body === undefined) this.#body = chunk
    else (this.#chunks ??= [this.#body]).push(chunk)
  }

  onResponseEnd(): void {
    const headers = new PoolHeaders(this.#headers)
    const body = this.#chunks === undefined ? this.#body : Buffer.concat(this.#chunks, this.#bytes)
    const coding = headers.get('content-encoding')
    if (coding !== null && body !== undefined) this.#resolve(this.#unpacked(headers, body, coding))
    else this.#resolve({ status: this.#status, headers, text: body === undefined ? '' : decodeText(body) })
  }

  onResponseError(_: unknown, error: Error): void {
    this.#reject(error)
  }

  async #unpacked(headers: PoolHeaders, body: Buffer, coding: string): Promise<HttpAnswer> {
    const text = decodeText(await unpack(body, coding, this.#maxBytes))
    return { status: this.#status, headers, text }
  }
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
