import { join } from 'node:path'

import { SqliteCache } from '@x/cache-sqlite'
import { type CacheStore } from '@x/core'

import { cacheFolder } from '../cli/user-folder.ts'

/** Dependency files of some thousand repositories. */
const SCAN_CACHE_BYTES = 2 * 1024 ** 3

export interface OpenedCache {
  readonly cache: CacheStore
  /** Where it is, for people; absent where nothing outlives the process. */
  readonly place: string | undefined
}

/** @throws CacheError when it cannot be opened. */
export function openScanCache(place: string = defaultScanCachePath()): OpenedCache {
  const cache = new SqliteCache({ path: place, maxSizeBytes: SCAN_CACHE_BYTES })
  return { cache, place: place === ':memory:' ? undefined : place }
}

function defaultScanCachePath(): string {
  return join(cacheFolder(), 'x', 'scan.sqlite')
}
