import { strictEqual } from 'node:assert/strict'

import { type CacheEntry, cachified, totalTtl } from '@epic-web/cachified'
import { MemoryCache, ServiceOptimizer } from '@x/cache-memory'
import { createCache } from 'async-cache-dedupe'
import { BentoCache, bentostore } from 'bentocache'
import { memoryDriver } from 'bentocache/drivers/memory'
import { Cacheable, CacheableMemory } from 'cacheable'
import { LRUCache } from 'lru-cache'

import { type Benchmark, type Contestant } from '../benchmark.ts'

const CALLS = 10_000
const KEYS = Array.from({ length: 1_000 }, (_, index) => `user-${index}`)
const TTL_MS = 300_000
const MOST = 20_000

interface User {
  readonly id: number
  readonly name: string
  readonly labels: readonly string[]
}

const user = (id: number): User => ({ id, name: `user ${id}`, labels: ['a', 'b', 'c'] })

/** One way to cache what `load` answers; made anew for each run. */
interface Loader {
  readonly get: (key: string, load: () => Promise<User>) => Promise<User | undefined>
  readonly close?: () => Promise<unknown>
}

const LOADERS: readonly (Omit<Contestant, 'run'> & { readonly make: () => Loader })[] = [
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
      const cache = new Cacheable({ ttl: TTL_MS })
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
    name: 'a promise from a raw lru-cache with ttl',
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
interface Store {
  readonly get: (key: string) => unknown
  readonly set: (key: string, value: unknown) => unknown
}

const STORES: readonly (Omit<Contestant, 'run'> & { readonly make: () => Store })[] = [
  {
    name: 'MemoryCache (frozen values)',
    role: 'ours',
    make: () => new MemoryCache({ defaultTtl: TTL_MS, maxEntries: MOST }),
  },
  {
    name: 'cacheable CacheableMemory (copies values)',
    role: 'peer',
    make: () => new CacheableMemory({ ttl: TTL_MS, lruSize: MOST }),
  },
  {
    name: 'raw lru-cache with ttl (references)',
    role: 'limit',
    make: () => new LRUCache<string, object>({ max: MOST, ttl: TTL_MS }) as Store,
  },
  {
    // By default it takes the time once a millisecond, and in a loop that does not give way once at all.
    name: 'raw lru-cache with exact ttl (references)',
    role: 'limit',
    make: () => new LRUCache<string, object>({ max: MOST, ttl: TTL_MS, ttlResolution: 0 }) as Store,
  },
]

function loaderBenchmark(name: string, isWarm: boolean, keyOf: (call: number) => string): Benchmark {
  return {
    name,
    unit: 'call',
    operations: CALLS,
    contestants: LOADERS.map(({ name: contestant, role, make }): Contestant => {
      let loader: Loader | undefined
      const load = async (): Promise<User> => {
        await Promise.resolve()
        return user(1)
      }
      const renew = async (): Promise<void> => {
        await loader?.close?.()
        loader = make()
      }
      return {
        name: contestant,
        role,
        open: async () => {
          await renew()
          if (isWarm) for (const key of KEYS) await loader?.get(key, load)
        },
        ...(isWarm ? {} : { reset: renew }),
        run: async () => {
          let sum = 0
          for (let call = 0; call < CALLS; call += 1) sum += (await loader?.get(keyOf(call), load))?.id ?? 0
          return sum
        },
        close: async () => {
          await loader?.close?.()
        },
      }
    }),
    check: (sum) => {
      strictEqual(sum, CALLS)
    },
  }
}

function storeBenchmark(name: string, work: (store: Store) => number): Benchmark {
  return {
    name,
    unit: 'call',
    operations: CALLS,
    contestants: STORES.map(({ name: contestant, role, make }): Contestant => {
      const store = make()
      return {
        name: contestant,
        role,
        open: () => {
          for (const [id, key] of KEYS.entries()) store.set(key, user(id))
        },
        run: () => work(store),
      }
    }),
    check: (found) => {
      strictEqual(found, CALLS)
    },
  }
}

/** The longest that one `set` takes while a cache fills. */
function pauseBenchmark(): Benchmark {
  const entries = 1_000_000
  const fill = (set: (key: string, value: unknown) => unknown): number => {
    let longest = 0
    let last = performance.now()
    for (let index = 0; index < entries; index += 1) {
      set(`user-${index}`, index)
      const now = performance.now()
      longest = Math.max(longest, now - last)
      last = now
    }
    return longest
  }
  return {
    name: 'cache-memory: fill with 1,000,000 entries',
    unit: 'set',
    operations: entries,
    repeats: 1,
    maxRounds: 5,
    contestants: [
      {
        name: 'MemoryCache',
        role: 'ours',
        run: () => {
          const cache = new MemoryCache({ defaultTtl: TTL_MS })
          return fill((key, value) => cache.set(key, value))
        },
      },
      {
        name: 'raw lru-cache with ttl',
        role: 'limit',
        run: () => {
          const cache = new LRUCache<string, object>({ max: entries, ttl: TTL_MS })
          return fill((key, value) => cache.set(key, value as object))
        },
      },
    ],
    check: (longest) => {
      strictEqual(typeof longest, 'number')
    },
    costs: (longest) => ({ 'longest pause, ms': longest as number }),
  }
}

/** Hits, misses and plain reads and writes, and how long a large cache makes one wait. */
export const CACHE_MEMORY_BENCHMARKS: readonly Benchmark[] = [
  loaderBenchmark(
    `cache-memory: ${CALLS} calls that hit, of ${KEYS.length} keys`,
    true,
    (call) => KEYS[call % KEYS.length] ?? '',
  ),
  loaderBenchmark(`cache-memory: ${CALLS} calls that load`, false, (call) => `fresh-${call}`),
  storeBenchmark(`cache-memory: ${CALLS} gets of ${KEYS.length} keys`, (store) => {
    let found = 0
    for (let call = 0; call < CALLS; call += 1) if (store.get(KEYS[call % KEYS.length] ?? '') !== undefined) found += 1
    return found
  }),
  storeBenchmark(`cache-memory: ${CALLS} sets of ${KEYS.length} keys`, (store) => {
    for (let call = 0; call < CALLS; call += 1) store.set(KEYS[call % KEYS.length] ?? '', user(call))
    return CALLS
  }),
  pauseBenchmark(),
]
