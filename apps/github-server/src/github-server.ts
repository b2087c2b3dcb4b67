import { createServer } from 'node:http'
import { type AddressInfo } from 'node:net'

import { type Fault } from './fault.ts'
import { type Wait } from './http/exchange.ts'
import { ObjectSource } from './git/object-source.ts'
import { Journal } from './journal.ts'
import { DEFAULT_LIMITS, type Limits } from './limits.ts'
import { type RepositoryRecord } from './repository-record.ts'
import { RequestHandler } from './request-handler.ts'

const HOST = '127.0.0.1'
/** Longer than a client keeps an idle connection, so that none is closed under its next request. */
const KEEP_ALIVE_MS = 65_000

export interface GitHubServerOptions {
  readonly repositories: readonly RepositoryRecord[]
  /** On 127.0.0.1; 0: a free one. @defaultValue 0 */
  readonly port?: number
  /**
   * The tokens that are accepted; every other is answered 401, and without a token there is REST for what is public.
   * Absent: any token is accepted, and none is needed, even for GraphQL.
   */
  readonly tokens?: readonly string[]
  readonly limits?: Partial<Limits>
  /** Milliseconds before each answer, or a function of the processor time that it takes GitHub. @defaultValue 0 */
  readonly latencyMs?: number | ((processorMs: number) => number)
  /** Entries after which a recursive tree is cut, unless its repository's record says otherwise. @defaultValue 100,000 */
  readonly treeEntryLimit?: number
  /** Bytes of JSON entries after which a recursive tree is cut. @defaultValue 7 MiB */
  readonly treeByteLimit?: number
  /** false: `POST /graphql` is 404, as on a server that lacks it. @defaultValue true */
  readonly graphql?: boolean
  readonly faults?: readonly Fault[]
  /** Milliseconds since the epoch, for the windows of the limits. @defaultValue `Date` */
  readonly clock?: { now(): number }
  /** How to wait before an answer: where the clock is not the real one. @defaultValue a timer */
  readonly wait?: Wait
}

export interface GitHubServer extends AsyncDisposable {
  /** `http://127.0.0.1:PORT`, without a final slash. */
  readonly url: string
  readonly journal: Journal
  /** Replaces the faults, their counters starting anew. */
  setFaults(faults: readonly Fault[]): void
  /** Replaces the repositories and forgets what was read of the former. */
  setRepositories(repositories: readonly RepositoryRecord[]): void
  /** Cuts every connection and ends every git process. May be called twice. */
  close(): Promise<void>
}

/**
 * Serves repositories as GitHub would: REST, GraphQL and git, with its limits and, on demand, its faults.
 *
 * @throws the system's error if the port is taken; TypeError if two repositories have one name.
 */
export async function startGitHubServer(options: GitHubServerOptions): Promise<GitHubServer> {
  const { treeEntryLimit = 100_000, treeByteLimit = 7 * 1024 * 1024, latencyMs = 0 } = options
  const source = new ObjectSource()
  const journal = new Journal()
  const handler = new RequestHandler({
    repositories: options.repositories,
    source,
    journal,
    limits: { ...DEFAULT_LIMITS, ...options.limits },
    clock: options.clock ?? Date,
    tokens: options.tokens,
    faults: options.faults ?? [],
    latencyMs: typeof latencyMs === 'function' ? latencyMs : () => latencyMs,
    treeLimits: { entries: treeEntryLimit, bytes: treeByteLimit },
    graphql: options.graphql ?? true,
    wait: options.wait ?? timer,
  })
  const inFlight = new Set<Promise<void>>()
  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, (request, response) => {
    const handled = handler.handle(request, response)
    inFlight.add(handled)
    void handled.then(() => inFlight.delete(handled))
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.port ?? 0, HOST, resolve)
  })
  const url = `http://${HOST}:${(server.address() as AddressInfo).port}`
  handler.serverUrl = url

  const shutDown = async (): Promise<void> => {
    const closed = new Promise((resolve) => server.close(resolve))
    server.closeAllConnections()
    await source.close()
    await Promise.all([...inFlight, closed])
  }
  let closing: Promise<void> | undefined
  const close = (): Promise<void> => (closing ??= shutDown())
  return {
    url,
    journal,
    setFaults: (faults) => {
      handler.setFaults(faults)
    },
    setRepositories: (repositories) => {
      handler.setRepositories(repositories)
    },
    close,
    [Symbol.asyncDispose]: close,
  }
}

function timer(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timeout = setTimeout(resolve, ms)
    signal.addEventListener('abort', () => {
      clearTimeout(timeout)
    })
  })
}
