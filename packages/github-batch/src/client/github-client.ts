import { type Clock, type Duration, GitHubAPIError, isGitHubAPIError, systemClock, toMilliseconds } from '@x/core'

import { blobOid } from '../files/blob-oid.ts'
import { type Delay, delay as realDelay } from './delay.ts'
import { type FileContent } from '../files/file-content.ts'
import { readContents, type RepositoryFiles } from '../files/file-contents.ts'
import { type GitHubAnswer, type GitHubToken, GitHubTransport } from './github-transport.ts'
import { type StreamFileOptions, streamFile } from '../files/large-file-stream.ts'
import { type NetworkConditions } from './network-conditions.ts'
import { type ListedRepository, nextPage, readListedRepository } from './owner-repositories.ts'
import { RateBudget } from '../budget/rate-budget.ts'
import { type RateGate } from '../budget/rate-queue.ts'
import { type Repository, type RepositoryHead } from '../repository.ts'
import { type CommitAnswer, type RepositoryAnswer } from './rest-answers.ts'
import { SMALLEST_CHUNK } from '../files/text-chunks.ts'
import { isAboutLimits } from './throttle.ts'
import { isListingOf, type TreeEntry, type TreeListing } from '../discovery/tree-listing.ts'
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
   * Requests on the wire at the same time, 1 to 100 (GitHub refuses more); a plan asks for fewer.
   *
   * @defaultValue 50
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

/** Limits of a call, within the client's and its budget's. */
export interface CallLimits {
  /** Lets only so many requests of all calls that share it go at the same time; the client's own limit holds besides. */
  readonly gate?: RateGate | undefined
  /**
   * The share of the hourly limits that the call may use, above 0; not more than the budget's.
   *
   * @defaultValue the budget's
   */
  readonly rateLimitBuffer?: number | undefined
  /**
   * How often each request of the call is sent again.
   *
   * @defaultValue the client's
   */
  readonly retryAttempts?: number | undefined
  /**
   * What the waits before that are multiples of.
   *
   * @defaultValue the client's
   */
  readonly retryDelay?: Duration | undefined
}

/** What a single call may bring. */
export interface GitHubCallOptions extends CallLimits {
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

/** What a call for several files may bring. */
export interface MultipleFilesOptions extends GitHubCallOptions {
  /**
   * Requests of this call at the same time, 1 to 100.
   *
   * @defaultValue 5
   */
  readonly maxConcurrent?: number | undefined
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
  /** What may be spent. */
  readonly budget: RateBudget
  readonly #transport: GitHubTransport
  readonly #baseUrl: string
  readonly #graphqlUrl: string
  #lacksGraphql = false

