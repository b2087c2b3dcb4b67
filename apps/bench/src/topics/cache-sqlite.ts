import { strictEqual } from 'node:assert/strict'
import { join } from 'node:path'

import { type Benchmark, type Contestant, type Scale } from '../benchmark.ts'
import { countText } from '../sizes.ts'
import { type Target } from '../target.ts'
import {
  type CacheUnderTest,
  CACHES,
  changedEntry,
  type Entry,
  entryOf,
  folder,
  OURS,
  OURS_HOT,
  OURS_STALE,
  RAW,
  UNDICI,
} from './sqlite-caches.ts'
import { largeFileBenchmarks } from './sqlite-large-file.ts'

const KEYS = 20_000
/** For a first look. */
const FEW_KEYS = 2_000
/** Work that is done at several sizes. The others would take minutes to fill for the largest. */
const SIZES = [FEW_KEYS, KEYS, 200_000]
const THE_FASTEST: readonly string[] = [OURS, RAW, UNDICI]

const IN_A_BATCH = 100
/** In a shorter round the log of one is brought into the file once, that of another not at all. */
const WRITING_ROUNDS = { rounds: 7, roundMs: 400 }
/** What else the machine does weighs as much as what is left to gain: more rounds even it out. */
const READING_ROUNDS = { rounds: 21, roundMs: 60 }
/** Visits the keys in an order that no page cache likes. */
const STRIDE = 7_919

/** One of each cache and number of keys, filled when it is first asked for: filling takes longer than most of the work. */
const opened = new Map<string, Promise<CacheUnderTest>>()

function openFilled(
  { name, open }: (typeof CACHES)[number],
  { keys, alone }: { readonly keys: number; readonly alone: string },
): Promise<CacheUnderTest> {
  const place = `${opened.size}`
  const known = opened.get(`${name} ${keys} ${alone}`) ?? fill(open(join(folder, place)), keys)
  opened.set(`${name} ${keys} ${alone}`, known)
  return known
}

async function fill(cache: CacheUnderTest, keys: number): Promise<CacheUnderTest> {
  for (let from = 0; from < keys; from += 1_000) {
    await (cache.fill ?? cache.setMany)(Array.from({ length: 1_000 }, (_, index) => entryOf('key', from + index)))
  }
  return cache
}

interface Work {
  readonly name: string
  readonly unit: string
  /** One run visits every key, so that a hot tier has all of them after the first; else as many as a slow peer does in a round. */
  readonly visitsAll?: boolean
  readonly run: (cache: CacheUnderTest, keys: readonly string[], round: number) => Promise<number> | number
  readonly reset?: (cache: CacheUnderTest) => Promise<void> | void
  /** Whether it is done in caches where no other work is. */
  readonly isAlone?: boolean
  /** Where the usual rounds are too few or too short. */
  readonly rounds?: Pick<Benchmark, 'rounds' | 'roundMs'>
  /** Those that do it. */
  readonly caches: readonly string[]
  readonly targets: readonly Target[]
}

/** The work at one number of keys, all of them there. */
function benchmark(work: Work, keys: number): Benchmark {
  const { name, unit, visitsAll = false, isAlone = false, rounds, run, reset, caches, targets } = work
  const operations = visitsAll ? keys : IN_A_BATCH
  return {
    name,
    unit,
    operations,
    targets,
    ...rounds,
    contestants: CACHES.filter((made) => caches.includes(made.name)).map((made): Contestant => {
      let cache: CacheUnderTest | undefined
      let round = 0
      let names: readonly string[] = []
      return {
        name: made.name,
        role: made.role,
        open: async () => {
          cache = await openFilled(made, { keys, alone: isAlone ? name : '' })
        },
        // Not on the clock: to make a key takes a third as long as to read a value from a hot tier.
        reset: () => {
          round += 1
          names = visited(round * operations, operations, keys)
          return cache === undefined ? undefined : reset?.(cache)
        },
        run: () => (cache === undefined ? undefined : run(cache, names, round)),
      }
    }),
    check: (answer) => {
      strictEqual(answer, operations)
    },
  }
}

