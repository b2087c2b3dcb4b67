import { type IncomingMessage, type ServerResponse } from 'node:http'

import { BoundedMap } from './bounded-map.ts'
import { FaultSchedule, type Fault, type FaultAction } from './fault.ts'
import { gitUnauthorized, type GitRoute } from './git/git-route.ts'
import { type ObjectSource } from './git/object-source.ts'
import { graphqlAnswer } from './graphql/graphql-answer.ts'
import { type Answer, errorAnswer, HttpError } from './http/answer.ts'
import { entityTagOf, isUnchanged } from './http/entity-tag.ts'
import { Exchange, type Wait } from './http/exchange.ts'
import { afflicted, faultAnswer } from './http/fault-effect.ts'
import { readRequestBody } from './http/request-body.ts'
import { routeOf, type Route } from './http/route.ts'
import { type Journal } from './journal.ts'
import { type Limits } from './limits.ts'
import { processorMsOf } from './processor-time.ts'
import { RateLimiter } from './rate-limiter.ts'
import { type RepositoryRecord } from './repository-record.ts'
import { RepositoryRegistry } from './repository-registry.ts'
import { type TreeLimits } from './rest/rest-request.ts'

const RENDERED_BYTES = 64 * 1024 * 1024

/** Everything that decides an answer. */
export interface RequestHandlerOptions {
  readonly repositories: readonly RepositoryRecord[]
  readonly source: ObjectSource
  readonly journal: Journal
  readonly limits: Limits
  readonly clock: { now(): number }
  /** Accepted tokens; `undefined`: any. */
  readonly tokens: readonly string[] | undefined
  readonly faults: readonly Fault[]
  readonly latencyMs: (processorMs: number) => number
  readonly wait: Wait
  readonly treeLimits: TreeLimits
  readonly graphql: boolean
}

type ApiRoute = Exclude<Route, { kind: 'git' }>

/** Answers requests: fault → token → limits → handler → ETag → latency → journal. */
export class RequestHandler {
  /** Of the server; known once it listens. */
  serverUrl = ''
  readonly #options: RequestHandlerOptions
  readonly #limiter: RateLimiter
  readonly #rendered = new BoundedMap<Buffer>(RENDERED_BYTES, ({ length }) => length)
  #registry: RepositoryRegistry
  #faults: FaultSchedule
  #requests = 0

  constructor(options: RequestHandlerOptions) {
    this.#options = options
    this.#limiter = new RateLimiter(options.limits, options.clock)
    this.#registry = new RepositoryRegistry(options.repositories, options.source)
    this.#faults = new FaultSchedule(options.faults)
  }

  setFaults(faults: readonly Fault[]): void {
    this.#faults = new FaultSchedule(faults)
  }

  setRepositories(repositories: readonly RepositoryRecord[]): void {
    this.#registry = new RepositoryRegistry(repositories, this.#options.source)
    this.#options.source.clear()
    this.#rendered.clear()
  }

  /** Settles when the exchange is over; never rejects. */
  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const exchange = new Exchange(request, response, this.#options.journal)
    this.#requests += 1
    try {
      await this.#serve(exchange)
    } catch (error) {
      exchange.send(this.#complete(refusal(error), exchange))
    }
    await exchange.over
  }

  async #serve(exchange: Exchange): Promise<void> {
    const route = routeOf(exchange.method, exchange.pathname, this.#options)
    exchange.route = route
    // git's own requests are handed to git as they come.
    const body = route.kind === 'git' ? Buffer.alloc(0) : await readRequestBody(exchange.request)
    const fault = this.#faults.next({
      path: exchange.path,
      operation: route.operation,
      token: exchange.caller.token,
      body: body.toString('utf8'),
    })
    exchange.fault = fault?.kind
    if (fault !== undefined && this.#preempt(exchange, route, fault)) return
    if (route.kind === 'git') await this.#serveGit(exchange, route.git, fault)
    else await this.#serveApi(exchange, route, { body, fault })
  }

  /** Lets a fault take the place of the answer, if it is of that kind. */
  #preempt(exchange: Exchange, route: Route, fault: FaultAction): boolean {
    if (fault.kind === 'status') exchange.send(this.#complete(faultAnswer(fault), exchange))
    else if (fault.kind === 'hang') {
      // It holds its place among the concurrent ones, as it would on GitHub.
      if (route.kind !== 'git') this.#enter(exchange, route)
      exchange.recordUnanswered()
    } else if (fault.kind === 'cut' && fault.afterBytes === undefined) exchange.cut()
    else return false
    return true
  }

