import { type BatchRequest } from './batch-request.ts'
import { type BatchResult } from './batch-result.ts'
import { type LocatedFile } from '../files/file-locator.ts'
import {
  PARALLEL_OPTIONS,
  ParallelBatchProcessor,
  type ParallelBatchProcessorOptions,
  type ProcessBatchOptions,
} from './parallel-batch-processor.ts'
import { assertKnownOptions } from '../known-options.ts'
import { ResourceManager } from './resource-manager.ts'

/** How to process a batch in chunks. */
export interface StreamingBatchProcessorOptions extends ParallelBatchProcessorOptions {
  /**
   * Files in a chunk, a positive integer.
   *
   * @defaultValue 10
   */
  readonly chunkSize?: number | undefined
  /**
   * Megabytes of memory, above 0; from four fifths of it on, chunks become smaller, down to one file.
   *
   * @defaultValue 300
   */
  readonly maxMemoryMb?: number | undefined
  /**
   * Bytes above which a file is a chunk of its own, 0 or more.
   *
   * @defaultValue 1048576 (1 MiB)
   */
  readonly streamLargeFilesThreshold?: number | undefined
  /**
   * Tells when memory is short.
   *
   * @defaultValue one that watches this process against `maxMemoryMb`
   */
  readonly resources?: ResourceManager | undefined
}

/** So many paths are looked up together, and no more requests are taken from the caller ahead of the chunks. */
const LOOKED_UP_TOGETHER = 100

/**
 * Reads any number of files in chunks: no chunk is begun before the one before was taken, so that memory holds one chunk, whatever
 * the number of requests. Short memory makes chunks smaller and drops no request.
 */
export class StreamingBatchProcessor {
  readonly #processor: ParallelBatchProcessor
  readonly #resources: ResourceManager
  readonly #chunkSize: number
  readonly #largeBytes: number

  /** @throws TypeError for an unknown option; RangeError for a number out of its bounds. */
  constructor(options: StreamingBatchProcessorOptions) {
    assertKnownOptions(options, {
      ...PARALLEL_OPTIONS,
      chunkSize: true,
      maxMemoryMb: true,
      streamLargeFilesThreshold: true,
      resources: true,
    })
    const {
      chunkSize = 10,
      maxMemoryMb = 300,
      streamLargeFilesThreshold = 1_024 * 1_024,
      resources = new ResourceManager({ maxMemoryMb }),
      ...others
    } = options
    if (!Number.isSafeInteger(chunkSize) || chunkSize < 1) {
      throw new RangeError(`chunkSize must be a positive integer, not ${String(chunkSize)}.`)
    }
    this.#processor = new ParallelBatchProcessor(others)
    this.#resources = resources
    this.#chunkSize = chunkSize
    this.#largeBytes = streamLargeFilesThreshold
  }

  /**
   * Reads the requests, which may come one by one themselves, and yields the results of each chunk, in the order of the requests.
   *
   * @throws as `ParallelBatchProcessor.processBatchParallel` does, when it is that chunk's turn.
   */
  async *processLargeBatchStreaming(
    requests: Iterable<BatchRequest> | AsyncIterable<BatchRequest>,
    options: Pick<ProcessBatchOptions, 'signal'> = {},
  ): AsyncGenerator<BatchResult[], void, undefined> {
    let size = this.#chunkSize
    for await (const group of groupsOf(requests, LOOKED_UP_TOGETHER)) {
      const located = await this.#processor.locate(group, options)
      for (let start = 0; start < group.length;) {
        size = this.#resources.shouldReduceBatchSize() ? Math.max(1, size >> 1) : Math.min(this.#chunkSize, size * 2)
        const chunk = this.#chunk(group.slice(start, start + size), located)
        yield await this.#processor.processBatchParallel(chunk, { ...options, located })
        start += chunk.length
      }
    }
  }

  /** The first of these requests, up to a large file, which stands alone. */
  #chunk(requests: readonly BatchRequest[], located: ReadonlyMap<BatchRequest, LocatedFile | Error>): BatchRequest[] {
    const isLarge = (request: BatchRequest): boolean => {
      const file = located.get(request)
      return file !== undefined && 'oid' in file && file.size > this.#largeBytes
    }
    const end = requests.findIndex(isLarge)
    if (end < 0) return [...requests]
    return requests.slice(0, Math.max(1, end))
  }
}

async function* groupsOf<T>(items: Iterable<T> | AsyncIterable<T>, size: number): AsyncGenerator<T[], void, undefined> {
  let group: T[] = []
  for await (const item of items) {
    group.push(item)
    if (group.length < size) continue
    yield group
    group = []
  }
  if (group.length > 0) yield group
}
