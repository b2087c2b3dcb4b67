import assert from 'node:assert/strict'
import type { CacheStore } from '../cache-store.ts'
import { jsonCodec } from '../json-codec.ts'
import type { ConformanceCase } from './conformance-case.ts'
import { storeCase } from './store-case.ts'

/** What a store counts. */
export const statsCases: readonly ConformanceCase[] = [
  storeCase('the statistics of a new store are all zero', async (store) => {
    const { byCategory, ...numbers } = await store.getStats()
    assert.deepEqual(numbers, {
      hits: 0,
      misses: 0,
      hitRate: 0,
      entryCount: 0,
      totalSizeBytes: 0,
      evictions: 0,
      errors: 0,
    })
    assert.deepEqual(Object.keys(byCategory), [])
  }),

  storeCase('reads count as hits and misses', async (store, harness) => {
    await store.set('a', 1)
    await store.get('a')
    await store.get('absent')
    await assertReads(store, { hits: 1, misses: 1, hitRate: 0.5 })
    await store.getMany(['a', 'absent'])
    await store.get('a', { category: 'other' })
    await assertReads(store, { hits: 2, misses: 3, hitRate: 0.4 })
    await store.set('short', 1, { ttl: '1s' })
    await harness.advance(1_000)
    await store.get('short')
    await assertReads(store, { hits: 2, misses: 4, hitRate: 2 / 6 })
  }),

  storeCase('has(), writes and removals count neither as hits nor as misses', async (store) => {
    await store.set('a', 1)
    await store.has('a')
    await store.has('absent')
    await store.getEpoch('a')
    await store.setMany([['a', 2]])
    await store.delete('a')
    await store.deleteMany(['a'])
    await store.invalidate({ pattern: '*' })
    await store.clear()
    await assertReads(store, { hits: 0, misses: 0, hitRate: 0 })
  }),

  storeCase('sizes count the bytes of encoded values, by category', async (store) => {
    const values = { text: 'grüße 🙂', list: [1, 2, 3], nothing: null }
    for (const [key, value] of Object.entries(values)) await store.set(key, value, { category: 'a' })
    await store.set('text', values.text, { category: 'b' })
    const text = sizeOf(values.text)
    const a = { entryCount: 3, totalSizeBytes: text + sizeOf(values.list) + sizeOf(values.nothing) }
    const b = { entryCount: 1, totalSizeBytes: text }
    await assertHolds(store, { a, b })

    await store.set('text', 'x', { category: 'a' })
    await assertHolds(store, { a: { entryCount: 3, totalSizeBytes: a.totalSizeBytes - text + sizeOf('x') }, b })

    await store.deleteMany(['list', 'nothing'], { category: 'a' })
    await assertHolds(store, { a: { entryCount: 1, totalSizeBytes: sizeOf('x') }, b })

    await store.invalidate({ key: 'text', category: 'b' })
    await assertHolds(store, { a: { entryCount: 1, totalSizeBytes: sizeOf('x') } })

    await store.clear()
    await assertHolds(store, {})
  }),

  storeCase('nothing that is answered in full counts as an eviction or an error', async (store) => {
    await store.set('a', 1)
    await store.get('a')
    await store.get('absent')
    await store.delete('a')
    await store.clear()
    const { evictions, errors } = await store.getStats()
    assert.deepEqual({ evictions, errors }, { evictions: 0, errors: 0 })
  }),
]

function sizeOf(value: unknown): number {
  return Buffer.byteLength(jsonCodec().encode(value))
}

interface Reads {
  readonly hits: number
  readonly misses: number
  readonly hitRate: number
}

async function assertReads(store: CacheStore, expected: Reads): Promise<void> {
  const { hits, misses, hitRate } = await store.getStats()
  assert.deepEqual({ hits, misses, hitRate }, expected)
}

type Holdings = Readonly<Record<string, { readonly entryCount: number; readonly totalSizeBytes: number }>>

async function assertHolds(store: CacheStore, expected: Holdings): Promise<void> {
  const { entryCount, totalSizeBytes, byCategory } = await store.getStats()
  assert.deepEqual({ ...byCategory }, expected)
  const all = Object.values(expected)
  assert.equal(entryCount, sum(all.map((category) => category.entryCount)))
  assert.equal(totalSizeBytes, sum(all.map((category) => category.totalSizeBytes)))
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
