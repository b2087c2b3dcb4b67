import type { Duration, Epoch } from '@x/core'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

import { SqliteCache, SqliteLease } from '../src/index.ts'
import { expectExactAccounting } from './accounting.ts'
import { seededRandom } from './seeded-random.ts'
import { temporaryFolder } from './temporary-folder.ts'
import { TORTURE_SCALE } from './torture-scale.ts'

const STEPS = 300
const CATEGORIES = ['a', 'b', 'c']

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance'] })
  vi.advanceTimersByTime(3_600_000)
})
afterEach(() => {
  vi.useRealTimers()
})

type Below = (bound: number) => number

interface Load {
  readonly epoch: Epoch
  isOvertaken: boolean
}

interface History {
  readonly below: Below
  readonly caches: readonly [SqliteCache, SqliteCache, SqliteCache]
  readonly lease: SqliteLease
  /** Loads that have begun, by the name of what they load. */
  readonly loads: Map<string, Load>
}

interface Change extends History {
  readonly cache: SqliteCache
  readonly category: string
  readonly key: string
  /** Notes that loads whose names begin so are overtaken. */
  readonly overtake: (prefix: string) => void
}

const valueBelow = (below: Below): string => 'x'.repeat(below(4) * below(700))
const ttlBelow = (below: Below): Duration => (['1h', 2, 5] as const)[below(3)] ?? 0

const CHANGES: readonly (readonly [share: number, change: (change: Change) => void])[] = [
  [
    45,
    ({ cache, category, key, below, overtake }) => {
      const tags = below(9) === 0 ? ['t'] : []
      cache.set(key, valueBelow(below), { category, ttl: ttlBelow(below), tags })
      overtake(`${category}/${key}.`)
    },
  ],
  [
    10,
    ({ cache, category, below }) => {
      const entries = Array.from({ length: below(200) }, (_, index) => [`many${index}`, valueBelow(below)] as const)
      cache.setMany(entries, { category, ttl: ttlBelow(below) })
    },
  ],
  [10, ({ cache, category, key }) => cache.get(key, { category })],
  [
    10,
    ({ cache, category, key, loads }) => {
      loads.set(`${category}/${key}.`, { epoch: cache.getEpoch(key, { category }), isOvertaken: false })
    },
  ],
  [
    10,
    ({ cache, category, key, loads, overtake }) => {
      const load = loads.get(`${category}/${key}.`)
      if (load === undefined) return
      const isStored = cache.set(key, 'loaded', { category, ttl: '1h', ifEpoch: load.epoch })
      if (load.isOvertaken) expect(isStored).toBe(false)
      if (isStored) overtake(`${category}/${key}.`)
    },
  ],
  [
    7,
    ({ cache, category, key, overtake }) => {
      cache.delete(key, { category })
      overtake(`${category}/${key}.`)
    },
  ],
  [
    3,
    ({ cache, category, key, overtake }) => {
      cache.invalidate({ pattern: `${key}*`, category })
      overtake(`${category}/`)
    },
  ],
  [3, ({ lease, key }) => lease.acquire(key, '1s')],
  [1, ({ cache }) => cache.invalidate({ tag: 't' })],
  [
    1,
    ({ cache, overtake }) => {
      cache.clear()
      overtake('')
    },
  ],
]

/** One change by one of the connections. */
function changeSomething(history: History): void {
  const { below, caches, loads } = history
  let left = below(100)
  const [, change] = CHANGES.find(([share]) => (left -= share) < 0) ?? []
  change?.({
    ...history,
    cache: caches[below(3)] ?? caches[0],
    category: CATEGORIES[below(below(4) === 0 ? 3 : 2)] ?? '',
    key: `k${below(12)}`,
    overtake: (prefix) => {
      for (const [name, load] of loads) if (name.startsWith(prefix)) load.isOvertaken = true
    },
  })
}

describe('the counts in the file, some of which only its latest entry says,', () => {
  it.each(Array.from({ length: 16 * TORTURE_SCALE }, (_, index) => index + 1))(
    'are those of its entries after each change by three connections, and no load that was overtaken is stored (history %i)',
    (seed) => {
      const path = `${temporaryFolder()}/cache.db`
      const below = seededRandom(seed)
      let now = Date.now()
      const options = { path, clock: { now: () => now }, maxEntries: 40, categories: { b: { maxSizeBytes: 5_000 } } }
      const caches = [new SqliteCache(options), new SqliteCache(options), new SqliteCache(options)] as const
      using lease = new SqliteLease({ path })
      const history = { below, caches, lease, loads: new Map<string, Load>() }
      for (let step = 0; step < STEPS; step += 1) {
        now += below(2)
        vi.advanceTimersByTime(below(3) === 0 ? below(4) : 0)
        changeSomething(history)
        expectExactAccounting(path)
        const [first, second, third] = caches.map((cache) => cache.getStats().byCategory)
        expect([second, third]).toEqual([first, first])
      }
      for (const cache of caches) cache.close()
      expectExactAccounting(path)
    },
    60_000,
  )
})
