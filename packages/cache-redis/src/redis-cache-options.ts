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
import type { ResolvedLocalOptions } from './local-tier.ts'
import { assertPlain, isCluster, type RedisClient } from './redis-client.ts'

/** Longer than this is the same as for ever, and as much as Redis can add to the time. */
const LONGEST_TTL_MS = 100 * 365 * 24 * 60 * 60_000
const DEFAULT_LOCAL_BYTES = 32 * 1_024 * 1_024
const LONGEST_TIMEOUT_MS = 2 ** 31 - 1

/** Where a cache lies and what happens when that is gone. `defaultTtl` is `"3600s"` unless given. */
export interface RedisCacheOptions extends StoreOptions {
  /**
   * A client of ioredis, which stays the caller's to close. Without `keyPrefix`, which is what `namespace` is for, without
   * `stringNumbers`, and in a cluster without `enableAutoPipelining` and reading from masters alone.
   *
   * @defaultValue one made by `createRedisClient({ url })`, closed with the cache
   */
  readonly client?: RedisClient | undefined
  /**
   * Where Redis is, if no client is given.
   *
   * @defaultValue `redisUrlFromEnv()`
   */
  readonly url?: string | undefined
  /**
   * What the keys begin with: caches of different namespaces share nothing, those of one share everything, in whatever
   * process or machine. Any well-formed string; in a cluster, one with a hash tag (`{tenant:123}`) lies on one node.
   *
   * @defaultValue `"cache"`
   */
  readonly namespace?: string | undefined
  /**
   * How long a round trip may take, from the call on, also where there is no connection yet: most calls take one, and the README says
   * which take more. Batches get as much again for each further 1,000 keys, and `invalidate`, `clear` and `getStats` as much for
   * each step. More than 0, at most 2147483647 ms.
   *
   * @defaultValue `"250ms"`
   */
  readonly commandTimeout?: Duration | undefined
  /**
   * What a call does when Redis does not answer or refuses: `"miss"`: reads find nothing, writes are dropped and answer `false` or 0,
   * and `getStats().errors` counts them; `"throw"`: they throw `STORE_UNAVAILABLE`. Counters and everything that deletes
   * always throw: a deletion that was dropped in silence would serve stale data later.
   *
   * @defaultValue `"miss"`
   */
  readonly onFailure?: 'miss' | 'throw' | undefined
  /**
   * Who shares the loads of `getOrSet`: the callers of one key in this `"process"`, or on all `"machines"` that say the same, by a
   * `RedisLease`: one of them loads, the others look every 50 ms whether it has.
   *
   * @defaultValue `"process"`
   */
  readonly loads?: 'process' | 'machines' | undefined
  /**
   * Values that `get` has read are kept in the memory of this process, frozen, and served from there until the server says that
   * they have changed (tracking in broadcast mode, over a connection of its own; `clock` keeps their deadlines). Where it cannot
   * say so, nothing is kept. Not for a cluster. `true`: the defaults of `LocalOptions`.
   *
   * @defaultValue `false`
   */
  readonly local?: LocalOptions | boolean | undefined
}

/** A tier in the memory of this process. */
export interface LocalOptions {
  /**
   * A limit for the bytes of its encoded values. More than 0.
   *
   * @defaultValue 33554432 (32 MiB)
   */
  readonly maxSizeBytes?: number | undefined
  /**
   * How long a value is served at most without asking Redis, should an invalidation be lost unnoticed. More than 0.
   *
   * @defaultValue `"1m"`
   */
  readonly maxAge?: Duration | undefined
}

/** The options as they are worked with. */
export interface ResolvedOptions {
  /** What keys begin with. */
  readonly namespace: string
  /** The longest wait for a command. */
  readonly commandTimeoutMs: number
  /** Whether reads and writes throw when Redis fails. */
  readonly throws: boolean
  /** The tier in memory; `undefined`: none. */
  readonly local: ResolvedLocalOptions | undefined
  /** What its deadlines are compared with. */
  readonly clock: Clock
  /** Whether loads are shared by all machines. */
  readonly sharesLoads: boolean
  /** How long an entry lives, in whole milliseconds; 0 or less: gone at once. */
  readonly ttlOf: TtlPolicy
  /** Values to text and back. */
  readonly codec: Codec
}

const KNOWN_OPTIONS: Readonly<Record<keyof RedisCacheOptions, true>> = {
  client: true,
  url: true,
  namespace: true,
  commandTimeout: true,
  onFailure: true,
  loads: true,
  local: true,
  clock: true,
  defaultTtl: true,
  categories: true,
  codec: true,
}

const KNOWN_LOCAL_OPTIONS: Readonly<Record<keyof LocalOptions, true>> = { maxSizeBytes: true, maxAge: true }

/**
 * Checks the options and fills in the defaults.
 *
 * @throws TypeError for an unknown option, a value of the wrong type, or a client that would break promises.
 * @throws RangeError for a duration out of bounds.
 */
