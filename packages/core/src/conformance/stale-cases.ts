import assert from 'node:assert/strict'
import type { Awaitable } from '../awaitable.ts'
import type { CacheStore } from '../cache-store.ts'
import type { Duration } from '../duration.ts'
import type { ConformanceCase } from './conformance-case.ts'
import { REFUSALS, storeCase } from './store-case.ts'

const LIFE = 10_000
const GRACE = 20_000
const STALE = { allowStale: true } as const

/** What removes an entry in its grace, by how it is called; each answers how many live ones it removed. */
const REMOVALS: Readonly<Record<string, (store: CacheStore) => Awaitable<number | boolean>>> = {
  'delete()': (store) => store.delete('key'),
  'deleteMany()': (store) => store.deleteMany(['key', 'absent']),
  'invalidate() by key': (store) => store.invalidate({ key: 'key' }),
  'invalidate() by pattern': (store) => store.invalidate({ pattern: 'k*' }),
  'invalidate() by category': (store) => store.invalidate({ category: 'default' }),
  'invalidate() by tag': (store) => store.invalidate({ tag: 'tag' }),
  'clear()': (store) => store.clear(),
}

/** What is kept beyond its deadline, and for whom. */
export const staleCases: readonly ConformanceCase[] = [
  storeCase('an entry is kept for its grace, for those who allow a stale value', async (store, harness) => {
    const tolerance = harness.deadlineTolerance ?? 1
    await store.set('key', 'value', { ttl: LIFE, grace: GRACE })
    assert.equal(await store.get('key', STALE), 'value')
    await harness.advance(LIFE)
    assert.equal(await store.get('key', STALE), 'value')
    await harness.advance(GRACE - tolerance)
    assert.equal(await store.get('key', STALE), 'value')
    await harness.advance(tolerance)
    assert.equal(await store.get('key', STALE), undefined)
  }),

  storeCase('setMany() keeps its entries for their grace', async (store, harness) => {
    await store.setMany([['key', null]], { ttl: LIFE, grace: GRACE })
    await harness.advance(LIFE)
    assert.equal(await store.get('key', STALE), null)
    await harness.advance(GRACE)
    assert.equal(await store.get('key', STALE), undefined)
  }),

  storeCase('no other read sees an entry in its grace', async (store, harness) => {
    await store.set('key', 'value', { ttl: LIFE, grace: GRACE })
    await harness.advance(LIFE)
    assert.equal(await store.get('key'), undefined)
    assert.equal(await store.get('key', { allowStale: false }), undefined)
    assert.equal(await store.get('key', { allowStale: undefined }), undefined)
    assert.equal(await store.get('key', { ...STALE, category: 'other' }), undefined)
    assert.equal(await store.has('key'), false)
    assert.deepEqual(await store.getMany(['key']), new Map())
    // And none of them has removed it.
    assert.equal(await store.get('key', STALE), 'value')
  }),

  storeCase('an entry without a grace is gone at its deadline for everybody', async (store, harness) => {
    const graces: readonly (Duration | undefined)[] = [undefined, 0, '0s', -1, Number.NEGATIVE_INFINITY]
    for (const grace of graces) await store.set(String(grace), 1, { ttl: LIFE, grace })
    await harness.advance(LIFE)
    for (const grace of graces) assert.equal(await store.get(String(grace), STALE), undefined, String(grace))
  }),

  storeCase('a grace is milliseconds, a number with a unit, or Infinity', async (store, harness) => {
    await store.set('number', 1, { ttl: LIFE, grace: GRACE })
    await store.set('unit', 1, { ttl: LIFE, grace: '0.5m' })
    await store.set('endless', 1, { ttl: LIFE, grace: Number.POSITIVE_INFINITY })
    await harness.advance(LIFE + GRACE)
    assert.equal(await store.get('number', STALE), undefined)
    assert.equal(await store.get('unit', STALE), 1)
    await harness.advance(30_000 - GRACE)
    assert.equal(await store.get('unit', STALE), undefined)
    await harness.advance(60_000)
    assert.equal(await store.get('endless', STALE), 1)
  }),

  ...Object.entries(REMOVALS).map(([how, remove]) =>
    storeCase(`${how} removes an entry in its grace, and does not count it`, async (store, harness) => {
      await store.set('key', 'stale', { ttl: LIFE, grace: GRACE, tags: ['tag'] })
      await harness.advance(LIFE)
      assert.equal(Number(await remove(store)), 0)
      assert.equal(await store.get('key', STALE), undefined)
    }),
  ),

  storeCase('overwriting an entry replaces its grace', async (store, harness) => {
    await store.set('key', 'old', { ttl: LIFE, grace: GRACE })
    await harness.advance(LIFE)
    await store.set('key', 'new', { ttl: LIFE })
    assert.equal(await store.get('key', STALE), 'new')
    await harness.advance(LIFE)
    assert.equal(await store.get('key', STALE), undefined)
  }),

  storeCase('an entry with a ttl of 0 or less is gone at once, whatever its grace', async (store) => {
    for (const ttl of [0, -1] as const) {
      await store.set('key', 'old', { ttl: LIFE, grace: GRACE })
      await store.set('key', 'new', { ttl, grace: GRACE })
      assert.equal(await store.get('key', STALE), undefined, String(ttl))
    }
  }),

  storeCase('a read that answers with a stale value counts as a hit, and touches nothing', async (store, harness) => {
    await store.set('key', 'old', { ttl: LIFE, grace: GRACE })
    await harness.advance(LIFE)
    const epoch = await store.getEpoch('key')
    await store.get('key', STALE)
    await store.get('absent', STALE)
    const { hits, misses } = await store.getStats()
    assert.deepEqual({ hits, misses }, { hits: 1, misses: 1 })
    assert.equal(await store.set('key', 'new', { ifEpoch: epoch }), true)
  }),

  storeCase('a refused load leaves an entry in its grace', async (store, harness) => {
    const epoch = await store.getEpoch('key')
    await store.set('key', 'newer', { ttl: LIFE, grace: GRACE })
    await harness.advance(LIFE)
    assert.equal(await store.set('key', 'stale', { ifEpoch: epoch }), false)
    assert.equal(await store.get('key', STALE), 'newer')
  }),

  storeCase('a grace that is no duration is a RangeError and changes nothing', async (store) => {
    await store.set('key', 'kept')
    for (const grace of [Number.NaN, '5 minutes', '5'] as readonly Duration[]) {
      await assert.rejects(async () => await store.set('key', 'new', { grace }), REFUSALS.range, String(grace))
      await assert.rejects(async () => await store.setMany([['key', 'new']], { grace }), REFUSALS.range, String(grace))
      await assert.rejects(async () => await store.set('key', 'new', { ttl: 0, grace }), REFUSALS.range, String(grace))
    }
    assert.equal(await store.get('key'), 'kept')
  }),
]
