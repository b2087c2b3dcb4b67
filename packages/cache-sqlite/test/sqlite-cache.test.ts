import { existsSync, rmSync, statSync } from 'node:fs'

import { type Codec, type Epoch, jsonCodec } from '@x/core'
import BetterSqlite3 from 'better-sqlite3'
import { describe, expect, it, vi } from 'vitest'

import { SqliteCache, type SqliteCacheOptions } from '../src/index.ts'
import { Invalidation } from '../src/invalidation.ts'
import { createSchema } from '../src/sqlite-schema.ts'
import { expectExactAccounting } from './accounting.ts'
import { temporaryFolder } from './temporary-folder.ts'

function open(options: Partial<SqliteCacheOptions> = {}): SqliteCache {
  return new SqliteCache({ path: ':memory:', ...options })
}

describe('new SqliteCache()', () => {
  it('makes the folder for this user alone, and the file with its WAL as well', () => {
    const folder = `${temporaryFolder()}/one/two`
    using cache = open({ path: `${folder}/cache.db` })
    cache.set('a', 1)
    const modes = [`${folder}/..`, folder, `${folder}/cache.db`, `${folder}/cache.db-wal`].map(
      (path) => statSync(path).mode & 0o777,
    )
    expect(modes).toEqual([0o700, 0o700, 0o600, 0o600])
  })

  it.each([
    [
      { maxSize: 1 },
      TypeError,
      'Unknown option: maxSize. There are path, maxSizeBytes, maxEntries, hot, busyTimeout, onCorrupt, onFailure, defaultTtl, categories, codec, clock.',
    ],
    [
      { path: '' },
      TypeError,
      'Not a path: path: "". Give the path of a file, without white space at its ends, or ":memory:".',
    ],
    [
      { path: 7 },
      TypeError,
      'Not a path: path: 7. Give the path of a file, without white space at its ends, or ":memory:".',
    ],
    [{ path: 'cache.db ' }, TypeError, 'Not a path: path: "cache.db ".'],
    [{ path: '\n/tmp/cache.db' }, TypeError, 'Not a path: path: "\\n/tmp/cache.db".'],
    [{ maxSizeBytes: 0 }, RangeError, 'Not a size: maxSizeBytes: 0. Give a number of bytes above 0, or Infinity.'],
    [
      { maxSizeBytes: Number.NaN },
      RangeError,
      'Not a size: maxSizeBytes: NaN. Give a number of bytes above 0, or Infinity.',
    ],
    [
      { maxSizeBytes: '1 MB' },
      RangeError,
      'Not a size: maxSizeBytes: 1 MB. Give a number of bytes above 0, or Infinity.',
    ],
    [
      { categories: { a: { maxSizeBytes: -1 } } },
      RangeError,
      'Not a size: categories.a.maxSizeBytes: -1. Give a number of bytes above 0, or Infinity.',
    ],
    [{ maxEntries: 1.5 }, RangeError, 'Not a number of entries: maxEntries: 1.5. Give an integer from 1, or Infinity.'],
    [{ busyTimeout: Infinity }, RangeError, 'Out of bounds: busyTimeout: Infinity. Give 0 to 2147483647 milliseconds.'],
    [{ busyTimeout: -1 }, RangeError, 'Out of bounds: busyTimeout: -1. Give 0 to 2147483647 milliseconds.'],
    [{ onCorrupt: 'ignore' }, TypeError, 'Not a choice: onCorrupt: "ignore". Give "throw" or "recreate".'],
    [{ onFailure: 'ignore' }, TypeError, 'Not a choice: onFailure: "ignore". Give "throw" or "miss".'],
    [{ defaultTtl: '5 minutes' }, RangeError, 'Not a duration: '],
  ])('refuses %o', (options, type, message) => {
    const create = (): SqliteCache => open(options as unknown as SqliteCacheOptions)
    expect(create).toThrow(type)
    expect(create).toThrow(message)
  })

  it('refuses what is no options at all', () => {
    expect(() => new SqliteCache(undefined as unknown as SqliteCacheOptions)).toThrow(
      'Not options: undefined. Give an object with at least a path.',
    )
  })
})

