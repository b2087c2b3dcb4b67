import assert from 'node:assert/strict'
import type { Awaitable } from '../awaitable.ts'
import type { CacheStore } from '../cache-store.ts'
import type { ConformanceCase } from './conformance-case.ts'
import { REFUSALS, storeCase } from './store-case.ts'

const CALLS: Readonly<Record<string, (store: CacheStore) => Awaitable<unknown>>> = {
  'get()': (store) => store.get('a'),
  'getMany()': (store) => store.getMany(['a']),
  'set()': (store) => store.set('a', 1),
  'setMany()': (store) => store.setMany([['a', 1]]),
  'has()': (store) => store.has('a'),
  'delete()': (store) => store.delete('a'),
  'deleteMany()': (store) => store.deleteMany(['a']),
  'invalidate()': (store) => store.invalidate({ pattern: '*' }),
  'getEpoch()': (store) => store.getEpoch('a'),
  'clear()': (store) => store.clear(),
  'getStats()': (store) => store.getStats(),
}

/** The end of a store. */
export const closeCases: readonly ConformanceCase[] = [
  storeCase('close() may be called again', async (store) => {
    await store.set('a', 1)
    await store.close()
    await store.close()
    await store[Symbol.asyncDispose]()
  }),

  ...Object.entries(CALLS).map(([name, call]) =>
    storeCase(`${name} after close() is STORE_CLOSED`, async (store) => {
      await store.set('a', 1)
      await store.close()
      await assert.rejects(async () => await call(store), REFUSALS.closed)
    }),
  ),

  storeCase('Symbol.asyncDispose closes the store', async (store) => {
    await store.set('a', 1)
    await store[Symbol.asyncDispose]()
    await assert.rejects(async () => await store.get('a'), REFUSALS.closed)
  }),

  storeCase('stores share nothing, not even by being closed', async (store, harness) => {
    await using other = await harness.create({})
    await store.set('a', 1)
    assert.equal(await other.get('a'), undefined)
    await other.set('a', 2)
    await other.clear()
    assert.equal(await store.get('a'), 1)
    await other.close()
    assert.equal(await store.get('a'), 1)
  }),
]
