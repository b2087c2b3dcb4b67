import { type Clock, systemClock } from '@x/core'

import { assertKnownOptions } from '../known-options.ts'
import { type BatchMetrics, successRateOf } from './batch-metrics.ts'

/** A batch that has ended. */
export interface BatchOperation {
  /** What kind of batch, such as `"file_batch"`; figures are kept for each. */
  readonly operationType: string
  /** What it took, milliseconds. */
  readonly durationMs: number
  /** How many files, or folders, it was about. */
  readonly batchSize: number
  /** Of them, how many were read. */
  readonly successCount: number
  /** Of them, how many the cache had. */
  readonly cacheHits: number
  /**
   * Calls to GitHub that it made.
   *
   * @defaultValue one for each that the cache did not have
   */
  readonly apiCalls?: number | undefined
}

/** Figures about one kind of batch. */
export interface OperationSummary {
  /** How many batches. */
  readonly operations: number
  /** What one took on average, milliseconds. */
  readonly averageDurationMs: number
  /** How many files it was about, on average. */
  readonly averageBatchSize: number
  /** The share that was read, 0 to 1. */
  readonly successRate: number
  /** The share that the cache had, 0 to 1. */
  readonly cacheHitRate: number
}

/** Figures about all batches. */
export interface PerformanceSummary extends OperationSummary {
  /** Files read in each second that at least one batch ran, of the newest 1,000 batches; 0 where they took no time. */
  readonly filesPerSecond: number
  /** See `BatchMetrics`. */
  readonly apiCallsSaved: number
  /** See `BatchMetrics`. */
  readonly parallelEfficiency: number
  /** The same, by `operationType`. */
  readonly byType: Readonly<Record<string, OperationSummary>>
}

/** What counts batches. */
export type BatchRecorder = Pick<BatchMetricsCollector, 'recordBatchOperation'>

interface Totals {
  operations: number
  durationMs: number
  requests: number
  successes: number
  cacheHits: number
  apiCalls: number
}

/** When a batch ran, milliseconds since the Unix epoch, and how many files it read. */
interface Span {
  readonly start: number
  readonly end: number
  readonly files: number
}

/** So many of the newest batches tell how well they ran side by side. */
const REMEMBERED_SPANS = 1_000
/** From so many batches on, figures are worth advice. */
const LEAST_OPERATIONS = 3
/** GitHub gives up a query after about 10 seconds. */
const SLOW_MS = 4_000

/** Collects what batches did, and says what could be better. Bounded in memory, whatever is recorded. */
export class BatchMetricsCollector {
  readonly #clock: Clock
  readonly #all = emptyTotals()
  readonly #byType = new Map<string, Totals>()
  readonly #spans: Span[] = []

  /** @throws TypeError for an unknown option. */
  constructor(options: { readonly clock?: Clock | undefined } = {}) {
    assertKnownOptions(options, { clock: true })
    this.#clock = options.clock ?? systemClock
  }

