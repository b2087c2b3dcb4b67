import { type BatchMetrics } from './batch-metrics.ts'
import { type BatchMetricsCollector } from './batch-metrics-collector.ts'
import { type BatchPlan } from './batch-plan.ts'
import { type BatchStrategy } from './batch-strategy.ts'
import { type BatchStrategyManager } from './batch-strategy-manager.ts'
import { type FileInfo } from '../files/file-info.ts'
import { type GitHubClient } from '../client/github-client.ts'
import { type ResourceManager } from './resource-manager.ts'

/** What a choice depends on. */
export interface PlanChooserParts {
  /** Knows what is left of the quota, and what the network is like. */
  readonly client: GitHubClient
  /** Knows the strategies. */
  readonly strategies: BatchStrategyManager
  /** Knows how it went. */
  readonly metrics: BatchMetricsCollector
  /** Knows whether memory is short. */
  readonly resources: ResourceManager
}

/** What is still to be read. */
export interface RemainingWork {
  /** How many repositories. */
  readonly repositories: number
  /** The files, as far as they are known. */
  readonly files?: readonly FileInfo[] | undefined
}

/** Below this many points only the careful strategy is left. */
const FEW_POINTS = 200
/** What is halved more often than this costs calls, and others may hold the memory. */
const MOST_SHORTAGES = 2
/** Before the first answer: what GitHub grants any user. */
const USUAL_POINTS = 5_000
/** Where it is not known how many files there are: neither so few that one by one would do, nor a reason to be bold. */
const SOME_FILES = 100
/** Files of which nothing is known. */
const UNKNOWN_FILES: readonly FileInfo[] = [{ path: '', size: 0, type: 'unknown', sha: '' }]

/** Chooses the plan for what is read next, by a strategy and by how it has gone so far. */
export class PlanChooser {
  readonly #parts: PlanChooserParts
  readonly #strategy: BatchStrategy
  /** As of the choice before. */
  #before: BatchMetrics | undefined
  /** How often in a row memory was short, as far as it counts. */
  #shortages = 0

  constructor(parts: PlanChooserParts, strategy: BatchStrategy) {
    this.#parts = parts
    this.#strategy = strategy
  }

  /** The plan for the next batch, or group of repositories. */
  next(work: RemainingWork): BatchPlan {
    const { client, strategies, resources } = this.#parts
    const { core, graphql } = client.budget.status
    const remaining = Math.min(core.remaining ?? USUAL_POINTS, graphql.remaining ?? USUAL_POINTS)
    const { files = UNKNOWN_FILES } = work
    const size = strategies.calculateOptimalBatchSize(files, remaining, client.networkConditions)
    const plan = strategies.planFor(this.#choose(work, remaining), size)
    this.#shortages = resources.shouldReduceBatchSize() ? Math.min(MOST_SHORTAGES, this.#shortages + 1) : 0
    return smaller(plan, 2 ** this.#shortages)
  }

  #choose({ repositories, files }: RemainingWork, rateLimitRemaining: number): BatchStrategy {
    const { client, strategies, metrics } = this.#parts
    const now = metrics.getMetrics()
    const since = this.#before && difference(now, this.#before)
    this.#before = now
    if (this.#strategy === 'adaptive' && since !== undefined && since.totalRequests > 0) {
      const adapted = strategies.adaptStrategy(since)
      if (rateLimitRemaining < FEW_POINTS) return 'conservative'
      // One by one, each repository would cost calls of its own.
      return adapted === 'sequential' && repositories > 1 ? 'parallel' : adapted
    }
    const { networkConditions } = client
    const situation = { repositories, files: files?.length ?? SOME_FILES, rateLimitRemaining, networkConditions }
    return strategies.selectStrategy(situation, this.#strategy)
  }
}

/** What one batch after the other has added. */
function difference(now: BatchMetrics, before: BatchMetrics): BatchMetrics {
  return {
    ...now,
    totalRequests: now.totalRequests - before.totalRequests,
    successfulRequests: now.successfulRequests - before.successfulRequests,
    cacheHits: now.cacheHits - before.cacheHits,
    totalProcessingTimeMs: now.totalProcessingTimeMs - before.totalProcessingTimeMs,
    apiCallsSaved: now.apiCallsSaved - before.apiCallsSaved,
  }
}

/** The plan with fewer contents in memory at the same time; names take little, and small queries would cost points. */
function smaller(plan: BatchPlan, by: number): BatchPlan {
  const less = (count: number): number => Math.max(1, Math.floor(count / by))
  return { ...plan, requestsAtOnce: less(plan.requestsAtOnce), bytesPerQuery: less(plan.bytesPerQuery) }
}
