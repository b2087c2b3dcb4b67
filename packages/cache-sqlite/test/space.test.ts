import { statSync } from 'node:fs'

import BetterSqlite3, { type Database } from 'better-sqlite3'
import { describe, expect, it } from 'vitest'

import { SqliteCache } from '../src/index.ts'
import { expectExactAccounting } from './accounting.ts'
import { temporaryFolder } from './temporary-folder.ts'

const MIB = 1_024 * 1_024

const sizeOf = (path: string): number => statSync(path, { throwIfNoEntry: false })?.size ?? 0

function expectBounded(path: string, maxSizeBytes: number): void {
  expect(sizeOf(path) + sizeOf(`${path}-wal`)).toBeLessThanOrEqual(1.3 * maxSizeBytes + 32 * MIB)
}

function inspect<Result>(path: string, look: (database: Database) => Result): Result {
  const database = new BetterSqlite3(path, { readonly: true })
  try {
    return look(database)
  } finally {
    database.close()
  }
}

const pragmaOf = (database: Database, name: string): number => Number(database.pragma(name, { simple: true }))

const pageBytes = (path: string): number => inspect(path, (database) => pragmaOf(database, 'page_count') * 4_096)

function usedBytes(path: string): number {
  return pageBytes(path) - inspect(path, (database) => pragmaOf(database, 'freelist_count') * 4_096)
}

/** How many rows each table of cleared entries has. */
function clearedRows(path: string): number[] {
  return inspect(path, (database) => {
    const names = database.prepare<[], string>("SELECT name FROM sqlite_schema WHERE name GLOB 'cleared_*'").pluck()
    return names.all().map((name) => Number(database.prepare(`SELECT count(*) FROM ${name}`).pluck().get()))
  })
}

const many = (count: number, bytes: number): (readonly [string, string])[] =>
  Array.from({ length: count }, (_, index) => [`key${index}`, 'x'.repeat(bytes)] as const)

