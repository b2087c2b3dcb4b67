import {
  type CacheStore,
  type Clock,
  type Codec,
  DEFAULT_CATEGORY,
  type Duration,
  jsonCodec,
  systemClock,
} from '@x/core'

import type { ValueMode } from './held-value.ts'
import { assertFields, invalidConfiguration, readDuration, readInteger } from './invalid-configuration.ts'

/** How an optimizer caches. */
export interface ServiceOptimizerConfig {
  /** How long a value is fresh, unless a call says otherwise: above 0; `Infinity`: until it is removed. */
  readonly ttl: Duration
  /** The most values in memory: an integer from 1. */
  readonly maxSize: number
  /**
   * Whether hits, misses, errors and warming are counted.
   *
   * @defaultValue `true`
   */
  readonly enableMetrics?: boolean | undefined
  /**
   * A second tier, asked for what is not in memory and given what is loaded. What it holds of a key is
   * `{ value, expiresAt, keptUntil, loadMs }`. The optimizer does not close it.
   *
   * @defaultValue none
   */
  readonly store?: CacheStore | undefined
  /**
   * The category of the second tier, and of events.
   *
   * @defaultValue `"default"`
   */
  readonly category?: string | undefined
  /**
   * What callers get of a value in memory.
   *
   * @defaultValue `"reference"`: the object that the operation answered with
   */
  readonly values?: ValueMode | undefined
  /**
   * How values become text where they are copied or measured.
   *
   * @defaultValue `jsonCodec()`
   */
  readonly codec?: Codec | undefined
  /**
   * What deadlines are compared with.
   *
   * @defaultValue `systemClock`
   */
  readonly clock?: Clock | undefined
  /**
   * What `refreshAhead` is decided by: numbers from 0 to 1, as of `Math.random`.
   *
   * @defaultValue `Math.random`
   */
  readonly random?: (() => number) | undefined
}

/** The configuration as it is worked with. */
export interface ResolvedConfig {
  /** How long a value is fresh, in milliseconds. */
  readonly ttlMs: number
  /** The most values in memory. */
  readonly maxSize: number
  /** Whether anything is counted. */
  readonly isCounting: boolean
  /** The second tier. */
  readonly store: CacheStore | undefined
  /** Its category. */
  readonly category: string
  /** What callers get. */
  readonly values: ValueMode
  /** Values to text and back. */
  readonly codec: Codec
  /** What deadlines are compared with. */
  readonly clock: Clock
  /** Decides about early refreshes. */
  readonly random: () => number
}

const FIELDS: Readonly<Record<keyof ServiceOptimizerConfig, true>> = {
  ttl: true,
  maxSize: true,
  enableMetrics: true,
  store: true,
  category: true,
  values: true,
  codec: true,
  clock: true,
  random: true,
}

/**
 * Checks the configuration and fills in the defaults.
 *
 * @throws CacheError `INVALID_CONFIGURATION`, whose `details` are `{ field, value }`.
 */
export function resolveConfig(config: ServiceOptimizerConfig): ResolvedConfig {
  assertFields('config', config, FIELDS)
  const { enableMetrics = true, category = DEFAULT_CATEGORY, values = 'reference' } = config
  const { store, codec = jsonCodec(), clock = systemClock, random = Math.random } = config
  assertTypes({ enableMetrics, category, values, store })
  return {
    ttlMs: readDuration('ttl', config.ttl),
    maxSize: readInteger('maxSize', config.maxSize, [1, Infinity]),
    isCounting: enableMetrics,
    store,
    category,
    values,
    codec,
    clock,
    random,
  }
}

function assertTypes({ enableMetrics, category, values, store }: Partial<ServiceOptimizerConfig>): void {
  if (typeof enableMetrics !== 'boolean') throw invalidConfiguration('enableMetrics', enableMetrics, 'true or false')
  if (typeof category !== 'string') throw invalidConfiguration('category', category, 'a string')
  if (values !== 'reference' && values !== 'frozen' && values !== 'copy') {
    throw invalidConfiguration('values', values, '"reference", "frozen" or "copy"')
  }
  if (store !== undefined && typeof (store as Partial<CacheStore> | null)?.getEpoch !== 'function') {
    throw invalidConfiguration('store', store, 'a CacheStore')
  }
}
