import assert from 'node:assert/strict'
import type { ConformanceCase } from './conformance-case.ts'
import { REFUSALS, storeCase } from './store-case.ts'

/** More than any store takes as separate parameters of one command. */
const MANY = 3_000

/** Many keys in one call. */
export const batchCases: readonly ConformanceCase[] = [
  storeCase('getMany() gives what is there, in the order asked for', async (store) => {
    await store.set('a', 1)
    await store.set('b', 2)
    await store.set('c', 3)
    const got = await store.getMany(['c', 'absent', 'a', 'b'])
    assert.deepEqual(
      [...got],
      [
        ['c', 3],
        ['a', 1],
        ['b', 2],
      ],
    )
    assert.equal(got.has('absent'), false)
  }),

  storeCase('getMany() gives a key asked for twice once', async (store) => {
    await store.set('a', 1)
    await store.set('b', 2)
    assert.deepEqual(
      [...(await store.getMany(['b', 'a', 'b', 'a', 'absent', 'absent']))],
      [
        ['b', 2],
        ['a', 1],
      ],
    )
  }),

  storeCase('setMany() stores every entry of any iterable and counts them', async (store) => {
    const stored = await store.setMany(
      new Map([
        ['a', 1],
        ['b', 2],
      ]),
    )
    assert.equal(stored, 2)
    assert.equal(await store.setMany(countdown('c', 'd', 'e')), 3)
    assert.deepEqual([...(await store.getMany(['a', 'b', 'c', 'd', 'e'])).values()], [1, 2, 3, 2, 1])
  }),

  storeCase('setMany() stores into its category with its tags', async (store) => {
    await store.setMany(countdown('a', 'b'), { category: 'c', tags: ['tag'] })
    assert.equal(await store.has('a'), false)
    assert.equal(await store.get('a', { category: 'c' }), 2)
    assert.equal(await store.invalidate({ tag: 'tag' }), 2)
  }),

  storeCase('setMany() stores the last of equal keys', async (store) => {
    await store.setMany([
      ['key', 'first'],
      ['other', 0],
      ['key', 'last'],
    ])
    assert.equal(await store.get('key'), 'last')
    assert.equal((await store.getStats()).entryCount, 2)
  }),

  storeCase('setMany() stores nothing when one value is refused', async (store) => {
    await store.set('a', 'kept')
    const withDate = [['a', 'new'], ['b', { when: new Date(0) }] as const, ['c', 1]] as const
    await assert.rejects(async () => await store.setMany(withDate), REFUSALS.notSerializable)
    const withUndefined = [['a', 'new'], ['b', undefined] as const, ['c', 1]] as const
    await assert.rejects(async () => await store.setMany(withUndefined), REFUSALS.type)
    assert.deepEqual(await store.getMany(['a', 'b', 'c']), new Map([['a', 'kept']]))
  }),

  storeCase('setMany() stores nothing when its iterable throws, and gives the same error', async (store) => {
    const failure = new Error('of the iterable')
    function* entries(): Generator<[string, unknown]> {
      yield ['a', 1]
      throw failure
    }
    await assert.rejects(
      async () => await store.setMany(entries()),
      (error) => error === failure,
    )
    assert.equal(await store.has('a'), false)
  }),

  storeCase('deleteMany() counts the entries that were there', async (store) => {
    await store.setMany(countdown('a', 'b', 'c'))
    assert.equal(await store.deleteMany(['a', 'absent', 'b', 'a']), 2)
    assert.equal(await store.deleteMany(['a', 'b']), 0)
    assert.deepEqual([...(await store.getMany(['a', 'b', 'c'])).keys()], ['c'])
  }),

  storeCase('delete() says whether an entry was there', async (store) => {
    await store.set('a', 1)
    assert.equal(await store.delete('a'), true)
    assert.equal(await store.get('a'), undefined)
    assert.equal(await store.delete('a'), false)
  }),

  storeCase('an empty batch is no error', async (store) => {
    await store.set('a', 1)
    assert.equal((await store.getMany([])).size, 0)
    assert.equal(await store.setMany([]), 0)
    assert.equal(await store.deleteMany([]), 0)
    assert.equal(await store.get('a'), 1)
  }),

  storeCase(`a batch may hold ${MANY} entries`, async (store) => {
    const entries = Array.from({ length: MANY }, (_, index) => [`key ${index}`, index] as const)
    const keys = entries.map(([key]) => key)
    assert.equal(await store.setMany(entries), MANY)
    assert.deepEqual([...(await store.getMany(keys))], entries)
    assert.equal((await store.getStats()).entryCount, MANY)
    assert.equal(await store.deleteMany(keys), MANY)
    assert.equal((await store.getStats()).entryCount, 0)
  }),

  storeCase('a hundred concurrent set() of different keys are all stored', async (store) => {
    const keys = Array.from({ length: 100 }, (_, index) => `key ${index}`)
    const stored = await Promise.all(keys.map(async (key, index) => await store.set(key, index)))
    assert.ok(stored.every(Boolean))
    const got = await Promise.all(keys.map(async (key) => await store.get(key)))
    assert.deepEqual(got, [...keys.keys()])
  }),

  storeCase('clear() removes everything and counts it', async (store) => {
    await store.setMany(countdown('a', 'b'))
    await store.set('a', 1, { category: 'c', tags: ['tag'] })
    assert.equal(await store.clear(), 3)
    assert.equal(await store.has('a'), false)
    assert.equal(await store.has('a', { category: 'c' }), false)
    assert.equal(await store.invalidate({ tag: 'tag' }), 0)
    assert.equal(await store.clear(), 0)
    assert.equal(await store.set('a', 2), true)
    assert.equal(await store.get('a'), 2)
  }),
]

/** Entries whose values count down to 1, given one by one. */
function* countdown(...keys: readonly string[]): Generator<[key: string, value: number]> {
  for (const [index, key] of keys.entries()) yield [key, keys.length - index]
}
