import type { CacheStats, ScopeOptions } from '../../src/index.ts'
import { ReferenceCache, type ReferenceEntry } from '../reference-cache.ts'
import { breaking, type Mutant, type ReferenceCacheClass } from './mutant.ts'

export const statsMutants: readonly Mutant[] = [
  ...breaking('the statistics of a new store are all zero', {
    'hitRate is NaN': reporting((stats) => ({ ...stats, hitRate: stats.hits / (stats.hits + stats.misses) })),
    'the default category is always listed': reporting((stats) => ({
      ...stats,
      byCategory: { default: { entryCount: 0, totalSizeBytes: 0 }, ...stats.byCategory },
    })),
  }),
  ...breaking('reads count as hits and misses', {
    'getMany() counts as one': class extends ReferenceCache {
      override getMany<T>(keys: readonly string[], options?: ScopeOptions): Map<string, T> {
        const before = { ...this.reads }
        const found = super.getMany<T>(keys, options)
        if (keys.length > 1) this.reads = { ...before, hits: before.hits + 1 }
        return found
      }
    },
    'an expired entry counts as a hit': class extends ReferenceCache {
      override countRead(key: string, category: string): void {
        super.countRead(
          key,
          category,
          this.entries.some((entry: ReferenceEntry) => entry.key === key),
        )
      }
    },
    'hitRate is hits over misses': reporting((stats) => ({ ...stats, hitRate: stats.hits / stats.misses })),
  }),
  ...breaking('has(), writes and removals count neither as hits nor as misses', {
    'has() does': class extends ReferenceCache {
      override has(key: string, options?: ScopeOptions): boolean {
        return this.get(key, options) !== undefined
      }
    },
    'delete() does': class extends ReferenceCache {
      override delete(key: string, options?: ScopeOptions): boolean {
        this.get(key, options)
        return super.delete(key, options)
      }
    },
  }),
  ...breaking('sizes count the bytes of encoded values, by category', {
    'they count characters': reporting((stats, store) => ({
      ...stats,
      totalSizeBytes: store.entries.reduce((total, { text }) => total + text.length, 0),
    })),
    'they count keys as well': reporting((stats, store) => ({
      ...stats,
      totalSizeBytes: store.entries.reduce((total, { key, text }) => total + Buffer.byteLength(key + text), 0),
    })),
    'they stay after a removal': class extends ReferenceCache {
      #most = 0

      override getStats(): CacheStats {
        const stats = super.getStats()
        this.#most = Math.max(this.#most, stats.entryCount)
        return { ...stats, entryCount: this.#most }
      }
    },
    'an empty category stays': class extends ReferenceCache {
      #seen: CacheStats['byCategory'] = {}

      override getStats(): CacheStats {
        const stats = super.getStats()
        this.#seen = { ...this.#seen, ...stats.byCategory }
        return { ...stats, byCategory: this.#seen }
      }
    },
  }),
  ...breaking('nothing that is answered in full counts as an eviction or an error', {
    'a removal counts as an eviction': reporting((stats, store) => ({ ...stats, evictions: store.epochOfAll })),
    'a miss counts as an error': reporting((stats) => ({ ...stats, errors: stats.misses })),
  }),
]

function reporting(change: (stats: CacheStats, store: ReferenceCache) => CacheStats): ReferenceCacheClass {
  return class extends ReferenceCache {
    override getStats(): CacheStats {
      return change(super.getStats(), this)
    }
  }
}