  /**
   * Counts a batch that ends now.
   *
   * @throws RangeError for a number that is negative or none.
   */
  recordBatchOperation(operation: BatchOperation): void {
    const { operationType, durationMs, batchSize, successCount, cacheHits } = operation
    const { apiCalls = Math.max(0, batchSize - cacheHits) } = operation
    for (const [name, value] of Object.entries({ durationMs, batchSize, successCount, cacheHits, apiCalls })) {
      if (!(value >= 0 && Number.isFinite(value)))
        throw new RangeError(`${name} must be 0 or more, not ${String(value)}.`)
    }
    const ofType = this.#byType.get(operationType) ?? emptyTotals()
    this.#byType.set(operationType, ofType)
    for (const totals of [this.#all, ofType]) {
      totals.operations += 1
      totals.durationMs += durationMs
      totals.requests += batchSize
      totals.successes += successCount
      totals.cacheHits += cacheHits
      totals.apiCalls += apiCalls
    }
    const end = this.#clock.now()
    this.#spans.push({ start: end - durationMs, end, files: successCount })
    if (this.#spans.length > REMEMBERED_SPANS) this.#spans.shift()
  }

  /** The figures as a strategy is chosen by. */
  getMetrics(): BatchMetrics {
    const { operations, durationMs, requests, successes, cacheHits, apiCalls } = this.#all
    return {
      totalRequests: requests,
      successfulRequests: successes,
      cacheHits,
      averageBatchSize: ratio(requests, operations),
      totalProcessingTimeMs: durationMs,
      apiCallsSaved: Math.max(0, requests - apiCalls),
      parallelEfficiency: occupancyOf(this.#spans).efficiency,
    }
  }

  /** The figures as people read them. */
  getPerformanceSummary(): PerformanceSummary {
    const { apiCallsSaved, parallelEfficiency } = this.getMetrics()
    const files = this.#spans.reduce((total, span) => total + span.files, 0)
    return {
      ...summaryOf(this.#all),
      filesPerSecond: ratio(files, occupancyOf(this.#spans).busyMs / 1_000),
      apiCallsSaved,
      parallelEfficiency,
      byType: Object.fromEntries([...this.#byType].map(([type, totals]) => [type, summaryOf(totals)])),
    }
  }

  /** What could be better, each with what to do about it; empty while too little was seen, or where all is well. */
  identifyOptimizationOpportunities(): string[] {
    const { operations, averageBatchSize, cacheHitRate, byType } = this.getPerformanceSummary()
    if (operations < LEAST_OPERATIONS) return []
    const metrics = this.getMetrics()
    const failed = 1 - successRateOf(metrics)
    const { efficiency, most } = occupancyOf(this.#spans)
    const advice: string[] = []
    if (failed > 0.1) advice.push(`${percent(failed)} of the files could not be read: try the conservative strategy.`)
    if (cacheHitRate < 0.2) {
      advice.push(
        `The cache had ${percent(cacheHitRate)} of the files: keep one cache, in a file or on a server, for all runs.`,
      )
    }
    if (averageBatchSize < 5) {
      advice.push(
        `A batch has ${averageBatchSize.toFixed(1)} files: read more at once, or allow enableCrossRepoBatching.`,
      )
    }
    if (most > 1 && efficiency < 0.5) {
      advice.push(`Of ${most} batches side by side, ${percent(efficiency)} ran: lower maxConcurrentRequests.`)
    }
    for (const [type, { averageDurationMs }] of Object.entries(byType)) {
      if (averageDurationMs > SLOW_MS) {
        advice.push(`A ${type} takes ${(averageDurationMs / 1_000).toFixed(1)} s: lower maxBatchSize.`)
      }
    }
    return advice
  }
}

function emptyTotals(): Totals {
  return { operations: 0, durationMs: 0, requests: 0, successes: 0, cacheHits: 0, apiCalls: 0 }
}

function summaryOf({ operations, durationMs, requests, successes, cacheHits }: Totals): OperationSummary {
  return {
    operations,
    averageDurationMs: ratio(durationMs, operations),
    averageBatchSize: ratio(requests, operations),
    successRate: ratio(successes, requests),
    cacheHitRate: ratio(cacheHits, requests),
  }
}

/** How long at least one batch ran, how many ran at once at most, and how much of the two was used. */
function occupancyOf(spans: readonly Span[]): { busyMs: number; most: number; efficiency: number } {
  const changes = spans
    .filter(({ start, end }) => end > start)
    .flatMap(({ start, end }) => [
      { at: start, by: 1 },
      { at: end, by: -1 },
    ])
    // One that ends when another begins makes room for it.
    .sort((a, b) => a.at - b.at || a.by - b.by)
  let running = 0
  let most = 0
  let busyMs = 0
  let workMs = 0
  let since = 0
  for (const { at, by } of changes) {
    if (running > 0) {
      busyMs += at - since
      workMs += (at - since) * running
    }
    running += by
    most = Math.max(most, running)
    since = at
  }
  const instant = spans.length > 0 && busyMs === 0
  return { busyMs, most, efficiency: instant ? 1 : ratio(workMs, busyMs * most) }
}

function ratio(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole
}

function percent(share: number): string {
  return `${Math.round(share * 100)}%`
}
