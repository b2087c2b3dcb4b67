import { type Clock, type Duration, GitHubAPIError, systemClock, toMilliseconds } from '@x/core'

import { blobOid } from './blob-oid.ts'
import { type Delay, delay as realDelay } from './delay.ts'
import { type GitHubToken, GitHubTransport } from './github-transport.ts'
import { type NetworkConditions } from './network-conditions.ts'
import { RateBudget } from './rate-budget.ts'
import { type Repository } from './repository.ts'
import { isAboutLimits } from './throttle.ts'
import { isListingOf, type TreeEntry, type TreeListing } from './tree-listing.ts'
import { type GitHubUsage, type UsageMeter } from './usage-meter.ts'

/** How to reach GitHub. */
export interface GitHubClientOptions {
  /** A token, or a function that gives the one to use now; absent: anonymous, 60 requests an hour. */
  readonly token?: GitHubToken | undefined
  /**
   * The REST API: `https://HOST/api/v3` for GitHub Enterprise.
   *
   * @defaultValue `"https://api.github.com"`
   */
  readonly baseUrl?: string | undefined
  /**
   * The longest time for one whole answer, above 0; `Infinity`: none (a timer ends at 24 days).
   *
   * @defaultValue `"30s"`
   */
  readonly timeout?: Duration | undefined
  /**
   * How to send a request.
   *
   * @defaultValue the platform's `fetch`
   */
  readonly fetch?: typeof fetch | undefined
  /**
   * Requests on the wire at the same time, 1 to 100 (GitHub refuses more).
   *
   * @defaultValue 10
   */
  readonly maxConcurrent?: number | undefined
  /**
   * How often a request is sent again after no answer came; after a timeout or an answer of 500 and above at most twice.
   *
   * @defaultValue 3
   */
  readonly retryAttempts?: number | undefined
  /**
   * The wait before the first retry after no answer came. It doubles with each, up to 60 times this; after a timeout it
   * triples, up to 120 times; after an answer of 500 and above it is five times as long, and doubles.
   *
   * @defaultValue `"1s"`
   */
  readonly retryDelay?: Duration | undefined
  /**
   * The budget, shared by all clients of one token.
   *
   * @defaultValue a new one with its own defaults
   */
  readonly budget?: RateBudget | undefined
  /**
   * Where the time comes from.
   *
   * @defaultValue `systemClock`
   */
  readonly clock?: Clock | undefined
  /**
   * How to wait before a retry.
   *
   * @defaultValue a timer
   */
  readonly delay?: Delay | undefined
}

/** What a single call may bring. */
export interface GitHubCallOptions {
  /** Ends the call with the signal's reason. */
  readonly signal?: AbortSignal | undefined
  /** Counts what the call costs as well, and forbids it where its points are spent. */
  readonly meter?: UsageMeter | undefined
  /**
   * Where calls wait for their turn, a higher one goes first; who waits gains a step every ten seconds.
   *
   * @defaultValue 0
   */
  readonly priority?: number | undefined
  /**
   * The longest time to wait for a limit; beyond it the call fails with `RateLimitError`.
   *
   * @defaultValue the budget's
   */
  readonly maxWait?: Duration | undefined
}

/** What a single GraphQL call may bring. */
export interface GraphqlCallOptions extends GitHubCallOptions {
  /**
   * Whether to ask again the same way after an answer of 500 and above; a large question is better made smaller.
   *
   * @defaultValue `true`
   */
  readonly retryServerErrors?: boolean | undefined
}

/** An error inside a GraphQL answer. */
export interface GraphqlError {
  /** Such as `NOT_FOUND` or `FORBIDDEN`. */
  readonly type?: string | undefined
  /** In words. */
  readonly message: string
  /** Where in the answer: aliases, field names and indices. */
  readonly path?: readonly (string | number)[] | undefined
}

/** A GraphQL answer: what came, and what could not. */
export interface GraphqlAnswer<Data> {
  /** May lack what `errors` names. */
  readonly data: Data
  /** Empty where everything came. */
  readonly errors: readonly GraphqlError[]
}

const JSON_TYPE = 'application/vnd.github+json'
const RAW_TYPE = 'application/vnd.github.raw'

/** Reads GitHub: trees, files by content, and GraphQL, within the limits and with retries. */
export class GitHubClient {
  readonly #transport: GitHubTransport
  readonly #baseUrl: string
  readonly #graphqlUrl: string

