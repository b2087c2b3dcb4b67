import { assertKnownOptions } from '../known-options.ts'
import { type BatchConfig, createBatchConfig } from './batch-config.ts'
import { type BatchMetrics, successRateOf } from './batch-metrics.ts'
import { type BatchPlan, type BatchSize, DEFAULT_BATCH_PLAN } from './batch-plan.ts'
import { type BatchStrategy } from './batch-strategy.ts'
import { type CrossRepoBatch } from './cross-repo-batch.ts'
import { findCrossRepoBatches } from './cross-repo-opportunities.ts'
import { type FileInfo } from '../files/file-info.ts'
import { isGoodNetwork, type NetworkConditions } from '../client/network-conditions.ts'
import { batchSizeFactor } from './optimal-batch-size.ts'
import { prioritizeFile, type PrioritizedFile } from './prioritized-file.ts'
import { type Repository } from '../repository.ts'

/** What there is to read, and under which circumstances. */
export interface BatchWork {
  /** How many repositories. */
  readonly repositories: number
  /** How many files, as far as is known. */
  readonly files: number
  /** Points left in the hourly window. */
  readonly rateLimitRemaining: number
  /** What the way to GitHub is like; absent: not known, and taken to be good. */
  readonly networkConditions?: NetworkConditions | undefined
}

/** So many results of `adaptStrategy` are remembered, and so many of them count for the size of the next batch. */
const REMEMBERED = 10
const RECENT = 5
/** Where queries span repositories, a slot of `maxConcurrentRepos` is so many repositories: fewer would not fill them. */
const REPOSITORIES_PER_SLOT = 64

/** Decides how batches are read: by the configuration, by what there is to read, and by how it went. */
export class BatchStrategyManager {
  readonly #config: BatchConfig
  readonly #history: BatchMetrics[] = []

  /** @throws TypeError for an unknown option. */
  constructor(options: { readonly config?: BatchConfig | undefined } = {}) {
    assertKnownOptions(options, { config: true })
    this.#config = options.config ?? createBatchConfig()
  }

  /**
   * How many files to ask for in one query, from `minBatchSize` to `maxBatchSize`: larger with small files, a full quota, a
   * good network and past success; 0 without files.
   */
  calculateOptimalBatchSize(
    files: readonly FileInfo[],
    rateLimitRemaining: number,
    networkConditions?: NetworkConditions,
  ): number {
    if (files.length === 0) return 0
    const { defaultBatchSize, minBatchSize, maxBatchSize } = this.#config
    const factor = batchSizeFactor({
      files,
      rateLimitRemaining,
      networkConditions,
      history: this.#history.slice(-RECENT),
    })
    return Math.max(minBatchSize, Math.min(maxBatchSize, Math.trunc(defaultBatchSize * factor)))
  }

  /** The paths by how much reading them matters, the most first; equal ones stay in their order. */
  prioritizeFiles(
    files: readonly string[],
    { priorityFiles = [] }: { readonly priorityFiles?: readonly string[] | undefined } = {},
  ): PrioritizedFile[] {
    const named = new Set(priorityFiles)
    return files
      .map((path) => prioritizeFile(path, named))
      .sort((a, b) => b.priority - a.priority || b.securityImportance - a.securityImportance)
  }

  /**
   * Which repositories have so many important files in common that asking for them together saves calls, the most savings
   * first; none where the configuration forbids it. `files` are the known paths of each repository, by its full name.
   *
   * It is for those who put requests together themselves. A scan does not go by it, as it could save nothing there: its queries span all
   * repositories under way whatever their files are called, and what several have is asked for once, by its object id.
   */
  identifyCrossRepoOpportunities(
    repositories: readonly Repository[],
    files: ReadonlyMap<string, readonly string[]>,
  ): CrossRepoBatch[] {
    return this.#config.enableCrossRepoBatching ? findCrossRepoBatches(repositories, files) : []
  }

