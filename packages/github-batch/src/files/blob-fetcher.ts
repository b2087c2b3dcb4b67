import { AdaptiveSize } from '../parallel/adaptive-size.ts'
import { type BatchRecorder, type BatchOperation } from '../batch/batch-metrics-collector.ts'
import { type BatchPlan, DEFAULT_BATCH_PLAN } from '../batch/batch-plan.ts'
import { blobOid } from './blob-oid.ts'
import { type GitHubCallOptions } from '../client/call-options.ts'
import { type GitHubClient } from '../client/github-client.ts'
import { type ObjectsByRepository, repositoryAliases } from '../client/graphql-question.ts'
import { graphqlPatience } from '../client/graphql-patience.ts'
import { cleanText } from './clean-text.ts'
import { queriesAtOnce } from '../parallel/queries-at-once.ts'
import { type Repository } from '../repository.ts'
import { type WorkGroup } from '../parallel/work-group.ts'
import { WorkQueue } from '../parallel/work-queue.ts'
import { mayBeTooMuch } from '../parallel/too-much.ts'

/** A file to fetch, by content. */
export interface WantedBlob {
  /** The object id. */
  readonly oid: string
  /** Bytes. */
  readonly size: number
  /** The repositories that have it: where one refuses, the next is asked. */
  readonly repositories: readonly [Repository, ...Repository[]]
}

/** A file's content, whose hash is the object id. */
export interface FetchedContent {
  /** The object id. */
  readonly oid: string
  /** As they are. */
  readonly bytes: Uint8Array
  /** The bytes as text, where they are clean UTF-8. */
  readonly text: string | undefined
}

/** What became of a wanted file: its content, or the error of the last way that was tried. */
export type FetchedBlob = FetchedContent | { readonly oid: string; readonly error: Error }

/** How to fetch. */
export interface BlobFetcherOptions extends GitHubCallOptions {
  /** What this work belongs to. */
  readonly group: WorkGroup
  /**
   * Whether more files may be wanted soon: a query that is not full waits for them.
   *
   * @defaultValue never
   */
  readonly expectsMore?: (() => boolean) | undefined
  /** Called with the files of each answer as it comes; its slot is not free before it is done. */
  readonly onBlobs: (blobs: readonly FetchedBlob[]) => void | Promise<void>
  /** Told what each request took and brought. */
  readonly metrics?: BatchRecorder | undefined
}

/** `Blob.text` ends here ("isTruncated", GitHub's GraphQL reference, 2026-11): larger files come by REST alone. */
const LARGEST_TEXT = 512_000

/** By each of the two ways at the same time: until it is parsed, a content takes several times its bytes. */
const MEMORY = { bytesOf: ({ size }: WantedBlob): number => size, mostBytes: 8_000_000 }

interface BlobNode {
  readonly isTruncated?: boolean
  readonly text?: string | null
}

/**
 * Fetches files for the fewest points: small ones share GraphQL queries across repositories, one point each; large ones,
 * and whatever GraphQL did not give byte for byte, come by REST. A query that fails is halved until the file that
 * spoils it stands alone.
 */
export class BlobFetcher {
  readonly #client: GitHubClient
  readonly #call: GitHubCallOptions
  readonly #options: Pick<BlobFetcherOptions, 'onBlobs' | 'metrics'> & { readonly expectsMore: () => boolean }
  readonly #size = new AdaptiveSize()
  readonly #texts: WorkQueue<WantedBlob>
  readonly #raw: WorkQueue<WantedBlob>
  #plan: BatchPlan = DEFAULT_BATCH_PLAN

