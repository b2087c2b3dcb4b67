import { BatchItem } from './batch-item.ts'
import type { BatchResult } from './batch-result.ts'
import { BatchRun } from './batch-run.ts'
import { BatchWorkers, type RequestBatcherOptions } from './batch-workers.ts'
import { assertHttpMethod, type HttpClient, type HttpMethod } from './http-client.ts'
import { type OnProgress, tellProgress } from './tell-progress.ts'

/** How one execution goes. */
export interface ExecuteOptions {
  /** Called once for each request as it ends; `done` grows by one each time. What it throws is ignored. */
  readonly onProgress?: OnProgress | undefined
  /** Aborted: what was not sent fails at once with the signal's reason, and so does what is on the wire, which is aborted. */
  readonly signal?: AbortSignal | undefined
  /**
   * Send nothing more after the first failure, nothing again either; what is on the wire goes on. What was not sent fails, with the first
   * failure as its cause.
   *
   * @defaultValue `false`
   */
  readonly stopOnError?: boolean | undefined
}

/**
 * Sends many requests in parallel within limits, and answers with a result for each, in the order of adding. A request
 * that fails never fails the batch.
 */
export class RequestBatcher {
  readonly #client: HttpClient
  readonly #workers: BatchWorkers
  #queue: BatchItem[] = []
  #lastId = 0

  /** @throws TypeError for a client that cannot send; RangeError for a number out of its bounds. */
  constructor(client: HttpClient, options: RequestBatcherOptions = {}) {
    if (typeof (client as Partial<HttpClient> | undefined)?.request !== 'function') {
      throw new TypeError('The client must have a method `request`: see createHttpClient().')
    }
    this.#client = client
    this.#workers = new BatchWorkers(client, options)
  }

  /**
   * Adds a request to the next execution.
   *
   * @param method - One of `HTTP_METHODS`.
   * @param endpoint - A path below the client's base URL, or an absolute URL.
   * @param data - Of `GET` and `HEAD` the query parameters, of the others the body. Not copied: leave it as it is.
   * @returns its id, by which its result is found; unique within this batcher.
   * @throws TypeError for another method, or an endpoint that is no text.
   */
  add(method: HttpMethod, endpoint: string, data?: unknown): string {
    assertHttpMethod(method)
    if (typeof endpoint !== 'string') throw new TypeError(`The endpoint must be a string, not ${typeof endpoint}.`)
    this.#lastId += 1
    const requestId = `request-${this.#lastId}`
    this.#queue.push(new BatchItem(requestId, method, endpoint, data))
    return requestId
  }

  /**
   * Sends what was added until now; what is added from now on belongs to the next execution. Identical reads are sent once.
   *
   * @returns a result for each request by its id, in the order of adding. It never rejects: aborted requests are there
   * with the signal's reason as their error.
   */
  execute({ onProgress, signal, stopOnError = false }: ExecuteOptions = {}): Promise<Map<string, BatchResult>> {
    const { promise, resolve } = Promise.withResolvers<Map<string, BatchResult>>()
    const items = this.#takeQueue()
    const run = new BatchRun(items, {
      client: this.#client,
      signal,
      stopOnError,
      onResult: progressTeller(items.length, onProgress),
      onEnd: () => {
        this.#workers.end(run)
        resolve(run.results())
      },
    })
    this.#workers.start(run)
    return promise
  }

  /**
   * Sends what was added until now, and gives each result as soon as it is there. Sending begins with the first read and pauses
   * while as many results as requests may be on the wire wait to be read. Who leaves early aborts the rest.
   */
  stream(options: ExecuteOptions = {}): AsyncGenerator<BatchResult, void, undefined> {
    return this.#stream(this.#takeQueue(), options)
  }

  async *#stream(
    items: readonly BatchItem[],
    { onProgress, signal, stopOnError = false }: ExecuteOptions,
  ): AsyncGenerator<BatchResult, void, undefined> {
    const tell = progressTeller(items.length, onProgress)
    const unread: BatchResult[] = []
    let news = Promise.withResolvers<undefined>()
    const run = new BatchRun(items, {
      client: this.#client,
      signal,
      stopOnError,
      onResult: (result) => {
        tell()
        unread.push(result)
        run.held = unread.length >= this.#workers.limit
        news.resolve(undefined)
      },
      onEnd: () => {
        this.#workers.end(run)
        news.resolve(undefined)
      },
    })
    this.#workers.start(run)
    try {
      for (;;) {
        for (const result of unread.splice(0)) yield result
        if (run.ended && unread.length === 0) return
        this.#workers.release(run)
        if (unread.length === 0) await news.promise
        news = Promise.withResolvers()
      }
    } finally {
      if (!run.ended) run.abort(new DOMException('Nobody reads the results any more.', 'AbortError'))
    }
  }

  #takeQueue(): readonly BatchItem[] {
    const items = this.#queue
    this.#queue = []
    return items
  }
}

/** Counts, and tells. */
function progressTeller(total: number, onProgress: OnProgress | undefined): () => void {
  let done = 0
  return () => {
    done += 1
    if (onProgress !== undefined) tellProgress(onProgress, done, total)
  }
}