describe('the file with its write-ahead log', () => {
  it('stays within 1.3 times the limit and 32 MiB for tiny values under long keys', () => {
    const path = `${temporaryFolder()}/cache.db`
    const maxSizeBytes = MIB
    using cache = new SqliteCache({ path, maxSizeBytes })
    for (let from = 0; from < 30_000; from += 100) {
      cache.setMany(Array.from({ length: 100 }, (_, index) => [`${from + index}-${'k'.repeat(2_000)}`, 1] as const))
      expectBounded(path, maxSizeBytes)
    }
    expect(cache.has(`29999-${'k'.repeat(2_000)}`)).toBe(true)
    expect(cache.getStats().entryCount).toBeGreaterThan(500)
    expectExactAccounting(path)
  }, 60_000)

  it('stays within it for many tiny values at once', () => {
    const path = `${temporaryFolder()}/cache.db`
    const maxSizeBytes = MIB
    using cache = new SqliteCache({ path, maxSizeBytes })
    for (let from = 0; from < 150_000; from += 30_000) {
      cache.setMany(
        Array.from({ length: 30_000 }, (_, index) => [`${(from + index) * 7_919}${'k'.repeat(200)}`, 1] as const),
      )
      expectBounded(path, maxSizeBytes)
    }
    expectExactAccounting(path)
  }, 60_000)

  it.each([
    ['many tags', 'k', Array.from({ length: 200 }, (_, index) => `${index}${'t'.repeat(90)}`)],
    ['long keys that are not ASCII', '漢'.repeat(2_000), []],
  ])(
    'stays within it, and its pages in use within 1.15 times the limit and 6 MiB, for %s',
    (_, prefix, tags) => {
      const path = `${temporaryFolder()}/cache.db`
      const maxSizeBytes = MIB
      using cache = new SqliteCache({ path, maxSizeBytes })
      for (let round = 0; round < 3; round += 1) {
        cache.setMany(
          Array.from({ length: 1_000 }, (_, index) => [`${index}${prefix}${round}`, index] as const),
          { tags: tags.map((tag) => `${tag}${round}`) },
        )
        expect(usedBytes(path)).toBeLessThanOrEqual(1.15 * maxSizeBytes + 6 * MIB)
        expectBounded(path, maxSizeBytes)
      }
      expect(cache.has(`999${prefix}2`)).toBe(true)
      expectExactAccounting(path)
    },
    60_000,
  )

  it('takes a key with its tags of 1 MiB, and no more', () => {
    using cache = new SqliteCache({ path: ':memory:', maxSizeBytes: 10_000 })
    // With 16 bytes more for each tag.
    const tags = ['a', 'bc']
    const key = `${'漢'.repeat(349_513)}kk`
    expect(Buffer.byteLength(key)).toBe(MIB - (1 + 16) - (2 + 16))
    expect(cache.set(key, 1, { tags: ['a', 'bc', 'a'] })).toBe(true)
    const entries = [
      ['short', 1],
      [`${key}k`, 1],
    ] as const
    expect(() => cache.setMany(entries, { tags })).toThrow(
      expect.objectContaining({
        code: 'VALUE_TOO_LARGE',
        details: { key: `${key}k`, bytes: MIB + 1, limit: MIB },
        message: expect.not.stringContaining('漢'.repeat(100)) as string,
      }),
    )
    expect(() => cache.set('a', 1, { tags: Array.from({ length: 70_000 }, (_, index) => `${index}`) })).toThrow(
      expect.objectContaining({ code: 'VALUE_TOO_LARGE' }),
    )
    expect(cache.getStats().entryCount).toBe(1)
  })

  it('stays within it for values of every size, and through removals of everything', () => {
    const path = `${temporaryFolder()}/cache.db`
    const maxSizeBytes = 8 * MIB
    using cache = new SqliteCache({ path, maxSizeBytes })
    const sizes = [1, 100, 2_100, 5_000, 70_000, MIB, 8 * MIB - 2]
    for (let index = 0; index < 400; index += 1) {
      cache.set(`key${index % 90}`, 'x'.repeat(sizes[(index * 5) % sizes.length] ?? 0), { tags: [`t${index % 3}`] })
      if (index % 100 === 60) cache.clear()
      if (index % 100 === 90) cache.invalidate({ pattern: '*' })
      expect(cache.getStats().totalSizeBytes).toBeLessThanOrEqual(maxSizeBytes)
      expectBounded(path, maxSizeBytes)
    }
    expectExactAccounting(path)
  }, 60_000)

  it('takes many megabytes at once, and a value of 15 % of the limit and 16 MiB, but no larger one', () => {
    const path = `${temporaryFolder()}/cache.db`
    const maxSizeBytes = 40 * MIB
    using cache = new SqliteCache({ path, maxSizeBytes })
    expect(cache.setMany(Array.from({ length: 36 }, (_, index) => [`many${index}`, 'x'.repeat(MIB)] as const))).toBe(36)
    expectBounded(path, maxSizeBytes)
    const largest = 22 * MIB
    cache.set('largest', 'x'.repeat(largest - 2))
    expectBounded(path, maxSizeBytes)
    expect(() => cache.set('larger', 'x'.repeat(largest - 1))).toThrow(
      expect.objectContaining({
        code: 'VALUE_TOO_LARGE',
        details: { key: 'larger', bytes: largest + 1, limit: largest },
      }),
    )
    expect(cache.getStats().totalSizeBytes).toBeLessThanOrEqual(maxSizeBytes)
  }, 60_000)

  it.each([
    [1, 0.15],
    [40, 6],
    [1_000, 12],
  ])(
    'stays within it while somebody reads for long: it takes no more until they have ended (%i MiB)',
    (limit, room) => {
      const path = `${temporaryFolder()}/cache.db`
      const walSize = (): number => sizeOf(`${path}-wal`) / MIB
      using cache = new SqliteCache({ path, maxSizeBytes: limit * MIB, busyTimeout: 20 })
      cache.set('first', 1)
      const reader = new BetterSqlite3(path, { readonly: true })
      reader.exec('BEGIN')
      reader.prepare('SELECT count(*) FROM entries').get()
      const fill = (): void => {
        for (let index = 0; index < 4_000; index += 1) cache.set(`key${index % 100}`, `${index}`.repeat(3_000))
      }
      expect(fill).toThrow(expect.objectContaining({ code: 'STORE_UNAVAILABLE' }))
      expectBounded(path, limit * MIB)
      expect(walSize()).toBeGreaterThan(17.5 + room)
      expect(walSize()).toBeLessThan(18.5 + room)
      reader.close()
      fill()
      expect(walSize()).toBeGreaterThan(11 + room)
      expect(walSize()).toBeLessThan(13 + room)
    },
    60_000,
  )

  it('lets what was cleared go with the writes that follow, also of another process', () => {
    const path = `${temporaryFolder()}/cache.db`
    using cache = new SqliteCache({ path })
    cache.setMany(many(1_100, 10), { tags: ['t'], ttl: '1h' })
    expect(cache.clear()).toBe(1_100)
    expect(cache.getMany(['key1', 'key2']).size).toBe(0)
    expect(cache.invalidate({ tag: 't' })).toBe(0)
    cache.set('key1', 'new')
    expect(clearedRows(path)).toEqual([1_068])
    using other = new SqliteCache({ path })
    for (let index = 0; index < 70; index += 1) other.set('other', index)
    expect(clearedRows(path)).toEqual([])
    expect(cache.get('key1')).toBe('new')
    expectExactAccounting(path)
  })

  it.each([Infinity, 2 ** 30])(
    'does not grow where everything is cleared and stored again, under a limit of %d',
    (maxSizeBytes) => {
      const path = `${temporaryFolder()}/cache.db`
      using cache = new SqliteCache({ path, maxSizeBytes })
      using other = new SqliteCache({ path, maxSizeBytes })
      for (let round = 0; round < 20; round += 1) {
        cache.clear()
        other.setMany(many(2_000, 1_000))
      }
      expect(cache.getStats().totalSizeBytes).toBe(2_004_000)
      expect(pageBytes(path)).toBeLessThan(12_000_000)
      expectExactAccounting(path)
    },
  )

  it('is left by few cleared entries at once', () => {
    const path = `${temporaryFolder()}/cache.db`
    using cache = new SqliteCache({ path })
    for (let round = 0; round < 3; round += 1) {
      cache.setMany(many(1_000, 10), { tags: ['t'], ttl: '1h' })
      const epoch = cache.getEpoch('key1')
      expect(cache.clear()).toBe(1_000)
      expect(clearedRows(path)).toEqual([])
      expect(cache.set('key1', 1, { ifEpoch: epoch })).toBe(false)
      expectExactAccounting(path)
    }
  })

  it('has few lots of cleared entries, the latest of which go first', () => {
    const path = `${temporaryFolder()}/cache.db`
    using cache = new SqliteCache({ path })
    cache.setMany(many(20_000, 10))
    cache.clear()
    for (let round = 0; round < 5; round += 1) {
      cache.setMany(many(1_100, 10))
      cache.clear()
      expect(clearedRows(path)).toHaveLength(2)
    }
  })

  it('is left by no more than 16 MiB of cleared values in one transaction', () => {
    const path = `${temporaryFolder()}/cache.db`
    using cache = new SqliteCache({ path })
    cache.setMany(many(40, MIB))
    cache.clear()
    const [before = 0] = clearedRows(path)
    cache.setMany(many(100, 10))
    expect(clearedRows(path)).toEqual([before - 16])
  })

  it('forgets categories that have been empty for long, without forgetting what was removed in them', () => {
    const path = `${temporaryFolder()}/cache.db`
    using cache = new SqliteCache({ path })
    using other = new SqliteCache({ path })
    cache.set('a', 1, { category: 'c0' })
    expect(other.get('a', { category: 'c0' })).toBe(1)
    const epoch = cache.getEpoch('a', { category: 'c0' })
    cache.delete('a', { category: 'c0' })
    for (let index = 1; index <= 10_100; index += 1) cache.delete('a', { category: `c${index}` })
    const database = new BetterSqlite3(path, { readonly: true })
    expect(database.prepare('SELECT count(*) FROM totals').pluck().get()).toBeLessThanOrEqual(10_000)
    database.close()
    expect(cache.set('a', 'stale', { category: 'c0', ifEpoch: epoch })).toBe(false)
    cache.set('a', 2, { category: 'c0' })
    expect(other.get('a', { category: 'c0' })).toBe(2)
    expect(other.getMany(['a'], { category: 'c0' }).get('a')).toBe(2)
    expect(other.get('a', { category: 'c10100' })).toBeUndefined()
  }, 60_000)
})