  /**
   * @throws RangeError for a number out of its bounds.
   * @throws TypeError for a base URL that is none.
   */
  constructor({
    token,
    baseUrl = 'https://api.github.com',
    timeout = '30s',
    fetch = globalThis.fetch,
    maxConcurrent = 50,
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
    this.budget = budget
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

  /** Whether the server was found to have no GraphQL: everything is then read by REST. */
  get lacksGraphql(): boolean {
    return this.#lacksGraphql
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
   * A repository by `owner/name`, followed where it has moved.
   *
   * @throws GitHubAPIError, NetworkError or RateLimitError when it cannot be read.
   */
  async getRepository(fullName: string, options: GitHubCallOptions = {}): Promise<ListedRepository> {
    const url = `${this.#baseUrl}/repos/${fullName.split('/').map(encodeURIComponent).join('/')}`
    const { body } = await this.#get(url, options)
    return readListedRepository(parseJson<RepositoryAnswer>(body, url))
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
    const request = { method: 'POST', url, bucket: 'graphql', accept: JSON_TYPE, body } as const
    let answer: GitHubAnswer
    try {
      answer = await this.#transport.send({ ...request, ...options, isLimit: isGraphqlLimit })
    } catch (error) {
      this.#lacksGraphql ||= isGitHubAPIError(error, 404)
      throw error
    }
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
      const answer = await this.#get(url, options)
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

  /**
   * The bytes of a file as they come, by its object id, read no faster than they are asked for, with `timeout` for each piece.
   * They are not checked, and not asked for again where they break off: see `streamLargeFileContent`.
   *
   * @throws GitHubAPIError, NetworkError or RateLimitError when it cannot be read.
   */
  openBlob(repository: Repository, oid: string, options: GitHubCallOptions = {}): Promise<AsyncIterable<Uint8Array>> {
    const url = `${this.#repositoryUrl(repository)}/git/blobs/${oid}`
    return this.#transport.stream({ method: 'GET', url, bucket: 'core', accept: RAW_TYPE, ...options })
  }

  /**
   * A commit by its object id, or the one that a branch, a tag or `HEAD` stands at.
   *
   * @throws GitHubAPIError (409: nothing was ever pushed; 422: there is no such commit), NetworkError or RateLimitError when it
   * cannot be read.
   */
  async getCommit(repository: Repository, revision: string, options: GitHubCallOptions = {}): Promise<RepositoryHead> {
    // REST knows a branch as `heads/NAME` and a tag as `tags/NAME` ("Get a commit", docs.github.com, 2026-11).
    const reference = revision
      .replace(/^refs\//, '')
      .split('/')
      .map(encodeURIComponent)
      .join('/')
    const url = `${this.#repositoryUrl(repository)}/commits/${reference}`
    const { body } = await this.#get(url, options)
    const { sha, commit } = parseJson<CommitAnswer>(body, url)
    if (sha === undefined || commit?.tree.sha === undefined) throw new GitHubAPIError(`GET ${url}: not a commit`, 200)
    return { commit: sha, tree: commit.tree.sha }
  }

  /**
   * The repositories of an organisation or user that the token can see, in GitHub's order: one REST request for 100.
   *
   * @throws GitHubAPIError (404: there is no such owner), NetworkError or RateLimitError when they cannot be listed.
   */
  async *listRepositories(
    owner: string,
    options: GitHubCallOptions = {},
  ): AsyncGenerator<ListedRepository, void, undefined> {
    const urlFor = (kind: 'orgs' | 'users'): string =>
      `${this.#baseUrl}/${kind}/${encodeURIComponent(owner)}/repos?per_page=100`
    let url: string | undefined = urlFor('orgs')
    while (url !== undefined) {
      let answer: GitHubAnswer
      try {
        answer = await this.#get(url, options)
      } catch (error) {
        if (!isGitHubAPIError(error, 404) || url !== urlFor('orgs')) throw error
        url = urlFor('users')
        continue
      }
      const page = parseJson<RepositoryAnswer[]>(answer.body, url)
      if (!Array.isArray(page)) throw new GitHubAPIError(`GET ${url}: not a list of repositories`, 200)
      yield* page.map(readListedRepository)
      url = nextPage(answer.headers.get('link'), url)
    }
  }

  /**
   * Files of one repository by their paths, at one commit: one query for where they are, one for many contents. A path that the
   * repository does not have is left out. Give a repository that a sweep has found to read at the commit that it found.
   *
   * @throws GitHubAPIError, NetworkError or RateLimitError when a file cannot be read.
   */
  async getMultipleFileContentsParallel(
    repo: Repository,
    filePaths: readonly string[],
    { maxConcurrent = 5, ...options }: MultipleFilesOptions = {},
  ): Promise<Map<string, FileContent>> {
    assertCount('maxConcurrent', maxConcurrent, { least: 1, most: 100 })
    const contents = await readContents(this, [[repo, filePaths]], { ...options, requestsAtOnce: maxConcurrent })
    return contents.get(repo.fullName) ?? new Map<string, FileContent>()
  }

  /**
   * Files of many repositories, by the full name of each and then by path; queries span repositories, and a content that several
   * have is asked for once. A path that a repository does not have is left out.
   *
   * @throws GitHubAPIError, NetworkError or RateLimitError when a file cannot be read.
   */
  getCrossRepoFileContents(
    repoFiles: RepositoryFiles,
    options: GitHubCallOptions = {},
  ): Promise<Map<string, Map<string, FileContent>>> {
    return readContents(this, repoFiles, options)
  }

  /**
   * The text of a file in chunks, read from GitHub no faster than it is asked for, up to 100 MB. No character is cut in two, and
   * together the chunks are the whole file; bytes that are no UTF-8 become U+FFFD. An answer that breaks off is asked for
   * again, and goes on where it broke off.
   *
   * @throws FileNotFoundError when there is none; GitHubAPIError at the end when the bytes were not those of the file; NetworkError
   * or RateLimitError when it cannot be read.
   * @throws RangeError at once for a `chunkSize` that is no whole number from 4.
   */
  streamLargeFileContent(
    repo: Repository,
    filePath: string,
    { chunkSize = 8_192, ...options }: StreamFileOptions = {},
  ): AsyncGenerator<string, void, undefined> {
    if (!Number.isInteger(chunkSize) || chunkSize < SMALLEST_CHUNK) {
      throw new RangeError(`chunkSize must be a whole number from ${SMALLEST_CHUNK}, not ${String(chunkSize)}.`)
    }
    return streamFile(this, { repository: repo, path: filePath }, { ...options, chunkSize })
  }

  #get(url: string, options: GitHubCallOptions): Promise<GitHubAnswer> {
    return this.#transport.send({ method: 'GET', url, bucket: 'core', accept: JSON_TYPE, ...options })
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
