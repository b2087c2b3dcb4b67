import { type BatchPlan } from '../batch/batch-plan.ts'
import { type BatchRequest } from '../batch/batch-request.ts'
import { type BatchResult } from '../batch/batch-result.ts'
import { BlobFetcher, type FetchedBlob, type WantedBlob } from './blob-fetcher.ts'
import { type ContentStore } from './content-store.ts'
import { fileContent } from './file-content.ts'
import { type LocatedFile, locateFiles } from './file-locator.ts'
import { FileNotFoundError, isFileNotFoundError } from './file-not-found-error.ts'
import { type GitHubCallOptions } from '../client/call-options.ts'
import { type GitHubClient } from '../client/github-client.ts'
import { type Repository } from '../repository.ts'
import { WorkGroup } from '../parallel/work-group.ts'

/** What a reader works with. */
export interface FileReaderParts {
  /** Reads GitHub. */
  readonly client: GitHubClient
  /** Asked first, and kept up to date; absent: every content is asked for. */
  readonly store?: ContentStore | undefined
}

/** How to read. */
export interface ReadFilesOptions extends GitHubCallOptions {
  /** How much at once and together, and in which order. */
  readonly plan: BatchPlan
  /** What the paths of requests hold, where that has been found out. */
  readonly located?: ReadonlyMap<BatchRequest, LocatedFile | Error> | undefined
}

/** A request whose path is found. */
interface FoundRequest {
  readonly request: BatchRequest
  readonly file: LocatedFile
}

/** Reads files by their paths, with the planner of a scan: paths are looked up together, and contents fetched once each. */
export class FileReader {
  readonly #client: GitHubClient
  readonly #store: ContentStore | undefined

  constructor({ client, store }: FileReaderParts) {
    this.#client = client
    this.#store = store
  }

  /**
   * Reads all requests, in their order.
   *
   * @throws the signal's reason when it aborts; what cannot be read is a result with an error.
   */
  async read(requests: readonly BatchRequest[], options: ReadFilesOptions): Promise<BatchResult[]> {
    const startedAt = performance.now()
    const files = await this.locate(requests, options)
    const found = requests.flatMap((request): FoundRequest[] => {
      const file = files.get(request)
      return file === undefined || file instanceof Error ? [] : [{ request, file }]
    })
    const kept =
      (await this.#store?.getBlobs([...new Set(found.map(({ file }) => file.oid))])) ?? new Map<string, Uint8Array>()
    const fetched = await this.#fetch(
      found.filter(({ file }) => !kept.has(file.oid)),
      options,
    )
    return requests.map((request): BatchResult => {
      const file = files.get(request) ?? new FileNotFoundError(request.repo.fullName, [request.filePath])
      const processingTimeMs = performance.now() - startedAt
      if (file instanceof Error) return { request, error: file, fromCache: false, processingTimeMs }
      const { oid } = file
      const bytes = kept.get(oid) ?? fetched.get(oid) ?? new Error(`nothing was heard of object ${oid}`)
      const fromCache = kept.has(oid)
      if (bytes instanceof Error) return { request, error: bytes, fromCache, processingTimeMs }
      return { request, content: fileContent(request.filePath, oid, bytes), fromCache, processingTimeMs }
    })
  }

  /**
   * What the path of each request holds, or why that cannot be said.
   *
   * @throws the signal's reason when it aborts.
   */
  async locate(
    requests: readonly BatchRequest[],
    { located, ...options }: ReadFilesOptions,
  ): Promise<Map<BatchRequest, LocatedFile | Error>> {
    const keys = requests.flatMap(({ cacheKey }) => cacheKey ?? [])
    const kept = (await this.#store?.getPaths(keys)) ?? new Map<string, LocatedFile>()
    const answers = new Map<BatchRequest, LocatedFile | Error>()
    for (const request of requests) {
      const file = located?.get(request) ?? kept.get(request.cacheKey ?? '')
      if (isCertain(file)) answers.set(request, file)
    }
    await this.#ask(
      requests.filter((request) => !answers.has(request)),
      answers,
      options,
    )
    return answers
  }

  async #ask(
    requests: readonly BatchRequest[],
    answers: Map<BatchRequest, LocatedFile | Error>,
    options: ReadFilesOptions,
  ): Promise<void> {
    const places = requests.map(({ repo, filePath }) => ({ repository: repo, path: filePath }))
    const files = await locateFiles(this.#client, places, options)
    const news: [key: string, file: LocatedFile][] = []
    for (const [index, request] of requests.entries()) {
      const file = files[index] ?? new FileNotFoundError(request.repo.fullName, [request.filePath])
      answers.set(request, file)
      if ('oid' in file && request.cacheKey !== undefined) news.push([request.cacheKey, file])
    }
    await this.#store?.setPaths(news)
  }

  async #fetch(
    found: readonly FoundRequest[],
    { plan, ...call }: Omit<ReadFilesOptions, 'located'>,
  ): Promise<Map<string, Uint8Array | Error>> {
    const contents = new Map<string, Uint8Array | Error>()
    const onBlobs = async (blobs: readonly FetchedBlob[]): Promise<void> => {
      for (const blob of blobs) contents.set(blob.oid, 'bytes' in blob ? blob.bytes : blob.error)
      await this.#store?.setBlobs(blobs)
    }
    const group = new WorkGroup()
    const blobs = new BlobFetcher(this.#client, { ...call, group, onBlobs })
    blobs.follow(plan)
    blobs.fetch(wantedBlobs(found, plan))
    await group.settle()
    return contents
  }
}

/** Any other error may pass, and is found out again. */
function isCertain(file: LocatedFile | Error | undefined): file is LocatedFile | Error {
  return file !== undefined && ('oid' in file || isFileNotFoundError(file))
}

/** Each content once, with all who have it. */
function wantedBlobs(found: readonly FoundRequest[], { fileOrder }: BatchPlan): WantedBlob[] {
  const ordered =
    fileOrder === 'priority' ? found.toSorted((a, b) => (b.request.priority ?? 0) - (a.request.priority ?? 0)) : found
  return [...Map.groupBy(ordered, ({ file }) => file.oid)].map(([oid, group]) => ({
    oid,
    size: group[0]?.file.size ?? 0,
    repositories: [...new Set(group.map(({ request }) => request.repo))] as [Repository, ...Repository[]],
  }))
}
