import { type CacheStore, type Clock, type Duration, isNetworkError, toMilliseconds } from '@x/core'

import { BatchErrorHandler } from './batch-error-handler.ts'
import { type BatchRecorder } from './batch-metrics-collector.ts'
import { type BatchPlan, DEFAULT_BATCH_PLAN } from './batch-plan.ts'
import { type BatchRequest, identityOf } from './batch-request.ts'
import { type BatchResult } from './batch-result.ts'
import { ConcurrencyLimit } from '../budget/concurrency-limit.ts'
import { ContentStore } from '../files/content-store.ts'
import { type Delay, delay as realDelay } from '../client/delay.ts'
import { failureKindOf } from '../client/failure-kind.ts'
import { type LocatedFile } from '../files/file-locator.ts'
import { FileReader, type ReadFilesOptions } from '../files/file-reader.ts'
import { ForgivingStore } from '../files/forgiving-store.ts'
import { type GitHubClient } from '../client/github-client.ts'
import { assertKnownOptions } from '../known-options.ts'
import { UsageMeter } from '../client/usage-meter.ts'

/** How to process batches. */
export interface ParallelBatchProcessorOptions {
  /** Reads GitHub, within its own limits and budget. */
  readonly client: GitHubClient
  /**
   * Keeps contents by their object ids; it stays the caller's to close.
   *
   * @defaultValue none: every content is asked for
   */
  readonly cache?: CacheStore | undefined
  /** Told when the cache fails: the batch goes on with more calls. */
  readonly onCacheError?: ((error: unknown) => void) | undefined
  /**
   * Requests on the wire at the same time, of all batches of this processor: 1 to 100.
   *
   * @defaultValue 10
   */
  readonly maxConcurrent?: number | undefined
  /**
   * The share of the hourly limits that may be used, above 0 and up to 1; not more than the budget's.
   *
   * @defaultValue 0.8
   */
  readonly rateLimitBuffer?: number | undefined
  /**
   * How often a request is tried again: see `BatchErrorHandler`.
   *
   * @defaultValue 3
   */
  readonly retryAttempts?: number | undefined
  /**
   * What the waits before that are multiples of.
   *
   * @defaultValue `"1s"`
   */
  readonly retryDelayBase?: Duration | undefined
  /**
   * The longest wait before another try; where it takes longer, the error stands.
   *
   * @defaultValue `"5m"`
   */
  readonly maxRetryDelay?: Duration | undefined
  /**
   * How much at once and together; a function is asked again before each try.
   *
   * @defaultValue `DEFAULT_BATCH_PLAN`
   */
  readonly plan?: BatchPlan | (() => BatchPlan) | undefined
  /** Told what each try took and brought. */
  readonly metrics?: BatchRecorder | undefined
  /**
   * Where the time comes from.
   *
   * @defaultValue `systemClock`
   */
  readonly clock?: Clock | undefined
  /**
   * How to wait before another try.
   *
   * @defaultValue a timer
   */
  readonly delay?: Delay | undefined
}

/** The options that there are. */
export const PARALLEL_OPTIONS: Readonly<Record<keyof ParallelBatchProcessorOptions, true>> = {
  client: true,
  cache: true,
  onCacheError: true,
  maxConcurrent: true,
  rateLimitBuffer: true,
  retryAttempts: true,
  retryDelayBase: true,
  maxRetryDelay: true,
  plan: true,
  metrics: true,
  clock: true,
  delay: true,
}

/** What a single batch may bring. */
export interface ProcessBatchOptions {
  /** Ends the batch with the signal's reason. */
  readonly signal?: AbortSignal | undefined
  /** What the paths of requests hold, where that has been found out. */
  readonly located?: ReadonlyMap<BatchRequest, LocatedFile | Error> | undefined
}

/** A request that failed. */
type Failure = BatchResult & { readonly error: Error }

/** Reads batches of files in parallel, within limits of its own, and again where an error may pass. */
export class ParallelBatchProcessor {
  readonly #reader: FileReader
  readonly #client: GitHubClient
  readonly #limit: ConcurrencyLimit
  readonly #errors: BatchErrorHandler
  readonly #nextPlan: () => BatchPlan
  readonly #metrics: BatchRecorder | undefined
  readonly #rateLimitBuffer: number
  readonly #maxRetryDelayMs: number
  readonly #delay: Delay

  /** @throws TypeError for an unknown option; RangeError for a number or a duration out of its bounds. */
  constructor(options: ParallelBatchProcessorOptions) {
    assertKnownOptions(options, PARALLEL_OPTIONS)
    const { client, cache, onCacheError = () => undefined, plan = DEFAULT_BATCH_PLAN, metrics } = options
    const { retryAttempts, retryDelayBase, maxRetryDelay = '5m', clock, delay = realDelay } = options
    const { maxConcurrent, rateLimitBuffer } = checked(options)
    this.#client = client
    this.#reader = new FileReader({ client, store: cache && new ContentStore(new ForgivingStore(cache, onCacheError)) })
    this.#limit = new ConcurrencyLimit(maxConcurrent)
    this.#errors = new BatchErrorHandler({ retryAttempts, retryDelayBase, clock })
    this.#nextPlan = typeof plan === 'function' ? plan : () => plan
    this.#metrics = metrics
    this.#rateLimitBuffer = rateLimitBuffer
    this.#maxRetryDelayMs = toMilliseconds(maxRetryDelay)
    this.#delay = delay
  }

  /** Requests that may be on the wire at the same time now. */
  get concurrency(): number {
    return this.#limit.gate.limit
  }

