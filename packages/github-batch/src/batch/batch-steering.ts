import { type BatchConfig, createBatchConfig } from './batch-config.ts'
import { type BatchMetrics } from './batch-metrics.ts'
import { BatchMetricsCollector, type BatchOperation, type BatchRecorder } from './batch-metrics-collector.ts'
import { type BatchPlan } from './batch-plan.ts'
import { type BatchResult } from './batch-result.ts'
import { type BatchStrategy } from './batch-strategy.ts'
import { BatchStrategyManager } from './batch-strategy-manager.ts'
import { contentsOf, type FileBatch, requestsFor } from '../files/file-batch.ts'
import { type FileContent } from '../files/file-content.ts'
import { type FileInfo } from '../files/file-info.ts'
import { type CallLimits } from '../client/call-options.ts'
import { type GitHubClient } from '../client/github-client.ts'
import { type ParallelBatchProcessorOptions } from './parallel-batch-processor.ts'
import { PlanChooser, type RemainingWork } from './plan-chooser.ts'
import { prioritizeFile } from './prioritized-file.ts'
import { ResourceManager } from './resource-manager.ts'
import { StreamingBatchProcessor } from './streaming-batch-processor.ts'

/** What is steered, and by what. */
export interface BatchSteeringOptions {
  /** Reads GitHub. */
  readonly client: GitHubClient
  /** Absent: the defaults for files, and the client's own ways for scans. */
  readonly config?: BatchConfig | undefined
  /** Absent: one of its own. */
  readonly metrics?: BatchMetricsCollector | undefined
  /** Absent: the console. */
  readonly log?: ((line: string) => void) | undefined
}

/** How to read a batch of files. */
export interface ReadBatchOptions {
  /** Who reads, and what keeps it. */
  readonly parts: Pick<ParallelBatchProcessorOptions, 'client' | 'cache' | 'onCacheError'>
  /** How. */
  readonly strategy: BatchStrategy
  /** Ends it with the signal's reason. */
  readonly signal: AbortSignal
}

/** What a coordinator's batches go by: the configuration, the strategies, the memory, and how it has gone so far. */
export class BatchSteering {
  readonly config: BatchConfig
  /** For scans: those of the client where nothing was configured. */
  readonly limits: CallLimits
  /** Counts what batches do. */
  readonly recorder: BatchRecorder
  readonly #client: GitHubClient
  readonly #resources: ResourceManager
  readonly #given: BatchMetricsCollector | undefined
  #metrics: BatchMetricsCollector
  #strategies: BatchStrategyManager

  constructor({
    client,
    config,
    metrics,
    log = (line) => {
      console.info(line)
    },
  }: BatchSteeringOptions) {
    this.config = config ?? createBatchConfig()
    const { retryAttempts, retryDelayBase: retryDelay, rateLimitBuffer, maxMemoryUsageMb } = this.config
    this.#client = client
    this.#given = metrics
    this.#metrics = metrics ?? new BatchMetricsCollector()
    this.#strategies = new BatchStrategyManager({ config: this.config })
    this.#resources = new ResourceManager({ maxMemoryMb: maxMemoryUsageMb })
    this.limits = config === undefined ? {} : { rateLimitBuffer, retryAttempts, retryDelay }
    this.recorder = {
      recordBatchOperation: (operation) => {
        if (this.config.enablePerformanceMonitoring) this.#metrics.recordBatchOperation(operation)
        if (this.config.logBatchMetrics) log(lineOf(operation))
      },
    }
  }

  /** Chooses plans by a strategy. */
  planner(strategy: BatchStrategy = this.config.defaultStrategy): (remaining: RemainingWork) => BatchPlan {
    const chooser = new PlanChooser(
      { client: this.#client, strategies: this.#strategies, metrics: this.#metrics, resources: this.#resources },
      strategy,
    )
    return (remaining) => chooser.next(remaining)
  }

  getMetrics(): BatchMetrics {
    return this.#metrics.getMetrics()
  }

  /** Forgets how it has gone. */
  forget(): void {
    this.#metrics = this.#given ?? new BatchMetricsCollector()
    this.#strategies = new BatchStrategyManager({ config: this.config })
  }

  /** Reads a batch of files, chunk by chunk. @throws as `contentsOf`, and as the processor does. */
  async readFiles(batch: FileBatch, { parts, strategy, signal }: ReadBatchOptions): Promise<Map<string, FileContent>> {
    const { enableFilePrioritization: prioritized, ...config } = this.config
    const files = batch.filePaths.map(infoOf)
    const plan = this.planner(strategy)
    const { filesPerQuery } = plan({ repositories: 1, files })
    const processor = new StreamingBatchProcessor({
      ...parts,
      plan: () => plan({ repositories: 1, files }),
      // A chunk is what may fill the queries that run side by side.
      chunkSize: (filesPerQuery?.most ?? 1) * Math.ceil(config.maxConcurrentRequests / 3),
      resources: this.#resources,
      streamLargeFilesThreshold: config.streamLargeFilesThreshold,
      maxConcurrent: config.maxConcurrentRequests,
      rateLimitBuffer: config.rateLimitBuffer,
      retryAttempts: config.retryAttempts,
      retryDelayBase: config.retryDelayBase,
      metrics: this.recorder,
    })
    const results: BatchResult[] = []
    const requests = requestsFor(batch, { strategies: this.#strategies, prioritized })
    try {
      for await (const chunk of processor.processLargeBatchStreaming(requests, { signal })) results.push(...chunk)
      return contentsOf(batch, results)
    } finally {
      // Whoever keeps the error of a batch does not keep what it had read.
      this.#resources.cleanupBatchResources(results)
    }
  }
}

function infoOf(path: string): FileInfo {
  const { fileType, estimatedSize } = prioritizeFile(path)
  return { path, size: estimatedSize, type: fileType, sha: '' }
}

function lineOf({ operationType, durationMs, batchSize, successCount, cacheHits, apiCalls }: BatchOperation): string {
  const calls = apiCalls === undefined ? '' : `, ${apiCalls} calls`
  return `${operationType}: ${successCount} of ${batchSize} in ${Math.round(durationMs)} ms, ${cacheHits} kept${calls}`
}
