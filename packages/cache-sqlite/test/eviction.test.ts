import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'

import { SqliteCache, type SqliteCacheOptions } from '../src/index.ts'
import { WriteTransactions } from '../src/write-transactions.ts'
import { expectExactAccounting } from './accounting.ts'
import { CacheModel } from './cache-model.ts'
import { temporaryFolder } from './temporary-folder.ts'

/** A value whose JSON has exactly this many bytes. */
const bytes = (count: number): string => 'x'.repeat(count - 2)

function open(options: Partial<SqliteCacheOptions>): SqliteCache {
  return new SqliteCache({ path: ':memory:', ...options })
}

describe('the limits of SqliteCache', () => {
  it('evict what was used least recently: a read counts as a use', () => {
    const cache = open({ maxSizeBytes: 1_024 })
    for (const key of ['key1', 'key2', 'key3']) cache.set(key, bytes(200))
    cache.get('key1')
    cache.set('key4', bytes(500))
    expect(['key1', 'key2', 'key3', 'key4'].filter((key) => cache.has(key))).toEqual(['key1', 'key3', 'key4'])
    expect(cache.getStats()).toMatchObject({ entryCount: 3, totalSizeBytes: 900, evictions: 1 })
  })

  it('hold 0.001 MB through 100 writes of about 100 bytes', () => {
    const cache = open({ maxSizeBytes: 0.001 * 1_024 * 1_024 })
    for (let index = 0; index < 100; index += 1) {
      cache.set(`key${index}`, bytes(95 + (index % 10)))
      expect(cache.getStats().totalSizeBytes).toBeLessThanOrEqual(1_048)
    }
    expect(cache.has('key99')).toBe(true)
    expect(cache.getStats().entryCount).toBeGreaterThan(8)
  })

  it('evict nothing for an overwrite that fits in the place of the old value', () => {
    const cache = open({ maxSizeBytes: 400, maxEntries: 4 })
    for (const key of ['a', 'b', 'c', 'd']) cache.set(key, bytes(100))
    cache.set('a', bytes(100))
    expect(cache.getStats()).toMatchObject({ entryCount: 4, evictions: 0 })
    cache.set('e', bytes(100))
    expect(['a', 'b', 'c', 'd', 'e'].filter((key) => cache.has(key))).toEqual(['a', 'c', 'd', 'e'])
  })

  it('refuse a value that could never fit, and leave everything as it was', () => {
    const cache = open({ maxSizeBytes: 300, categories: { small: { maxSizeBytes: 100 } } })
    cache.set('a', bytes(100))
    expect(() => cache.set('a', bytes(301))).toThrow(
      expect.objectContaining({ code: 'VALUE_TOO_LARGE', details: { key: 'a', bytes: 301, limit: 300 } }),
    )
    expect(() => cache.set('b', bytes(101), { category: 'small' })).toThrow(
      expect.objectContaining({ code: 'VALUE_TOO_LARGE' }),
    )
    expect(() =>
      cache.setMany([
        ['b', 1],
        ['a', bytes(301)],
      ]),
    ).toThrow(expect.objectContaining({ code: 'VALUE_TOO_LARGE' }))
    expect(cache.get('a')).toBe(bytes(100))
    expect(cache.getStats()).toMatchObject({ entryCount: 1, totalSizeBytes: 100 })
  })

  it("keep a category within its own limit at its own entries' expense", () => {
    const cache = open({ maxSizeBytes: 1_000, categories: { small: { maxSizeBytes: 200 } } })
    cache.set('other', bytes(100))
    for (const key of ['a', 'b', 'c']) cache.set(key, bytes(100), { category: 'small' })
    expect(cache.has('other')).toBe(true)
    expect(['a', 'b', 'c'].filter((key) => cache.has(key, { category: 'small' }))).toEqual(['b', 'c'])
  })

  it('keep a category within its own limit after another process has put one of its entries in order', () => {
    const options = { path: `${temporaryFolder()}/cache.db`, categories: { small: { maxSizeBytes: 700 } } }
    using cache = open(options)
    using other = open(options)
    const category = 'small'
    for (const key of ['1', '2', '3', '4', '5', '6']) cache.set(key, bytes(100), { category })
    other.get('2', { category })
    // The second makes room, and so looks which entries are the oldest; the other one then moves one of them.
    for (const key of ['7', '8']) cache.set(key, bytes(100), { category })
    other.set('9', bytes(100), { category })
    cache.set('9', bytes(700), { category })
    expect(cache.getStats().byCategory[category]).toEqual({ entryCount: 1, totalSizeBytes: 700 })
  })

  it('let expired entries go before live ones, and do not count them as evicted', () => {
    let now = 0
    const cache = open({ maxSizeBytes: 300, clock: { now: () => now } })
    cache.set('live', bytes(100))
    cache.set('short', bytes(100), { ttl: 10 })
    cache.set('alive', bytes(100))
    now = 10
    cache.set('new', bytes(100))
    expect(['live', 'short', 'alive', 'new'].filter((key) => cache.has(key))).toEqual(['live', 'alive', 'new'])
    expect(cache.getStats()).toMatchObject({ entryCount: 3, evictions: 0 })
  })

  it('let every expired entry go before a live one, however many there are', () => {
    let now = 0
    const cache = open({ maxEntries: 60, clock: { now: () => now } })
    cache.setMany(Array.from({ length: 10 }, (_, index) => [`live${index}`, index] as const))
    cache.setMany(
      Array.from({ length: 50 }, (_, index) => [`short${index}`, index] as const),
      { ttl: 10 },
    )
    now = 10
    cache.setMany(Array.from({ length: 50 }, (_, index) => [`new${index}`, index] as const))
    expect(cache.getMany(Array.from({ length: 10 }, (_, index) => `live${index}`)).size).toBe(10)
    expect(cache.getStats()).toMatchObject({ entryCount: 60, evictions: 0 })
  })

  it('let expired entries go before live ones also where pages are full before the limit is reached', () => {
    let now = 0
    using cache = open({ maxSizeBytes: 20_000_000, clock: { now: () => now } })
    // Of values just above 2 KB, a page of 4 KB holds one.
    const many = (name: string, count: number): (readonly [string, string])[] =>
      Array.from({ length: count }, (_, index) => [`${name}${index}`, bytes(2_100)] as const)
    const live = many('live', 1_000)
    cache.setMany(live)
    cache.setMany(many('short', 6_000), { ttl: 10 })
    now = 10
    for (let round = 0; round < 3; round += 1) cache.setMany(many(`new${round}-`, 1_000))
    expect(cache.getMany(live.map(([key]) => key)).size).toBe(1_000)
  })

  it('look through no more than a few expired entries of other categories for one whose category is full', () => {
    let now = 0
    const path = `${temporaryFolder()}/cache.db`
    using cache = open({ path, clock: { now: () => now }, categories: { small: { maxSizeBytes: 200 } } })
    cache.setMany(
      Array.from({ length: 1_000 }, (_, index) => [`short${index}`, index] as const),
      { ttl: 10 },
    )
    for (const key of ['a', 'b']) cache.set(key, bytes(100), { category: 'small' })
    now = 10
    cache.set('c', bytes(100), { category: 'small' })
    expect(['a', 'b', 'c'].filter((key) => cache.has(key, { category: 'small' }))).toEqual(['b', 'c'])
    expect(cache.getStats().entryCount).toBeGreaterThan(900)
    expectExactAccounting(path)
  })

  it.each([
    ['maxSizeBytes', { maxSizeBytes: 50_000 }, 9_000, 'key'],
    ['maxEntries', { maxEntries: 500 }, 9_000, 'key'],
    ['the limit of a category', { categories: { default: { maxSizeBytes: 50_000 } } }, 9_000, 'key'],
    ['maxSizeBytes, so that there are too many pages,', { maxSizeBytes: 1_000_000 }, 9_000, 'k'.repeat(1_000)],
  ])('go through several transactions to where %s was lowered', (_, lowered, count, prefix) => {
    const path = `${temporaryFolder()}/cache.db`
    const first = open({ path, maxSizeBytes: Infinity })
    first.setMany(Array.from({ length: count }, (_, index) => [`${prefix}${index}`, bytes(100)] as const))
    first.close()
    using cache = open({ path, ...lowered })
    using transactions = vi.spyOn(WriteTransactions.prototype, 'run')
    cache.set('new', bytes(100))
    const { entryCount, evictions } = cache.getStats()
    expect(entryCount + evictions).toBe(count + 1)
    expect(evictions).toBeGreaterThan(3_000)
    expect(transactions.mock.calls.length).toBeGreaterThan(evictions / 2_100)
    expectExactAccounting(path)
  })

  it('follow recency over many more reads than one write brings into the file', () => {
    const cache = open({ maxEntries: 2_000 })
    cache.setMany(Array.from({ length: 2_000 }, (_, index) => [`old${index}`, index] as const))
    for (let index = 0; index < 1_000; index += 1) cache.get(`old${index}`)
    cache.setMany(Array.from({ length: 1_000 }, (_, index) => [`new${index}`, index] as const))
    const kept = cache.getMany(Array.from({ length: 2_000 }, (_, index) => `old${index}`))
    expect([...kept.values()]).toEqual(Array.from({ length: 1_000 }, (_, index) => index))
  })

  it('remember what was read when the file is opened again', () => {
    const path = `${temporaryFolder()}/cache.db`
    const first = open({ path })
    for (const key of ['a', 'b', 'c']) first.set(key, key)
    first.get('a')
    first.close()
    const second = open({ path, maxEntries: 3 })
    second.set('d', 'd')
    expect(['a', 'b', 'c', 'd'].filter((key) => second.has(key))).toEqual(['a', 'c', 'd'])
    second.close()
  })

  it('tell listeners what was evicted, after it is gone', () => {
    const cache = open({ maxEntries: 1 })
    const events: unknown[] = []
    cache.addEventListener({ onCacheEvict: (event) => events.push([event, cache.has(event.key, event)]) })
    cache.set('a\uD800', 1, { category: 'x' })
    cache.set('b', 2)
    expect(events).toEqual([[{ key: 'a\uD800', category: 'x' }, false]])
  })

  it('of the store alone remove what was used least recently, also where one category would fill it', () => {
    const cache = open({ maxSizeBytes: 150 })
    cache.set('oldest', bytes(2), { category: 'y' })
    for (const [key, size] of [
      ['a', 55],
      ['b', 40],
      ['c', 56],
    ] as const)
      cache.set(key, bytes(size), { category: 'x' })
    expect(cache.has('oldest', { category: 'y' })).toBe(false)
    expect(['a', 'b', 'c'].filter((key) => cache.has(key, { category: 'x' }))).toEqual(['b', 'c'])
  })

  it('agree with a model over random histories', () => {
    const key = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g')
    const category = fc.constantFrom('x', 'y')
    const ttl = fc.constantFrom(undefined, 5, 20, 0)
    const operation = fc.oneof(
      {
        weight: 4,
        arbitrary: fc.record({
          name: fc.constant('set' as const),
          key,
          category,
          size: fc.integer({ min: 2, max: 60 }),
          ttl,
        }),
      },
      { weight: 4, arbitrary: fc.record({ name: fc.constant('get' as const), key, category }) },
      { weight: 1, arbitrary: fc.record({ name: fc.constant('delete' as const), key, category }) },
      { weight: 1, arbitrary: fc.record({ name: fc.constant('invalidate' as const), category }) },
      { weight: 1, arbitrary: fc.record({ name: fc.constant('wait' as const), by: fc.integer({ min: 1, max: 8 }) }) },
    )
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 60 }), (history) => {
        let now = 1_000
        const limits = { maxSizeBytes: 150, maxEntries: 6, categories: { y: { maxSizeBytes: 80 } } }
        const cache = open({ ...limits, clock: { now: () => now } })
        const model = new CacheModel(limits)
        for (const step of history) {
          if (step.name === 'wait') now += step.by
          else if (step.name === 'invalidate')
            expect(cache.invalidate({ category: step.category })).toBe(model.invalidate(step.category, now))
          else if (step.name === 'delete') expect(cache.delete(step.key, step)).toBe(model.delete(step, now))
          else if (step.name === 'get') expect(cache.get(step.key, step)).toBe(model.get(step, now))
          else {
            const value = bytes(step.size)
            cache.set(step.key, value, step)
            model.set(step, { value, size: step.size, expiresAt: now + (step.ttl ?? Infinity) }, now)
          }
          expect(cache.getStats().totalSizeBytes).toBeLessThanOrEqual(150)
          expect(cache.getStats().entryCount).toBeLessThanOrEqual(6)
          expect(cache.getStats().byCategory['y']?.totalSizeBytes ?? 0).toBeLessThanOrEqual(80)
          expect(model.names.filter(([category, key]) => cache.has(key, { category }))).toEqual(model.live(now))
        }
        cache.close()
      }),
      { numRuns: 300 },
    )
  }, 60_000)
})