  /**
   * Follows the points that are left in the hourly window: all requests at once from 500 on, half of them from 200, a quarter from
   * 50, then one. It is called with what GitHub says before each try as well.
   */
  adjustConcurrency(rateLimitRemaining: number): void {
    this.#limit.follow(rateLimitRemaining)
  }

  /**
   * Reads all requests and answers in their order, each with its content or its own error. What may pass is tried again, after the
   * waits of the recovery plan.
   *
   * @throws RateLimitError when a limit lasts longer than it may be waited for; NetworkError when GitHub cannot be reached at all;
   * GitHubAPIError (401) when the token is refused: what was read is in the cache, and the same batch goes on from there.
   * @throws the signal's reason when it aborts.
   */
  async processBatchParallel(
    requests: readonly BatchRequest[],
    { signal, located }: ProcessBatchOptions = {},
  ): Promise<BatchResult[]> {
    const results = new Map<string, BatchResult>()
    let pending = this.#errors.handlePartialFailure([], requests)
    for (let attempt = 0; pending.length > 0; attempt += 1) {
      const outcomes = await this.#try(pending, { signal, located })
      for (const outcome of outcomes) results.set(identityOf(outcome.request), outcome)
      const failures = outcomes.filter((outcome): outcome is Failure => outcome.error !== undefined)
      pending = await this.#recover(outcomes, failures, { attempt, signal })
    }
    const outcomes = [...results.values()]
    const unreachable = outcomes.find(({ error }) => isNetworkError(error))?.error
    if (unreachable !== undefined && outcomes.every(({ error }) => isNetworkError(error))) throw unreachable
    return requests.flatMap((request) => {
      const result = results.get(identityOf(request))
      return result === undefined ? [] : [{ ...result, request }]
    })
  }

  /**
   * Finds out what the paths of requests hold, for `processBatchParallel`: one call for a hundred.
   *
   * @throws the signal's reason when it aborts.
   */
  locate(
    requests: readonly BatchRequest[],
    { signal }: Pick<ProcessBatchOptions, 'signal'> = {},
  ): Promise<ReadonlyMap<BatchRequest, LocatedFile | Error>> {
    return this.#reader.locate(requests, { ...this.#call(), signal })
  }

  #call(): ReadFilesOptions {
    const rateLimitBuffer = this.#rateLimitBuffer
    // A try is a try: the recovery plan says when the next one is.
    return { plan: this.#nextPlan(), gate: this.#limit.gate, rateLimitBuffer, retryAttempts: 0 }
  }

  async #try(requests: readonly BatchRequest[], options: ProcessBatchOptions): Promise<BatchResult[]> {
    const { core, graphql } = this.#client.budget.status
    this.adjustConcurrency(Math.min(core.remaining ?? Infinity, graphql.remaining ?? Infinity))
    const meter = new UsageMeter()
    const startedAt = performance.now()
    const results = await this.#reader.read(requests, { ...this.#call(), ...options, meter })
    this.#metrics?.recordBatchOperation({
      operationType: 'file_batch',
      durationMs: performance.now() - startedAt,
      batchSize: requests.length,
      successCount: results.filter(({ error }) => error === undefined).length,
      cacheHits: results.filter(({ fromCache }) => fromCache).length,
      apiCalls: meter.usage.requests,
    })
    return results
  }

  /** What to try again, once it is time. @throws the error that nothing more can be done about. */
  async #recover(
    outcomes: readonly BatchResult[],
    failures: readonly Failure[],
    { attempt, signal }: { readonly attempt: number; readonly signal: AbortSignal | undefined },
  ): Promise<BatchRequest[]> {
    this.#limit.recover()
    const retries: BatchRequest[] = []
    let wait = 0
    for (const group of Map.groupBy(failures, ({ error }) => failureKindOf(error)).values()) {
      const [{ error }] = group as [Failure, ...Failure[]]
      const batch = group.map(({ request }) => request)
      const plan = this.#errors.handleBatchFailure(batch, error, { attempt })
      const hopeless =
        plan.reason === 'rate-limit' && (plan.delayMs > this.#maxRetryDelayMs || batch === plan.skipRequests)
      if (plan.failsBatch || hopeless) throw error
      this.#limit.reduce(plan.concurrencyFactor)
      if (plan.delayMs > this.#maxRetryDelayMs) continue
      retries.push(...plan.retryRequests)
      wait = Math.max(wait, plan.delayMs)
    }
    const successes = outcomes.filter(({ error }) => error === undefined)
    const pending = this.#errors.handlePartialFailure(successes, retries)
    if (pending.length > 0) await this.#delay(wait, signal)
    return pending
  }
}

function checked({
  maxConcurrent = 10,
  rateLimitBuffer = 0.8,
}: Pick<ParallelBatchProcessorOptions, 'maxConcurrent' | 'rateLimitBuffer'>): {
  readonly maxConcurrent: number
  readonly rateLimitBuffer: number
} {
  if (!Number.isInteger(maxConcurrent) || maxConcurrent < 1 || maxConcurrent > 100) {
    throw new RangeError(`maxConcurrent must be a whole number from 1 to 100, not ${String(maxConcurrent)}.`)
  }
  if (!(rateLimitBuffer > 0 && rateLimitBuffer <= 1)) {
    throw new RangeError(`rateLimitBuffer must be above 0 and at most 1, not ${String(rateLimitBuffer)}.`)
  }
  return { maxConcurrent, rateLimitBuffer }
}