  constructor(client: GitHubClient, options: BlobFetcherOptions) {
    const { group, expectsMore = () => false, onBlobs, metrics, ...call } = options
    this.#client = client
    this.#call = call
    this.#options = { expectsMore, onBlobs, metrics }
    this.#texts = new WorkQueue<WantedBlob>(group, {
      atOnce: () => queriesAtOnce(this.#plan),
      cut: (waiting, running) => this.#cut(waiting, running),
      ...MEMORY,
      work: (batch) => this.#fetchBatch(batch),
    })
    this.#raw = new WorkQueue<WantedBlob>(group, {
      atOnce: () => this.#plan.requestsAtOnce,
      cut: () => 1,
      ...MEMORY,
      work: (batch) => this.#fetchRaw(batch),
    })
  }

  /** From now on. */
  follow(plan: BatchPlan): void {
    this.#plan = plan
    if (plan.filesPerQuery !== undefined) this.#size.follow(plan.filesPerQuery)
  }

  /** Tells what each file came to by `onBlobs`; when the signal aborts the group has a failure. */
  fetch(wanted: readonly WantedBlob[]): void {
    const hasGraphql = this.#plan.filesPerQuery !== undefined && !this.#client.lacksGraphql
    const isText = ({ size }: WantedBlob): boolean => hasGraphql && size <= LARGEST_TEXT
    this.#raw.add(wanted.filter((blob) => !isText(blob)))
    this.#texts.add(wanted.filter(isText))
  }

  /** Each batch is cut when it is its turn, by what the answers before it have shown to be possible. */
  #cut(waiting: readonly WantedBlob[], running: number): number {
    const { bytesPerQuery, crossRepository } = this.#plan
    let bytes = 0
    for (const [count, blob] of waiting.entries()) {
      bytes += blob.size
      const isFull = count >= this.#size.size || bytes > bytesPerQuery
      const isStrange = !crossRepository && waiting[0]?.repositories[0] !== blob.repositories[0]
      if (count > 0 && (isFull || isStrange)) return count
    }
    const isFull = waiting.length >= this.#size.size
    return !isFull && (running > 0 || this.#options.expectsMore()) ? 0 : waiting.length
  }

  async #fetchRaw(blobs: readonly WantedBlob[]): Promise<void> {
    for (const blob of blobs) {
      const startedAt = this.#client.budget.now()
      const fetched = await this.#fetchOne(blob)
      this.#record('raw_file', startedAt, { batchSize: 1, successCount: 'bytes' in fetched ? 1 : 0 })
      await this.#options.onBlobs([fetched])
    }
  }

  async #fetchOne({ oid, repositories }: WantedBlob): Promise<FetchedBlob> {
    let fetched: FetchedBlob = { oid, error: new Error('no repository has it') }
    for (const repository of repositories) {
      try {
        const bytes = await this.#client.getBlob(repository, oid, this.#call)
        return { oid, bytes, text: cleanText(bytes) }
      } catch (error) {
        this.#call.signal?.throwIfAborted()
        fetched = { oid, error: error as Error }
      }
    }
    return fetched
  }

  async #fetchBatch(batch: readonly WantedBlob[]): Promise<void> {
    if (this.#client.lacksGraphql) {
      this.#raw.add(batch)
      return
    }
    const objects = batch.map(({ oid, repositories: [repository] }) => ({ repository, oid }))
    const { query, variables, places } = repositoryAliases(objects, '... on Blob { isTruncated text }')
    const started = this.#client.budget.now()
    let nodes: ObjectsByRepository<BlobNode>
    try {
      nodes = (
        await this.#client.graphql<typeof nodes>(query, variables, {
          ...this.#call,
          ...graphqlPatience(this.#client, batch.length),
        })
      ).data
    } catch (error) {
      this.#call.signal?.throwIfAborted()
      return this.#fetchAnotherWay(batch, error)
    }
    this.#size.answered(this.#client.budget.now() - started)
    const whole: FetchedBlob[] = []
    const others: WantedBlob[] = []
    for (const [index, blob] of batch.entries()) {
      const [alias = '', own = ''] = places[index] ?? []
      const content = contentOf(blob, nodes[alias]?.[own])
      if (content === undefined) others.push(blob)
      else whole.push(content)
    }
    this.#record('file_batch', started, { batchSize: whole.length, successCount: whole.length })
    this.#raw.add(others)
    if (whole.length > 0) await this.#options.onBlobs(whole)
  }

  #record(operationType: string, startedAt: number, counts: Pick<BatchOperation, 'batchSize' | 'successCount'>): void {
    const durationMs = Math.max(0, this.#client.budget.now() - startedAt)
    this.#options.metrics?.recordBatchOperation({ operationType, durationMs, ...counts, cacheHits: 0, apiCalls: 1 })
  }

  async #fetchAnotherWay(batch: readonly WantedBlob[], error: unknown): Promise<void> {
    const tooMuch = mayBeTooMuch(error)
    if (tooMuch) this.#size.refused(batch.length)
    // REST has a budget of its own.
    if (!tooMuch || batch.length === 1) {
      this.#raw.add(batch)
      return
    }
    const middle = Math.ceil(batch.length / 2)
    await this.#fetchBatch(batch.slice(0, middle))
    await this.#fetchBatch(batch.slice(middle))
  }
}

/** GitHub's text is decoded: a file that is no clean UTF-8 comes back as other bytes, and is no content. */
function contentOf({ oid }: WantedBlob, node: BlobNode | null | undefined): FetchedContent | undefined {
  if (typeof node?.text !== 'string' || node.isTruncated === true) return undefined
  const bytes = Buffer.from(node.text)
  return blobOid(bytes) === oid ? { oid, bytes, text: node.text } : undefined
}
