import assert from 'node:assert/strict'
import type { CacheStore, InvalidateFilter } from '../cache-store.ts'
import type { ConformanceCase } from './conformance-case.ts'
import { REFUSALS, storeCase } from './store-case.ts'

interface GlobExample {
  readonly pattern: string
  readonly matches: readonly string[]
  readonly spares: readonly string[]
}

const GLOBS: readonly GlobExample[] = [
  { pattern: '', matches: [''], spares: ['a'] },
  { pattern: '*', matches: ['', 'a', 'a:b', '\n', '🙂'], spares: [] },
  { pattern: 'PROJ-*', matches: ['PROJ-123', 'PROJ-'], spares: ['OTHER-789', 'xPROJ-1', 'proj-1', 'PROJ'] },
  { pattern: 'k-1', matches: ['k-1'], spares: ['k-10', 'ak-1', 'K-1', 'k-'] },
  { pattern: '*:comments', matches: ['1:comments', ':comments'], spares: ['1:comments:2', 'comments'] },
  { pattern: 'a*b*c', matches: ['abc', 'aXbYc', 'abbcc'], spares: ['acb', 'ab', 'abcd'] },
  { pattern: 'file[1-2].txt', matches: ['file1.txt', 'file2.txt'], spares: ['file3.txt', 'file.txt', 'file12.txt'] },
  { pattern: 'file[!1-2].txt', matches: ['file3.txt', 'file-.txt'], spares: ['file1.txt', 'file.txt'] },
  { pattern: '[^a]', matches: ['^', 'a'], spares: ['b', '!'] },
  { pattern: '[]!-]', matches: [']', '!', '-'], spares: ['a', '[]!-]'] },
  { pattern: '[\\]a-]', matches: [']', 'a', '-'], spares: ['\\', 'b'] },
  { pattern: 'a?c', matches: ['abc', 'a🙂c', 'a\nc', 'a?c'], spares: ['ac', 'abbc'] },
  { pattern: '[🙂-🙃]', matches: ['🙂', '🙃'], spares: ['🙄', '\ud83d', '🙂🙂'] },
  { pattern: '🙂*', matches: ['🙂', '🙂a'], spares: ['🙃', 'a🙂'] },
  { pattern: '\ud83d*', matches: ['\ud83d', '\ud83da'], spares: ['🙂', 'a'] },
  { pattern: '\\*\\?\\[a\\]\\\\', matches: ['*?[a]\\'], spares: ['x', '\\*\\?\\[a\\]\\\\'] },
  { pattern: 'a.b+(c)|^$%_{d}', matches: ['a.b+(c)|^$%_{d}'], spares: ['aXb+(c)|^$%_{d}', 'a'] },
  { pattern: 'a%', matches: ['a%'], spares: ['ab', 'a'] },
  { pattern: 'a_c', matches: ['a_c'], spares: ['abc'] },
]

const MALFORMED_GLOBS = ['[', 'a[b', '[]', '[!]', '[a\\]', 'a\\', '[b-a]']

