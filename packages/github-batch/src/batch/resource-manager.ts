import { memoryUsage } from 'node:process'

import { assertKnownOptions } from '../known-options.ts'
import { type BatchResult } from './batch-result.ts'

/** How much memory batches may take. */
export interface ResourceManagerOptions {
  /**
   * Megabytes, above 0; `Infinity`: as much as there is.
   *
   * @defaultValue 500
   */
  readonly maxMemoryMb?: number | undefined
  /**
   * The share of `maxMemoryMb` from which batches are made smaller, above 0 and up to 1.
   *
   * @defaultValue 0.8
   */
  readonly cleanupThreshold?: number | undefined
  /**
   * Bytes in use now.
   *
   * @defaultValue what this process holds in its heap and in buffers
   */
  readonly measure?: (() => number) | undefined
}

const MEGABYTE = 1_024 * 1_024

/** Watches the memory: under pressure batches become smaller, and no request is dropped. */
export class ResourceManager {
  readonly #pressureBytes: number
  readonly #measure: () => number

  /** @throws TypeError for an unknown option; RangeError for a number out of its bounds. */
  constructor(options: ResourceManagerOptions = {}) {
    assertKnownOptions(options, { maxMemoryMb: true, cleanupThreshold: true, measure: true })
    const { maxMemoryMb = 500, cleanupThreshold = 0.8, measure = bytesHeld } = options
    if (!(maxMemoryMb > 0)) throw new RangeError(`maxMemoryMb must be above 0, not ${String(maxMemoryMb)}.`)
    if (!(cleanupThreshold > 0 && cleanupThreshold <= 1)) {
      throw new RangeError(`cleanupThreshold must be above 0 and at most 1, not ${String(cleanupThreshold)}.`)
    }
    this.#pressureBytes = maxMemoryMb * cleanupThreshold * MEGABYTE
    this.#measure = measure
  }

  /** Whether so much memory is in use that the next batch should be half as large. */
  shouldReduceBatchSize(): boolean {
    return this.#measure() > this.#pressureBytes
  }

  /** Drops the contents of results that nobody needs any more, and collects garbage where memory is short and Node allows it. */
  cleanupBatchResources(batchResults: readonly BatchResult[]): void {
    for (const result of batchResults) delete result.content
    if (this.shouldReduceBatchSize()) globalThis.gc?.()
  }

  /** Megabytes in use. */
  getMemoryUsage(): number {
    return this.#measure() / MEGABYTE
  }
}

/** Without the memory that is mapped but free: that is not given back to the system for a long time. */
function bytesHeld(): number {
  const { heapUsed, external } = memoryUsage()
  return heapUsed + external
}
