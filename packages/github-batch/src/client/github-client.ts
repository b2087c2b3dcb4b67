import { GitHubAPIError, isGitHubAPIError } from '@x/core'

import { blobOid } from '../files/blob-oid.ts'
import { type GitHubCallOptions, type GraphqlCallOptions, type MultipleFilesOptions } from './call-options.ts'
import { type FileContent } from '../files/file-content.ts'
import { readContents, type RepositoryFiles } from '../files/file-contents.ts'
import { assertCount, type GitHubClientOptions, resolveClientOptions } from './github-client-options.ts'
import { type GitHubAnswer } from './github-request.ts'
import { GitHubTransport } from './github-transport.ts'
import { type GraphqlAnswer, isGraphqlLimit, readGraphqlAnswer } from './graphql-answer.ts'
import { parseJson } from './json-body.ts'
import { type StreamFileOptions, streamFile } from '../files/large-file-stream.ts'
import { type NetworkConditions } from './network-conditions.ts'
import { type ListedRepository, nextPage, readListedRepository } from './owner-repositories.ts'
import { type RateBudget } from '../budget/rate-budget.ts'
import { type Repository, type RepositoryHead } from '../repository.ts'
import { type CommitAnswer, type RepositoryAnswer, type TreeAnswer } from './rest-answers.ts'
import { SMALLEST_CHUNK } from '../files/text-chunks.ts'
import { isListingOf, readTreeListing, type TreeListing } from '../discovery/tree-listing.ts'
import { type GitHubUsage } from './usage-meter.ts'

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
   * @throws TypeError for an unknown option, or a base URL that is none.
   */
  constructor(options: GitHubClientOptions = {}) {
    const { baseUrl, ...transport } = resolveClientOptions(options)
    this.budget = transport.budget
    this.#baseUrl = baseUrl
    this.#graphqlUrl = `${baseUrl.replace(/\/v3$/, '')}/graphql`
    this.#transport = new GitHubTransport(transport)
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
    const { cost, ...read } = readGraphqlAnswer<Data>(answer.body, url)
    this.#transport.count(options, { graphqlPoints: cost })
    if ('data' in read) return read
    const words = read.errors.map(({ message }) => message).join('; ')
    throw new GitHubAPIError(`POST ${url}: ${words || 'no data'}`, answer.status, { cause: read.errors })
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
      const listing = readTreeListing(parseJson<TreeAnswer>(answer.body, url), url)
      if (listing.truncated || isListingOf(oid, listing.entries, recursive)) return listing
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
   * @throws TypeError for two revisions of one repository: ask for each in a call of its own.
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
