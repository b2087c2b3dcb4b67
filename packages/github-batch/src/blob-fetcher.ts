import { isGitHubAPIError } from '@x/core'

import { blobOid } from './blob-oid.ts'
import { type GitHubCallOptions, type GitHubClient } from './github-client.ts'
import { type Repository } from './repository.ts'
import { settleAll } from './settle-all.ts'

/** A file to fetch, by content. */
export interface WantedBlob {
  /** The object id. */
  readonly oid: string
  /** Bytes. */
  readonly size: number
  /** The repositories that have it: where one refuses, the next is asked. */
  readonly repositories: readonly [Repository, ...Repository[]]
}

/** What became of a wanted file: its bytes, whose hash is the object id, or the error of the last way that was tried. */
export type FetchedBlob =
  { readonly oid: string; readonly bytes: Uint8Array } | { readonly oid: string; readonly error: Error }

/** How to fetch. */
export interface FetchBlobsOptions extends GitHubCallOptions {
  /** Called once for each file as it comes; the next query is not built before it is done. */
  readonly onBlob: (blob: FetchedBlob) => void | Promise<void>
}

/** `Blob.text` ends here ("isTruncated", GitHub's GraphQL reference, 2026-11): larger files come by REST alone. */
const LARGEST_TEXT = 512_000
const FIRST_BATCH_FILES = 25
const MOST_BATCH_FILES = 100
const BATCH_BYTES = 2_000_000
/** Below this a batch may grow; GitHub gives up a query after about 10 seconds. */
const QUICK_ANSWER_MS = 4_000
const QUERIES_AT_ONCE = 4

interface BlobNode {
  readonly isTruncated?: boolean
  readonly text?: string | null
}

type BlobsByRepository = Record<string, Record<string, BlobNode | null> | null | undefined>

/**
 * Fetches files for the fewest points: small ones share GraphQL queries across repositories, one point each; large ones,
 * and whatever GraphQL did not give byte for byte, come by REST. A query that fails is halved until the file that
 * spoils it stands alone.
 */
export async function fetchBlobs(
  client: GitHubClient,
  wanted: readonly WantedBlob[],
  options: FetchBlobsOptions,
): Promise<void> {
  const fetcher = new BlobFetcher(client, options)
  const small = wanted.filter(({ size }) => size <= LARGEST_TEXT)
  const large = wanted.filter(({ size }) => size > LARGEST_TEXT)
  await settleAll([fetcher.fetchTexts(small), ...large.map((blob) => fetcher.fetchRaw(blob))])
}

class BlobFetcher {
  readonly #client: GitHubClient
  readonly #options: FetchBlobsOptions
  #batchFiles = FIRST_BATCH_FILES

  constructor(client: GitHubClient, options: FetchBlobsOptions) {
    this.#client = client
    this.#options = options
  }

  async fetchTexts(blobs: readonly WantedBlob[]): Promise<void> {
    const queue = [...blobs]
      .sort((a, b) => (a.repositories[0].fullName < b.repositories[0].fullName ? -1 : 1))
      .reverse()
    const work = async (): Promise<void> => {
      for (let batch = this.#take(queue); batch.length > 0; batch = this.#take(queue)) await this.#fetchBatch(batch)
    }
    await settleAll(Array.from({ length: QUERIES_AT_ONCE }, work))
  }

  async fetchRaw({ oid, repositories }: WantedBlob): Promise<void> {
    const { signal, onBlob } = this.#options
    let fetched: FetchedBlob = { oid, error: new Error('no repository has it') }
    for (const repository of repositories) {
      try {
        fetched = { oid, bytes: await this.#client.getBlob(repository, oid, { signal }) }
        break
      } catch (error) {
        signal?.throwIfAborted()
        fetched = { oid, error: error as Error }
      }
    }
    await onBlob(fetched)
  }

  #take(queue: WantedBlob[]): WantedBlob[] {
    const batch: WantedBlob[] = []
    let bytes = 0
    for (let next = queue.at(-1); next !== undefined && batch.length < this.#batchFiles; next = queue.at(-1)) {
      bytes += next.size
      if (batch.length > 0 && bytes > BATCH_BYTES) break
      batch.push(next)
      queue.pop()
    }
    return batch
  }

  async #fetchBatch(batch: readonly WantedBlob[]): Promise<void> {
    const started = performance.now()
    let answer: BlobsByRepository
    try {
      answer = await this.#query(batch)
    } catch (error) {
      this.#options.signal?.throwIfAborted()
      return this.#fetchAnotherWay(batch, error)
    }
    if (performance.now() - started < QUICK_ANSWER_MS) {
      this.#batchFiles = Math.min(MOST_BATCH_FILES, Math.ceil(this.#batchFiles * 1.25))
    }
    for (const [index, blob] of batch.entries()) {
      const node = answer[aliasOf(batch, blob)]?.[`b${index}`]
      const bytes = typeof node?.text === 'string' && node.isTruncated !== true ? Buffer.from(node.text) : undefined
      // GitHub's text is decoded: a file that is no clean UTF-8 comes back as other bytes.
      if (bytes !== undefined && blobOid(bytes) === blob.oid) await this.#options.onBlob({ oid: blob.oid, bytes })
      else await this.fetchRaw(blob)
    }
  }

  async #fetchAnotherWay(batch: readonly WantedBlob[], error: unknown): Promise<void> {
    const spoiled = isGitHubAPIError(error) && (error.statusCode >= 500 || error.statusCode === 200)
    if (spoiled) this.#batchFiles = Math.max(1, Math.floor(batch.length / 2))
    // A limit, a lost connection or a refused token would meet the halves as well: REST has a budget of its own.
    if (!spoiled || batch.length === 1) {
      await settleAll(batch.map((blob) => this.fetchRaw(blob)))
      return
    }
    const middle = Math.ceil(batch.length / 2)
    await this.#fetchBatch(batch.slice(0, middle))
    await this.#fetchBatch(batch.slice(middle))
  }

  async #query(batch: readonly WantedBlob[]): Promise<BlobsByRepository> {
    const variables: Record<string, string> = {}
    const fields = new Map<string, string[]>()
    for (const [index, blob] of batch.entries()) {
      const alias = aliasOf(batch, blob)
      variables[`${alias}o`] = blob.repositories[0].owner
      variables[`${alias}n`] = blob.repositories[0].name
      variables[`b${index}`] = blob.oid
      const field = `b${index}: object(oid: $b${index}) { ... on Blob { isTruncated text } }`
      fields.set(alias, [...(fields.get(alias) ?? []), field])
    }
    const parameters = Object.keys(variables).map(
      (name) => `$${name}: ${name.startsWith('b') ? 'GitObjectID!' : 'String!'}`,
    )
    const aliases = [...fields].map(
      ([alias, objects]) => `${alias}: repository(owner: $${alias}o, name: $${alias}n) { ${objects.join('\n')} }`,
    )
    const query = `query (${parameters.join(', ')}) { rateLimit { cost }\n${aliases.join('\n')} }`
    const { data } = await this.#client.graphql<BlobsByRepository>(query, variables, {
      signal: this.#options.signal,
      retryServerErrors: false,
    })
    return data
  }
}

/** One alias for each repository of a batch: the index of its first file. */
function aliasOf(batch: readonly WantedBlob[], { repositories }: WantedBlob): string {
  return `r${batch.findIndex((blob) => blob.repositories[0].fullName === repositories[0].fullName)}`
}
