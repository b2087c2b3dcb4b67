import { type IncomingMessage, type ServerResponse } from 'node:http'

import { callerOf, type Caller } from '../caller.ts'
import { type Fault } from '../fault.ts'
import { type StreamedAnswer } from '../git/streamed-answer.ts'
import { type Journal } from '../journal.ts'
import { type Answer } from './answer.ts'
import { type Route } from './route.ts'

/** Waits so long, or until the signal aborts: how it settles then is nobody's concern. */
export type Wait = (ms: number, signal: AbortSignal) => Promise<unknown>

/** One request and its answer: sends it whole or cut, and enters it into the journal exactly once. */
export class Exchange {
  readonly method: string
  /** Path and query, as they were sent. */
  readonly path: string
  readonly pathname: string
  /** Without the question mark. */
  readonly search: string
  readonly caller: Caller
  readonly request: IncomingMessage
  /** Settled when the answer was sent or the connection is gone. */
  readonly over: Promise<void>
  route: Route | undefined
  /** What was taken from the hourly budget. */
  points = 0
  fault: Fault['do']['kind'] | undefined
  readonly #response: ServerResponse
  readonly #journal: Journal
  readonly #endings: (() => void)[]
  #recorded = false

  constructor(request: IncomingMessage, response: ServerResponse, journal: Journal) {
    this.request = request
    this.method = request.method ?? 'GET'
    this.path = request.url ?? '/'
    const [pathname = '/'] = this.path.split('?', 1)
    this.pathname = pathname
    this.search = this.path.slice(pathname.length + 1)
    this.caller = callerOf(request.headers.authorization)
    this.#response = response
    this.#journal = journal
    this.#endings = [journal.begin()]
    this.over = new Promise((resolve) => {
      response.on('close', () => {
        this.#end(0, 0)
        resolve()
      })
    })
  }

  /** Runs the function when the exchange ends: before the client can know, so that it finds the slot free. */
  onEnd(ending: () => void): void {
    if (this.#recorded) ending()
    else this.#endings.push(ending)
  }

  /** Waits, but no longer than the client does. */
  async pause(ms: number, wait: Wait): Promise<void> {
    if (ms <= 0) return
    const ending = new AbortController()
    await Promise.race([wait(ms, ending.signal), this.over])
    ending.abort()
  }

  send({ status, headers, body }: Answer): void {
    const bytes = this.method === 'HEAD' || status === 304 ? 0 : body.length
    this.#end(status, bytes)
    if (this.#response.destroyed) return
    const length = status === 304 ? {} : { 'content-length': String(body.length) }
    this.#response.writeHead(status, { ...headers, ...length })
    this.#response.end(bytes === 0 ? undefined : body)
  }

  /** Sends the head and the first bytes, then destroys the socket. */
  sendCut({ status, headers, body }: Answer, bytes: number): void {
    const part = body.subarray(0, bytes)
    this.#end(status, part.length)
    if (this.#response.destroyed) return
    // The promised length is never the one sent, even where the cut is the end.
    const promised = Math.max(body.length, part.length + 1)
    this.#response.writeHead(status, { ...headers, 'content-length': String(promised) })
    this.#response.flushHeaders()
    this.#response.write(part.length === 0 ? '' : part, () => {
      this.#response.socket?.destroy()
    })
    if (part.length === 0) this.#response.socket?.end()
  }

  /** Destroys the socket with nothing (more) sent. */
  cut(): void {
    this.#end(0, 0)
    this.#response.socket?.destroy()
  }

  /** Enters the request as it stands, although its end is not in sight. */
  recordUnanswered(): void {
    this.#record(0, 0)
  }

  /** Sends a body as it comes; after `cutAfter` bytes of it the socket is destroyed. */
  async stream({ status, headers, body, stop }: StreamedAnswer, cutAfter?: number): Promise<void> {
    const response = this.#response
    response.on('close', stop)
    if (response.destroyed) stop()
    response.writeHead(status, headers)
    const limit = cutAfter ?? Infinity
    let bytes = 0
    try {
      for await (const chunk of body) {
        const part = chunk.subarray(0, limit - bytes)
        bytes += part.length
        if (response.destroyed) break
        if (bytes >= limit) {
          this.#end(status, bytes)
          response.write(part, () => response.socket?.destroy())
          return
        }
        if (!response.write(part)) await Promise.race([drained(response), this.over])
      }
    } catch (error) {
      this.#end(status, bytes)
      response.destroy()
      throw error
    } finally {
      stop()
    }
    this.#end(status, bytes)
    response.end()
  }

  #end(status: number, bytes: number): void {
    this.#record(status, bytes)
    for (const ending of this.#endings.splice(0)) ending()
  }

  #record(status: number, bytes: number): void {
    if (this.#recorded) return
    this.#recorded = true
    this.#journal.record({
      method: this.method,
      path: this.path,
      operation: this.route?.operation ?? 'other',
      bucket: this.route?.bucket ?? 'none',
      points: this.points,
      status,
      bytes,
      token: this.caller.token.slice(-4),
      ...(this.fault === undefined ? {} : { fault: this.fault }),
    })
  }
}

function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    response.once('drain', resolve)
  })
}
