import { type BatchPlan } from './batch-plan.ts'
import { type BatchRequest } from './batch-request.ts'
import { type BatchResult } from './batch-result.ts'
import { BlobFetcher, type FetchedBlob, type WantedBlob } from './blob-fetcher.ts'
import { type ContentStore } from './content-store.ts'
import { fileContent } from './file-content.ts'
import { type LocatedFile, locateFiles } from './file-locator.ts'
import { FileNotFoundError } from './file-not-found-error.ts'
import { type GitHubCallOptions, type GitHubClient } from './github-client.ts'
import { type Repository } from './repository.ts'

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
    const files = await this.#locate(requests, options)
    const found = requests.flatMap((request, index): FoundRequest[] => {
      const file = files[index]
      return file === undefined || file instanceof Error ? [] : [{ request, file }]
    })
    const kept =
      (await this.#store?.getBlobs([...new Set(found.map(({ file }) => file.oid))])) ?? new Map<string, Uint8Array>()
    const fetched = await this.#fetch(
      found.filter(({ file }) => !kept.has(file.oid)),
      options,
    )
    return requests.map((request, index): BatchResult => {
      const file = files[index] ?? new FileNotFoundError(request.repo.fullName, [request.filePath])
      const processingTimeMs = performance.now() - startedAt
      if (file instanceof Error) return { request, error: file, fromCache: false, processingTimeMs }
      const { oid } = file
      const bytes = kept.get(oid) ?? fetched.get(oid) ?? new Error(`nothing was heard of object ${oid}`)
      const fromCache = kept.has(oid)
      if (bytes instanceof Error) return { request, error: bytes, fromCache, processingTimeMs }
      return { request, content: fileContent(request.filePath, oid, bytes), fromCache, processingTimeMs }
    })
  }

  /** What each path holds, or why that cannot be said. */
  async #locate(
    requests: readonly BatchRequest[],
    options: ReadFilesOptions,
  ): Promise<(LocatedFile | Error | undefined)[]> {
    const keys = requests.flatMap(({ cacheKey }) => cacheKey ?? [])
    const known = (await this.#store?.getPaths(keys)) ?? new Map<string, LocatedFile>()
    const asked = requests.filter(({ cacheKey }) => cacheKey === undefined || !known.has(cacheKey))
    const places = asked.map(({ repo, filePath }) => ({ repository: repo, path: filePath }))
    const answers = new Map(
      (await locateFiles(this.#client, places, options)).map((answer, index) => [asked[index], answer]),
    )
    const news = [...answers].flatMap(([request, answer]): [string, LocatedFile][] =>
      request?.cacheKey === undefined || answer instanceof Error ? [] : [[request.cacheKey, answer]],
    )
    await this.#store?.setPaths(news)
    return requests.map((request) => answers.get(request) ?? known.get(request.cacheKey ?? ''))
  }

  async #fetch(
    found: readonly FoundRequest[],
    { plan, ...call }: ReadFilesOptions,
  ): Promise<Map<string, Uint8Array | Error>> {
    const contents = new Map<string, Uint8Array | Error>()
    const onBlobs = async (blobs: readonly FetchedBlob[]): Promise<void> => {
      for (const blob of blobs) contents.set(blob.oid, 'bytes' in blob ? blob.bytes : blob.error)
      await this.#store?.setBlobs(blobs)
    }
    await new BlobFetcher(this.#client, { ...call, onBlobs }).fetch(wantedBlobs(found, plan), plan)
    return contents
  }
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
