import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

import { richCodec } from '@x/core'
import fc from 'fast-check'
import { afterEach, describe, expect, it, vi } from 'vitest'

import { type HotOptions, SqliteCache, type SqliteCacheOptions } from '../src/index.ts'
import { startProcess } from './start-process.ts'
import { temporaryFolder } from './temporary-folder.ts'

function open(hot: HotOptions = {}, options: Partial<SqliteCacheOptions> = {}): SqliteCache {
  return new SqliteCache({ path: ':memory:', ...options, hot })
}

/** A cache with a hot tier, and another on the same file as a second process would have it. */
function pair(hot: HotOptions = {}, options: Partial<SqliteCacheOptions> = {}): [SqliteCache, SqliteCache] {
  const path = `${temporaryFolder()}/cache.db`
  return [new SqliteCache({ path, hot, ...options }), new SqliteCache({ path, ...options })]
}

afterEach(() => {
  vi.useRealTimers()
})

describe('the hot tier', () => {
  it('answers again with the same value, deeply frozen, without reading the file', () => {
    using cache = open()
    cache.set('a', { list: [1, { b: 2 }] })
    const first = cache.get<{ list: unknown[] }>('a')
    expect(cache.get('a')).toBe(first)
    expect(cache.getMany(['b', 'a']).get('a')).toBe(first)
    expect([first, first?.list, first?.list[1]].map((part) => Object.isFrozen(part))).toEqual([true, true, true])
  })

  it('answers with a copy, or with the very object, by option', () => {
    using copies = open({ values: 'copy' })
    copies.set('a', { n: 1 })
    const copy = copies.get<{ n: number }>('a')
    if (copy !== undefined) copy.n = 2
    expect(copies.get('a')).toEqual({ n: 1 })
    using references = open({ values: 'reference' })
    references.set('a', { n: 1 })
    const reference = references.get<{ n: number }>('a')
    if (reference !== undefined) reference.n = 2
    expect(references.get('a')).toBe(reference)
    expect(references.get('a')).toEqual({ n: 2 })
  })

  it('answers with copies of what freezing does not protect', () => {
    using cache = open({}, { codec: richCodec() })
    cache.set('a', { plain: {}, date: new Date(0) })
    const read = (): { plain: object; date: Date } | undefined => cache.get('a')
    for (let round = 0; round < 2; round += 1) {
      expect(Object.isFrozen(read()?.plain)).toBe(false)
      read()?.date.setTime(1)
    }
    expect(read()?.date.getTime()).toBe(0)
  })

  it.each([
    ['set()', (other: SqliteCache) => other.set('a', 2), 2],
    ['setMany()', (other: SqliteCache) => other.setMany([['a', 2]]), 2],
    ['delete()', (other: SqliteCache) => other.delete('a'), undefined],
    ['invalidate()', (other: SqliteCache) => other.invalidate({ pattern: '?' }), undefined],
    ['clear()', (other: SqliteCache) => other.clear(), undefined],
    [
      'an eviction',
      (other: SqliteCache) =>
        other.setMany([
          ['b', 1],
          ['c', 1],
        ]),
      undefined,
    ],
  ] as const)('never answers with what %s of another, or of its own, has overtaken', (_, overtake, expected) => {
    const [cache, other] = pair({}, { maxEntries: 2 })
    for (const writer of [other, cache]) {
      cache.set('a', 1)
      expect(cache.get('a')).toBe(1)
      expect(cache.get('a')).toBe(1)
      overtake(writer)
      expect(cache.get('a')).toBe(expected)
      expect(cache.getMany(['a']).get('a')).toBe(expected)
    }
    cache.close()
    other.close()
  })

  it('is not trusted after another has written between two of its reads', () => {
    const [cache, other] = pair()
    cache.set('a', 1)
    cache.set('b', 1)
    cache.get('a')
    other.set('a', 2)
    // This read from the file makes the connection notice the change, which must not hide it.
    expect(cache.get('b')).toBe(1)
    expect(cache.has('b')).toBe(true)
    expect(cache.getStats().entryCount).toBe(2)
    expect(cache.get('a')).toBe(2)
    cache.close()
    other.close()
  })

  it('may be as old as maxStale, and no older', () => {
    vi.useFakeTimers({ toFake: ['performance'] })
    const [cache, other] = pair({ maxStale: 5 })
    cache.set('a', 1)
    expect(cache.get('a')).toBe(1)
    vi.advanceTimersByTime(5)
    expect(cache.get('a')).toBe(1)
    other.set('a', 2)
    vi.advanceTimersByTime(4)
    expect(cache.get('a')).toBe(1)
    vi.advanceTimersByTime(1)
    expect(cache.get('a')).toBe(2)
    other.set('a', 3)
    cache.set('a', 4)
    expect(cache.get('a')).toBe(4)
    cache.close()
    other.close()
  })

  it.each([0, '1h'] as const)('keeps deadlines and graces, with a maxStale of %s', (maxStale) => {
    let now = 0
    using cache = open({ maxStale }, { clock: { now: () => now } })
    cache.set('a', 1, { ttl: 10, grace: 10 })
    cache.get('a')
    now = 9
    expect(cache.get('a')).toBe(1)
    now = 10
    expect(cache.get('a')).toBeUndefined()
    expect(cache.getMany(['a']).size).toBe(0)
    expect(cache.get('a', { allowStale: true })).toBe(1)
    now = 20
    expect(cache.get('a', { allowStale: true })).toBeUndefined()
  })

  it('holds no more than its limit, and lets what is read often stay', () => {
    using cache = open({ maxSizeBytes: 30 })
    // Ten characters each.
    for (const key of ['a', 'b', 'c', 'd']) cache.set(key, [key, 12_345].map(String).slice(0, 1).concat('xx'))
    const first = ['a', 'b', 'c'].map((key) => cache.get(key))
    expect(cache.get('a')).toBe(first[0])
    cache.get('d')
    expect(cache.get('a')).toBe(first[0])
    expect(cache.get('b')).not.toBe(first[1])
    cache.set('large', 'x'.repeat(40))
    expect(cache.get('large')).toBe('x'.repeat(40))
  })

  it.each([0, '1h'] as const)('lets reads from memory count as uses, with a maxStale of %s', (maxStale) => {
    using cache = open({ maxStale }, { maxEntries: 3 })
    for (const key of ['a', 'b', 'c']) cache.set(key, key)
    for (const key of ['a', 'b', 'c', 'a']) cache.get(key)
    cache.set('d', 'd')
    expect(['a', 'b', 'c', 'd'].filter((key) => cache.has(key))).toEqual(['a', 'c', 'd'])
    cache.get('c')
    cache.set('e', 'e')
    expect(['a', 'c', 'd', 'e'].filter((key) => cache.has(key))).toEqual(['c', 'd', 'e'])
  })

  it('answers like a cache without one over random histories of two connections', () => {
    const key = fc.constantFrom('a', 'b', 'c')
    const step = fc.oneof(
      { weight: 6, arbitrary: fc.record({ name: fc.constant('get' as const), key, by: fc.constantFrom(0, 1) }) },
      { weight: 3, arbitrary: fc.record({ name: fc.constant('set' as const), key, by: fc.constantFrom(0, 1) }) },
      { weight: 1, arbitrary: fc.record({ name: fc.constant('delete' as const), key, by: fc.constantFrom(0, 1) }) },
      { weight: 1, arbitrary: fc.record({ name: fc.constant('clear' as const), key, by: fc.constantFrom(0, 1) }) },
    )
    const path = `${temporaryFolder()}/cache.db`
    const caches = [1, 2].map(() => new SqliteCache({ path, hot: { maxSizeBytes: 8 } }))
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (history) => {
        caches[0]?.clear()
        const model = new Map<string, number>()
        for (const [index, { name, key: name2, by }] of history.entries()) {
          const cache = caches[by]
          if (name === 'set') {
            cache?.set(name2, index)
            model.set(name2, index)
          } else if (name === 'delete') expect(cache?.delete(name2)).toBe(model.delete(name2))
          else if (name === 'clear') {
            expect(cache?.clear()).toBe(model.size)
            model.clear()
          } else expect(cache?.get(name2)).toBe(model.get(name2))
        }
      }),
      { numRuns: 200 },
    )
    for (const cache of caches) cache.close()
  })

  it('sees what another process has written at its next read, however fast they alternate', async () => {
    const path = `${temporaryFolder()}/cache.db`
    const players = ['ping', 'pong'].map((name) => startProcess('hot-worker.ts', { path, name, rounds: 400 }))
    expect(await Promise.all(players.map(({ ended }) => ended))).toEqual([0, 0])
    expect(players.map(({ output }) => output()).join('')).toBe('')
  }, 60_000)

  it('holds no value that it has dropped, also where nothing is written', async () => {
    setFlagsFromString('--expose-gc')
    const collectGarbage = runInNewContext('gc') as () => void
    const [reader, writer] = pair({ maxSizeBytes: 100 })
    writer.setMany(['a', 'b'].map((key) => [key, { text: 'x'.repeat(60) }]))
    const read = (key: string): WeakRef<object> => new WeakRef(reader.get<object>(key) ?? {})
    // That of the first `b` is not kept: `a` was read again, and so has another round.
    const reads = ['a', 'a', 'b', 'b', 'b'].map(read)
    // What a weak reference is made for stays until its task has ended.
    await new Promise(setImmediate)
    collectGarbage()
    expect(reads.map((value) => value.deref() === undefined)).toEqual([true, true, true, false, false])
    reader.close()
    writer.close()
  })

  it('is closed with its cache', () => {
    const cache = open({ maxStale: '1h' })
    cache.set('a', 1)
    cache.get('a')
    cache.close()
    expect(() => cache.get('a')).toThrow(expect.objectContaining({ code: 'STORE_CLOSED' }))
  })
})
