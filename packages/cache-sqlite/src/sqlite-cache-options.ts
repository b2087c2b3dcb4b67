import { resolve } from 'node:path'

import {
  type Clock,
  type Codec,
  createTtlPolicy,
  type Duration,
  jsonCodec,
  type StoreOptions,
  systemClock,
  toMilliseconds,
  type TtlPolicy,
} from '@x/core'

import type { HotValueMode, ResolvedHotOptions } from './hot-tier.ts'
import { IN_MEMORY } from './open-database.ts'

const DEFAULT_MAX_SIZE_BYTES = 100 * 1_024 * 1_024
const DEFAULT_HOT_BYTES = 16 * 1_024 * 1_024
const HOT_VALUE_MODES: ReadonlySet<unknown> = new Set<HotValueMode>(['frozen', 'copy', 'reference'])
/** The largest value, where the limit for all is larger: the WAL holds it until it is brought into the file. */
const VALUE_SHARE = 0.15
const VALUE_BYTES = 16 * 1_024 * 1_024
const LONGEST_BUSY_TIMEOUT_MS = 2 ** 31 - 1

/** How much of what was read lately is kept in memory. */
export interface HotOptions {
  /**
   * A limit for the bytes of their encoded values: more than 0. What lies in memory is larger.
   *
   * @defaultValue 16777216 (16 MiB)
   */
  readonly maxSizeBytes?: number | undefined
  /**
   * For how long a value may be handed out without asking whether another process has written: 0 or more, finite. 0: never; what
   * another process has written is seen by the next read. Writes of this instance are always seen at once.
   *
   * @defaultValue 0
   */
  readonly maxStale?: Duration | undefined
  /**
   * What readers get: see `HotValueMode`.
   *
   * @defaultValue `"frozen"`
   */
  readonly values?: HotValueMode | undefined
}

/** Where a cache lies and how much it may hold. `defaultTtl` is `Infinity` unless given. */
export interface SqliteCacheOptions extends StoreOptions {
  /**
   * The file, or `":memory:"` for a cache that ends with its process; without white space at its ends. A missing folder is made for this
   * user alone (0700), and so is the file (0600). A symbolic link stands for what it leads to.
   */
  readonly path: string
  /**
   * A limit for the bytes of all encoded values: held at every moment, by removing what was used least recently. More than 0;
   * `Infinity`: none. One value may have 15 % of it and 16 MiB, or all of it if that is less. Keys and tags do not count; one key may
   * have 1 MiB with its tags.
   *
   * @defaultValue 104857600 (100 MiB)
   */
  readonly maxSizeBytes?: number | undefined
  /**
   * A limit for the number of entries: an integer from 1; `Infinity`: none.
   *
   * @defaultValue `Infinity`
   */
  readonly maxEntries?: number | undefined
  /**
   * How long a call may wait (and block its thread) for other processes that write; from 0 to 2147483647 ms.
   *
   * @defaultValue `"2s"`
   */
  readonly busyTimeout?: Duration | undefined
  /**
   * Keeps what was read lately decoded in memory, coherent with other processes; `false`: does not, and every read answers with a
   * value of its own.
   *
   * @defaultValue `false`
   */
  readonly hot?: HotOptions | false | undefined
  /**
   * What happens to a file that is damaged or no database: `"throw"` `STORE_CORRUPT`, or `"recreate"`: move it aside (to the same
   * name with `.corrupt-` and the time) and start empty. Another program's database is always refused.
   *
   * @defaultValue `"throw"`
   */
  readonly onCorrupt?: 'throw' | 'recreate' | undefined
  /**
   * What happens when the file cannot be used (`STORE_UNAVAILABLE`, `STORE_CORRUPT`): `"throw"`, or `"miss"`: reads miss and
   * writes are dropped, both counted in `getStats().errors` and told to `onCacheError`; a file that could not be opened is tried again after a
   * second. Deletions always throw: one that was dropped would leave stale values to be served later.
   *
   * @defaultValue `"throw"`
   */
  readonly onFailure?: 'throw' | 'miss' | undefined
}

/** The options as they are worked with: checked, complete, in milliseconds and bytes. */
export interface ResolvedOptions {
  /** An absolute path, or `":memory:"`. */
  readonly path: string
  /** For all values. */
  readonly maxSizeBytes: number
  /** For one value. */
  readonly maxValueBytes: number
  /** For the values of one category: its own limit, or Infinity. What the store has room for is no limit of a category: its victims are its own. */
  readonly maxSizeBytesOf: (category: string) => number
  /** The most entries that may be kept. */
  readonly maxEntries: number
  /** What is kept in memory; `undefined`: nothing. */
  readonly hot: ResolvedHotOptions | undefined
  /** The longest wait for other processes, whole milliseconds. */
  readonly busyTimeoutMs: number
  /** How long an entry lives, in milliseconds. */
  readonly ttlOf: TtlPolicy
  /** Values to text and back. */
  readonly codec: Codec
  /** What deadlines are compared with. */
  readonly clock: Clock
  /** Whether damage is answered with a new file. */
  readonly recreates: boolean
  /** Whether a file that cannot be used is answered with misses. */
  readonly failsOpen: boolean
}

