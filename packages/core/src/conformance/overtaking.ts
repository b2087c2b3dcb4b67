import assert from 'node:assert/strict'
import type { Awaitable } from '../awaitable.ts'
import type { CacheStore } from '../cache-store.ts'

/** The key that is loaded. */
export const KEY = 'issue:1'
/** Where it is. */
export const SCOPE = { category: 'issues' } as const

/** What touches the key, by how it is called. */
export const TOUCHES: Readonly<Record<string, (store: CacheStore) => Awaitable<unknown>>> = {
  'set()': (store) => store.set(KEY, 'newer', SCOPE),
  'setMany()': (store) => store.setMany([[KEY, 'newer']], SCOPE),
  'set() of an entry that is gone at once': (store) => store.set(KEY, 'newer', { ...SCOPE, ttl: 0 }),
  'delete()': (store) => store.delete(KEY, SCOPE),
  'deleteMany()': (store) => store.deleteMany(['other', KEY], SCOPE),
  'invalidate() by key': (store) => store.invalidate({ key: KEY }),
  'invalidate() by key and category': (store) => store.invalidate({ key: KEY, ...SCOPE }),
  'invalidate() by pattern': (store) => store.invalidate({ pattern: 'issue:*' }),
  'invalidate() by pattern and category': (store) => store.invalidate({ pattern: '*1', ...SCOPE }),
  'invalidate() by category': (store) => store.invalidate(SCOPE),
  'invalidate() by tag': (store) => store.invalidate({ tag: 'project' }),
  'invalidate() by tag and category': (store) => store.invalidate({ tag: 'project', ...SCOPE }),
  'clear()': (store) => store.clear(),
}

/** A load through a store that something overtakes is not stored, and the next one is. */
export async function assertOvertaken(store: CacheStore, touch: () => Awaitable<unknown>): Promise<void> {
  const epoch = await store.getEpoch(KEY, SCOPE)
  await touch()
  const left = await store.get(KEY, SCOPE)
  const stale = { ...SCOPE, tags: ['project'], ifEpoch: epoch }
  assert.equal(await store.set(KEY, 'stale', stale), false, 'set() of a stale value')
  assert.equal(await store.setMany([[KEY, 'stale']], stale), 0, 'setMany() of a stale value')
  assert.equal(await store.get(KEY, SCOPE), left)
  // Whoever starts to load now is not held up.
  const fresh = await store.getEpoch(KEY, SCOPE)
  assert.equal(await store.set(KEY, 'fresh', { ...SCOPE, ifEpoch: fresh }), true)
}