  async #serveGit(exchange: Exchange, route: GitRoute, fault: FaultAction | undefined): Promise<void> {
    const { request, caller, search } = exchange
    if (!this.#isKnown(caller.token)) throw gitUnauthorized()
    await exchange.pause(this.#waitOf(fault, 0), this.#options.wait)
    const answer = await route.answer({ request, caller, search, registry: this.#registry })
    await exchange.stream(answer, fault?.kind === 'cut' ? fault.afterBytes : undefined).catch(() => undefined)
  }

  async #serveApi(
    exchange: Exchange,
    route: ApiRoute,
    { body, fault }: { readonly body: Buffer; readonly fault: FaultAction | undefined },
  ): Promise<void> {
    let answer: Answer
    let processorMs = 0
    try {
      answer = this.#complete(await this.#answer(exchange, route, body), exchange)
      const isFree = route.kind === 'rest' && route.rest.points === 0
      processorMs = isFree ? 0 : processorMsOf(route.bucket, answer.body.length)
      this.#limiter.work(exchange.caller, route.bucket, processorMs)
    } catch (error) {
      answer = this.#complete(refusal(error), exchange)
    }
    if (fault !== undefined) answer = afflicted(answer, fault)
    await exchange.pause(this.#waitOf(fault, processorMs), this.#options.wait)
    if (fault?.kind === 'cut') exchange.sendCut(answer, fault.afterBytes ?? 0)
    else exchange.send(answer)
  }

  async #answer(exchange: Exchange, route: ApiRoute, body: Buffer): Promise<Answer> {
    const { caller } = exchange
    if (!this.#isKnown(caller.token)) throw new HttpError(401, 'Bad credentials')
    if (route.kind === 'rest' && route.rest.points === 0) return this.#restAnswer(exchange, route)
    this.#enter(exchange, route)
    if (route.kind === 'rest') return this.#restAnswer(exchange, route)
    if (caller.token === '' && this.#options.tokens !== undefined) {
      throw new HttpError(401, 'This endpoint requires you to be authenticated.')
    }
    const { serverUrl } = this
    const request = { body, registry: this.#registry, limiter: this.#limiter, caller, serverUrl }
    const { answer, points } = await graphqlAnswer(request)
    exchange.points = points
    return answer
  }

  async #restAnswer(exchange: Exchange, route: Extract<Route, { kind: 'rest' }>): Promise<Answer> {
    const { caller, request } = exchange
    const { points } = route.rest
    if (points > 0 && !this.#limiter.spend(caller, 'core', points)) throw exhausted(caller.token)
    exchange.points = points
    const answer = await route.rest.answer({
      registry: this.#registry,
      limiter: this.#limiter,
      caller,
      query: new URLSearchParams(exchange.search),
      accept: request.headers.accept,
      path: exchange.path.slice(route.prefix.length),
      serverUrl: this.serverUrl,
      apiUrl: `${this.serverUrl}${route.prefix}`,
      treeLimits: this.#options.treeLimits,
      rendered: this.#rendered,
    })
    if (answer.status !== 200 || points === 0) return answer
    const etag = entityTagOf(answer, caller)
    const headers = { ...answer.headers, etag, vary: 'Accept, Authorization' }
    if (!isUnchanged(request.headers['if-none-match'], etag)) return { ...answer, headers }
    this.#limiter.refund(caller, 'core', points)
    exchange.points = 0
    return { status: 304, headers, body: Buffer.alloc(0) }
  }

  #enter(exchange: Exchange, { bucket }: ApiRoute): void {
    const { caller } = exchange
    if (!this.#limiter.enter(caller, bucket)) {
      const { retryAfter } = this.#options.limits
      throw new HttpError(
        403,
        'You have exceeded a secondary rate limit. Please wait a few minutes before you try again.',
        { headers: retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) } },
      )
    }
    exchange.onEnd(() => {
      this.#limiter.leave(caller)
    })
  }

  /** Adds the headers that every answer has; the answer's own win. */
  #complete(answer: Answer, { route, caller }: Exchange): Answer {
    const common: Record<string, string> = {
      'x-github-request-id': this.#requests.toString(16).padStart(8, '0'),
      'x-github-media-type': 'github.v3; format=json',
    }
    if (route !== undefined && route.kind !== 'git') {
      const { limit, remaining, used, reset, resource } = this.#limiter.status(caller, route.bucket)
      common['x-ratelimit-limit'] = String(limit)
      common['x-ratelimit-remaining'] = String(remaining)
      common['x-ratelimit-used'] = String(used)
      common['x-ratelimit-reset'] = String(reset)
      common['x-ratelimit-resource'] = resource
    }
    return { ...answer, headers: { ...common, ...answer.headers } }
  }

  #waitOf(fault: FaultAction | undefined, processorMs: number): number {
    return this.#options.latencyMs(processorMs) + (fault?.kind === 'delay' ? fault.ms : 0)
  }

  #isKnown(token: string): boolean {
    const { tokens } = this.#options
    return token === '' || tokens === undefined || tokens.includes(token)
  }
}

function exhausted(token: string): HttpError {
  const hint = token === '' ? ' (But here is the good news: authenticated requests get a higher rate limit.)' : ''
  return new HttpError(403, `API rate limit exceeded.${hint} Wait until the time in x-ratelimit-reset.`)
}

/** What to answer instead: the refusal itself, or 500 with the reason for whoever debugs. */
function refusal(error: unknown): Answer {
  if (error instanceof HttpError) return errorAnswer(error)
  return errorAnswer(new HttpError(500, `Server Error: ${error instanceof Error ? error.message : String(error)}`))
}
