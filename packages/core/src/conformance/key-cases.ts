import assert from 'node:assert/strict'
import type { Awaitable } from '../awaitable.ts'
import type { CacheStore } from '../cache-store.ts'
import { escapeGlob } from '../glob.ts'
import { DEFAULT_CATEGORY } from '../store-options.ts'
import type { ConformanceCase } from './conformance-case.ts'
import { CONFUSABLE_PAIRS, ODD_STRINGS } from './odd-strings.ts'
import { REFUSALS, storeCase } from './store-case.ts'

/** What a program without types may give as a key: each would be the key of the string that it looks like. */
const NO_STRINGS: readonly unknown[] = [undefined, null, 5, ['key']]

const CALLS: Readonly<Record<string, (store: CacheStore, key: string, category?: string) => Awaitable<unknown>>> = {
  'get()': (store, key, category) => store.get(key, { category }),
  'getMany()': (store, key, category) => store.getMany([key], { category }),
  'set()': (store, key, category) => store.set(key, 'changed', { category }),
  'setMany()': (store, key, category) => store.setMany([[key, 'changed']], { category }),
  'has()': (store, key, category) => store.has(key, { category }),
  'delete()': (store, key, category) => store.delete(key, { category }),
  'deleteMany()': (store, key, category) => store.deleteMany([key], { category }),
  'getEpoch()': (store, key, category) => store.getEpoch(key, { category }),
}

/** Any string is a legal key, category or tag, and none is ever taken for another. */
export const keyCases: readonly ConformanceCase[] = [
  storeCase('any string is a key, and none is taken for another', async (store) => {
    for (const [index, key] of ODD_STRINGS.entries()) await store.set(key, index)
    await assertIndexed(ODD_STRINGS, (key) => store.get(key))
    const all = await store.getMany(ODD_STRINGS)
    assert.deepEqual([...all.keys()], ODD_STRINGS)
    assert.deepEqual([...all.values()], [...ODD_STRINGS.keys()])
    assert.equal((await store.getStats()).entryCount, ODD_STRINGS.length)
  }),

  storeCase('delete() removes the entry of exactly its key, whatever the string', async (store) => {
    await store.setMany(ODD_STRINGS.map((key, index) => [key, index] as const))
    for (const [index, key] of ODD_STRINGS.entries()) {
      assert.equal(await store.delete(key), true, JSON.stringify(key))
      assert.equal(await store.has(key), false, JSON.stringify(key))
      assert.equal((await store.getStats()).entryCount, ODD_STRINGS.length - index - 1)
    }
  }),

  storeCase('any string is a category, and none is taken for another', async (store) => {
    for (const [index, category] of ODD_STRINGS.entries()) await store.set('key', index, { category })
    await assertIndexed(ODD_STRINGS, (category) => store.get('key', { category }))
    const { byCategory } = await store.getStats()
    assert.deepEqual(new Set(Object.keys(byCategory)), new Set(ODD_STRINGS))
    for (const category of ODD_STRINGS) {
      assert.equal(await store.invalidate({ category }), 1, JSON.stringify(category))
    }
  }),

  storeCase('any string is a tag, and none is taken for another', async (store) => {
    for (const [index, tag] of ODD_STRINGS.entries()) await store.set(`key ${index}`, index, { tags: [tag] })
    for (const [index, tag] of ODD_STRINGS.entries()) {
      assert.equal(await store.invalidate({ tag }), 1, JSON.stringify(tag))
      assert.equal(await store.has(`key ${index}`), false, JSON.stringify(tag))
    }
  }),

  storeCase('category and key are never joined ambiguously', async (store) => {
    for (const [index, [category, key]] of CONFUSABLE_PAIRS.entries()) await store.set(key, index, { category })
    await assertIndexed(CONFUSABLE_PAIRS, ([category, key]) => store.get(key, { category }))
    for (const [category, key] of CONFUSABLE_PAIRS) {
      assert.equal(await store.delete(key, { category }), true, JSON.stringify([category, key]))
    }
  }),

  storeCase('categories never leak into each other', async (store) => {
    await store.set('key', 1, { category: 'a' })
    for (const category of ['ab', 'A', '', 'a*', DEFAULT_CATEGORY, undefined]) {
      assert.equal(await store.get('key', { category }), undefined)
      assert.equal((await store.getMany(['key'], { category })).size, 0)
      assert.equal(await store.has('key', { category }), false)
      assert.equal(await store.delete('key', { category }), false)
      assert.equal(await store.deleteMany(['key'], { category }), 0)
    }
    assert.equal(await store.invalidate({ category: 'ab' }), 0)
    assert.equal(await store.invalidate({ pattern: '*', category: '*' }), 0)
    assert.equal(await store.get('key', { category: 'a' }), 1)
  }),

  storeCase('a call without a category is about the category "default"', async (store) => {
    await store.set('key', 1)
    assert.equal(await store.get('key', { category: DEFAULT_CATEGORY }), 1)
    await store.setMany([['other', 2]], { category: DEFAULT_CATEGORY })
    assert.equal(await store.get('other'), 2)
    assert.equal(await store.invalidate({ category: DEFAULT_CATEGORY }), 2)
  }),

  storeCase('a key or a category that is no string is a TypeError and changes nothing', async (store) => {
    for (const given of NO_STRINGS) {
      const text = String(given)
      await store.set(text, 1)
      await store.set('key', 1, { category: text })
      for (const [name, call] of Object.entries(CALLS)) {
        const asKey = async (): Promise<unknown> => await call(store, given as string)
        await assert.rejects(asKey, REFUSALS.type, `${name} of the key ${text}`)
        // A category that is undefined is the default one.
        if (given === undefined) continue
        const asCategory = async (): Promise<unknown> => await call(store, 'key', given as string)
        await assert.rejects(asCategory, REFUSALS.type, `${name} of the category ${text}`)
      }
      assert.equal(await store.get(text), 1)
      assert.equal(await store.get('key', { category: text }), 1)
    }
  }),

  storeCase('an escaped key is a pattern that matches exactly it', async (store) => {
    await store.setMany(ODD_STRINGS.map((key, index) => [key, index] as const))
    for (const key of ODD_STRINGS) {
      assert.equal(await store.invalidate({ pattern: escapeGlob(key) }), 1, JSON.stringify(key))
      assert.equal(await store.has(key), false, JSON.stringify(key))
    }
  }),
]

async function assertIndexed<T>(items: readonly T[], read: (item: T) => ReturnType<CacheStore['get']>): Promise<void> {
  for (const [index, item] of items.entries()) assert.equal(await read(item), index, JSON.stringify(item))
}