const KNOWN_OPTIONS: Readonly<Record<keyof SqliteCacheOptions, true>> = {
  path: true,
  maxSizeBytes: true,
  maxEntries: true,
  hot: true,
  busyTimeout: true,
  onCorrupt: true,
  onFailure: true,
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
export function resolveOptions(options: SqliteCacheOptions): ResolvedOptions {
  assertKnown(options)
  const { defaultTtl = Infinity, categories = {}, codec = jsonCodec(), clock = systemClock } = options
  const maxSizeBytes = resolveBytes('maxSizeBytes', options.maxSizeBytes ?? DEFAULT_MAX_SIZE_BYTES)
  const limits = new Map<string, number>()
  for (const [category, { maxSizeBytes: limit = maxSizeBytes }] of Object.entries(categories)) {
    limits.set(category, Math.min(resolveBytes(`categories.${category}.maxSizeBytes`, limit), maxSizeBytes))
  }
  return {
    path: resolvePath(options.path),
    maxSizeBytes,
    maxValueBytes: Math.min(maxSizeBytes, VALUE_SHARE * maxSizeBytes + VALUE_BYTES),
    maxSizeBytesOf: (category) => limits.get(category) ?? Infinity,
    maxEntries: resolveMaxEntries(options.maxEntries ?? Infinity),
    hot: resolveHot(options.hot ?? false),
    busyTimeoutMs: resolveBusyTimeout(options.busyTimeout ?? '2s'),
    ttlOf: createTtlPolicy(defaultTtl, categories),
    codec,
    clock,
    recreates: isChosen(options, 'onCorrupt', 'recreate'),
    failsOpen: isChosen(options, 'onFailure', 'miss'),
  }
}

function assertKnown(options: unknown): void {
  if (typeof options !== 'object' || options === null) {
    throw new TypeError(`Not options: ${String(options)}. Give an object with at least a path.`)
  }
  const unknown = Object.keys(options).find((name) => !Object.hasOwn(KNOWN_OPTIONS, name))
  if (unknown !== undefined) {
    throw new TypeError(`Unknown option: ${unknown}. There are ${Object.keys(KNOWN_OPTIONS).join(', ')}.`)
  }
}

/**
 * Reads a path, relative ones from the current folder.
 *
 * @throws TypeError for what is no path.
 */
export function resolvePath(path: unknown): string {
  assertPath(path)
  return path === IN_MEMORY ? path : resolve(path)
}

/**
 * Refuses what is no path, and one with white space at an end: the driver takes that away, and would open another file.
 *
 * @throws TypeError for both.
 */
export function assertPath(path: unknown): asserts path is string {
  if (typeof path === 'string' && path !== '' && path === path.trim() && !path.includes('\0')) return
  throw new TypeError(
    `Not a path: path: ${JSON.stringify(path)}. Give the path of a file, without white space at its ends, or ":memory:".`,
  )
}

/**
 * Reads a wait for others, in whole milliseconds.
 *
 * @throws RangeError for what is no duration or out of bounds.
 */
export function resolveBusyTimeout(busyTimeout: Duration): number {
  const milliseconds = toMilliseconds(busyTimeout)
  if (!(milliseconds >= 0 && milliseconds <= LONGEST_BUSY_TIMEOUT_MS)) {
    throw new RangeError(
      `Out of bounds: busyTimeout: ${String(busyTimeout)}. Give 0 to ${LONGEST_BUSY_TIMEOUT_MS} milliseconds.`,
    )
  }
  return Math.ceil(milliseconds)
}

function resolveHot(hot: HotOptions | false): ResolvedHotOptions | undefined {
  if (hot === false) return undefined
  if (typeof hot !== 'object') throw new TypeError(`Not options: hot: ${String(hot)}. Give an object, or false.`)
  const { maxSizeBytes = DEFAULT_HOT_BYTES, maxStale = 0, values = 'frozen', ...others } = hot
  const [unknown] = Object.keys(others)
  if (unknown !== undefined) {
    throw new TypeError(`Unknown option: hot.${unknown}. There are maxSizeBytes, maxStale, values.`)
  }
  const maxStaleMs = toMilliseconds(maxStale)
  if (!(maxStaleMs >= 0 && maxStaleMs < Infinity)) {
    throw new RangeError(`Out of bounds: hot.maxStale: ${String(maxStale)}. Give 0 or a finite duration.`)
  }
  if (!HOT_VALUE_MODES.has(values)) {
    throw new TypeError(`Not a choice: hot.values: ${JSON.stringify(values)}. Give "frozen", "copy" or "reference".`)
  }
  return { maxSizeBytes: resolveBytes('hot.maxSizeBytes', maxSizeBytes), maxStaleMs, values }
}

function resolveMaxEntries(maxEntries: number): number {
  if (maxEntries === Infinity || (Number.isInteger(maxEntries) && maxEntries >= 1)) return maxEntries
  throw new RangeError(
    `Not a number of entries: maxEntries: ${String(maxEntries)}. Give an integer from 1, or Infinity.`,
  )
}

/** Whether an option has this value, and not `"throw"`, its only other one. */
function isChosen(options: SqliteCacheOptions, name: 'onCorrupt' | 'onFailure', chosen: string): boolean {
  const given: string = options[name] ?? 'throw'
  if (given === 'throw' || given === chosen) return given === chosen
  throw new TypeError(`Not a choice: ${name}: ${JSON.stringify(given)}. Give "throw" or "${chosen}".`)
}

function resolveBytes(name: string, bytes: unknown): number {
  if (typeof bytes === 'number' && bytes > 0) return bytes
  throw new RangeError(`Not a size: ${name}: ${String(bytes)}. Give a number of bytes above 0, or Infinity.`)
}