describe('SqliteCache', () => {
  it('keeps what it was given when it is opened again: values, deadlines, tags and counts', () => {
    const path = `${temporaryFolder()}/cache.db`
    let now = 1_000
    const options = { path, clock: { now: () => now } }
    {
      using first = open(options)
      first.set('forever', { n: 1 }, { tags: ['t'] })
      first.set('short', 'x', { ttl: 10, category: 'c' })
      first.set('\uD800', 'lone')
    }
    now = 1_009
    using second = open(options)
    expect(second.getStats()).toMatchObject({
      entryCount: 3,
      hits: 0,
      byCategory: { default: { entryCount: 2, totalSizeBytes: 13 } },
    })
    expect(second.get('short', { category: 'c' })).toBe('x')
    now = 1_010
    expect(second.get('short', { category: 'c' })).toBeUndefined()
    expect(second.get('\uD800')).toBe('lone')
    expect(second.invalidate({ tag: 't' })).toBe(1)
  })

  it('removes what a glob names: PROJ-* and file[1-2].txt', () => {
    using cache = open()
    for (const key of ['PROJ-123', 'PROJ-456', 'OTHER-789', 'file1.txt', 'file2.txt', 'file3.txt']) cache.set(key, key)
    expect(cache.invalidate({ pattern: 'PROJ-*' })).toBe(2)
    expect(cache.invalidate({ pattern: 'file[1-2].txt' })).toBe(2)
    expect(cache.getMany(['PROJ-123', 'PROJ-456', 'OTHER-789', 'file1.txt', 'file2.txt', 'file3.txt']).size).toBe(2)
  })

  it('searches an index for a glob that begins with a literal', () => {
    const path = `${temporaryFolder()}/cache.db`
    using cache = open({ path })
    cache.setMany(Array.from({ length: 5_000 }, (_, index) => [`key${index}`, index] as const))
    cache.set('PROJ-1', 1)
    const database = new BetterSqlite3(path)
    const plan = database
      .prepare(
        'EXPLAIN QUERY PLAN SELECT key FROM entries WHERE category = ? AND key >= ? AND key < ? AND key > ? ORDER BY key LIMIT ?',
      )
      .all(1, 'PROJ-', 'PROJ.', 'PROJ-', 10) as { detail: string }[]
    database.close()
    expect(plan.map(({ detail }) => detail)).toEqual([
      'SEARCH entries USING COVERING INDEX sqlite_autoindex_entries_1 (category=? AND key>? AND key<?)',
    ])
    expect(cache.invalidate({ pattern: 'PROJ-*' })).toBe(1)
  })

  it('removes what has a tag from all categories, or by the other conditions as well, and nothing else', () => {
    const path = `${temporaryFolder()}/cache.db`
    using cache = open({ path })
    for (const category of ['a', 'b', 'c']) {
      const some = Array.from({ length: 1_500 }, (_, index) => [`key${index}`, index] as const)
      cache.setMany(some, { category, tags: ['t', 'u'] })
      cache.setMany([['other', 1]], { category, tags: ['u'] })
    }
    expect(cache.invalidate({ tag: 't', key: 'key7' })).toBe(3)
    expect(cache.invalidate({ tag: 't', key: 'key8', category: 'c' })).toBe(1)
    expect(cache.invalidate({ tag: 't', pattern: 'key1*', category: 'a' })).toBe(611)
    expect(cache.invalidate({ tag: 't', key: 'key9', pattern: 'k?' })).toBe(0)
    expect(cache.invalidate({ tag: 't', category: 'b' })).toBe(1_499)
    expect(cache.invalidate({ tag: 't' })).toBe(4_500 - 3 - 1 - 611 - 1_499)
    expect(cache.invalidate({ tag: 't' })).toBe(0)
    expect(cache.invalidate({ tag: 'u' })).toBe(3)
    expectExactAccounting(path)
  })

  it('goes once through what has a tag, in how many categories ever, without sorting it', () => {
    using cache = open()
    for (let index = 0; index < 100; index += 1) cache.set('key', 1, { category: `c${index}`, tags: ['t'] })
    using preparations = vi.spyOn(BetterSqlite3.prototype, 'prepare')
    using executions = vi.spyOn(Invalidation.prototype, 'findTagged')
    expect(cache.invalidate({ tag: 't', pattern: 'k*' })).toBe(100)
    expect(executions).toHaveBeenCalledTimes(1)
    const [[sql] = ['']] = preparations.mock.calls
    const database = new BetterSqlite3(':memory:')
    createSchema(database, ':memory:')
    const plan = database.prepare<[], { detail: string }>(`EXPLAIN QUERY PLAN ${sql.replaceAll('?', '1')}`).all()
    database.close()
    expect(plan.map(({ detail }) => detail)).toEqual([
      'SEARCH tags USING PRIMARY KEY (tag=? AND entry_id>?)',
      'SEARCH entries USING INTEGER PRIMARY KEY (rowid=?)',
    ])
  })

  it('writes nothing on a read', () => {
    const path = `${temporaryFolder()}/cache.db`
    using cache = open({ path })
    cache.set('a', 1, { ttl: '1h' })
    const before = statSync(`${path}-wal`).size
    using reader = open({ path })
    for (const store of [cache, reader]) {
      store.get('a')
      store.get('absent')
      store.getMany(['a', 'b'])
      store.has('a')
      store.getEpoch('a')
      store.getStats()
    }
    expect(statSync(`${path}-wal`).size).toBe(before)
  })

  it('removes expired entries a few per write, and never those whose deadline was moved away', () => {
    let now = 0
    using cache = open({ clock: { now: () => now } })
    for (let index = 0; index < 40; index += 1) cache.set(`key${index}`, index, { ttl: 10 })
    for (const key of ['key0', 'key1']) cache.set(key, 'longer', { ttl: 100 })
    cache.set('key2', 'forever')
    cache.set('brief', 1, { ttl: 1_000 })
    cache.set('brief', 1, { ttl: 10 })
    now = 50
    expect(cache.getStats().entryCount).toBe(41)
    cache.set('a', 1)
    expect(cache.getStats().entryCount).toBeLessThan(41)
    expect(cache.getStats().entryCount).toBeGreaterThan(20)
    for (let index = 0; index < 3; index += 1) cache.set('a', 1)
    expect(cache.getStats().entryCount).toBe(4)
    expect([...cache.getMany(['key0', 'key1', 'key2', 'key3']).values()]).toEqual(['longer', 'longer', 'forever'])
    now = 100
    cache.set('a', 1)
    expect(cache.getStats().entryCount).toBe(2)
  })

  it('counts no expired entry as removed, by whatever call', () => {
    let now = 0
    using cache = open({ clock: { now: () => now } })
    const fill = (): void => {
      cache.set('live', 1)
      cache.setMany(
        [
          ['a', 1],
          ['b', 1],
          ['c', 1],
        ],
        { ttl: 1 },
      )
      now += 1
    }
    fill()
    expect(cache.has('a')).toBe(false)
    expect(cache.delete('a')).toBe(false)
    expect(cache.deleteMany(['b', 'live'])).toBe(1)
    fill()
    expect(cache.invalidate({ pattern: '*' })).toBe(1)
    fill()
    expect(cache.clear()).toBe(1)
    expect(cache.getStats()).toMatchObject({ entryCount: 0, totalSizeBytes: 0, byCategory: {} })
  })

  it('refuses a load whose key was overwritten since, even if the newer value has been evicted', () => {
    using cache = open({ maxEntries: 1 })
    const epoch = cache.getEpoch('a')
    cache.set('a', 'newer')
    cache.set('b', 1)
    expect(cache.has('a')).toBe(false)
    expect(cache.set('a', 'stale', { ifEpoch: epoch })).toBe(false)
  })

  it('lets a load pass that other keys of its category overtook', () => {
    using cache = open()
    const epoch = cache.getEpoch('a')
    cache.set('b', 1)
    cache.setMany([['c', 1]])
    expect(cache.set('a', 'loaded', { ifEpoch: epoch })).toBe(true)
  })

  it('leaves one file behind when it is closed, and may be closed again', () => {
    const path = `${temporaryFolder()}/cache.db`
    const cache = open({ path })
    cache.set('a', 1)
    cache.close()
    cache.close()
    expect([path, `${path}-wal`, `${path}-shm`].map((file) => existsSync(file))).toEqual([true, false, false])
    expect(() => cache.get('a')).toThrow(expect.objectContaining({ code: 'STORE_CLOSED' }))
  })

  it('passes on what a codec throws, as it is, and stores nothing', () => {
    const failure = new Error('of the codec')
    const codec: Codec = {
      ...jsonCodec(),
      encode: (value) => {
        if (value === 'bad') throw failure
        return JSON.stringify(value)
      },
    }
    using cache = open({ codec })
    expect(() =>
      cache.setMany([
        ['a', 1],
        ['b', 'bad'],
      ]),
    ).toThrow(failure)
    expect(cache.getStats().entryCount).toBe(0)
  })

  it("refuses a codec's text that SQLite would alter", () => {
    using cache = open({ codec: { encode: String, decode: (text) => text } })
    expect(cache.set('a', 'plain\0text')).toBe(true)
    expect(cache.get('a')).toBe('plain\0text')
    expect(() => cache.set('a', '\uDC00')).toThrow(expect.objectContaining({ code: 'NOT_SERIALIZABLE' }))
  })

  it('takes a hit and a miss as a hit rate of a half', () => {
    using cache = open()
    cache.set('a', 1)
    cache.get('a')
    cache.get('b')
    expect(cache.getStats()).toMatchObject({ hits: 1, misses: 1, hitRate: 0.5 })
  })

  it('removes every key of a call whose entries are gone at once, under an epoch as well', () => {
    using cache = open()
    cache.set('a', 1)
    cache.set('b', 2)
    // Touches both, so that they are in one epoch.
    cache.delete('c')
    const epoch = cache.getEpoch('a')
    expect(cache.getEpoch('b')).toBe(epoch)
    const gone = [
      ['a', 3],
      ['b', 4],
    ] as const
    expect(cache.setMany(gone, { ttl: 0, ifEpoch: epoch })).toBe(2)
    expect(cache.getStats().entryCount).toBe(0)
  })

  it.each(['abc', 'redis:17', Number.NaN, Infinity, 1.5])('refuses an epoch that is none of its own: %s', (epoch) => {
    using cache = open()
    expect(() => cache.set('a', 1, { ifEpoch: epoch as Epoch })).toThrow(
      new TypeError(`Not an epoch of this cache: ${String(epoch)}. Give what getEpoch() answered.`),
    )
  })

  it('stores nothing under an epoch that has not come yet', () => {
    using cache = open()
    expect(cache.set('a', 1, { ifEpoch: Number.MAX_SAFE_INTEGER as Epoch })).toBe(false)
  })

  it('refuses a load that began in a file which was removed since', () => {
    const path = `${temporaryFolder()}/cache.db`
    const former = open({ path })
    const epoch = former.getEpoch('user')
    former.delete('user')
    former.close()
    rmSync(path)
    using cache = open({ path })
    expect(cache.set('user', 'stale', { ifEpoch: epoch })).toBe(false)
  })

  it('tells of every eviction with its category, also when a listener closes it', () => {
    const cache = open({ maxEntries: 2 })
    const told: string[] = []
    cache.addEventListener({
      onCacheEvict: ({ key, category }) => {
        told.push(`${category} ${key}`)
        cache.close()
      },
    })
    cache.set('a', 1, { category: 'x' })
    cache.set('b', 1, { category: 'x' })
    cache.setMany(
      [
        ['c', 1],
        ['d', 1],
      ],
      { category: 'y' },
    )
    expect(told).toEqual(['x a', 'x b'])
  })

  it('closes at once, and without an error, while another process writes', () => {
    const path = `${temporaryFolder()}/cache.db`
    const cache = open({ path })
    cache.set('a', 1)
    cache.get('a')
    const other = new BetterSqlite3(path)
    other.exec('BEGIN IMMEDIATE')
    expect(() => {
      cache.close()
    }).not.toThrow()
    other.close()
  })
})