  /**
   * @throws RangeError for a number out of its bounds.
   * @throws TypeError for a base URL that is none.
   */
  constructor({
    token,
    baseUrl = 'https://api.github.com',
    timeout = '30s',
    fetch = globalThis.fetch,
    maxConcurrent = 10,
    retryAttempts = 3,
    retryDelay = '1s',
    clock = systemClock,
    delay = realDelay,
    budget = new RateBudget({ clock, delay }),
  }: GitHubClientOptions = {}) {
    assertBaseUrl(baseUrl)
    const timeoutMs = toMilliseconds(timeout)
    if (timeoutMs <= 0) throw new RangeError(`timeout must be above 0, not ${String(timeout)}.`)
    assertCount('maxConcurrent', maxConcurrent, { least: 1, most: 100 })
    assertCount('retryAttempts', retryAttempts, { least: 0, most: 100 })
    this.#baseUrl = baseUrl.replace(/\/+$/, '')
    this.#graphqlUrl = `${this.#baseUrl.replace(/\/v3$/, '')}/graphql`
    this.#transport = new GitHubTransport({
      token,
      timeoutMs,
      fetch,
      maxConcurrent,
      retryAttempts,
      retryDelayMs: toMilliseconds(retryDelay),
      budget,
      clock,
      delay,
    })
  }

  /** What was sent since the client was made, and what it cost. */
  get usage(): GitHubUsage {
    return this.#transport.usage
  }

  /** What the way to GitHub is like, by the newest requests; `undefined` before enough was seen of it. */
  get networkConditions(): NetworkConditions | undefined {
    return this.#transport.networkConditions
  }

  /**
   * Sends a GraphQL query that asks for `rateLimit { cost }`. A limit inside the answer is waited for like any other.
   *
   * @throws GitHubAPIError when no data came, its `cause` the errors; NetworkError or RateLimitError as for any request.
   */
  async graphql<Data>(
    query: string,
    variables: Readonly<Record<string, unknown>>,
    options: GraphqlCallOptions = {},
  ): Promise<GraphqlAnswer<Data>> {
    const url = this.#graphqlUrl
    const body = JSON.stringify({ query, variables })
    const answer = await this.#transport.send({
      method: 'POST',
      url,
      bucket: 'graphql',
      accept: JSON_TYPE,
      body,
      ...options,
      isLimit: isGraphqlLimit,
    })
    const { data, errors = [] } = parseJson<GraphqlBody<Data>>(answer.body, url)
    // An answer that names no cost has cost the least there is.
    this.#transport.count(options, { graphqlPoints: data?.rateLimit?.cost ?? 1 })
    if (data != null) return { data, errors }
    const words = errors.map(({ message }) => message).join('; ')
    throw new GitHubAPIError(`POST ${url}: ${words || 'no data'}`, answer.status, { cause: errors })
  }

  /**
   * The entries of a tree, by its object id; recursive: with those of all folders below. A listing that is not cut short
   * is checked against the id, folder by folder, and asked for once more if it is not the right one.
   *
   * @throws GitHubAPIError, NetworkError or RateLimitError when it cannot be read.
   */
  async getTree(
    repository: Repository,
    oid: string,
    { recursive = false, ...options }: GitHubCallOptions & { readonly recursive?: boolean | undefined } = {},
  ): Promise<TreeListing> {
    const url = `${this.#repositoryUrl(repository)}/git/trees/${oid}${recursive ? '?recursive=1' : ''}`
    for (let wrong = 0; wrong < 2; wrong += 1) {
      const answer = await this.#transport.send({ method: 'GET', url, bucket: 'core', accept: JSON_TYPE, ...options })
      const { tree, truncated } = parseJson<{ tree?: TreeEntry[]; truncated?: boolean }>(answer.body, url)
      if (!Array.isArray(tree) || typeof truncated !== 'boolean')
        throw new GitHubAPIError(`GET ${url}: not a tree`, 200)
      if (truncated || isListingOf(oid, tree, recursive)) return { entries: tree, truncated }
    }
    throw new GitHubAPIError(`GET ${url}: the entries are not those of the tree, twice`, 200)
  }

  /**
   * The bytes of a file, by its object id, up to 100 MB; checked against the id, and asked for once more if they are
   * not the right ones.
   *
   * @throws GitHubAPIError, NetworkError or RateLimitError when it cannot be read whole.
   */
  async getBlob(repository: Repository, oid: string, options: GitHubCallOptions = {}): Promise<Uint8Array> {
    const url = `${this.#repositoryUrl(repository)}/git/blobs/${oid}`
    for (let wrong = 0; wrong < 2; wrong += 1) {
      const { body } = await this.#transport.send({ method: 'GET', url, bucket: 'core', accept: RAW_TYPE, ...options })
      if (blobOid(body) === oid) return body
    }
    throw new GitHubAPIError(`GET ${url}: the bytes are not those of the object, twice`, 200)
  }

  #repositoryUrl({ owner, name }: Repository): string {
    return `${this.#baseUrl}/repos/${encodeURIComponent(owner)}/${encodeURIComponent(name)}`
  }
}

interface GraphqlBody<Data> {
  readonly data?: (Data & { readonly rateLimit?: { readonly cost: number } | null }) | null
  readonly errors?: readonly GraphqlError[]
}

/** GitHub answers 200 here, with a type of one of two spellings for the hourly limit, and words alone for the others. */
function isGraphqlLimit(body: Uint8Array): boolean {
  if (!Buffer.from(body.buffer, body.byteOffset, body.byteLength).includes('"errors"')) return false
  const { errors = [] } = parseJson<GraphqlBody<unknown>>(body, '')
  return errors.some(({ type, message }) => type === 'RATE_LIMITED' || type === 'RATE_LIMIT' || isAboutLimits(message))
}

function parseJson<T>(body: Uint8Array, url: string): T {
  try {
    return JSON.parse(new TextDecoder().decode(body)) as T
  } catch (cause) {
    throw new GitHubAPIError(`${url}: the answer is not JSON`, 200, { cause })
  }
}

/** Without a word of the URL: it may hold a secret. */
function assertBaseUrl(baseUrl: string): void {
  const url = URL.parse(baseUrl)
  if (url === null || !/^https?:$/.test(url.protocol)) throw new TypeError('baseUrl must be an http or https URL.')
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') {
    throw new TypeError('baseUrl must not hold a user, a password, a query or a fragment. Give the token as `token`.')
  }
}

function assertCount(name: string, value: number, { least, most }: { least: number; most: number }): void {
  if (!Number.isInteger(value) || value < least || value > most) {
    throw new RangeError(`${name} must be a whole number from ${least} to ${most}, not ${String(value)}.`)
  }
}
