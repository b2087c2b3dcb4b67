import { strictEqual } from 'node:assert/strict'

import { AsyncSharedCall } from '@x/shared-call'
import { createCache } from 'async-cache-dedupe'
import DataLoader from 'dataloader'
import { coalesceAsync } from 'promise-coalesce'

import { type Benchmark, type Contestant } from '../benchmark.ts'

const CALLS = 10_000
const KEYS = 100

/** How one library shares a call; made anew for each run, so that nothing is left of the one before. */
type Sharer = () => (key: string, load: (key: string) => Promise<number>) => Promise<number>

const SHARERS: readonly (Omit<Contestant, 'run'> & { readonly sharer: Sharer })[] = [
  {
    name: '@x/shared-call',
    role: 'ours',
    sharer: () => {
      const shared = new AsyncSharedCall()
      return (key, load) => shared.call(key, load, key)
    },
  },
  {
    name: 'a raw Map of promises',
    role: 'limit',
    sharer: () => {
      const flights = new Map<string, Promise<number>>()
      return (key, load) => {
        const current = flights.get(key)
        if (current !== undefined) return current
        const clear = (): boolean => flights.delete(key)
        const promise = load(key)
        flights.set(key, promise)
        promise.then(clear, clear)
        return promise
      }
    },
  },
  { name: 'promise-coalesce', role: 'peer', sharer: () => (key, load) => coalesceAsync(key, () => load(key)) },
  {
    name: 'async-cache-dedupe',
    role: 'peer',
    sharer: () => {
      let loader: (key: string) => Promise<number> = () => Promise.reject(new Error('not set'))
      const cache = createCache({ ttl: 0 }).define('load', (key: string) => loader(key))
      return (key, load) => {
        loader = load
        return cache.load(key)
      }
    },
  },
  {
    name: 'dataloader, without its cache',
    role: 'peer',
    sharer: () => {
      let loader: (key: string) => Promise<number> = () => Promise.reject(new Error('not set'))
      const loaders = new DataLoader<string, number>((keys) => Promise.all(keys.map((key) => loader(key))))
      return async (key, load) => {
        loader = load
        try {
          return await loaders.load(key)
        } finally {
          loaders.clear(key)
        }
      }
    },
  },
]

function benchmark(name: string, run: (share: ReturnType<Sharer>) => Promise<number>): Benchmark {
  return {
    name,
    unit: 'call',
    operations: CALLS,
    contestants: SHARERS.map(({ name: contestant, role, sharer }) => ({
      name: contestant,
      role,
      run: () => run(sharer()),
    })),
    check: (sum) => {
      strictEqual(sum, CALLS)
    },
  }
}

const load = async (): Promise<number> => {
  await Promise.resolve()
  return 1
}

/** The two shapes of traffic: many callers at once of a few keys, and one caller after another of ever new ones. */
export const SHARED_CALL_BENCHMARKS: readonly Benchmark[] = [
  benchmark(`shared-call: ${CALLS} concurrent calls on ${KEYS} keys`, async (share) => {
    const calls = Array.from({ length: CALLS }, (_, index) => share(`key-${index % KEYS}`, load))
    return (await Promise.all(calls)).reduce((sum, value) => sum + value, 0)
  }),
  benchmark(`shared-call: ${CALLS} sequential calls of unique keys`, async (share) => {
    let sum = 0
    for (let index = 0; index < CALLS; index += 1) sum += await share(`key-${index}`, load)
    return sum
  }),
]
