import { ok } from 'node:assert/strict'
import { join } from 'node:path'

import { SqliteCache } from '@x/cache-sqlite'

import { type Benchmark, type Contestant, type Scale } from '../benchmark.ts'
import { countText, decadesTo } from '../sizes.ts'
import { folder, OURS } from './sqlite-caches.ts'

const MOST_ENTRIES = 1_000_000
const MOST_CLEARED = 100_000
/** Half of the entries are in groups that were written together, half in groups whose entries were written by turns. */
const GROUPS = 50
/** From one group that is removed to the next: groups written by turns share their pages with those beside them. */
const STRIDE = 7
const VALUE = { text: 'x'.repeat(980) }

type Entry = readonly [key: string, value: unknown]

/** Files that are there, by their number of entries. */
const files = new Map<number, string>()

function openCache(path: string): SqliteCache {
  return new SqliteCache({ path, maxSizeBytes: 4_000_000_000 })
}

/** A file with so many entries of 1 KB, made when it is first asked for. */
function fileOf(entries: number): string {
  const known = files.get(entries)
  if (known !== undefined) return known
  const path = join(folder, `${entries}-entries.db`)
  const cache = openCache(path)
  const inAGroup = entries / 2 / GROUPS
  for (let group = 0; group < GROUPS; group += 1) {
    cache.setMany(entriesOf(inAGroup, (index) => `together-${group}:${index}`))
    cache.setMany(entriesOf(inAGroup, (index) => `scattered-${index % GROUPS}:${group}:${index}`))
  }
  cache.close()
  files.set(entries, path)
  return path
}

function* entriesOf(count: number, keyAt: (index: number) => string): Generator<Entry> {
  for (let index = 0; index < count; index += 1) yield [keyAt(index), VALUE]
}

/** Ours alone, with a cache that is open for as long as the benchmark lasts. */
function contestant(
  path: () => string,
  run: (cache: SqliteCache) => unknown,
  reset?: (cache: SqliteCache) => void,
): Contestant {
  let cache: SqliteCache | undefined
  const open = (): SqliteCache => (cache ??= openCache(path()))
  return {
    name: OURS,
    role: 'ours',
    open: () => void open(),
    run: () => run(open()),
    ...(reset === undefined
      ? {}
      : {
          reset: () => {
            reset(open())
          },
        }),
    close: () => cache?.close(),
  }
}

function opening(entries: number): Benchmark {
  let cache: SqliteCache | undefined
  const close = (): void => cache?.close()
  return {
    name: `opening a file of ${countText(entries)} entries`,
    unit: 'opening',
    operations: 1,
    series: { name: 'opening, by entries of 1 KB', size: entries },
    targets: [{ mostMs: 20 }],
    contestants: [
      {
        name: OURS,
        role: 'ours',
        open: () => void fileOf(entries),
        reset: close,
        run: () => {
          cache = openCache(fileOf(entries))
          return cache.get('together-0:0')
        },
        close,
      },
    ],
    check: (value) => {
      ok(value !== undefined)
    },
  }
}

function counting(entries: number): Benchmark {
  return {
    name: `getStats() of ${countText(entries)} entries`,
    unit: 'call',
    operations: 1,
    series: { name: 'getStats(), by entries of 1 KB', size: entries },
    targets: [{ mostMs: 50 }],
    contestants: [
      contestant(
        () => fileOf(entries),
        (cache) => cache.getStats().entryCount,
      ),
    ],
    check: (count) => {
      ok(count === entries)
    },
  }
}

function invalidating(entries: number, kind: 'together' | 'scattered', mostMs: number): Benchmark {
  const inAGroup = entries / 2 / GROUPS
  let runs = 0
  const written = kind === 'together' ? 'written together' : 'written by turns'
  return {
    name: `invalidate a prefix of ${countText(inAGroup)} among ${countText(entries)}, ${written}`,
    unit: 'key',
    operations: inAGroup,
    // What is gone cannot be removed again: each run takes the next prefix.
    repeats: 1,
    series: { name: `invalidate a hundredth, ${written}, by entries of 1 KB`, size: entries },
    ...(entries === MOST_ENTRIES ? { targets: [{ mostMs }] } : {}),
    contestants: [
      contestant(
        () => fileOf(entries),
        (cache) => {
          const group = (runs * STRIDE) % GROUPS
          runs += 1
          return cache.invalidate({ pattern: `${kind}-${group}:*` })
        },
      ),
    ],
    check: (count) => {
      ok(count === inAGroup)
    },
  }
}

function clearing(entries: number): Benchmark {
  return {
    name: `clear of ${countText(entries)} entries`,
    unit: 'key',
    operations: entries,
    repeats: 1,
    series: { name: 'clear, by entries of 1 KB', size: entries },
    ...(entries === MOST_CLEARED ? { targets: [{ mostMs: 20 }] } : {}),
    contestants: [
      contestant(
        () => join(folder, `${entries}-cleared.db`),
        (cache) => cache.clear(),
        (cache) => void cache.setMany(entriesOf(entries, (index) => `key-${index}`)),
      ),
    ],
    check: (count) => {
      ok(count === entries)
    },
  }
}

/** What depends on how much is in a file. */
export function largeFileBenchmarks(scale: Scale): readonly Benchmark[] {
  const sizes = decadesTo(MOST_ENTRIES, scale)
  return [
    ...sizes.map(opening),
    ...sizes.map(counting),
    ...sizes.map((entries) => invalidating(entries, 'together', 100)),
    ...sizes.map((entries) => invalidating(entries, 'scattered', 400)),
    ...decadesTo(MOST_CLEARED, scale).map(clearing),
  ]
}
