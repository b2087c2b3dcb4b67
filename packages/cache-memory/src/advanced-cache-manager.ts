import { CacheError, type CacheStats, hitRateOf } from '@x/core'

import type { EntryGroup } from './entry-group.ts'
import {
  type InvalidationPattern,
  type MemoryConfig,
  readInvalidationPattern,
  readMemoryConfig,
  readServiceConfig,
  readWarmingConfig,
  type ServiceConfig,
  type WarmingConfig,
} from './manager-config.ts'
import type { OptimizerCore } from './optimizer-core.ts'
import { coreOf, type ServiceOptimizer } from './service-optimizer.ts'
import { warmService } from './warming-run.ts'
import { WarmingSchedule } from './warming-schedule.ts'

/** How many entries one sweep looks at: some milliseconds. */
const MOST_SWEPT = 10_000

/** What a configured service holds in memory, and what it has done since it was configured. */
export interface ServiceStats {
  /** Values that are there, those included that have expired and were not yet removed. */
  readonly entryCount: number
  /** Their bytes. */
  readonly totalSizeBytes: number
  /** The most values that it may have. */
  readonly maxSize: number
  /** Calls answered without a run. */
  readonly hits: number
  /** Calls that found nothing. */
  readonly misses: number
  /** `hits / (hits + misses)`; 0 before the first. */
  readonly hitRate: number
  /** Values removed to keep a limit. */
  readonly evictions: number
}

/** `CacheStats` of an optimizer's memory, with those of the services that were configured. */
export interface OptimizerStats extends CacheStats {
  /** By the name of the service. */
  readonly byService: Readonly<Record<string, ServiceStats>>
}

/** Memory in bytes of encoded values; before `setMemoryConfig`, 1,024 for each value that is held by reference. */
export interface MemoryStats {
  /** Now. */
  readonly currentUsage: number
  /** The most there has been. */
  readonly peakUsage: number
  /** Values removed to keep a limit. */
  readonly evictionCount: number
}

/**
 * Limits, warms and tidies what a `ServiceOptimizer` keeps. Its timers keep no process alive, and end with it or with the
 * optimizer. Every method that configures throws `CacheError` `INVALID_CONFIGURATION` for what it cannot use, its `details`
 * naming `field` and `value`, and `STORE_CLOSED` once it is closed.
 */
export class AdvancedCacheManager {
  readonly #core: OptimizerCore
  readonly #closing = new AbortController()
  readonly #warming: WarmingSchedule
  #sweep: ReturnType<typeof setInterval> | undefined

  /** @throws TypeError for what is no optimizer; CacheError `STORE_CLOSED` for one that is closed. */
  constructor(optimizer: ServiceOptimizer) {
    this.#core = coreOf(optimizer)
    this.#core.closing.throwIfAborted()
    this.#core.closing.addEventListener('abort', this.#onClose, { once: true })
    this.#warming = new WarmingSchedule((plan) => warmService(this.#core, plan, this.#closing.signal))
  }

  /**
   * Limits the bytes of all values, and makes room at once: what was used least recently goes. From now on values are measured
   * by the optimizer's codec as they come; those that are there, now. A value above the limit is answered and not kept, and
   * `MEMORY_LIMIT_EXCEEDED` is told to the listeners.
   */
  setMemoryConfig(config: MemoryConfig): void {
    this.#assertOpen()
    const { maxSizeBytes, checkIntervalMs, estimatedSizeBytes } = readMemoryConfig(config)
    const { memory } = this.#core.keeper
    memory.limitBytes(maxSizeBytes, estimatedSizeBytes)
    clearInterval(this.#sweep)
    this.#sweep = setInterval(() => {
      memory.removeExpired(MOST_SWEPT)
    }, checkIntervalMs).unref()
  }

  /** Limits the values of a service (what comes before the first `-` or `:` of its keys), makes room at once, and counts it. */
  setServiceConfig(service: string, config: ServiceConfig): void {
    this.#assertOpen()
    this.#core.keeper.memory.limitService(service, readServiceConfig(service, config))
  }

  /**
   * Loads the values of a service into memory, now and at intervals, one service at a time. A key that was written or
   * invalidated after a load began is left as it is. A pattern that fails in all its attempts counts as one `warmingErrors`,
   * and `WARMING_FAILED` is told to the listeners.
   */
  setWarmingConfig(service: string, config: WarmingConfig): void {
    this.#assertOpen()
    this.#warming.add(readWarmingConfig(service, config))
  }

  /** Has values removed, from both tiers, as they are written: those whose key and content it describes. */
  addInvalidationPattern(pattern: InvalidationPattern): void {
    this.#assertOpen()
    this.#core.keeper.rules.add(readInvalidationPattern(pattern))
  }

  /** What the optimizer's memory holds, and what it has done. */
  getCacheStats(): OptimizerStats {
    const { cacheHits: hits, cacheMisses: misses, evictions, errorCount: errors } = this.#core.readMetrics()
    const { table, services } = this.#core.keeper.memory
    const { entryCount, sizeBytes: totalSizeBytes } = table
    const { category } = this.#core.config
    return {
      hits,
      misses,
      hitRate: hitRateOf(hits, misses),
      entryCount,
      totalSizeBytes,
      evictions,
      errors,
      byCategory: entryCount === 0 ? {} : { [category]: { entryCount, totalSizeBytes } },
      byService: Object.fromEntries(Array.from(services, (service) => [service.name, statsOf(service)])),
    }
  }

  /** How much memory the values take. */
  getMemoryStats(): MemoryStats {
    const { sizeBytes, peakSizeBytes, evictions } = this.#core.keeper.memory.table
    return { currentUsage: sizeBytes, peakUsage: peakSizeBytes, evictionCount: evictions }
  }

  /** Stops warming and sweeping. Limits and invalidation patterns stay with the optimizer. Idempotent. */
  close(): void {
    this.#core.closing.removeEventListener('abort', this.#onClose)
    clearInterval(this.#sweep)
    this.#warming.close()
    this.#closing.abort(new CacheError('STORE_CLOSED'))
  }

  /** Closes the manager at the end of a `using` block. */
  [Symbol.dispose](): void {
    this.close()
  }

  readonly #onClose = (): void => {
    this.close()
  }

  #assertOpen(): void {
    this.#closing.signal.throwIfAborted()
  }
}

function statsOf({ entryCount, sizeBytes, limits, hits, misses, evictions }: EntryGroup): ServiceStats {
  return {
    entryCount,
    totalSizeBytes: sizeBytes,
    maxSize: limits.maxEntries,
    hits,
    misses,
    hitRate: hitRateOf(hits, misses),
    evictions,
  }
}
