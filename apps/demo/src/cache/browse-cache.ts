import { readdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'

import { EXIT_CODES } from '@x/core'

import { ProgramError } from '../cli/program-error.ts'
import { cacheFolder } from '../cli/user-folder.ts'
import { type CacheBrowser } from './cache-browser.ts'
import { isRedisPlace, withoutSecrets } from './redis-place.ts'
import { scanCachePurpose } from './scan-cache.ts'

/** For a connection: whoever looks wants to be told soon. */
const PATIENCE = '2s'

/**
 * Opens the cache of a place to look into it; without one, that of scans.
 *
 * @throws CacheError for a file that is no cache; ProgramError where no Redis answers.
 */
export async function browseCache(place: string | undefined, namespace: string): Promise<CacheBrowser> {
  if (place !== undefined && isRedisPlace(place)) {
    const { RedisBrowser } = await import('./redis-browser.ts')
    const url = await answeringRedis(place)
    return new RedisBrowser({ url, namespace, place: withoutSecrets(url) })
  }
  const { SqliteBrowser } = await import('./sqlite-browser.ts')
  return new SqliteBrowser(place ?? scanCachePurpose().path)
}

/** The address of a Redis that answers. @throws ProgramError where none does. */
export async function answeringRedis(place: string): Promise<string> {
  const { pingRedis, redisUrlFromEnv } = await import('@x/cache-redis')
  const url = place === 'redis' ? redisUrlFromEnv() : place
  const { ok, error } = await pingRedis({ url, timeout: PATIENCE })
  if (!ok) throw noAnswer(withoutSecrets(url), error)
  return url
}

function noAnswer(place: string, error: unknown): ProgramError {
  const { cause } = error as Error
  const why = cause instanceof Error ? `: ${cause.message}` : ''
  const message = `No Redis answers at ${place}${why}. Check that it runs, and what --cache names.`
  return new ProgramError(message, EXIT_CODES.cacheDatabase, { cause: error })
}

/** The files that this program keeps for this user. */
export async function cacheFiles(): Promise<string[]> {
  const jira = join(cacheFolder(), 'x', 'jira')
  const scan = scanCachePurpose().path
  const [scans, sites] = await Promise.all([filesIn(dirname(scan)), filesIn(jira)])
  return [...scans.filter((path) => path === scan), ...sites.filter((path) => path.endsWith('.sqlite'))]
}

async function filesIn(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).toSorted().map((name) => join(folder, name))
  } catch {
    return []
  }
}