/** The work at each of these numbers of keys; targets are about the one that the other work has as well. */
function series(work: Work, sizes: readonly number[], aimedAt: number): Benchmark[] {
  return sizes.map((keys) => ({
    ...benchmark(
      { ...work, caches: keys > KEYS ? THE_FASTEST : work.caches, targets: keys === aimedAt ? work.targets : [] },
      keys,
    ),
    name: `${work.name}, of ${countText(keys)} keys`,
    series: { name: `${work.name}, by keys`, size: keys },
  }))
}

function visited(from: number, count: number, keys: number): string[] {
  return Array.from({ length: count }, (_, index) => `key-${((from + index) * STRIDE) % keys}`)
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

/** Another value for each of these keys. */
function overwritten(keys: readonly string[], round: number): Entry[] {
  return keys.map((key, index) => [key, entryOf('', index + round)[1]])
}

const NEW = Array.from({ length: IN_A_BATCH }, (_, id) => entryOf('new', id))
const EVERYBODY = CACHES.map(({ name }) => name).filter((name) => name !== OURS_HOT && name !== OURS_STALE)
const AHEAD: Target = { against: 'the best peer', ratio: 1 }

const GET: Work = {
  name: 'get, from the file',
  unit: 'get',
  rounds: READING_ROUNDS,
  run: readAll,
  caches: EVERYBODY,
  targets: [{ against: RAW, ratio: 0.85 }, AHEAD],
}

const OVERWRITE: Work = {
  name: 'set, overwriting',
  unit: 'set',
  rounds: WRITING_ROUNDS,
  run: (cache, keys, round) => storeAll(cache, overwritten(keys, round)),
  caches: EVERYBODY,
  targets: [{ against: RAW, ratio: 0.7 }, AHEAD],
}

const WORKS: readonly Work[] = [
  {
    name: 'set, overwriting with a value of the same size',
    unit: 'set',
    run: (cache, keys) => storeAll(cache, keys.map(changedEntry)),
    isAlone: true,
    rounds: WRITING_ROUNDS,
    caches: THE_FASTEST,
    targets: [{ against: RAW, ratio: 0.7 }, AHEAD],
  },
  {
    name: 'get, from the hot tier',
    unit: 'get',
    visitsAll: true,
    run: readAll,
    caches: [OURS_HOT, RAW],
    targets: [{ against: RAW, ratio: 2.5 }],
  },
  {
    name: 'get, from the hot tier, maxStale 5 ms',
    unit: 'get',
    visitsAll: true,
    run: readAll,
    caches: [OURS_STALE, RAW],
    targets: [{ against: RAW, ratio: 20 }],
  },
  {
    name: 'get of what is not there',
    unit: 'get',
    run: async (cache, keys) =>
      IN_A_BATCH -
      (await readAll(
        cache,
        keys.map((key) => `no-${key}`),
      )),
    caches: EVERYBODY,
    targets: [],
  },
  {
    name: 'getMany of 100',
    unit: 'key',
    rounds: READING_ROUNDS,
    run: (cache, keys) => cache.getMany(keys),
    caches: EVERYBODY,
    targets: [{ against: RAW, ratio: 0.85 }, AHEAD],
  },
  {
    name: 'set of new keys',
    unit: 'set',
    rounds: WRITING_ROUNDS,
    run: (cache) => storeAll(cache, NEW),
    reset: (cache) => cache.deleteMany(NEW.map(([key]) => key)),
    caches: EVERYBODY,
    targets: [{ against: RAW, ratio: 0.55 }, AHEAD],
  },
  {
    name: 'setMany of 100',
    unit: 'key',
    run: async (cache, keys, round) => {
      await cache.setMany(overwritten(keys, round))
      return keys.length
    },
    caches: EVERYBODY,
    targets: [{ against: RAW, ratio: 0.7 }, AHEAD],
  },
]

/** What a program asks of a cache in a file, with 2 KB JSON values; then of a large file. */
export function cacheSqliteBenchmarks(scale: Scale): readonly Benchmark[] {
  const keys = scale === 'full' ? KEYS : FEW_KEYS
  const sizes = scale === 'full' ? SIZES : [keys]
  return [
    ...series(GET, sizes, keys),
    ...series(OVERWRITE, sizes, keys),
    ...WORKS.map((work) => benchmark(work, keys)),
    ...largeFileBenchmarks(scale),
  ]
}
