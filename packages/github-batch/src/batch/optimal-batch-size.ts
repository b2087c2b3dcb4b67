import { type BatchMetrics, successRateOf } from './batch-metrics.ts'
import { type FileInfo } from '../files/file-info.ts'
import { isGoodNetwork, isSlowNetwork, type NetworkConditions } from '../client/network-conditions.ts'

/** What the size of a batch depends on. */
export interface BatchCircumstances {
  /** What is to be read. */
  readonly files: readonly FileInfo[]
  /** Points left in the hourly window. */
  readonly rateLimitRemaining: number
  /** What the way to GitHub is like; `undefined`: not known. */
  readonly networkConditions: NetworkConditions | undefined
  /** How the newest batches went. */
  readonly history: readonly BatchMetrics[]
}

const KILOBYTE = 1_024
const MEGABYTE = 1_024 * KILOBYTE

/** The product of what speaks for larger and for smaller batches: 1 is the configured size. */
export function batchSizeFactor({ files, rateLimitRemaining, networkConditions, history }: BatchCircumstances): number {
  return sizeFactor(files) * quotaFactor(rateLimitRemaining) * networkFactor(networkConditions) * historyFactor(history)
}

function sizeFactor(files: readonly FileInfo[]): number {
  const average = files.reduce((total, { size }) => total + size, 0) / files.length
  if (average > MEGABYTE) return 0.3
  if (average > 100 * KILOBYTE) return 0.6
  if (average > 10 * KILOBYTE) return 0.8
  return average > 0 ? 1.2 : 1
}

function quotaFactor(remaining: number): number {
  if (remaining < 50) return 0.7
  if (remaining < 200) return 0.85
  return remaining < 500 ? 0.95 : 1.2
}

function networkFactor(conditions: NetworkConditions | undefined): number {
  if (conditions === undefined) return 1.3
  if (isGoodNetwork(conditions)) return 1.5
  if (conditions.errorRate > 0.2) return 0.8
  return isSlowNetwork(conditions) ? 0.9 : 1.2
}

function historyFactor(history: readonly BatchMetrics[]): number {
  if (history.length === 0) return 1.2
  const successRate = history.reduce((total, metrics) => total + successRateOf(metrics), 0) / history.length
  if (successRate > 0.98) return 1.4
  if (successRate > 0.9) return 1.2
  return successRate > 0.75 ? 1 : 0.9
}