export function resolveOptions(options: RedisCacheOptions): ResolvedOptions {
  assertKnown('option', options, KNOWN_OPTIONS)
  const { client, namespace = 'cache', commandTimeout = '250ms', onFailure = 'miss', loads = 'process' } = options
  const { defaultTtl = '3600s', categories, codec = jsonCodec() } = options
  if (client !== undefined) assertUsable(client, options)
  assertNoSizes(categories)
  const ttlOf = createTtlPolicy(defaultTtl, categories)
  return {
    namespace: readNamespace(namespace),
    commandTimeoutMs: readTimeout(commandTimeout),
    throws: readChoice('onFailure', onFailure, ['miss', 'throw']) === 'throw',
    local: resolveLocal(options.local ?? false),
    clock: options.clock ?? systemClock,
    sharesLoads: readChoice('loads', loads, ['process', 'machines']) === 'machines',
    ttlOf: (category, ttl) => wholeMs(ttlOf(category, ttl)),
    codec,
  }
}

/** Milliseconds as Redis takes them: whole, at least 0, and within its bounds or Infinity. */
export function wholeMs(ms: number): number {
  if (ms <= 0) return 0
  return ms === Infinity ? Infinity : Math.min(Math.ceil(ms), LONGEST_TTL_MS)
}

/** A grace as Redis takes it: one that never ends is a very long one, for its end is how its beginning is known. */
export function graceMsOf(grace: Duration): number {
  return Math.min(wholeMs(toMilliseconds(grace)), LONGEST_TTL_MS)
}

/**
 * Checks what keys are to begin with.
 *
 * @throws TypeError for what is no namespace.
 */
export function readNamespace(namespace: string): string {
  if (typeof namespace === 'string' && namespace.isWellFormed()) return namespace
  throw new TypeError(`Not a namespace: ${JSON.stringify(namespace)}. Give a string without lone surrogates.`)
}

/**
 * Reads a limit for commands.
 *
 * @throws RangeError for one out of bounds.
 */
export function readTimeout(timeout: Duration): number {
  const ms = toMilliseconds(timeout)
  if (ms > 0 && ms <= LONGEST_TIMEOUT_MS) return ms
  throw new RangeError(`Not a timeout: ${timeout}. Give more than 0, at most ${LONGEST_TIMEOUT_MS} ms.`)
}

function resolveLocal(local: LocalOptions | boolean): ResolvedLocalOptions | undefined {
  if (local === false) return undefined
  if (local !== true) assertKnown('option of local', local, KNOWN_LOCAL_OPTIONS)
  const { maxSizeBytes = DEFAULT_LOCAL_BYTES, maxAge = '1m' } = local === true ? {} : local
  const maxAgeMs = toMilliseconds(maxAge)
  if (!(maxSizeBytes > 0) || !(maxAgeMs > 0)) {
    throw new RangeError(
      `Out of bounds: local: ${String(maxSizeBytes)} bytes, ${maxAge}. Give a maxSizeBytes and a maxAge above 0.`,
    )
  }
  return { maxSizeBytes, maxAgeMs }
}

function readChoice(name: string, choice: string, choices: readonly [string, string]): string {
  if (choices.includes(choice)) return choice
  throw new TypeError(`Not a choice: ${name}: ${JSON.stringify(choice)}. Give "${choices[0]}" or "${choices[1]}".`)
}

function assertKnown(what: string, options: unknown, known: Readonly<Record<string, true>>): void {
  if (typeof options !== 'object' || options === null) {
    throw new TypeError(`Not options: ${String(options)}. Give an object.`)
  }
  const unknown = Object.keys(options).find((name) => !Object.hasOwn(known, name))
  if (unknown !== undefined) {
    throw new TypeError(`Unknown ${what}: ${unknown}. There are ${Object.keys(known).join(', ')}.`)
  }
}

/** Redis knows one limit, that of its memory. */
function assertNoSizes(categories: StoreOptions['categories'] = {}): void {
  const limited = Object.keys(categories).find((name) => categories[name]?.maxSizeBytes !== undefined)
  if (limited === undefined) return
  throw new TypeError(
    `The category ${JSON.stringify(limited)} has a maxSizeBytes, which Redis cannot keep. Leave it out, and set maxmemory of the server.`,
  )
}

function assertUsable(client: RedisClient, { url, local = false }: RedisCacheOptions): void {
  if (url !== undefined) throw new TypeError('Give a client or a url, not both.')
  // By its shape: it may come from another installed copy.
  if (typeof (client as Partial<RedisClient> | null)?.defineCommand !== 'function') {
    throw new TypeError('Not a client: give a Redis or a Cluster of ioredis 6.')
  }
  if (isCluster(client) && local !== false) throw new TypeError('A cluster has no local tier. Leave local out.')
  assertPlain(client)
  const { keyPrefix } = client.options
  if (keyPrefix !== undefined && keyPrefix !== '') {
    throw new TypeError(
      `The client has a keyPrefix, ${JSON.stringify(keyPrefix)}, that scans do not see. Use namespace.`,
    )
  }
  if (isCluster(client) && client.options.scaleReads !== 'master') {
    throw new TypeError('The client reads from replicas, which still have what was deleted. Use scaleReads: "master".')
  }
}
