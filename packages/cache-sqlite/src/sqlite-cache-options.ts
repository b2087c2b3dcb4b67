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

import { IN_MEMORY } from './open-database.ts'

const DEFAULT_MAX_SIZE_BYTES = 100 * 1_024 * 1_024
const LONGEST_BUSY_TIMEOUT_MS = 2 ** 31 - 1

/** Where a cache lies and how much it may hold. `defaultTtl` is `Infinity` unless given. */
export interface SqliteCacheOptions extends StoreOptions {
  /**
   * The file, or `":memory:"` for a cache that ends with its process. A missing folder is made for this user alone
   * (0700), and so is the file (0600).
   */
  readonly path: string
  /**
   * A limit for the bytes of all encoded values: held at every moment, by removing what was used least recently. More than 0;
   * `Infinity`: none.
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
   * What happens to a file that is damaged or no database: `"throw"` `STORE_CORRUPT`, or `"recreate"`: move it aside (to the same
   * name with `.corrupt-` and the time) and start empty. Another program's database is always refused.
   *
   * @defaultValue `"throw"`
   */
  readonly onCorrupt?: 'throw' | 'recreate' | undefined
}

/** The options as they are worked with: checked, complete, in milliseconds and bytes. */
export interface ResolvedOptions {
  /** An absolute path, or `":memory:"`. */
  readonly path: string
  /** For all values. */
  readonly maxSizeBytes: number
  /** For the values of one category: its own limit, or `maxSizeBytes`. */
  readonly maxSizeBytesOf: (category: string) => number
  /** The most entries that may be kept. */
  readonly maxEntries: number
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
}

const KNOWN_OPTIONS: Readonly<Record<keyof SqliteCacheOptions, true>> = {
  path: true,
  maxSizeBytes: true,
  maxEntries: true,
  busyTimeout: true,
  onCorrupt: true,
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
    maxSizeBytesOf: (category) => limits.get(category) ?? maxSizeBytes,
    maxEntries: resolveMaxEntries(options.maxEntries ?? Infinity),
    busyTimeoutMs: resolveBusyTimeout(options.busyTimeout ?? '2s'),
    ttlOf: createTtlPolicy(defaultTtl, categories),
    codec,
    clock,
    recreates: resolveOnCorrupt(options.onCorrupt ?? 'throw') === 'recreate',
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

function resolvePath(path: unknown): string {
  if (typeof path !== 'string' || path === '' || path.includes('\0')) {
    throw new TypeError(`Not a path: path: ${JSON.stringify(path)}. Give the path of a file, or ":memory:".`)
  }
  return path === IN_MEMORY ? path : resolve(path)
}

function resolveBusyTimeout(busyTimeout: Duration): number {
  const milliseconds = toMilliseconds(busyTimeout)
  if (!(milliseconds >= 0 && milliseconds <= LONGEST_BUSY_TIMEOUT_MS)) {
    throw new RangeError(
      `Out of bounds: busyTimeout: ${String(busyTimeout)}. Give 0 to ${LONGEST_BUSY_TIMEOUT_MS} milliseconds.`,
    )
  }
  return Math.ceil(milliseconds)
}

function resolveMaxEntries(maxEntries: number): number {
  if (maxEntries === Infinity || (Number.isInteger(maxEntries) && maxEntries >= 1)) return maxEntries
  throw new RangeError(
    `Not a number of entries: maxEntries: ${String(maxEntries)}. Give an integer from 1, or Infinity.`,
  )
}

function resolveOnCorrupt(onCorrupt: string): string {
  if (onCorrupt === 'throw' || onCorrupt === 'recreate') return onCorrupt
  throw new TypeError(`Not a choice: onCorrupt: ${JSON.stringify(onCorrupt)}. Give "throw" or "recreate".`)
}

function resolveBytes(name: string, bytes: unknown): number {
  if (typeof bytes === 'number' && bytes > 0) return bytes
  throw new RangeError(`Not a size: ${name}: ${String(bytes)}. Give a number of bytes above 0, or Infinity.`)
}
