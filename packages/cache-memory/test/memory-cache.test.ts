import { type CacheEvent, CacheError, jsonCodec, richCodec } from '@x/core'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { MemoryCache } from '../src/index.ts'
import { ManualClock } from './manual-clock.ts'

const text = (bytes: number): string => 'x'.repeat(bytes - 2)

describe('MemoryCache within its limits', () => {
  it('removes what was used least recently, before a value comes in', () => {
    const cache = new MemoryCache({ maxSizeBytes: 1_024 })
    for (const key of ['key1', 'key2', 'key3']) cache.set(key, text(200))
    cache.get('key1')
    cache.set('key4', text(500))
    expect(['key1', 'key2', 'key3', 'key4'].filter((key) => cache.has(key))).toEqual(['key1', 'key3', 'key4'])
    expect(cache.getStats()).toMatchObject({ evictions: 1, entryCount: 3, totalSizeBytes: 900 })
  })

  it('keeps to a number of entries', () => {
    const cache = new MemoryCache({ maxEntries: 2 })
    for (const key of ['a', 'b', 'a', 'c']) cache.set(key, key)
    expect([...cache.getMany(['a', 'b', 'c']).keys()]).toEqual(['a', 'c'])
  })

  it('keeps a category to a limit of its own, by when its entries were used', () => {
    const cache = new MemoryCache({ categories: { small: { maxSizeBytes: 20 } } })
    const category = 'small'
    cache.set('other', text(20))
    cache.set('a', text(10), { category })
    cache.set('b', text(10), { category })
    cache.get('a', { category })
    cache.set('c', text(10), { category })
    expect([...cache.getMany(['a', 'b', 'c'], { category }).keys()]).toEqual(['a', 'c'])
    expect(cache.has('other')).toBe(true)
    expect(() => cache.set('d', text(21), { category })).toThrow(
      expect.objectContaining({ code: 'VALUE_TOO_LARGE', details: { key: 'd', bytes: 21, limit: 20 } }),
    )
  })

  it('refuses a value that is larger than the limit, and keeps the one before it', () => {
    const cache = new MemoryCache({ maxSizeBytes: 10 })
    cache.set('k', 'small')
    expect(() => cache.set('k', text(11))).toThrow(CacheError)
    expect(cache.get('k')).toBe('small')
  })

  it('never exceeds a limit, and counts what it holds, whatever happens', () => {
    const clock = new ManualClock()
    const key = fc.constantFrom('a', 'b', 'c', 'd', 'e', '\0', '')
    const category = fc.constantFrom(undefined, 'default', 'small', 'x')
    const step = fc.oneof(
      fc.record({
        do: fc.constant('set' as const),
        key,
        category,
        size: fc.integer({ min: 2, max: 40 }),
        ttl: fc.constantFrom(Infinity, 10, 0),
        grace: fc.constantFrom(0, 10),
        tag: fc.constantFrom('t', 'u'),
      }),
      fc.record({ do: fc.constantFrom('get' as const, 'delete' as const, 'stale' as const), key, category }),
      fc.record({ do: fc.constantFrom('tag' as const, 'clear' as const, 'pattern' as const, 'time' as const) }),
    )
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 100 }), (steps) => {
        const cache = new MemoryCache({
          maxEntries: 6,
          maxSizeBytes: 100,
          categories: { small: { maxSizeBytes: 45 } },
          clock,
        })
        // Also what a listener sees in the middle.
        cache.addEventListener({
          onCacheEvict: () => {
            checkLimits(cache)
          },
          onCacheInvalidate: () => {
            checkLimits(cache)
          },
        })
        for (const one of steps) {
          if (one.do === 'set') {
            const { ttl, grace, tag } = one
            cache.set(one.key, text(one.size), { category: one.category, ttl, grace, tags: [tag] })
          } else if (one.do === 'get') cache.get(one.key, { category: one.category })
          else if (one.do === 'stale') cache.get(one.key, { category: one.category, allowStale: true })
          else if (one.do === 'delete') cache.delete(one.key, { category: one.category })
          else if (one.do === 'tag') cache.invalidate({ tag: 't' })
          else if (one.do === 'pattern') cache.invalidate({ pattern: '[ab]' })
          else if (one.do === 'clear') cache.clear()
          else clock.advance(7)
          checkLimits(cache)
        }
      }),
      { numRuns: 1_000 },
    )
  })
})

