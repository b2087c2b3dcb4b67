import { strictEqual } from 'node:assert/strict'

import { AsyncSharedCall } from '@x/shared-call'
import { createCache } from 'async-cache-dedupe'
import DataLoader from 'dataloader'
import { coalesceAsync } from 'promise-coalesce'

import { type Benchmark, type Contestant, type Scale } from '../benchmark.ts'
import { countText, decadesTo } from '../sizes.ts'

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

const load = async (): Promise<number> => {
  await Promise.resolve()
  return 1
}

/** The same traffic of so many calls. */
type Traffic = (share: ReturnType<Sharer>, calls: number) => Promise<number>

function benchmark(name: string, run: Traffic, calls: number): Benchmark {
  return {
    name: `${countText(calls)} ${name}`,
    unit: 'call',
    operations: calls,
    series: { name, size: calls },
    contestants: SHARERS.map(({ name: contestant, role, sharer }) => ({
      name: contestant,
      role,
      run: () => run(sharer(), calls),
    })),
    check: (sum) => {
      strictEqual(sum, calls)
    },
  }
}

const atOnce: Traffic = async (share, count) => {
  const calls = Array.from({ length: count }, (_, index) => share(`key-${index % KEYS}`, load))
  return (await Promise.all(calls)).reduce((sum, value) => sum + value, 0)
}

const inTurn: Traffic = async (share, count) => {
  let sum = 0
  for (let index = 0; index < count; index += 1) sum += await share(`key-${index}`, load)
  return sum
}

/** The two shapes of traffic: many callers at once of a few keys, and one caller after another of ever new ones. */
export function sharedCallBenchmarks(scale: Scale): readonly Benchmark[] {
  const sizes = decadesTo(CALLS, scale)
  return [
    ...sizes.map((calls) => benchmark(`concurrent calls on ${KEYS} keys`, atOnce, calls)),
    ...sizes.map((calls) => benchmark('sequential calls of unique keys', inTurn, calls)),
  ]
}
