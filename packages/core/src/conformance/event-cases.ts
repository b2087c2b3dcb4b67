import assert from 'node:assert/strict'
import type { CacheEvent, CacheEventListener, CacheInvalidateEvent } from '../cache-events.ts'
import type { ConformanceCase } from './conformance-case.ts'
import { storeCase } from './store-case.ts'

/** What a store tells those who listen. */
export const eventCases: readonly ConformanceCase[] = [
  storeCase('listeners hear of hits and misses, one by one', async (store) => {
    await store.set('a', 1)
    await store.set('b', 2, { category: 'c' })
    const log = new EventLog()
    store.addEventListener(log)
    await store.get('a')
    await store.get('absent')
    await store.get('b', { category: 'c' })
    assert.deepEqual(log.take(), ['hit default/a', 'miss default/absent', 'hit c/b'])
    await store.getMany(['b', 'absent'], { category: 'c' })
    assert.deepEqual(new Set(log.take()), new Set(['hit c/b', 'miss c/absent']))
    await store.has('a')
    await store.getStats()
    assert.deepEqual(log.take(), [])
  }),

  storeCase('listeners hear what was invalidated, and how much', async (store) => {
    const log = new EventLog()
    store.addEventListener(log)
    for (const key of ['a', 'b', 'c', 'd', 'e', 'f', 'g']) await store.set(key, 1, { tags: ['tag'] })
    await store.delete('a')
    assert.deepEqual(log.takeInvalidations(), [{ key: 'a', category: 'default', count: 1 }])
    await store.invalidate({ pattern: '[bc]' })
    assert.deepEqual(log.takeInvalidations(), [{ pattern: '[bc]', count: 2 }])
    await store.invalidate({ tag: 'tag', key: 'd', category: 'default' })
    assert.deepEqual(log.takeInvalidations(), [{ tag: 'tag', key: 'd', category: 'default', count: 1 }])
    await store.deleteMany(['e', 'absent'])
    assert.equal(log.takeInvalidatedCount(), 1)
    await store.clear()
    assert.equal(log.takeInvalidatedCount(), 2)
  }),

  storeCase('a listener that throws breaks neither the cache nor the other listeners', async (store) => {
    const fail = (): never => {
      throw new Error('of the listener')
    }
    const log = new EventLog()
    store.addEventListener({
      onCacheHit: fail,
      onCacheMiss: fail,
      onCacheInvalidate: fail,
      onCacheEvict: fail,
      onCacheError: fail,
    })
    store.addEventListener(log)
    assert.equal(await store.get('absent'), undefined)
    assert.equal(await store.set('a', 1), true)
    assert.equal(await store.get('a'), 1)
    assert.deepEqual(await store.getMany(['a', 'absent']), new Map([['a', 1]]))
    assert.equal(await store.delete('a'), true)
    assert.equal(await store.invalidate({ pattern: '*' }), 0)
    assert.equal(await store.clear(), 0)
    assert.equal((await store.getStats()).errors, 0)
    assert.equal(log.take().filter((event) => event !== 'hit default/a').length, 2)
  }),

  storeCase('a listener is told once, and not at all once it is removed', async (store) => {
    const [log, other] = [new EventLog(), new EventLog()]
    store.removeEventListener(log)
    for (const listener of [log, log, other]) store.addEventListener(listener)
    await store.get('absent')
    assert.deepEqual(log.take(), ['miss default/absent'])
    store.removeEventListener(log)
    await store.get('absent')
    assert.deepEqual(log.take(), [])
    assert.equal(other.take().length, 2)
  }),

  storeCase('a listener need not listen to everything', async (store) => {
    store.addEventListener({})
    await store.set('a', 1)
    assert.equal(await store.get('a'), 1)
    assert.equal(await store.get('absent'), undefined)
    assert.equal(await store.clear(), 1)
  }),
]

/** Writes down what it hears; every `take` begins anew. */
class EventLog implements CacheEventListener {
  #reads: string[] = []
  #invalidations: CacheInvalidateEvent[] = []

  onCacheHit({ key, category }: CacheEvent): void {
    this.#reads.push(`hit ${category}/${key}`)
  }

  onCacheMiss({ key, category }: CacheEvent): void {
    this.#reads.push(`miss ${category}/${key}`)
  }

  onCacheInvalidate(event: CacheInvalidateEvent): void {
    this.#invalidations.push(event)
  }

  take(): string[] {
    const reads = this.#reads
    this.#reads = []
    return reads
  }

  /** A condition that is `undefined` is an absent one. */
  takeInvalidations(): unknown[] {
    const invalidations = this.#invalidations
    this.#invalidations = []
    return invalidations.map((event) =>
      Object.fromEntries(Object.entries(event).filter(([, condition]) => condition !== undefined)),
    )
  }

  takeInvalidatedCount(): number {
    const count = this.#invalidations.reduce((total, event) => total + event.count, 0)
    this.#invalidations = []
    return count
  }
}
