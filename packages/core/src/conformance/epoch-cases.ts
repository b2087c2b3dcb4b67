import assert from 'node:assert/strict'
import type { Epoch } from '../cache-store.ts'
import type { ConformanceCase } from './conformance-case.ts'
import { assertOvertaken, KEY, SCOPE, TOUCHES } from './overtaking.ts'
import { REFUSALS, storeCase } from './store-case.ts'

/** A deletion or a write that has finished is never undone by a load that started before it. */
export const epochCases: readonly ConformanceCase[] = [
  storeCase('a load that nothing overtook is stored', async (store, harness) => {
    const first = await store.getEpoch(KEY, SCOPE)
    await store.get(KEY, SCOPE)
    await store.getMany([KEY], SCOPE)
    await store.has(KEY, SCOPE)
    await store.getStats()
    assert.equal(await store.set(KEY, 'loaded', { ...SCOPE, ifEpoch: first }), true)
    assert.equal(await store.get(KEY, SCOPE), 'loaded')

    await harness.advance(1)
    const second = await store.getEpoch(KEY, SCOPE)
    assert.equal(await store.setMany([[KEY, 'loaded again']], { ...SCOPE, ifEpoch: second }), 1)
    assert.equal(await store.get(KEY, SCOPE), 'loaded again')
  }),

  ...Object.entries(TOUCHES).flatMap(([how, touch]) => [
    storeCase(`a load that ${how} overtook is not stored over what was there`, async (store) => {
      await store.set(KEY, 'old', { ...SCOPE, tags: ['project'] })
      await assertOvertaken(store, () => touch(store))
    }),
    storeCase(`a load of an absent key that ${how} overtook is not stored`, async (store) => {
      await assertOvertaken(store, () => touch(store))
    }),
  ]),

  storeCase('of two loads from one epoch, the first to end is stored', async (store) => {
    const epoch = await store.getEpoch(KEY, SCOPE)
    assert.equal(await store.set(KEY, 'first', { ...SCOPE, ifEpoch: epoch }), true)
    assert.equal(await store.set(KEY, 'second', { ...SCOPE, ifEpoch: epoch }), false)
    assert.equal(await store.setMany([[KEY, 'third']], { ...SCOPE, ifEpoch: epoch }), 0)
    assert.equal(await store.get(KEY, SCOPE), 'first')
  }),

  storeCase('an epoch never comes back, whatever happens to the key', async (store) => {
    const epochs: Epoch[] = [await store.getEpoch(KEY, SCOPE)]
    for (let round = 0; round < 2; round += 1) {
      for (const touch of Object.values(TOUCHES)) {
        await touch(store)
        epochs.push(await store.getEpoch(KEY, SCOPE))
      }
    }
    for (const epoch of epochs.slice(0, -1)) {
      assert.equal(await store.set(KEY, 'stale', { ...SCOPE, ifEpoch: epoch }), false)
    }
    assert.equal(await store.has(KEY, SCOPE), false)
  }),

  storeCase('a refused load leaves the newer value, its deadline and its tags', async (store, harness) => {
    const epoch = await store.getEpoch(KEY, SCOPE)
    await store.set(KEY, 'newer', { ...SCOPE, ttl: '10s', tags: ['newer'] })
    await store.set(KEY, 'stale', { ...SCOPE, ttl: '1h', tags: ['stale'], ifEpoch: epoch })
    await store.setMany([[KEY, 'stale']], { ...SCOPE, ttl: '1h', tags: ['stale'], ifEpoch: epoch })
    assert.equal(await store.get(KEY, SCOPE), 'newer')
    assert.equal(await store.invalidate({ tag: 'stale' }), 0)
    await harness.advance(10_000)
    assert.equal(await store.has(KEY, SCOPE), false)
  }),

  storeCase('setMany() never stores a key that was touched since its epoch', async (store) => {
    const epoch = await store.getEpoch(KEY, SCOPE)
    await store.delete(KEY, SCOPE)
    const entries = [
      [KEY, 'stale'],
      ['other', 'loaded with it'],
    ] as const
    const stored = await store.setMany(entries, { ...SCOPE, ifEpoch: epoch })
    assert.equal(await store.has(KEY, SCOPE), false)
    assert.equal(stored, (await store.getMany(['other'], SCOPE)).size)
  }),

  storeCase('a write in another category overtakes nothing', async (store) => {
    const epoch = await store.getEpoch(KEY, SCOPE)
    for (const category of ['other', 'issue', 'issuesX', undefined]) {
      await store.set(KEY, 1, { category })
      await store.delete(KEY, { category })
      if (category !== undefined) await store.invalidate({ category })
    }
    assert.equal(await store.set(KEY, 'loaded', { ...SCOPE, ifEpoch: epoch }), true)
  }),

  storeCase('a value that is refused is refused before its epoch', async (store) => {
    const epoch = await store.getEpoch(KEY, SCOPE)
    await store.delete(KEY, SCOPE)
    const options = { ...SCOPE, ifEpoch: epoch }
    await assert.rejects(async () => await store.set(KEY, undefined, options), REFUSALS.type)
    await assert.rejects(async () => await store.set(KEY, 1n, options), REFUSALS.notSerializable)
    await assert.rejects(async () => await store.set(KEY, 1, { ...options, ttl: Number.NaN }), REFUSALS.range)
  }),
]
