import { strictEqual } from 'node:assert/strict'

import { MemoryCache } from '@x/cache-memory'
import { LRUCache } from 'lru-cache'

import { type Benchmark, type Contestant, type Scale } from '../benchmark.ts'
import { countText, decadesTo } from '../sizes.ts'
import {
  COARSE,
  EXACT,
  type Loader,
  LOADERS,
  RAW,
  type Store,
  STORES,
  TTL_MS,
  type User,
  user,
} from './memory-caches.ts'

const CALLS = 10_000
const MOST_KEYS = 10_000
const FILLED = 1_000_000
/** Long: the collection before a round has the engine throw away what it compiled for calls in progress, since there are none. */
const LOAD_ROUNDS = { rounds: 7, roundMs: 500 }

function keysOf(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `user-${index}`)
}

function loaderBenchmark(
  about: Pick<Benchmark, 'name' | 'series' | 'targets' | 'rounds' | 'roundMs'>,
  warmKeys: readonly string[],
): Benchmark {
  let fresh = 0
  const keyOf = (call: number): string => warmKeys[call % warmKeys.length] ?? `fresh-${(fresh += 1)}`
  return {
    ...about,
    unit: 'call',
    operations: CALLS,
    contestants: LOADERS.map(({ name: contestant, role, make }): Contestant => {
      let loader: Loader | undefined
      const load = async (): Promise<User> => {
        await Promise.resolve()
        return user(1)
      }
      return {
        name: contestant,
        role,
        open: async () => {
          loader = make()
          for (const key of warmKeys) await loader.get(key, load)
        },
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

function hits(keyCount: number): Benchmark {
  return loaderBenchmark(
    {
      name: `calls that hit, of ${countText(keyCount)} keys`,
      series: { name: 'calls that hit, by keys', size: keyCount },
      targets: [
        { against: 'bentocache getOrSet (memory)', ratio: 4 },
        { against: 'the best peer', ratio: 1 },
      ],
    },
    keysOf(keyCount),
  )
}

/** What one call of a store does, over and over; answers whether it did. */
type Call = (store: Store, key: string, index: number) => boolean

function storeBenchmark(
  { name, call, targets }: Pick<Benchmark, 'name' | 'targets'> & { call: Call },
  keyCount: number,
): Benchmark {
  const keys = keysOf(keyCount)
  return {
    name: `${name}, of ${countText(keyCount)} keys`,
    unit: 'call',
    operations: CALLS,
    series: { name: `${name}, by keys`, size: keyCount },
    targets,
    contestants: STORES.map(({ name: contestant, role, make }): Contestant => {
      const store = make()
      return {
        name: contestant,
        role,
        open: () => {
          for (const [id, key] of keys.entries()) store.set(key, user(id))
        },
        run: () => {
          let done = 0
          for (let index = 0; index < CALLS; index += 1) if (call(store, keys[index % keyCount] ?? '', index)) done += 1
          return done
        },
      }
    }),
    check: (done) => {
      strictEqual(done, CALLS)
    },
  }
}

const GETS = {
  name: 'gets',
  call: (store: Store, key: string): boolean => store.get(key) !== undefined,
  targets: [
    { against: EXACT, ratio: 0.5 },
    { of: COARSE, against: RAW, ratio: 0.5 },
    { against: 'the best peer', ratio: 1 },
  ],
}

const SETS = {
  name: 'sets',
  call: (store: Store, key: string, index: number): boolean => {
    store.set(key, user(index))
    return true
  },
  targets: [{ against: 'the best peer', ratio: 1 }],
}

/** The longest that one `set` takes while a cache fills. */
function fills(entries: number): Benchmark {
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
    name: `fill with ${countText(entries)} entries`,
    unit: 'set',
    operations: entries,
    series: { name: 'the longest pause while it fills, by entries', size: entries },
    targets: [{ cost: 'longest pause, ms', most: 50 }],
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
        name: 'raw lru-cache',
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
export function cacheMemoryBenchmarks(scale: Scale): readonly Benchmark[] {
  const sizes = decadesTo(MOST_KEYS, scale)
  return [
    ...sizes.map(hits),
    loaderBenchmark({ name: 'calls that load', targets: [{ against: 'the best peer', ratio: 1 }], ...LOAD_ROUNDS }, []),
    ...sizes.map((count) => storeBenchmark(GETS, count)),
    ...sizes.map((count) => storeBenchmark(SETS, count)),
    ...decadesTo(FILLED, scale).map(fills),
  ]
}