/** That the totals are those of its parts, and within the limits. */
function checkLimits(cache: MemoryCache): void {
  const { entryCount, totalSizeBytes, byCategory } = cache.getStats()
  const parts = Object.values(byCategory)
  expect(entryCount).toBeLessThanOrEqual(6)
  expect(totalSizeBytes).toBeLessThanOrEqual(100)
  expect(byCategory['small']?.totalSizeBytes ?? 0).toBeLessThanOrEqual(45)
  expect(parts.reduce((sum, part) => sum + part.entryCount, 0)).toBe(entryCount)
  expect(parts.reduce((sum, part) => sum + part.totalSizeBytes, 0)).toBe(totalSizeBytes)
}

describe('MemoryCache and its values', () => {
  it('hands out one frozen copy, and copies of what cannot be frozen', () => {
    const cache = new MemoryCache({ codec: richCodec() })
    const given = { list: [1] }
    cache.set('plain', given)
    const got = cache.get<{ list: number[] }>('plain')
    expect(got).toEqual(given)
    expect(got).not.toBe(given)
    expect(cache.get('plain')).toBe(got)
    expect(() => got?.list.push(2)).toThrow(TypeError)
    expect(() => given.list.push(2)).not.toThrow()
    cache.set('rich', { when: new Date(0) })
    expect(cache.get('rich')).not.toBe(cache.get('rich'))
  })

  it('hands out a copy of one’s own with values: "copy"', () => {
    const cache = new MemoryCache({ values: 'copy' })
    cache.set('k', { list: [1] })
    cache.get<{ list: number[] }>('k')?.list.push(2)
    expect(cache.get('k')).toEqual({ list: [1] })
  })

  it('hands out what it was given with values: "reference", whatever it is', () => {
    const cache = new MemoryCache({ values: 'reference', estimatedSizeBytes: 50 })
    const given = { now: () => 1 }
    cache.set('k', given)
    cache.set('plain', [1, 2])
    expect(cache.get('k')).toBe(given)
    expect(cache.getStats().totalSizeBytes).toBe(50 + jsonCodec().encode([1, 2]).length)
  })

  it('encodes nothing where values are references and there is no limit of bytes', () => {
    const codec = { encode: () => expect.unreachable(), decode: () => expect.unreachable() }
    const cache = new MemoryCache({ values: 'reference', codec, maxSizeBytes: Infinity, maxEntries: 10 })
    cache.set('k', [1])
    expect(cache.get('k')).toEqual([1])
    expect(cache.getStats().totalSizeBytes).toBe(1_024)
  })
})

describe('MemoryCache and categories', () => {
  it('keeps a key that looks like the inner name of another category apart', () => {
    const cache = new MemoryCache()
    cache.set('b', 1, { category: 'a' })
    cache.set('\u00001:ab', 2)
    cache.set('', 3, { category: 'ab' })
    expect([cache.get('b', { category: 'a' }), cache.get('\u00001:ab'), cache.get('', { category: 'ab' })]).toEqual([
      1, 2, 3,
    ])
  })

  it('forgets a category that is empty, and counts one that is filled again', () => {
    const cache = new MemoryCache({ maxEntries: 1 })
    for (let index = 0; index < 100; index += 1) cache.set('k', 1, { category: `c${index}` })
    expect(Object.keys(cache.getStats().byCategory)).toEqual(['c99'])
    cache.set('k', 2, { category: 'c99' })
    expect(cache.getStats().byCategory).toEqual({ c99: { entryCount: 1, totalSizeBytes: 1 } })
  })

  it('has a codec that calls back into the cache count once', () => {
    const plain = jsonCodec()
    const cache: MemoryCache = new MemoryCache({
      codec: {
        encode: (value) => {
          if (value === 'outer') cache.set('inner', 'inner', { category: 'c' })
          return plain.encode(value)
        },
        decode: (encoded) => plain.decode(encoded),
      },
    })
    cache.set('outer', 'outer', { category: 'c' })
    expect(cache.getStats().byCategory).toEqual({ c: { entryCount: 2, totalSizeBytes: 14 } })
  })
})

