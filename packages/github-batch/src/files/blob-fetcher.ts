import { AdaptiveSize } from '../parallel/adaptive-size.ts'
import { type BatchRecorder, type BatchOperation } from '../batch/batch-metrics-collector.ts'
import { type BatchPlan } from '../batch/batch-plan.ts'
import { blobOid } from './blob-oid.ts'
import { type GitHubCallOptions, type GitHubClient } from '../client/github-client.ts'
import { type ObjectsByRepository, repositoryAliases } from '../client/graphql-question.ts'
import { graphqlPatience } from '../client/graphql-patience.ts'
import { inParallel } from '../parallel/in-parallel.ts'
import { queriesAtOnce } from '../parallel/queries-at-once.ts'
import { type Repository } from '../repository.ts'
import { settleAll } from '../parallel/settle-all.ts'
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

/** What became of a wanted file: its bytes, whose hash is the object id, or the error of the last way that was tried. */
export type FetchedBlob =
  { readonly oid: string; readonly bytes: Uint8Array } | { readonly oid: string; readonly error: Error }

/** How to fetch. */
export interface BlobFetcherOptions extends GitHubCallOptions {
  /** Called with the files of each answer as it comes; the next query is not built before it is done. */
  readonly onBlobs: (blobs: readonly FetchedBlob[]) => void | Promise<void>
  /** Told what each request took and brought. */
  readonly metrics?: BatchRecorder | undefined
}

/** `Blob.text` ends here ("isTruncated", GitHub's GraphQL reference, 2026-11): larger files come by REST alone. */
const LARGEST_TEXT = 512_000

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
  readonly #onBlobs: BlobFetcherOptions['onBlobs']
  readonly #metrics: BatchRecorder | undefined
  readonly #size = new AdaptiveSize()

  constructor(client: GitHubClient, { onBlobs, metrics, ...call }: BlobFetcherOptions) {
    this.#metrics = metrics
    this.#client = client
    this.#call = call
    this.#onBlobs = onBlobs
  }

  /** @throws the signal's reason when it aborts. */
  async fetch(wanted: readonly WantedBlob[], plan: BatchPlan): Promise<void> {
    const filesPerQuery = this.#client.lacksGraphql ? undefined : plan.filesPerQuery
    const isText = ({ size }: WantedBlob): boolean => filesPerQuery !== undefined && size <= LARGEST_TEXT
    if (filesPerQuery !== undefined) this.#size.follow(filesPerQuery)
    await settleAll([
      this.#fetchTexts(wanted.filter(isText), plan),
      this.#fetchRaw(
        wanted.filter((blob) => !isText(blob)),
        plan,
      ),
    ])
  }

  async #fetchTexts(blobs: readonly WantedBlob[], plan: BatchPlan): Promise<void> {
    await inParallel(this.#batches(blobs, plan), queriesAtOnce(plan), (batch) => this.#fetchBatch(batch, plan))
  }

  /** Each batch is cut when it is its turn, by what the answers before it have shown to be possible. */
  *#batches(
    blobs: readonly WantedBlob[],
    { bytesPerQuery, crossRepository }: BatchPlan,
  ): Generator<readonly WantedBlob[]> {
    let batch: WantedBlob[] = []
    let bytes = 0
    for (const blob of blobs) {
      const isFull = batch.length >= this.#size.size || bytes + blob.size > bytesPerQuery
      const isStrange = !crossRepository && batch[0]?.repositories[0] !== blob.repositories[0]
      if (batch.length > 0 && (isFull || isStrange)) {
        yield batch
        batch = []
        bytes = 0
      }
      batch.push(blob)
      bytes += blob.size
    }
    if (batch.length > 0) yield batch
  }

  async #fetchRaw(blobs: readonly WantedBlob[], { requestsAtOnce }: BatchPlan): Promise<void> {
    await inParallel(blobs, requestsAtOnce, async (blob) => {
      const startedAt = performance.now()
      const fetched = await this.#fetchOne(blob)
      this.#record('raw_file', startedAt, { batchSize: 1, successCount: 'bytes' in fetched ? 1 : 0 })
      await this.#onBlobs([fetched])
    })
  }

  async #fetchOne({ oid, repositories }: WantedBlob): Promise<FetchedBlob> {
    let fetched: FetchedBlob = { oid, error: new Error('no repository has it') }
    for (const repository of repositories) {
      try {
        return { oid, bytes: await this.#client.getBlob(repository, oid, this.#call) }
      } catch (error) {
        this.#call.signal?.throwIfAborted()
        fetched = { oid, error: error as Error }
      }
    }
    return fetched
  }

  async #fetchBatch(batch: readonly WantedBlob[], plan: BatchPlan): Promise<void> {
    const objects = batch.map(({ oid, repositories: [repository] }) => ({ repository, oid }))
    const { query, variables, places } = repositoryAliases(objects, '... on Blob { isTruncated text }')
    const started = performance.now()
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
      return this.#fetchAnotherWay(batch, plan, error)
    }
    this.#size.answered(performance.now() - started)
    const whole: FetchedBlob[] = []
    const others: WantedBlob[] = []
    for (const [index, blob] of batch.entries()) {
      const [alias = '', own = ''] = places[index] ?? []
      const bytes = textBytes(nodes[alias]?.[own])
      // GitHub's text is decoded: a file that is no clean UTF-8 comes back as other bytes.
      if (bytes !== undefined && blobOid(bytes) === blob.oid) whole.push({ oid: blob.oid, bytes })
      else others.push(blob)
    }
    this.#record('file_batch', started, { batchSize: whole.length, successCount: whole.length })
    if (whole.length > 0) await this.#onBlobs(whole)
    await this.#fetchRaw(others, plan)
  }

  #record(operationType: string, startedAt: number, counts: Pick<BatchOperation, 'batchSize' | 'successCount'>): void {
    const durationMs = performance.now() - startedAt
    this.#metrics?.recordBatchOperation({ operationType, durationMs, ...counts, cacheHits: 0, apiCalls: 1 })
  }

  async #fetchAnotherWay(batch: readonly WantedBlob[], plan: BatchPlan, error: unknown): Promise<void> {
    const tooMuch = mayBeTooMuch(error)
    if (tooMuch) this.#size.refused(batch.length)
    // REST has a budget of its own.
    if (!tooMuch || batch.length === 1) return this.#fetchRaw(batch, plan)
    const middle = Math.ceil(batch.length / 2)
    await this.#fetchBatch(batch.slice(0, middle), plan)
    await this.#fetchBatch(batch.slice(middle), plan)
  }
}

function textBytes(node: BlobNode | null | undefined): Uint8Array | undefined {
  return typeof node?.text === 'string' && node.isTruncated !== true ? Buffer.from(node.text) : undefined
}
