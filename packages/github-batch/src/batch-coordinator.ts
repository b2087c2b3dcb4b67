import { type CacheStore, type Clock, systemClock } from '@x/core'

import { AskedRepositories } from './batch/asked-repositories.ts'
import { type BatchConfig } from './batch/batch-config.ts'
import { type BatchMetrics } from './batch/batch-metrics.ts'
import { type BatchMetricsCollector } from './batch/batch-metrics-collector.ts'
import { BatchSteering } from './batch/batch-steering.ts'
import { type BatchStrategy } from './batch/batch-strategy.ts'
import { type FileContent } from './files/file-content.ts'
import { ForgivingStore } from './files/forgiving-store.ts'
import { type GitHubClient } from './client/github-client.ts'
import { IncompleteBatchError } from './batch/incomplete-batch-error.ts'
import { IocCatalog } from './ioc/ioc-catalog.ts'
import { assertKnownOptions } from './known-options.ts'
import { type Repository, type SweptRepository } from './repository.ts'
import { listScans, ScanJournal } from './scan/scan-journal.ts'
import { resolveScanOptions, type ScanOptions } from './scan/scan-options.ts'
import { type ScanParts } from './scan/scan-parts.ts'
import { type ScanRecord } from './scan/scan-record.ts'
import { type Finding, type ResumableScanResult } from './scan/scan-result.ts'
import { assertScanScope, type ScanScope } from './sweep/scan-scope.ts'
import { Scan } from './scan/scan.ts'

/** What a coordinator works with. */
export interface BatchCoordinatorOptions {
  /** Reads GitHub. */
  readonly client: GitHubClient
  /** Keeps what was read, by content; it stays the caller's to close. */
  readonly cache: CacheStore
  /**
   * How to read, made by `createBatchConfig`.
   *
   * @defaultValue its defaults, and for scans the client's own retries and share of the limits
   */
  readonly config?: BatchConfig | undefined
  /**
   * Told what each batch took and brought.
   *
   * @defaultValue one of its own
   */
  readonly metrics?: BatchMetricsCollector | undefined
  /**
   * Where the line about each batch goes that `logBatchMetrics` asks for.
   *
   * @defaultValue `console.info`
   */
  readonly log?: ((line: string) => void) | undefined
  /**
   * The packages to look for.
   *
   * @defaultValue `IocCatalog.bundled()`
   */
  readonly catalog?: IocCatalog | undefined
  /** Told when the cache fails: the scan goes on with more calls. */
  readonly onCacheError?: ((error: unknown) => void) | undefined
  /**
   * Where the time comes from.
   *
   * @defaultValue `systemClock`
   */
  readonly clock?: Clock | undefined
}

/** How to read files. */
export interface ProcessFilesOptions {
  /** Paths or base names that matter more: they are read first. */
  readonly priorityFiles?: readonly string[] | undefined
  /**
   * How to read.
   *
   * @defaultValue the configured one
   */
  readonly strategy?: BatchStrategy | undefined
  /** Ends the call with the signal's reason. */
  readonly signal?: AbortSignal | undefined
}

/** How to run a scan. */
interface RunOptions extends Pick<ScanParts, 'onListing'> {
  /** As the caller has given them. */
  readonly options: ScanOptions
}

/** Scans repositories: sweep, discover, plan, fetch, verify, parse, match, and an account of every repository. */
export class BatchCoordinator implements AsyncDisposable {
  readonly #client: GitHubClient
  readonly #cache: CacheStore
  readonly #store: ForgivingStore
  readonly #onCacheError: (error: unknown) => void
  readonly #catalog: IocCatalog
  readonly #clock: Clock
  readonly #steering: BatchSteering
  readonly #running = new Set<Promise<unknown>>()
  #ending = new AbortController()

  /**
   * @throws TypeError for an unknown option, or without a cache: what it cannot do would only be told to `onCacheError`.
   */
  constructor(options: BatchCoordinatorOptions) {
    assertKnownOptions(options, {
      client: true,
      cache: true,
      config: true,
      metrics: true,
      log: true,
      catalog: true,
      onCacheError: true,
      clock: true,
    })
    const {
      client,
      cache,
      catalog = IocCatalog.bundled(),
      onCacheError = () => undefined,
      clock = systemClock,
    } = options
    if (typeof (cache as Partial<CacheStore> | undefined)?.getMany !== 'function') {
      throw new TypeError(`Not a cache: ${typeof cache}. Give a CacheStore, such as a MemoryCache or a SqliteCache.`)
    }
    this.#client = client
    this.#cache = cache
    this.#store = new ForgivingStore(cache, onCacheError)
    this.#onCacheError = onCacheError
    this.#catalog = catalog
    this.#clock = clock
    this.#steering = new BatchSteering(options)
  }

