import { type Duration, toMilliseconds } from '@x/core'

import { assertKnownOptions } from '../known-options.ts'
import { type BatchPlan } from '../batch/batch-plan.ts'
import { BATCH_STRATEGIES, type BatchStrategy, isBatchStrategy } from '../batch/batch-strategy.ts'
import { type RemainingWork } from '../batch/plan-chooser.ts'
import { type RateBucketStatus } from '../budget/rate-reservation.ts'
import { type RateWait } from '../budget/rate-budget-options.ts'
import { type RateBucket } from '../budget/rate-bucket.ts'
import { type KeptCounts } from '../files/content-store.ts'
import { type Finding, type LedgerEntry, type ScanCost, type Warning } from './scan-result.ts'

/** How far a scan is. */
export interface ScanProgress {
  /** How many repositories there are; 0 until the sweep is done. */
  readonly repositoriesTotal: number
  /** Of them, how many have been searched for dependency files. */
  readonly repositoriesSearched: number
  /** Of them, how many are scanned, skipped or failed. */
  readonly repositoriesDone: number
  /** Dependency files that were read so far. */
  readonly filesDone: number
  /** The findings so far. */
  readonly findings: readonly Finding[]
}

/** How far a scan is, what it costs and what it waits for. */
export interface ScanStatus extends ScanProgress {
  /** By which it is resumed. */
  readonly id: string
  /** What it has cost so far. */
  readonly cost: ScanCost
  /** What the store had, so that it was not asked for. */
  readonly kept: KeptCounts
  /** What is left of each bucket, who waits in it and until when. */
  readonly budget: Readonly<Record<RateBucket, RateBucketStatus>>
}

/** Something that happened in a scan, as it happened. */
export type ScanEvent =
  | { readonly type: 'started'; readonly id: string; readonly resumed: boolean }
  | { readonly type: 'listed'; readonly repositories: number }
  | { readonly type: 'file'; readonly repository: string; readonly file: string }
  | { readonly type: 'finding'; readonly finding: Finding }
  | { readonly type: 'warning'; readonly warning: Warning }
  | { readonly type: 'repository'; readonly entry: LedgerEntry }
  | ({ readonly type: 'wait' } & RateWait)

/** How to run a scan, or to go on with one. */
export interface ScanOptions {
  /** Ends the scan with the signal's reason; what was read is kept. */
  readonly signal?: AbortSignal | undefined
  /**
   * How to read: it changes requests and time, never the result.
   *
   * @defaultValue `defaultStrategy` of the coordinator's configuration: `"adaptive"`
   */
  readonly strategy?: BatchStrategy | undefined
  /**
   * Instead of a strategy, how much at once and together; a function is asked again before each group of repositories, with what
   * remains.
   */
  readonly plan?: BatchPlan | ((remaining: RemainingWork) => BatchPlan) | undefined
  /**
   * Ask GitHub nothing: match what the store has, and name what it has not. For a new list of packages.
   *
   * @defaultValue `false`
   */
  readonly offline?: boolean | undefined
  /**
   * How long an owner's or team's list is believed but for what was pushed since: pushes, and one more or one less, are
   * seen at once; another default branch, an archiving or a fork's end only with the next full sweep, and so is, beyond the
   * first 100 by push, one that was transferred in while another went. 0: sweep in full.
   *
   * @defaultValue `"1d"`
   */
  readonly fullSweepAfter?: Duration | undefined
  /**
   * Points, REST and GraphQL together, to stop before: 1 or more. What was not read then is named as failed.
   *
   * @defaultValue `Infinity`
   */
  readonly maxPoints?: number | undefined
  /** Called whenever something was done; what it throws is dropped. */
  readonly onProgress?: ((status: ScanStatus) => void) | undefined
  /** Called with each thing that happens; what it throws is dropped. */
  readonly onEvent?: ((event: ScanEvent) => void) | undefined
}

/** The options, complete. */
export interface ResolvedScanOptions extends Pick<ScanOptions, 'signal' | 'maxPoints' | 'onProgress' | 'onEvent'> {
  /** The plan for the next group of repositories. */
  readonly nextPlan: (remaining: RemainingWork) => BatchPlan
  /** As given, or the default. */
  readonly offline: boolean
  /** As given, or the default, in milliseconds. */
  readonly fullSweepAfterMs: number
}

/**
 * @throws TypeError for an unknown option, a strategy that is none, or where a plan is given as well; RangeError for a duration that is
 * none.
 */
export function resolveScanOptions(
  options: ScanOptions,
  planner: (strategy: BatchStrategy | undefined) => (remaining: RemainingWork) => BatchPlan,
): ResolvedScanOptions {
  assertKnownOptions(options, {
    signal: true,
    strategy: true,
    plan: true,
    offline: true,
    fullSweepAfter: true,
    maxPoints: true,
    onProgress: true,
    onEvent: true,
  })
  const { plan, strategy, offline = false, fullSweepAfter = '1d', ...others } = options
  if (strategy !== undefined && plan !== undefined) throw new TypeError('Give a strategy or a plan, not both.')
  if (strategy !== undefined && !isBatchStrategy(strategy)) {
    throw new TypeError(`strategy must be one of ${BATCH_STRATEGIES.join(', ')}, not ${JSON.stringify(strategy)}.`)
  }
  const fullSweepAfterMs = toMilliseconds(fullSweepAfter)
  const fixed = typeof plan === 'object' ? (): BatchPlan => plan : plan
  return { ...others, nextPlan: fixed ?? planner(strategy), offline, fullSweepAfterMs }
}
