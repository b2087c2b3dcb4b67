import { type CacheStats, type CategoryStats, hitRateOf } from '@x/core'

import type { EntryStore } from './entry-store.ts'
import type { KeySpace } from './key-space.ts'
import { liveEntries } from './live-entries.ts'
import type { RedisLink } from './redis-link.ts'

/** What the servers say of themselves. */
export interface ServerStats {
  /** Entries that they have removed to keep `maxmemory`, since they started. */
  readonly evictedKeys: number
  /** Bytes that they use. */
  readonly usedMemoryBytes: number
  /** Their limits; 0 where one has none. */
  readonly maxMemoryBytes: number
}

/** Counts the live entries of a namespace, by category. */
export async function measureEntries(
  link: RedisLink,
  keys: KeySpace,
  entries: EntryStore,
): Promise<Record<string, CategoryStats>> {
  const categories = new Map<string, { entryCount: number; totalSizeBytes: number }>()
  for await (const { category, sizeBytes } of liveEntries(link, entries, { keys })) add(categories, category, sizeBytes)
  return Object.fromEntries(categories)
}

/** What a cache says of itself. */
export function cacheStatsOf(
  { hits, misses, errors }: Pick<CacheStats, 'hits' | 'misses' | 'errors'>,
  byCategory: Readonly<Record<string, CategoryStats>>,
  evictions: number,
): CacheStats {
  const all = Object.values(byCategory)
  return {
    hits,
    misses,
    hitRate: hitRateOf(hits, misses),
    entryCount: all.reduce((sum, { entryCount }) => sum + entryCount, 0),
    totalSizeBytes: all.reduce((sum, { totalSizeBytes }) => sum + totalSizeBytes, 0),
    evictions,
    errors,
    byCategory,
  }
}

/** Asks all servers about themselves. */
export async function readServerStats(link: RedisLink): Promise<ServerStats> {
  const infos = await link.run(() => Promise.all(link.masters.map((master) => master.info())))
  const sum = (name: string): number =>
    infos.reduce((total, info) => total + Number(new RegExp(`^${name}:(\\d+)`, 'm').exec(info)?.[1] ?? 0), 0)
  return { evictedKeys: sum('evicted_keys'), usedMemoryBytes: sum('used_memory'), maxMemoryBytes: sum('maxmemory') }
}

function add(
  categories: Map<string, { entryCount: number; totalSizeBytes: number }>,
  category: string,
  size: number,
): void {
  const stats = categories.get(category) ?? { entryCount: 0, totalSizeBytes: 0 }
  stats.entryCount += 1
  stats.totalSizeBytes += size
  categories.set(category, stats)
}