  /** The strategy to begin with: the one asked for, by default the configured one, unless that is `adaptive`. */
  selectStrategy(work: BatchWork, asked: BatchStrategy = this.#config.defaultStrategy): BatchStrategy {
    if (asked !== 'adaptive') return asked
    const { repositories, files, rateLimitRemaining, networkConditions } = work
    if (rateLimitRemaining < 200 || isPoor(networkConditions)) return 'conservative'
    if (repositories === 1 && files < 5) return 'sequential'
    if ((repositories > 10 || files > 100) && rateLimitRemaining > 2_000) return 'aggressive'
    return repositories > 1 || files > 10 ? 'parallel' : 'adaptive'
  }

  /**
   * The strategy to go on with, after these results: careful where requests fail or fail more and more, bold where all succeed
   * and run side by side well, one by one where running side by side gains nothing. Without any result it stays `adaptive`.
   */
  adaptStrategy(performanceMetrics: BatchMetrics): BatchStrategy {
    if (performanceMetrics.totalRequests === 0) return 'adaptive'
    this.#history.push(performanceMetrics)
    if (this.#history.length > REMEMBERED) this.#history.shift()
    const successRate = successRateOf(performanceMetrics)
    const { parallelEfficiency } = performanceMetrics
    if (successRate < 0.7 || this.#fails()) return 'conservative'
    if (parallelEfficiency < 0.3) return 'sequential'
    if (successRate > 0.95 && parallelEfficiency > 0.8) return 'aggressive'
    return parallelEfficiency > 0.6 ? 'parallel' : 'adaptive'
  }

  /** What a strategy means for the planner. `adaptive` as such is what is configured. */
  planFor(strategy: BatchStrategy, firstBatchSize: number = this.#config.defaultBatchSize): BatchPlan {
    const { maxConcurrentRequests, maxConcurrentRepos, maxBatchSize, minBatchSize } = this.#config
    const filesPerQuery = (first: number, most: number): BatchSize => ({
      first: Math.max(minBatchSize, Math.min(first, most)),
      most: Math.max(minBatchSize, most),
    })
    const base: BatchPlan = {
      ...DEFAULT_BATCH_PLAN,
      requestsAtOnce: maxConcurrentRequests,
      repositoriesAtOnce: this.#repositories(maxConcurrentRepos),
      filesPerQuery: filesPerQuery(firstBatchSize, maxBatchSize),
      crossRepository: this.#config.enableCrossRepoBatching,
      fileOrder: this.#config.enableFilePrioritization ? 'priority' : 'listed',
    }
    switch (strategy) {
      case 'sequential':
        return { ...base, requestsAtOnce: 1, repositoriesAtOnce: 1, crossRepository: false }
      case 'conservative':
        // What grows grows as far as elsewhere: small queries would cost more points.
        return {
          ...base,
          requestsAtOnce: Math.min(3, maxConcurrentRequests),
          treesPerQuery: { first: 10, most: 50 },
          filesPerQuery: filesPerQuery(Math.ceil(firstBatchSize / 2), maxBatchSize),
          bytesPerQuery: base.bytesPerQuery / 2,
        }
      case 'aggressive':
        return {
          ...base,
          requestsAtOnce: Math.min(50, 2 * maxConcurrentRequests),
          repositoriesAtOnce: this.#repositories(Math.min(10, 2 * maxConcurrentRepos)),
          treesPerQuery: { first: 40, most: 100 },
          filesPerQuery: filesPerQuery(2 * firstBatchSize, Math.min(100, 2 * maxBatchSize)),
          bytesPerQuery: base.bytesPerQuery * 2,
        }
      case 'parallel':
      case 'adaptive':
        return base
    }
  }

  #repositories(slots: number): number {
    return this.#config.enableCrossRepoBatching ? slots * REPOSITORIES_PER_SLOT : slots
  }

  /** Whether the last three went badly on the whole, or each worse than the one before. */
  #fails(): boolean {
    const [first, second, third] = this.#history.slice(-3).map(successRateOf)
    if (first === undefined || second === undefined || third === undefined) return false
    return (first + second + third) / 3 < 0.75 || (first > second && second > third)
  }
}

function isPoor(network: NetworkConditions | undefined): boolean {
  return network !== undefined && !isGoodNetwork(network)
}
