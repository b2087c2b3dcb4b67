import {
  type CategoryOptions,
  type Clock,
  type Codec,
  createTtlPolicy,
  jsonCodec,
  type StoreOptions,
  systemClock,
  type TtlPolicy,
} from '@x/core'

import type { Limits } from './entry-group.ts'
import { encodedSizeOf, privateHolder, referenceHolder, type ValueHolder, type ValueMode } from './held-value.ts'

const DEFAULT_MAX_SIZE_BYTES = 100 * 1_024 * 1_024
const DEFAULT_ESTIMATED_SIZE_BYTES = 1_024

/** How much a cache may hold, and how. `defaultTtl` is `Infinity` unless given. */
export interface MemoryCacheOptions extends StoreOptions {
  /**
   * The most entries: an integer from 1; `Infinity`: no limit.
   *
   * @defaultValue `Infinity`
   */
  readonly maxEntries?: number | undefined
  /**
   * The most bytes of all encoded values: more than 0; `Infinity`: no limit. What lies in memory is larger: keys, and
   * what the engine needs for an object, are not counted.
   *
   * @defaultValue 104857600 (100 MiB)
   */
  readonly maxSizeBytes?: number | undefined
  /**
   * What readers get of a value.
   *
   * @defaultValue `"frozen"`
   */
  readonly values?: ValueMode | undefined
  /**
   * What a value counts whose size nobody knows, in bytes: more than 0. With `values: "reference"` alone, where the codec
   * refuses the value, or where there is no limit of bytes, so that nothing is encoded.
   *
   * @defaultValue 1024
   */
  readonly estimatedSizeBytes?: number | undefined
}

/** The options as they are worked with. */
export interface ResolvedMemoryCacheOptions {
  /** Of all entries. */
  readonly limits: Limits
  /** The limits of categories that have their own. */
  readonly categoryLimits: ReadonlyMap<string, Limits>
  /** How long an entry lives, in milliseconds. */
  readonly ttlOf: TtlPolicy
  /** Values to what is held of them, and back. */
  readonly holder: ValueHolder
  /** What deadlines are compared with. */
  readonly clock: Clock
}

const KNOWN_OPTIONS: Readonly<Record<keyof MemoryCacheOptions, true>> = {
  maxEntries: true,
  maxSizeBytes: true,
  values: true,
  estimatedSizeBytes: true,
  defaultTtl: true,
  categories: true,
  codec: true,
  clock: true,
}

/**
 * Checks the options and fills in the defaults.
 *
 * @throws TypeError for an unknown option or a value of the wrong type.
 * @throws RangeError for a number or a duration out of bounds.
 */
export function resolveMemoryCacheOptions(options: MemoryCacheOptions): ResolvedMemoryCacheOptions {
  assertKnown(options)
  const { defaultTtl = Infinity, categories = {}, codec = jsonCodec(), clock = systemClock } = options
  const maxSizeBytes = resolveBytes('maxSizeBytes', options.maxSizeBytes ?? DEFAULT_MAX_SIZE_BYTES)
  const categoryLimits = resolveCategoryLimits(categories)
  const isMeasured = maxSizeBytes < Infinity || categoryLimits.size > 0
  return {
    limits: { maxEntries: resolveMaxEntries(options.maxEntries ?? Infinity), maxSizeBytes },
    categoryLimits,
    ttlOf: createTtlPolicy(defaultTtl, categories),
    holder: resolveHolder(options, codec, isMeasured),
    clock,
  }
}

function resolveCategoryLimits(categories: Readonly<Record<string, CategoryOptions>>): ReadonlyMap<string, Limits> {
  const limits = new Map<string, Limits>()
  for (const [category, { maxSizeBytes }] of Object.entries(categories)) {
    if (maxSizeBytes === undefined) continue
    resolveBytes(`categories.${category}.maxSizeBytes`, maxSizeBytes)
    limits.set(category, { maxEntries: Infinity, maxSizeBytes })
  }
  return limits
}

function resolveHolder(options: MemoryCacheOptions, codec: Codec, isMeasured: boolean): ValueHolder {
  const values = resolveValues(options.values ?? 'frozen')
  const estimate = resolveBytes('estimatedSizeBytes', options.estimatedSizeBytes ?? DEFAULT_ESTIMATED_SIZE_BYTES)
  if (values !== 'reference') return privateHolder(codec, values)
  return referenceHolder(isMeasured ? encodedSizeOf(codec, estimate) : () => estimate)
}

function assertKnown(options: unknown): void {
  if (typeof options !== 'object' || options === null) {
    throw new TypeError(`Not options: ${String(options)}. Give an object, or nothing.`)
  }
  const unknown = Object.keys(options).find((name) => !Object.hasOwn(KNOWN_OPTIONS, name))
  if (unknown !== undefined) {
    throw new TypeError(`Unknown option: ${unknown}. There are ${Object.keys(KNOWN_OPTIONS).join(', ')}.`)
  }
}

function resolveMaxEntries(maxEntries: number): number {
  if (maxEntries === Infinity || (Number.isInteger(maxEntries) && maxEntries >= 1)) return maxEntries
  throw new RangeError(
    `Not a number of entries: maxEntries: ${String(maxEntries)}. Give an integer from 1, or Infinity.`,
  )
}

function resolveBytes(name: string, bytes: unknown): number {
  if (typeof bytes === 'number' && bytes > 0) return bytes
  throw new RangeError(`Not a size: ${name}: ${String(bytes)}. Give a number of bytes above 0, or Infinity.`)
}

function resolveValues(values: string): ValueMode {
  if (values === 'frozen' || values === 'copy' || values === 'reference') return values
  throw new TypeError(`Not a choice: values: ${JSON.stringify(values)}. Give "frozen", "copy" or "reference".`)
}
