import assert from 'node:assert/strict'
import type { CacheStore } from '../cache-store.ts'
import type { Duration } from '../duration.ts'
import type { ConformanceCase } from './conformance-case.ts'
import { REFUSALS, storeCase } from './store-case.ts'

/** The life of the entries tried here, in milliseconds, and a part of it that leaves room for a slow machine. */
const LIFE = 10_000
const MOST_OF_IT = 6_000
const TEN_LIVES = 60_000

const WRONG_DURATIONS = [Number.NaN, '5 minutes', '', '5', 'm', '-', '1e3s', 'Infinity', 'NaNms'] as readonly Duration[]

/** When an entry is gone. */
export const ttlCases: readonly ConformanceCase[] = [
  storeCase('an entry lives before its deadline and is gone at it', async (store, harness) => {
    const tolerance = harness.deadlineTolerance ?? 1
    await store.set('key', 1, { ttl: LIFE })
    await harness.advance(LIFE - tolerance)
    assert.equal(await store.get('key'), 1)
    await harness.advance(tolerance)
    assert.equal(await store.get('key'), undefined)
  }),

  storeCase('an expired entry is gone for every kind of read', async (store, harness) => {
    await store.setMany(
      [
        ['a', 1],
        ['b', 2],
      ],
      { ttl: LIFE },
    )
    await store.set('c', 3)
    await harness.advance(LIFE)
    assert.equal(await store.has('a'), false)
    assert.equal(await store.get('a'), undefined)
    assert.deepEqual(await store.getMany(['a', 'b', 'c']), new Map([['c', 3]]))
  }),

  storeCase('expired entries are not counted by what removes them', async (store, harness) => {
    for (const key of ['a', 'b', 'c', 'd']) await store.set(key, 1, { ttl: LIFE, tags: ['tag'] })
    await store.set('live', 1, { tags: ['tag'] })
    await harness.advance(LIFE)
    assert.equal(await store.delete('a'), false)
    assert.equal(await store.deleteMany(['b', 'live']), 1)
    await store.set('live', 1, { tags: ['tag'] })
    assert.equal(await store.invalidate({ tag: 'tag' }), 1)
    for (const key of ['a', 'b', 'c', 'd']) await store.set(key, 1, { ttl: LIFE })
    await store.set('live', 1)
    await harness.advance(LIFE)
    assert.equal(await store.clear(), 1)
  }),

  storeCase('expired entries are not counted by an invalidation', async (store, harness) => {
    await store.set('gone', 1, { ttl: LIFE, tags: ['tag'], category: 'a' })
    await store.set('live', 1, { tags: ['tag'], category: 'a' })
    await harness.advance(LIFE)
    for (const filter of [{ tag: 'tag' }, { pattern: '*' }, { category: 'a' }]) {
      assert.equal(await store.invalidate(filter), 1, JSON.stringify(filter))
      await store.set('gone', 1, { ttl: LIFE, tags: ['tag'], category: 'a' })
      await store.set('live', 1, { tags: ['tag'], category: 'a' })
      await harness.advance(LIFE)
    }
    assert.equal(await store.invalidate({ key: 'gone' }), 0)
  }),

  storeCase(
    "the call's ttl wins over the category's, and that over the store's",
    async (store, harness) => {
      await store.set('call', 1, { category: 'short', ttl: 3 * LIFE })
      await store.set('category', 1, { category: 'short' })
      await store.set('category left open', 1, { category: 'short', ttl: undefined })
      await store.set('store', 1, { category: 'other' })
      await harness.advance(MOST_OF_IT)
      assert.equal(await store.has('category', { category: 'short' }), true)
      await harness.advance(LIFE - MOST_OF_IT)
      assert.equal(await store.has('category', { category: 'short' }), false)
      assert.equal(await store.has('category left open', { category: 'short' }), false)
      assert.equal(await store.has('store', { category: 'other' }), true)
      await harness.advance(LIFE)
      assert.equal(await store.has('store', { category: 'other' }), false)
      assert.equal(await store.has('call', { category: 'short' }), true)
      await harness.advance(LIFE)
      assert.equal(await store.has('call', { category: 'short' }), false)
    },
    { defaultTtl: 2 * LIFE, categories: { short: { ttl: '10s' } } },
  ),

  storeCase(
    "setMany() takes the call's ttl, else the category's, else the store's",
    async (store, harness) => {
      await store.setMany([['call', 1]], { category: 'short', ttl: 3 * LIFE })
      await store.setMany([['category', 1]], { category: 'short' })
      await store.setMany([['store', 1]])
      await harness.advance(LIFE)
      assert.equal(await store.has('category', { category: 'short' }), false)
      assert.equal(await store.has('store'), true)
      await harness.advance(LIFE)
      assert.equal(await store.has('store'), false)
      assert.equal(await store.has('call', { category: 'short' }), true)
      await harness.advance(LIFE)
      assert.equal(await store.has('call', { category: 'short' }), false)
    },
    { defaultTtl: 2 * LIFE, categories: { short: { ttl: LIFE } } },
  ),

  storeCase('a ttl is milliseconds, or a number with a unit', async (store, harness) => {
    const lives: readonly Duration[] = [LIFE, '10000ms', '10s', '0.5m']
    for (const ttl of lives) await store.set(String(ttl), 1, { ttl })
    await store.set('hours', 1, { ttl: '1h' })
    await store.set('days', 1, { ttl: '1d' })
    await harness.advance(MOST_OF_IT)
    for (const ttl of lives) assert.equal(await store.has(String(ttl)), true, String(ttl))
    await harness.advance(LIFE - MOST_OF_IT)
    for (const ttl of [LIFE, '10000ms', '10s']) assert.equal(await store.has(String(ttl)), false, String(ttl))
    assert.equal(await store.has('0.5m'), true)
    await harness.advance(2 * LIFE)
    assert.equal(await store.has('0.5m'), false)
    await harness.advance(TEN_LIVES)
    assert.equal(await store.has('hours'), true)
    assert.equal(await store.has('days'), true)
  }),

  storeCase('an entry with a ttl of 0 or less is gone at once, and so is the one before it', async (store) => {
    for (const ttl of [0, -1, Number.NEGATIVE_INFINITY, '0s', '-5m'] as const) {
      await store.set('key', 'old')
      await store.set('key', 'new', { ttl })
      assert.equal(await store.get('key'), undefined, String(ttl))
      await store.set('key', 'old')
      await store.setMany([['key', 'new']], { ttl })
      assert.equal(await store.has('key'), false, String(ttl))
    }
  }),

  storeCase(
    'a configured ttl of 0 is not taken for an absent one',
    async (store) => {
      await store.set('key', 1)
      assert.equal(await store.has('key'), false)
      await store.set('key', 1, { category: 'none' })
      assert.equal(await store.has('key', { category: 'none' }), false)
      await store.set('key', 1, { category: 'kept' })
      assert.equal(await store.has('key', { category: 'kept' }), true)
    },
    { defaultTtl: 0, categories: { none: { ttl: -1 }, kept: { ttl: '1h' } } },
  ),

  storeCase(
    'an entry with a ttl of Infinity stays until it is removed',
    async (store, harness) => {
      await store.set('call', 1, { ttl: Number.POSITIVE_INFINITY })
      await store.set('category', 1, { category: 'forever' })
      await harness.advance(TEN_LIVES)
      assert.equal(await store.get('call'), 1)
      assert.equal(await store.get('category', { category: 'forever' }), 1)
    },
    { defaultTtl: LIFE, categories: { forever: { ttl: Number.POSITIVE_INFINITY } } },
  ),

  storeCase('overwriting an entry resets its deadline', async (store, harness) => {
    await store.set('longer', 1, { ttl: LIFE })
    await store.set('forever', 1, { ttl: LIFE })
    await store.set('shorter', 1, { ttl: 10 * LIFE })
    await harness.advance(MOST_OF_IT)
    await store.set('longer', 2, { ttl: LIFE })
    await store.set('forever', 2, { ttl: Number.POSITIVE_INFINITY })
    await store.set('shorter', 2, { ttl: LIFE })
    await harness.advance(MOST_OF_IT)
    assert.equal(await store.get('longer'), 2)
    await harness.advance(MOST_OF_IT)
    assert.equal(await store.get('longer'), undefined)
    assert.equal(await store.get('shorter'), undefined)
    assert.equal(await store.get('forever'), 2)
  }),

  storeCase('reading an entry does not prolong its life', async (store, harness) => {
    await store.set('key', 1, { ttl: LIFE })
    await harness.advance(MOST_OF_IT)
    await store.get('key')
    await store.getMany(['key'])
    await store.has('key')
    await harness.advance(LIFE - MOST_OF_IT)
    assert.equal(await store.get('key'), undefined)
  }),

  storeCase('a ttl that is no duration is a RangeError and changes nothing', async (store, harness) => {
    await store.set('key', 'kept', { ttl: 2 * LIFE })
    for (const ttl of WRONG_DURATIONS) {
      await assert.rejects(async () => await store.set('key', 'new', { ttl }), REFUSALS.range, String(ttl))
      await assert.rejects(async () => await store.setMany([['key', 'new']], { ttl }), REFUSALS.range, String(ttl))
    }
    await harness.advance(LIFE)
    assert.equal(await store.get('key'), 'kept')
    await harness.advance(LIFE)
    assert.equal(await store.get('key'), undefined)
  }),

  {
    name: 'a configured ttl that is no duration is a RangeError when the store is made',
    async run(harness) {
      const open = async (options: Parameters<typeof harness.create>[0]) => {
        const store: CacheStore = await harness.create(options)
        await store.close()
      }
      for (const ttl of WRONG_DURATIONS) {
        await assert.rejects(open({ defaultTtl: ttl }), REFUSALS.range, String(ttl))
        await assert.rejects(open({ categories: { a: { ttl } } }), REFUSALS.range, String(ttl))
      }
    },
  },
]