describe('MemoryCache and time', () => {
  it('lets go of an entry past its grace when it is asked for', () => {
    const clock = new ManualClock()
    const cache = new MemoryCache({ clock })
    cache.set('k', 1, { ttl: 10, grace: 10 })
    clock.advance(15)
    expect(cache.get('k')).toBeUndefined()
    expect(cache.getStats().entryCount).toBe(1)
    clock.advance(5)
    expect(cache.get('k', { allowStale: true })).toBeUndefined()
    expect(cache.getStats().entryCount).toBe(0)
  })
})

describe('MemoryCache and loads', () => {
  it('gives everybody the same epoch as long as nothing touches the key', () => {
    const cache = new MemoryCache()
    const epoch = cache.getEpoch('k')
    cache.set('other', 1)
    cache.delete('another')
    cache.invalidate({ pattern: 'x*' })
    expect(cache.getEpoch('k')).toBe(epoch)
    cache.delete('k')
    expect(cache.getEpoch('k')).not.toBe(epoch)
  })

  it('refuses the earliest of more loads than it can watch', () => {
    const cache = new MemoryCache({ maxEntries: 10 })
    const first = cache.getEpoch('first')
    const second = cache.getEpoch('second')
    for (let index = 0; index < 65_535; index += 1) cache.getEpoch(`k${index}`)
    expect(cache.set('first', 1, { ifEpoch: first })).toBe(false)
    expect(cache.set('second', 1, { ifEpoch: second })).toBe(true)
  })

  it('takes a load that has just begun for the latest, though an earlier one of its key left its epoch', () => {
    const cache = new MemoryCache()
    for (let index = 0; index < 65_536; index += 1) cache.getEpoch(`k${index}`)
    const epoch = cache.getEpoch('k0')
    cache.getEpoch('another')
    expect(cache.getEpoch('k0')).toBe(epoch)
    expect(cache.set('k0', 'loaded', { ifEpoch: epoch })).toBe(true)
  })

  it('loads once for all who ask with getOrSet(), and not what was deleted meanwhile', async () => {
    const cache = new MemoryCache()
    const gate = Promise.withResolvers<string>()
    const calls = [1, 2].map(() => cache.getOrSet('k', () => gate.promise, { ttl: '1m' }))
    await Promise.resolve()
    cache.delete('k')
    gate.resolve('old')
    expect(await Promise.all(calls)).toEqual(['old', 'old'])
    expect(await cache.getOrSet('k', () => 'new')).toBe('new')
    expect(cache.get('k')).toBe('new')
  })
})

describe('MemoryCache and listeners', () => {
  it('tells of evictions when the new value is there', () => {
    const cache = new MemoryCache({ maxEntries: 1 })
    const seen: (CacheEvent & { now: unknown })[] = []
    cache.addEventListener({ onCacheEvict: (event) => seen.push({ ...event, now: cache.get('b') }) })
    cache.set('a', 1, { category: 'c' })
    cache.set('b', 2)
    expect(seen).toEqual([{ key: 'a', category: 'c', now: 2 }])
  })

  it('goes on when one closes it', () => {
    const cache = new MemoryCache({ maxEntries: 1 })
    cache.addEventListener({
      onCacheEvict: () => {
        cache.close()
      },
    })
    cache.set('a', 1)
    expect(cache.set('b', 2)).toBe(true)
    expect(() => cache.get('b')).toThrow(expect.objectContaining({ code: 'STORE_CLOSED' }))
  })

  it('stores no more of many once one has closed it', () => {
    const cache = new MemoryCache({ maxEntries: 1 })
    cache.addEventListener({
      onCacheEvict: () => {
        cache.close()
      },
    })
    const entries = ['a', 'b', 'c', 'd'].map((key) => [key, 1] as const)
    expect(cache.setMany(entries)).toBe(2)
  })
})
