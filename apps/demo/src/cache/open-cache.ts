import { type CategoryOptions, type Duration, EXIT_CODES, isCacheError } from '@x/core'
import type { RedisCache } from '@x/cache-redis'
import type { SqliteCache } from '@x/cache-sqlite'

import { advise, ProgramError } from '../cli/program-error.ts'
import { isRedisPlace, withoutSecrets } from './redis-place.ts'

/** What a cache is for: where it is unless told otherwise, and what it keeps for how long. */
export interface CachePurpose {
  /** A file. */
  readonly path: string
  /** What keys in Redis begin with. */
  readonly namespace: string
  /** Of its own file: Redis has a limit of its own, and a file that is named may be shared. */
  readonly maxSizeBytes: number
  readonly defaultTtl: Duration
  /** What becomes of a call when Redis is gone: see `RedisCache`. Who works with the cache must hear of it, or bear it. */
  readonly onFailure: 'throw' | 'miss'
  readonly categories?: Readonly<Record<string, CategoryOptions>>
}

/** Of a file for everything: dependency files of some thousand repositories. */
export const SHARED_FILE_BYTES: number = 2 * 1024 ** 3

export interface OpenedCache {
  readonly cache: SqliteCache | RedisCache
  /** Where it is, for people; absent where nothing outlives the process. */
  readonly place: string | undefined
}

/**
 * Opens the cache of a place, as `--cache` names it. A Redis that is gone costs calls, never the work.
 *
 * @throws CacheError when a file cannot be opened; RangeError for a variable of the environment that names no Redis.
 */
export async function openCache(place: string | undefined, purpose: CachePurpose): Promise<OpenedCache> {
  const { path, namespace, maxSizeBytes, defaultTtl, onFailure, categories = {} } = purpose
  if (place !== undefined && isRedisPlace(place)) {
    const { RedisCache, redisUrlFromEnv } = await import('@x/cache-redis')
    const url = place === 'redis' ? redisUrlFromEnv() : place
    return { cache: new RedisCache({ url, namespace, defaultTtl, onFailure, categories }), place: withoutSecrets(url) }
  }
  const { SqliteCache } = await import('@x/cache-sqlite')
  const file = place ?? path
  // A lower limit would throw away what another command keeps there.
  const limit = place === undefined ? maxSizeBytes : SHARED_FILE_BYTES
  const cache = readable(file, () => new SqliteCache({ path: file, maxSizeBytes: limit, defaultTtl, categories }))
  return { cache, place: file === ':memory:' ? undefined : file }
}

/** The same, for work that can be done without a cache. */
export async function openOptionalCache(place: string | undefined, purpose: CachePurpose): Promise<OpenedCache> {
  try {
    return await openCache(place, purpose)
  } catch (error) {
    if (error instanceof Error) advise(error, 'To do without a cache: --cache :memory:.')
    throw error
  }
}

/** Opens or reads a file. The package's advice on a damaged one is for programs. @throws as `read` does. */
export function readable<Result>(path: string, read: () => Result): Result {
  try {
    return read()
  } catch (error) {
    if (!isCacheError(error, 'STORE_CORRUPT')) throw error
    const message = `The cache ${path} is damaged or no SQLite database. Check --cache, or remove the file: it fills again.`
    throw new ProgramError(message, EXIT_CODES.cacheDatabase, { cause: error })
  }
}
