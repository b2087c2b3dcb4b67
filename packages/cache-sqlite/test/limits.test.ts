import { statSync } from 'node:fs'

import { describe, expect, it } from 'vitest'

import { SqliteCache } from '../src/index.ts'
import { expectExactAccounting } from './accounting.ts'
import { seededRandom } from './seeded-random.ts'
import { temporaryFolder } from './temporary-folder.ts'
import { TORTURE_SCALE } from './torture-scale.ts'

const MIB = 1_024 * 1_024
const OPERATIONS = 5_000 * TORTURE_SCALE
const MAX_SIZE_BYTES = 8 * MIB
const OWN_BYTES = MIB

const sizeOf = (path: string): number => statSync(path, { throwIfNoEntry: false })?.size ?? 0

type Below = (bound: number) => number

/** As many of each order of magnitude, but for the largest, which are more than the limit allows. */
const sizeBelow = (below: Below): number => below(2 ** (below(100) === 0 ? 24 : below(16)))

function setOne(cache: SqliteCache, below: Below, { key, category }: { key: string; category: string }): void {
  const value = 'x'.repeat(sizeBelow(below))
  const options = { category, ttl: below(5) === 0 ? 500 : '1h', tags: [`t${below(9)}`] } as const
  const isTooLarge = value.length + 2 > (category === 'own' ? OWN_BYTES : MAX_SIZE_BYTES)
  if (!isTooLarge) cache.set(key, value, options)
  else {
    expect(() => cache.set(key, value, options)).toThrow(expect.objectContaining({ code: 'VALUE_TOO_LARGE' }))
  }
}

function doSomething(cache: SqliteCache, below: Below): void {
  const category = ['a', 'b', 'own'][below(3)] ?? ''
  const key = `${below(2_000)}${'k'.repeat(below(50) === 0 ? 2_000 : 3)}`
  const kind = below(1_000)
  if (kind < 400) cache.get(key, { category })
  else if (kind < 800) setOne(cache, below, { key, category })
  else if (kind < 850) {
    const value = 'x'.repeat(sizeBelow(below) % 50_000)
    cache.setMany(
      Array.from({ length: 20 }, (_, index) => [`${key}-${index}`, value] as const),
      { category },
    )
  } else if (kind < 990) cache.delete(key, { category })
  else if (kind < 998) cache.invalidate({ tag: `t${below(9)}`, category })
  else if (kind < 999) cache.invalidate({ pattern: `${below(10)}*` })
  else cache.clear()
}

/** By how much a cache exceeds its limits: 0 or less where it keeps them. */
function excess(cache: SqliteCache, path: string): number[] {
  const { totalSizeBytes, byCategory } = cache.getStats()
  return [
    totalSizeBytes - MAX_SIZE_BYTES,
    (byCategory['own']?.totalSizeBytes ?? 0) - OWN_BYTES,
    sizeOf(path) + sizeOf(`${path}-wal`) - (1.3 * MAX_SIZE_BYTES + 32 * MIB),
  ]
}

describe('the limits of SqliteCache', () => {
  it(
    'hold at every moment of a random history of two connections, with values of all sizes',
    () => {
      const path = `${temporaryFolder()}/cache.db`
      const below = seededRandom(1)
      let now = 1_000
      const clock = { now: () => now }
      const options = { path, maxSizeBytes: MAX_SIZE_BYTES, clock, categories: { own: { maxSizeBytes: OWN_BYTES } } }
      using cold = new SqliteCache(options)
      using hot = new SqliteCache({ ...options, hot: { maxSizeBytes: MIB } })
      for (let count = 0; count < OPERATIONS; count += 1) {
        now += below(3)
        doSomething(below(2) === 0 ? cold : hot, below)
        const exceeded = excess(below(2) === 0 ? cold : hot, path)
        if (Math.max(...exceeded) > 0) throw new Error(`${exceeded.join(', ')} after operation ${count}`)
      }
      expectExactAccounting(path)
    },
    120_000 * TORTURE_SCALE,
  )
})
