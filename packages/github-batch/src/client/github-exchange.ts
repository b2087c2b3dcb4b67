import { NetworkError } from '@x/core'

import { LONGEST_TIMER } from './delay.ts'
import { type GitHubRequest } from './github-request.ts'

/** What it takes to put a request on the wire. */
export interface ExchangeOptions {
  /** How to send. */
  readonly fetch: typeof fetch
  /** The request's headers. */
  readonly headers: Readonly<Record<string, string>>
  /** For the whole answer; where it is read piece by piece, for its beginning and then for each piece. */
  readonly timeoutMs: number
}

/** A request on the wire whose answer has begun: its body is still to be read, in one of two ways. */
export class GitHubExchange {
  /** Its status and headers. */
  readonly response: Response
  /** From sending to the beginning of the answer. */
  readonly latencyMs: number
  readonly #request: GitHubRequest
  readonly #deadline: Deadline

  private constructor(request: GitHubRequest, response: Response, { deadline, latencyMs }: Begun) {
    this.#request = request
    this.response = response
    this.#deadline = deadline
    this.latencyMs = latencyMs
  }

  /**
   * Sends a request and waits until its answer begins.
   *
   * @throws NetworkError when it does not, its `cause` named `TimeoutError` where it took too long; the signal's reason when it
   * aborts.
   */
  static async begin(request: GitHubRequest, { fetch, headers, timeoutMs }: ExchangeOptions): Promise<GitHubExchange> {
    const deadline = new Deadline(timeoutMs)
    const { method, url, body = null } = request
    const signal = request.signal === undefined ? deadline.signal : AbortSignal.any([request.signal, deadline.signal])
    const sentAt = performance.now()
    try {
      const response = await fetch(url, { method, headers, body, signal })
      return new GitHubExchange(request, response, { deadline, latencyMs: performance.now() - sentAt })
    } catch (error) {
      throw failure(request, deadline, error)
    }
  }

  /** The whole body. @throws as `begin`. */
  async readWhole(): Promise<Uint8Array> {
    try {
      return new Uint8Array(await this.response.arrayBuffer())
    } catch (error) {
      throw failure(this.#request, this.#deadline, error)
    } finally {
      this.#deadline.stop()
    }
  }

  /** The body as it comes, read no faster than it is asked for; whoever stops early closes the connection. @throws as `begin`. */
  async *readPieces(): AsyncGenerator<Uint8Array, void, undefined> {
    this.#deadline.stop()
    const reader = this.response.body?.getReader() as ReadableStreamDefaultReader<Uint8Array> | undefined
    try {
      for (;;) {
        this.#deadline.restart()
        const piece = await reader?.read()
        this.#deadline.stop()
        if (piece?.value === undefined) return
        yield piece.value
      }
    } catch (error) {
      throw failure(this.#request, this.#deadline, error)
    } finally {
      this.#deadline.stop()
      // Nobody waits for the end of what is closed early, and how it ends is nobody's concern.
      reader?.cancel().catch(() => undefined)
    }
  }
}

interface Begun {
  readonly deadline: Deadline
  readonly latencyMs: number
}

/** Aborts its signal when time is up. */
class Deadline {
  readonly #controller = new AbortController()
  readonly #milliseconds: number
  #timer: NodeJS.Timeout | undefined

  constructor(milliseconds: number) {
    this.#milliseconds = Math.min(milliseconds, LONGEST_TIMER)
    this.restart()
  }

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  restart(): void {
    this.stop()
    this.#timer = setTimeout(() => {
      this.#controller.abort(new DOMException(`no whole answer within ${this.#milliseconds} ms`, 'TimeoutError'))
    }, this.#milliseconds)
  }

  stop(): void {
    clearTimeout(this.#timer)
  }
}

/** What an error on the wire means. */
function failure({ method, url, signal }: GitHubRequest, deadline: Deadline, error: unknown): Error {
  deadline.stop()
  if (signal?.aborted === true) return signal.reason as Error
  const cause: unknown = deadline.signal.aborted ? deadline.signal.reason : error
  return new NetworkError(`${method} ${url}: ${reasonOf(cause)}`, { cause })
}

/** `fetch` hides what happened behind "fetch failed". */
function reasonOf(error: unknown): string {
  const { cause } = error as { cause?: unknown }
  if (cause instanceof Error)
    return cause.message === '' ? String((cause as NodeJS.ErrnoException).code) : cause.message
  return error instanceof Error ? error.message : String(error)
}
