import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

import { type Fault, type FaultAction, FaultSchedule } from './fault.ts'
import { JiraApi } from './jira-api.ts'
import { JiraError } from './jira-error.ts'
import type { JiraSite } from './jira-site.ts'
import { Journal, type JournalEntry } from './journal.ts'

const HOST = '127.0.0.1'
/** Longer than a client keeps an idle connection, so that none is closed under its next request. */
const KEEP_ALIVE_MS = 65_000

export interface JiraServerOptions {
  readonly site: JiraSite
  /** On 127.0.0.1; 0: a free one. @defaultValue 0 */
  readonly port?: number
  /** Milliseconds before each answer. @defaultValue 0 */
  readonly latencyMs?: number
  /** false: bulkfetch is 404, as in Jira Data Center. @defaultValue true */
  readonly bulkFetch?: boolean
  /** Keys that bulkfetch answers as errors although they can be read singly. @defaultValue none */
  readonly bulkFetchErrors?: readonly string[]
  readonly faults?: readonly Fault[]
}

export interface JiraServer extends AsyncDisposable {
  /** `http://127.0.0.1:PORT`, without a final slash. */
  readonly url: string
  readonly journal: Journal
  /** Replaces the faults, their counters starting anew. */
  setFaults(faults: readonly Fault[]): void
  /** Cuts every connection. May be called twice. */
  close(): Promise<void>
}

/**
 * Serves a site as Jira Cloud would. Who asks needs the site's email and token, as `Basic`, or the token as `Bearer`.
 *
 * @throws the system's error if the port is taken.
 */
export async function startJiraServer(options: JiraServerOptions): Promise<JiraServer> {
  const { site, port = 0, bulkFetch = true, bulkFetchErrors = [], faults = [], latencyMs = 0 } = options
  const api = new JiraApi({ site, bulkFetch, bulkFetchErrors })
  const handler = new RequestHandler({ api, site, latencyMs, faults })
  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, (request, response) => {
    void handler.handle(request, response)
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, HOST, resolve)
  })
  const url = `http://${HOST}:${(server.address() as AddressInfo).port}`
  api.serverUrl = url
  let closing: Promise<void> | undefined
  const close = (): Promise<void> =>
    (closing ??= new Promise<void>((resolve) => {
      server.close(() => {
        resolve()
      })
      server.closeAllConnections()
    }))
  return {
    url,
    journal: handler.journal,
    setFaults: (list) => {
      handler.faults = new FaultSchedule(list)
    },
    close,
    [Symbol.asyncDispose]: close,
  }
}

interface RequestHandlerOptions {
  readonly api: JiraApi
  readonly site: JiraSite
  readonly latencyMs: number
  readonly faults: readonly Fault[]
}

interface Answer {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body: string
}

/** One request and its answer, entered into the journal once. */
class Exchange {
  readonly method: string
  /** Path and query. */
  readonly path: string
  fault: FaultAction['kind'] | undefined
  readonly #response: ServerResponse
  readonly #record: (entry: JournalEntry) => void

  constructor({ method = 'GET', url = '/' }: IncomingMessage, response: ServerResponse, journal: Journal) {
    this.method = method
    this.path = url
    this.#response = response
    this.#record = journal.begin()
    response.once('close', () => {
      this.#end(0, 0)
    })
  }

  send({ status, headers, body }: Answer): void {
    if (this.#response.destroyed) return
    const bytes = Buffer.byteLength(body)
    this.#end(status, this.method === 'HEAD' ? 0 : bytes)
    const type = body === '' ? {} : { 'content-type': 'application/json;charset=UTF-8' }
    this.#response.writeHead(status, { ...type, 'content-length': bytes, ...headers })
    this.#response.end(body)
  }

  #end(status: number, bytes: number): void {
    const { method, path, fault } = this
    this.#record({ method, path, status, bytes, ...(fault === undefined ? {} : { fault }) })
  }
}

/** Answers requests: fault → credentials → API → latency → journal. */
class RequestHandler {
  readonly journal: Journal = new Journal()
  faults: FaultSchedule
  readonly #api: JiraApi
  readonly #latencyMs: number
  readonly #authorizations: ReadonlySet<string>

  constructor({ api, site: { email, token }, latencyMs, faults }: RequestHandlerOptions) {
    this.#api = api
    this.#latencyMs = latencyMs
    this.faults = new FaultSchedule(faults)
    this.#authorizations = new Set([`Basic ${Buffer.from(`${email}:${token}`).toString('base64')}`, `Bearer ${token}`])
  }

  /** Never rejects. */
  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const exchange = new Exchange(request, response, this.journal)
    const body = await readBody(request)
    const fault = this.faults.next({ request: `${exchange.method} ${exchange.path}`, body })
    exchange.fault = fault?.kind
    if (fault?.kind === 'hang') return
    if (fault?.kind === 'cut') {
      request.socket.destroy()
      return
    }
    const answer = fault?.kind === 'status' ? faultAnswer(fault) : this.#answer(request, body)
    const wait = this.#latencyMs + (fault?.kind === 'delay' ? fault.ms : 0)
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait))
    exchange.send(answer)
  }

  #answer({ method = 'GET', url = '/', headers }: IncomingMessage, text: string): Answer {
    try {
      if (!this.#authorizations.has(headers.authorization ?? '')) {
        throw new JiraError(401, 'Client must be authenticated to access this resource.')
      }
      const { pathname, searchParams: query } = new URL(url, this.#api.serverUrl)
      const [, below] = /^\/rest\/api\/(?:2|3|latest)\/(.+)$/.exec(pathname) ?? []
      if (below === undefined) throw new JiraError(404, `There is nothing at ${pathname}.`)
      const path = below.split('/').map(decodeURIComponent)
      const value = this.#api.answer({ method, path, query, body: parseBody(text) })
      return value === undefined ? { status: 204, body: '' } : { status: 200, body: JSON.stringify(value) }
    } catch (error) {
      const status = error instanceof JiraError ? error.status : 500
      const message = error instanceof Error ? error.message : String(error)
      return { status, body: JSON.stringify({ errorMessages: [message], errors: {} }) }
    }
  }
}

function faultAnswer({ status, headers = {}, body = '' }: Extract<FaultAction, { kind: 'status' }>): Answer {
  return { status, headers, body: typeof body === 'string' ? body : JSON.stringify(body) }
}

function parseBody(text: string): Record<string, unknown> {
  if (text === '') return {}
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>
  } catch {
    // Refused below.
  }
  throw new JiraError(400, 'The request body must be a JSON object.')
}

/** What came, also of a request that was cut. */
async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => chunks.push(chunk))
  await new Promise((resolve) => request.once('close', resolve).once('end', resolve))
  return Buffer.concat(chunks).toString('utf8')
}