/** Removal by what entries have in common. */
export const invalidateCases: readonly ConformanceCase[] = [
  storeCase('invalidate() by key removes the key from every category', async (store) => {
    await fill(store)
    await assertRemoves(store, { key: 'a:1' }, ['x/a:1', 'y/a:1'])
    await assertRemoves(store, { key: 'a:*' }, [])
  }),

  storeCase('invalidate() by pattern removes matching keys from every category', async (store) => {
    await fill(store)
    await assertRemoves(store, { pattern: 'a:*' }, ['x/a:1', 'x/a:2', 'y/a:1'])
  }),

  storeCase('invalidate() by category removes all of it', async (store) => {
    await fill(store)
    await assertRemoves(store, { category: 'x' }, ['x/a:1', 'x/a:2', 'x/b:1'])
    await assertRemoves(store, { category: '*' }, [])
  }),

  storeCase('invalidate() by tag removes what carries it', async (store) => {
    await fill(store)
    await assertRemoves(store, { tag: 'o*' }, [])
    await assertRemoves(store, { tag: 'od' }, [])
    await assertRemoves(store, { tag: 'odd' }, ['x/a:1', 'x/b:1', 'y/a:1'])
  }),

  storeCase('the conditions of invalidate() combine with AND', async (store) => {
    await fill(store)
    const examples: readonly (readonly [InvalidateFilter, readonly string[]])[] = [
      [{ key: 'a:1', category: 'x' }, ['x/a:1']],
      [{ key: 'a:1', pattern: 'b*' }, []],
      [{ key: 'a:1', pattern: 'a*' }, ['x/a:1', 'y/a:1']],
      [{ key: 'a:2', tag: 'odd' }, []],
      [{ pattern: 'a:*', category: 'y' }, ['y/a:1']],
      [{ pattern: 'a:*', tag: 'even' }, ['x/a:2']],
      [{ category: 'x', tag: 'odd' }, ['x/a:1', 'x/b:1']],
      [{ key: 'a:1', pattern: '*:1', category: 'x', tag: 'odd' }, ['x/a:1']],
      [{ key: 'a:1', pattern: '*:1', category: 'x', tag: 'even' }, []],
      [{ key: undefined, pattern: 'b*', category: undefined, tag: undefined }, ['x/b:1']],
    ]
    for (const [filter, removed] of examples) {
      await assertRemoves(store, filter, removed)
      await fill(store)
    }
  }),

  storeCase('invalidate() without a condition is a TypeError and removes nothing', async (store) => {
    await fill(store)
    for (const filter of [{}, { key: undefined }, { pattern: undefined, tag: undefined }]) {
      await assert.rejects(async () => await store.invalidate(filter), REFUSALS.type)
    }
    assert.deepEqual(await present(store), ALL)
  }),

  storeCase('invalidate() with an unknown condition is a TypeError and removes nothing', async (store) => {
    await fill(store)
    for (const wrong of [
      { keys: 'a:1' },
      { category: 'x', prefix: 'a' },
      { pattern: /a/ },
      { tag: ['odd'] },
      { key: 1 },
    ]) {
      await assert.rejects(async () => await store.invalidate(wrong as InvalidateFilter), REFUSALS.type)
    }
    assert.deepEqual(await present(store), ALL)
  }),

  storeCase('a malformed glob is a RangeError and removes nothing', async (store) => {
    await fill(store)
    for (const pattern of MALFORMED_GLOBS) {
      await assert.rejects(async () => await store.invalidate({ pattern }), REFUSALS.range, pattern)
      await assert.rejects(async () => await store.invalidate({ pattern, category: 'none' }), REFUSALS.range, pattern)
    }
    assert.deepEqual(await present(store), ALL)
  }),

  storeCase('patterns are anchored case-sensitive globs over code points', async (store) => {
    for (const { pattern, matches, spares } of GLOBS) {
      await store.setMany([...matches, ...spares].map((key) => [key, 1] as const))
      assert.equal(await store.invalidate({ pattern }), matches.length, pattern)
      const left = await store.getMany([...matches, ...spares])
      assert.deepEqual([...left.keys()], spares, pattern)
      await store.clear()
    }
  }),

  storeCase('an entry may carry many tags, and one twice', async (store) => {
    for (const tag of ['a', 'b', 'c']) {
      await store.set('key', 1, { tags: ['a', 'b', 'c', 'b'] })
      assert.equal(await store.invalidate({ tag }), 1)
    }
  }),

  storeCase('overwriting an entry replaces its tags', async (store) => {
    await store.set('key', 1, { tags: ['old', 'both'] })
    await store.set('key', 2, { tags: ['both', 'new'] })
    assert.equal(await store.invalidate({ tag: 'old' }), 0)
    assert.equal(await store.invalidate({ tag: 'new' }), 1)
    await store.set('key', 1, { tags: ['old'] })
    await store.set('key', 2)
    assert.equal(await store.invalidate({ tag: 'old' }), 0)
    await store.setMany([['key', 3]], { tags: ['many'] })
    await store.setMany([['key', 4]])
    assert.equal(await store.invalidate({ tag: 'many' }), 0)
    assert.equal(await store.get('key'), 4)
  }),

  storeCase('an entry that comes back after its removal has none of its old tags', async (store) => {
    const removals = [
      () => store.delete('key'),
      () => store.deleteMany(['key']),
      () => store.invalidate({ key: 'key' }),
      () => store.clear(),
    ]
    for (const remove of removals) {
      await store.set('key', 1, { tags: ['old'] })
      await remove()
      await store.set('key', 2)
      assert.equal(await store.invalidate({ tag: 'old' }), 0)
      assert.equal(await store.get('key'), 2)
    }
  }),
]

const ENTRIES = [
  ['x', 'a:1', 'odd'],
  ['x', 'a:2', 'even'],
  ['x', 'b:1', 'odd'],
  ['y', 'a:1', 'odd'],
] as const

const ALL = ENTRIES.map(([category, key]) => `${category}/${key}`)

async function fill(store: CacheStore): Promise<void> {
  for (const [category, key, tag] of ENTRIES) await store.set(key, 1, { category, tags: [tag] })
}

async function present(store: CacheStore): Promise<string[]> {
  const found: string[] = []
  for (const [category, key] of ENTRIES) if (await store.has(key, { category })) found.push(`${category}/${key}`)
  return found
}

async function assertRemoves(store: CacheStore, filter: InvalidateFilter, removed: readonly string[]): Promise<void> {
  const before = await present(store)
  const label = JSON.stringify(filter)
  assert.equal(await store.invalidate(filter), removed.length, label)
  const left = before.filter((entry) => !removed.includes(entry))
  assert.deepEqual(await present(store), left, label)
}
