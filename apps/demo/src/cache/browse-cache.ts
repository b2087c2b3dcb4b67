import { readdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'

import { cacheFolder } from '../cli/user-folder.ts'
import { type CacheBrowser } from './cache-browser.ts'
import { isRedisPlace, withoutSecrets } from './open-cache.ts'
import { scanCachePurpose } from './scan-cache.ts'

/** Opens the cache of a place to look into it; without one, that of scans. */
export async function browseCache(place: string | undefined, namespace: string): Promise<CacheBrowser> {
  if (place !== undefined && isRedisPlace(place)) {
    const { redisUrlFromEnv } = await import('@x/cache-redis')
    const { RedisBrowser } = await import('./redis-browser.ts')
    const url = place === 'redis' ? redisUrlFromEnv() : place
    return new RedisBrowser({ url, namespace, place: withoutSecrets(url) })
  }
  const { SqliteBrowser } = await import('./sqlite-browser.ts')
  return new SqliteBrowser(place ?? scanCachePurpose().path)
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
