import { strictEqual } from 'node:assert/strict'

import { type Benchmark, type Contestant } from '../benchmark.ts'
import { type CacheUnderTest, CACHES, entriesOf, type Entry } from './sqlite-caches.ts'

const KEYS = 20_000
const OPERATIONS = 1_000
const IN_A_BATCH = 100
/** Visits the keys in an order that no page cache likes. */
const STRIDE = 7_919

const STORED = entriesOf('key', KEYS)
const NEW = entriesOf('new', OPERATIONS)

/** One of each cache, filled when it is first asked for: filling takes longer than most of the work. */
const opened = new Map<string, Promise<CacheUnderTest>>()

function openFilled(name: string, open: () => Promise<CacheUnderTest>): Promise<CacheUnderTest> {
  const known = opened.get(name)
  if (known !== undefined) return known
  const filled = open().then(async (cache) => {
    for (let from = 0; from < KEYS; from += IN_A_BATCH) await cache.setMany(STORED.slice(from, from + IN_A_BATCH))
    return cache
  })
  opened.set(name, filled)
  return filled
}

interface Work {
  readonly name: string
  readonly unit: string
  readonly operations?: number
  readonly run: (cache: CacheUnderTest, round: number) => Promise<number> | number
  readonly reset?: (cache: CacheUnderTest) => Promise<void> | void
  /** Those that do it; absent: all but the variants of ours. */
  readonly caches?: readonly string[]
  /** Which of ours it is about. */
  readonly ours?: string
  readonly repeats?: number
}

function benchmark({ name, unit, operations = OPERATIONS, run, reset, caches, ours, repeats = 1 }: Work): Benchmark {
  const own = ours ?? '@x/cache-sqlite'
  const chosen = CACHES.filter(({ name: cache, role }) =>
    cache === own ? true : role !== 'ours' && (caches === undefined || caches.includes(cache)),
  )
  return {
    name: `cache-sqlite: ${name}`,
    unit,
    operations,
    contestants: chosen.map(({ name: contestant, role, open }): Contestant => {
      let cache: CacheUnderTest | undefined
      let round = 0
      return {
        name: contestant,
        role,
        open: async () => {
          cache = await openFilled(contestant, open)
        },
        reset: async () => {
          if (cache !== undefined) await reset?.(cache)
        },
        run: () => {
          round += 1
          return cache === undefined ? undefined : run(cache, round)
        },
      }
    }),
    check: (answer) => {
      strictEqual(answer, operations)
    },
    repeats,
    maxRounds: 9,
  }
}

function visited(round: number, count: number): string[] {
  return Array.from({ length: count }, (_, index) => keyAt((round * count + index) * STRIDE))
}

function keyAt(index: number): string {
  return `key-${index % KEYS}`
}

async function readAll(cache: CacheUnderTest, keys: readonly string[]): Promise<number> {
  let found = 0
  if (cache.getSync === undefined) {
    for (const key of keys) if ((await cache.get(key)) !== undefined) found += 1
  } else {
    for (const key of keys) if (cache.getSync(key) !== undefined) found += 1
  }
  return found
}

async function storeAll(cache: CacheUnderTest, entries: readonly Entry[]): Promise<number> {
  if (cache.setSync === undefined) for (const [key, value] of entries) await cache.set(key, value)
  else for (const [key, value] of entries) cache.setSync(key, value)
  return entries.length
}

function batchesOf<Item>(items: readonly Item[]): Item[][] {
  return Array.from({ length: items.length / IN_A_BATCH }, (_, index) =>
    items.slice(index * IN_A_BATCH, (index + 1) * IN_A_BATCH),
  )
}

const overwritten = (round: number): Entry[] =>
  visited(round, OPERATIONS).map((key, index) => [key, STORED[(index + round) % KEYS]?.[1]])

const RAW = 'raw better-sqlite3 statements'

/** What a program asks of a cache in a file: 2 KB JSON values, 20,000 keys. */
export const CACHE_SQLITE_BENCHMARKS: readonly Benchmark[] = [
  benchmark({
    name: 'get, from the file',
    unit: 'get',
    run: (cache, round) => readAll(cache, visited(round, OPERATIONS)),
  }),
  benchmark({
    name: 'get, from the hot tier',
    unit: 'get',
    ours: '@x/cache-sqlite, hot',
    caches: [RAW],
    operations: 20_000,
    run: (cache, round) => readAll(cache, visited(round, 20_000)),
  }),
  benchmark({
    name: 'get, from the hot tier, maxStale 5 ms',
    unit: 'get',
    ours: '@x/cache-sqlite, hot, maxStale 5 ms',
    caches: [RAW],
    operations: 20_000,
    run: (cache, round) => readAll(cache, visited(round, 20_000)),
  }),
  benchmark({
    name: 'get of what is not there',
    unit: 'get',
    run: async (cache, round) =>
      OPERATIONS -
      (await readAll(
        cache,
        visited(round, OPERATIONS).map((key) => `no-${key}`),
      )),
  }),
  benchmark({
    name: 'getMany of 100',
    unit: 'key',
    run: async (cache, round) => {
      let found = 0
      for (const keys of batchesOf(visited(round, OPERATIONS))) found += await cache.getMany(keys)
      return found
    },
  }),
  benchmark({
    name: 'set, overwriting',
    unit: 'set',
    run: (cache, round) => storeAll(cache, overwritten(round)),
  }),
  benchmark({
    name: 'set of new keys',
    unit: 'set',
    run: (cache) => storeAll(cache, NEW),
    reset: (cache) => cache.deleteMany(NEW.map(([key]) => key)),
  }),
  benchmark({
    name: 'setMany of 100',
    unit: 'key',
    run: async (cache, round) => {
      for (const entries of batchesOf(overwritten(round))) await cache.setMany(entries)
      return OPERATIONS
    },
  }),
]
