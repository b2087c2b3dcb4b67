import { type Duration, toMilliseconds } from '@x/core'

import { assertKnownOptions } from '../known-options.ts'
import { BATCH_STRATEGIES, type BatchStrategy, isBatchStrategy } from './batch-strategy.ts'

/** How batches are read: complete and checked, as `createBatchConfig` makes it. */
export interface BatchConfig {
  /**
   * Requests at the same time, 1 to 100 (GitHub refuses more); the client's own `maxConcurrent` holds besides.
   *
   * @defaultValue 10
   */
  readonly maxConcurrentRequests: number
  /**
   * Repositories at the same time whose own requests (folders, large files) are on the wire, 1 to 100.
   *
   * @defaultValue 3
   */
  readonly maxConcurrentRepos: number
  /**
   * Files that the first queries ask for, from `minBatchSize` to `maxBatchSize`; what the files, the limits and the network
   * are like moves it.
   *
   * @defaultValue 10
   */
  readonly defaultBatchSize: number
  /**
   * Files that any query asks for at most, 1 to 100.
   *
   * @defaultValue 50
   */
  readonly maxBatchSize: number
  /**
   * Files that a query asks for at least where there are so many, 1 to `maxBatchSize`.
   *
   * @defaultValue 1
   */
  readonly minBatchSize: number
  /**
   * The share of the hourly limits that may be used, above 0 and up to 1.
   *
   * @defaultValue 0.8
   */
  readonly rateLimitBuffer: number
  /**
   * How often a request is sent again after no answer came, 0 to 100; after a timeout or an answer of 500 and above at most twice.
   *
   * @defaultValue 3
   */
  readonly retryAttempts: number
  /**
   * The wait before the first retry, 0 or more; it grows with each.
   *
   * @defaultValue `"1s"`
   */
  readonly retryDelayBase: Duration
  /**
   * Megabytes of memory beyond which batches are made smaller, above 0; `Infinity`: never. No request is ever dropped for it.
   *
   * @defaultValue 500
   */
  readonly maxMemoryUsageMb: number
  /**
   * Bytes above which a file is read in a batch of its own, 0 or more; `Infinity`: never.
   *
   * @defaultValue 1048576 (1 MiB)
   */
  readonly streamLargeFilesThreshold: number
  /**
   * What a call that names no strategy uses.
   *
   * @defaultValue `"adaptive"`
   */
  readonly defaultStrategy: BatchStrategy
  /**
   * Whether one query may ask for files of several repositories.
   *
   * @defaultValue `true`
   */
  readonly enableCrossRepoBatching: boolean
  /**
   * Whether the files that matter most for security are read first.
   *
   * @defaultValue `true`
   */
  readonly enableFilePrioritization: boolean
  /**
   * Whether figures are collected; without them `adaptive` never learns how it goes.
   *
   * @defaultValue `true`
   */
  readonly enablePerformanceMonitoring: boolean
  /**
   * Whether a line is written for each batch, by the coordinator's `log`.
   *
   * @defaultValue `false`
   */
  readonly logBatchMetrics: boolean
}

const DEFAULTS: BatchConfig = {
  maxConcurrentRequests: 10,
  maxConcurrentRepos: 3,
  defaultBatchSize: 10,
  maxBatchSize: 50,
  minBatchSize: 1,
  rateLimitBuffer: 0.8,
  retryAttempts: 3,
  retryDelayBase: '1s',
  maxMemoryUsageMb: 500,
  streamLargeFilesThreshold: 1_024 * 1_024,
  defaultStrategy: 'adaptive',
  enableCrossRepoBatching: true,
  enableFilePrioritization: true,
  enablePerformanceMonitoring: true,
  logBatchMetrics: false,
}

type Check = (value: unknown) => string | undefined

/** What is wrong with a value, as the end of a sentence that begins with its name. */
const CHECKS: Readonly<Record<keyof BatchConfig, Check>> = {
  maxConcurrentRequests: wholeNumber(1, 100),
  maxConcurrentRepos: wholeNumber(1, 100),
  defaultBatchSize: wholeNumber(1, 100),
  maxBatchSize: wholeNumber(1, 100),
  minBatchSize: wholeNumber(1, 100),
  rateLimitBuffer: numberWhere('above 0 and at most 1', (value) => value > 0 && value <= 1),
  retryAttempts: wholeNumber(0, 100),
  retryDelayBase: (value) => (isFiniteWait(value) ? undefined : 'must be a duration of 0 or more, such as "1s"'),
  maxMemoryUsageMb: numberWhere('above 0', (value) => value > 0),
  streamLargeFilesThreshold: numberWhere('0 or more', (value) => value >= 0),
  defaultStrategy: (value) => (isBatchStrategy(value) ? undefined : `must be one of ${BATCH_STRATEGIES.join(', ')}`),
  enableCrossRepoBatching: trueOrFalse,
  enableFilePrioritization: trueOrFalse,
  enablePerformanceMonitoring: trueOrFalse,
  logBatchMetrics: trueOrFalse,
}

/**
 * Checks the options and fills in the defaults. An option that is `undefined` counts as absent.
 *
 * @throws TypeError for an unknown option, or a value of the wrong type.
 * @throws RangeError for a number or a duration out of its bounds, or batch sizes that contradict each other.
 */
export function createBatchConfig(
  options: { readonly [Name in keyof BatchConfig]?: BatchConfig[Name] | undefined } = {},
): BatchConfig {
  assertKnownOptions(options, CHECKS)
  const given = Object.entries(options).filter(([, value]) => value !== undefined)
  for (const [name, value] of given) assertFits(name as keyof BatchConfig, value)
  const config = { ...DEFAULTS, ...Object.fromEntries(given) }
  // A limit alone moves the default with it.
  if (options.defaultBatchSize === undefined) {
    config.defaultBatchSize = Math.min(Math.max(DEFAULTS.defaultBatchSize, config.minBatchSize), config.maxBatchSize)
  }
  const { minBatchSize, defaultBatchSize, maxBatchSize } = config
  if (minBatchSize > defaultBatchSize || defaultBatchSize > maxBatchSize) {
    throw new RangeError(
      `minBatchSize (${minBatchSize}), defaultBatchSize (${defaultBatchSize}) and maxBatchSize (${maxBatchSize}) must not fall.`,
    )
  }
  return Object.freeze(config)
}

function assertFits(name: keyof BatchConfig, value: unknown): void {
  const fault = CHECKS[name](value)
  if (fault === undefined) return
  const message = `${name} ${fault}, not ${typeof value === 'string' ? JSON.stringify(value) : String(value)}.`
  const sameType = typeof value === typeof DEFAULTS[name] || (name === 'retryDelayBase' && typeof value === 'number')
  throw sameType && name !== 'defaultStrategy' ? new RangeError(message) : new TypeError(message)
}

function wholeNumber(least: number, most: number): Check {
  return numberWhere(
    `a whole number from ${least} to ${most}`,
    (value) => Number.isInteger(value) && value >= least && value <= most,
  )
}

function numberWhere(words: string, fits: (value: number) => boolean): Check {
  return (value) => (typeof value === 'number' && fits(value) ? undefined : `must be ${words}`)
}

function trueOrFalse(value: unknown): string | undefined {
  return typeof value === 'boolean' ? undefined : 'must be true or false'
}

function isFiniteWait(value: unknown): boolean {
  try {
    const milliseconds = toMilliseconds(value as Duration)
    return milliseconds >= 0 && Number.isFinite(milliseconds)
  } catch {
    return false
  }
}
