import { type CacheEntry, cachified, totalTtl } from '@epic-web/cachified'
import { MemoryCache, ServiceOptimizer } from '@x/cache-memory'
import { coarseClock } from '@x/core'
import { createCache } from 'async-cache-dedupe'
import { BentoCache, bentostore } from 'bentocache'
import { memoryDriver } from 'bentocache/drivers/memory'
import { Cacheable, CacheableMemory, createKeyv } from 'cacheable'
import { LRUCache } from 'lru-cache'

import { type Contestant } from '../benchmark.ts'

/** How long all of them keep a value, milliseconds. */
export const TTL_MS = 300_000
/** How many values all of them keep. */
const MOST = 20_000

/** What is cached. */
export interface User {
  readonly id: number
  readonly name: string
  readonly labels: readonly string[]
}

/** One of many. */
export const user = (id: number): User => ({ id, name: `user ${id}`, labels: ['a', 'b', 'c'] })

/** One way to cache what `load` answers; made anew for each run. */
export interface Loader {
  readonly get: (key: string, load: () => Promise<User>) => Promise<User | undefined>
  readonly close?: () => Promise<unknown>
}

/** Those that cache what a call answers. */
export const LOADERS: readonly (Omit<Contestant, 'run'> & { readonly make: () => Loader })[] = [
  {
    name: 'ServiceOptimizer.withOptimization',
    role: 'ours',
    make: () => {
      const optimizer = new ServiceOptimizer({ ttl: TTL_MS, maxSize: MOST })
      return { get: (key, load) => optimizer.withOptimization(key, load) }
    },
  },
  {
    name: 'bentocache getOrSet (memory)',
    role: 'peer',
    make: () => {
      const store = bentostore().useL1Layer(memoryDriver({ maxItems: MOST }))
      const bento = new BentoCache({ default: 'memory', stores: { memory: store } })
      return {
        get: (key, load) => bento.getOrSet({ key, ttl: TTL_MS, factory: load }),
        close: () => bento.disconnectAll(),
      }
    },
  },
  {
    name: 'cacheable getOrSet',
    role: 'peer',
    make: () => {
      const cache = new Cacheable({ ttl: TTL_MS, primary: createKeyv({ lruSize: MOST }) })
      return { get: (key, load) => cache.getOrSet(key, load), close: () => cache.disconnect() }
    },
  },
  {
    name: 'cachified on lru-cache',
    role: 'peer',
    make: () => {
      const lru = new LRUCache<string, CacheEntry>({ max: MOST })
      const cache = {
        get: (key: string) => lru.get(key),
        set: (key: string, entry: CacheEntry) => lru.set(key, entry, { ttl: totalTtl(entry.metadata) }),
        delete: (key: string) => lru.delete(key),
      }
      return { get: (key, load) => cachified({ key, cache, ttl: TTL_MS, getFreshValue: load }) }
    },
  },
  {
    name: 'async-cache-dedupe',
    role: 'peer',
    make: () => {
      let loader: (key: string) => Promise<User> = () => Promise.reject(new Error('not set'))
      const storage = { type: 'memory', options: { size: MOST } } as const
      const cache = createCache({ ttl: TTL_MS / 1_000, storage }).define('load', (key: string) => loader(key))
      return {
        get: (key, load) => {
          loader = load
          return cache.load(key)
        },
      }
    },
  },
  {
    name: 'raw lru-cache, in a promise',
    role: 'limit',
    make: () => {
      const lru = new LRUCache<string, User>({ max: MOST, ttl: TTL_MS })
      const fill = async (key: string, load: () => Promise<User>): Promise<User> => {
        const value = await load()
        lru.set(key, value)
        return value
      }
      return {
        get: (key, load) => {
          const value = lru.get(key)
          return value === undefined ? fill(key, load) : Promise.resolve(value)
        },
      }
    },
  },
]

/** A synchronous store, or one that answers later. */
export interface Store {
  readonly get: (key: string) => unknown
  readonly set: (key: string, value: unknown) => unknown
}

/** Takes the time once in a turn of the event loop. */
export const COARSE = 'MemoryCache with coarseClock'
/** Takes it once a millisecond, and in a loop that does not give way once at all. */
export const RAW = 'raw lru-cache'
/** Takes it each time. */
export const EXACT = 'raw lru-cache with exact ttl'

/** Those that keep what they are given. */
export const STORES: readonly (Omit<Contestant, 'run'> & { readonly make: () => Store })[] = [
  {
    name: 'MemoryCache',
    role: 'ours',
    make: () => new MemoryCache({ defaultTtl: TTL_MS, maxEntries: MOST }),
  },
  {
    name: COARSE,
    role: 'ours',
    make: () => new MemoryCache({ defaultTtl: TTL_MS, maxEntries: MOST, clock: coarseClock }),
  },
  {
    name: 'cacheable CacheableMemory',
    role: 'peer',
    make: () => new CacheableMemory({ ttl: TTL_MS, lruSize: MOST }),
  },
  {
    name: RAW,
    role: 'limit',
    make: () => new LRUCache<string, object>({ max: MOST, ttl: TTL_MS }) as Store,
  },
  {
    name: EXACT,
    role: 'limit',
    make: () => new LRUCache<string, object>({ max: MOST, ttl: TTL_MS, ttlResolution: 0 }) as Store,
  },
]
