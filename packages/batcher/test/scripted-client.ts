import type { HttpClient, HttpRequest, HttpResponse } from '../src/index.ts'

/** One request on the wire, to be ended by the test. */
export interface OpenRequest {
  readonly request: HttpRequest
  readonly answer: (data?: unknown, status?: number, headers?: Record<string, string>) => void
  readonly fail: (error: Error) => void
}

/** A client whose answers come when the test says so. It ignores signals unless told to heed them. */
export class ScriptedClient implements HttpClient {
  readonly open: OpenRequest[] = []
  readonly sent: string[] = []
  readonly baseUrl = 'http://base.test/'
  readonly #heeds: boolean

  constructor({ heedsSignals = false }: { readonly heedsSignals?: boolean } = {}) {
    this.#heeds = heedsSignals
  }

  request(request: HttpRequest): Promise<HttpResponse> {
    this.sent.push(`${request.method} ${request.endpoint}`)
    return new Promise((resolve, reject) => {
      const entry: OpenRequest = {
        request,
        answer: (data, status = 200, headers = {}) => {
          this.#close(entry)
          resolve({ status, headers: new Headers(headers), data })
        },
        fail: (error) => {
          this.#close(entry)
          reject(error)
        },
      }
      this.open.push(entry)
      if (this.#heeds) {
        request.signal?.addEventListener('abort', () => {
          entry.fail(request.signal?.reason as Error)
        })
      }
    })
  }

  /** The open request of an endpoint. */
  find(endpoint: string): OpenRequest {
    const entry = this.open.find(({ request }) => request.endpoint === endpoint)
    if (entry === undefined) throw new Error(`${endpoint} is not on the wire`)
    return entry
  }

  #close(entry: OpenRequest): void {
    const index = this.open.indexOf(entry)
    if (index >= 0) this.open.splice(index, 1)
  }
}

/** A client that answers at once with what a function makes of the request. */
export function answering(answer: (request: HttpRequest) => unknown): HttpClient {
  return {
    request: async (request) => {
      await Promise.resolve()
      return { status: 200, headers: new Headers(), data: answer(request) }
    },
  }
}