  /**
   * Scans these repositories, archived ones and forks too, at the newest commit of their default branches, and answers with the
   * listed packages of each, by the full name that it was given with. Every repository is in the answer, also where nothing was found.
   *
   * @throws TypeError for a repository whose `defaultBranch` is neither `"HEAD"` nor its default branch: nothing of it is read.
   * @throws IncompleteBatchError when a repository could not be read: nothing is clean by omission.
   * @throws what `scan` throws.
   */
  async processRepositoriesBatch(
    repositories: readonly Repository[],
    strategy: BatchStrategy = this.#steering.config.defaultStrategy,
    { signal }: Pick<ProcessFilesOptions, 'signal'> = {},
  ): Promise<Map<string, Finding[]>> {
    if (repositories.length === 0) return new Map()
    const asked = new AskedRepositories(repositories)
    const result = await this.#begin(asked.scope, {
      options: { signal, strategy },
      onListing: (listing) => {
        asked.follow(listing)
      },
    })
    if (!result.complete) throw new IncompleteBatchError(result)
    return asked.findingsOf(result)
  }

  /**
   * Reads files of one repository by their paths, at one commit: the one that a sweep has found, else the newest. What matters most
   * is read first; the answer is in the order asked.
   *
   * @throws TypeError for an unknown option.
   * @throws FileNotFoundError naming every path that the repository does not have.
   * @throws BatchProcessingError when others could not be read, with the first reason as its `cause`; RateLimitError, NetworkError or
   * GitHubAPIError when GitHub could not be read at all. What was read is in the cache.
   * @throws the signal's reason when it aborts.
   */
  processFilesBatch(
    repo: Repository | SweptRepository,
    filePaths: readonly string[],
    options: ProcessFilesOptions = {},
  ): Promise<Map<string, FileContent>> {
    assertKnownOptions(options, { priorityFiles: true, strategy: true, signal: true })
    const { priorityFiles = [], strategy = this.#steering.config.defaultStrategy, signal } = options
    const parts = { client: this.#client, cache: this.#cache, onCacheError: this.#onCacheError }
    return this.#track(signal, (either) =>
      this.#steering.readFiles({ repo, filePaths, priorityFiles }, { parts, strategy, signal: either }),
    )
  }

  /** What batches have done since this coordinator was made, or since `cleanup`. */
  getBatchMetrics(): BatchMetrics {
    return this.#steering.getMetrics()
  }

  /**
   * Ends what still runs (it rejects with an `AbortError`), waits until it has ended, and forgets the figures that later batches
   * would go by. The client, the cache and the collector of figures stay the caller's; the coordinator may be used again.
   */
  async cleanup(): Promise<void> {
    this.#ending.abort(new DOMException('The coordinator was cleaned up.', 'AbortError'))
    await Promise.allSettled(this.#running)
    this.#ending = new AbortController()
    this.#steering.forget()
  }

  /** As `cleanup`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.cleanup()
  }

  /**
   * Scans. What cannot be read is named in the ledger and makes the result incomplete; nothing is clean by omission.
   * What was read is kept as it comes, so that a scan that was stopped goes on where it stood: see `resume`.
   *
   * @throws TypeError for a scope that names nothing, or something that is no name, and for an unknown option; RangeError for a
   * malformed glob.
   * @throws NetworkError, RateLimitError, PointsSpentError or GitHubAPIError when not even a first list of repositories can
   * be read.
   * @throws the signal's reason when it aborts.
   */
  scan(scope: ScanScope, options: ScanOptions = {}): Promise<ResumableScanResult> {
    return this.#begin(scope, { options })
  }

  /**
   * Goes on with a scan that was killed, stopped, or ended incomplete: as it was begun, with the commits that it has listed.
   * Nothing is asked for again whose answer is kept.
   *
   * @throws TypeError for an id that the cache does not know, or an unknown option: the scope is that of the beginning; otherwise as
   * `scan`.
   */
  async resume(id: string, options: ScanOptions = {}): Promise<ResumableScanResult> {
    const record = (await this.scans()).find((scan) => scan.id === id)
    if (record === undefined) throw new TypeError(`The cache knows no scan ${JSON.stringify(id)}: begin a new one.`)
    return this.#run(record, { options, resumed: true })
  }

  /** The newest hundred scans that the cache remembers, the newest first. */
  scans(): Promise<ScanRecord[]> {
    return listScans(this.#store)
  }

  #begin(scope: ScanScope, run: RunOptions): Promise<ResumableScanResult> {
    assertScanScope(scope)
    const now = this.#clock.now()
    const counts = { repositories: 0, done: 0, failed: 0, findings: 0 }
    const record: ScanRecord = {
      id: newScanId(now),
      scope,
      startedAt: now,
      updatedAt: now,
      status: 'running',
      ...counts,
    }
    return this.#run(record, run)
  }

  #run(
    record: ScanRecord,
    { options, resumed = false, onListing }: RunOptions & { readonly resumed?: boolean },
  ): Promise<ResumableScanResult> {
    const { limits, recorder: metrics } = this.#steering
    const resolved = resolveScanOptions(options, (strategy) => this.#steering.planner(strategy))
    return this.#track(options.signal, async (signal) => {
      const journal = new ScanJournal(this.#store, record, this.#catalog.hash)
      const parts = { client: this.#client, store: this.#store, catalog: this.#catalog, clock: this.#clock, journal }
      const scan = new Scan({ ...parts, limits, metrics, onListing }, record.scope, { ...resolved, signal })
      await journal.open()
      return scan.run(resumed)
    })
  }

  /** Runs something that `cleanup` may end. */
  async #track<T>(signal: AbortSignal | undefined, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const ending = this.#ending.signal
    const running = work(signal === undefined ? ending : AbortSignal.any([signal, ending]))
    this.#running.add(running)
    try {
      return await running
    } finally {
      this.#running.delete(running)
    }
  }
}

/** Sorts by time, and is different for scans of the same moment. */
function newScanId(now: number): string {
  const time = new Date(now).toISOString().slice(0, 19).replace(/\D/g, '')
  return `${time}-${crypto.randomUUID().slice(0, 8)}`
}
