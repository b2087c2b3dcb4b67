import { statSync } from 'node:fs'

import BetterSqlite3 from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

import { SqliteCache, SqliteLease } from '../src/index.ts'
import { expectExactAccounting } from './accounting.ts'
import { temporaryFolder } from './temporary-folder.ts'

const FRAME_BYTES = 4_096 + 24

/** How many pages are written meanwhile. */
function pagesWritten(path: string, work: () => void): number {
  const before = statSync(`${path}-wal`).size
  work()
  return (statSync(`${path}-wal`).size - before) / FRAME_BYTES
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance'] })
  // It begins when the process did, before the file was made.
  vi.advanceTimersByTime(3_600_000)
})
afterEach(() => {
  vi.useRealTimers()
})

describe('a set that overwrites', () => {
  it('writes the page of the entry alone where its value has as many bytes, and every 2 ms that of the totals', () => {
    const path = `${temporaryFolder()}/cache.db`
    using cache = new SqliteCache({ path })
    const set = (value: string): number => pagesWritten(path, () => cache.set('a', value, { ttl: '1h' }))
    for (const value of ['xx', 'xy']) cache.set('a', value, { ttl: '1h' })
    expect([set('yy'), set('yz'), set('zz'), set('longer'), set('longed')]).toEqual([1, 1, 1, 2, 1])
    expect([set('lodged'), set('ledges')]).toEqual([1, 1])
    vi.advanceTimersByTime(3)
    expect([set('lodges'), set('ledged')]).toEqual([2, 1])
    expect(cache.get('a')).toBe('ledged')
    cache.close()
    expectExactAccounting(path)
  })

  it('without the totals is a touch of its key for the epochs that another process has taken', () => {
    const path = `${temporaryFolder()}/cache.db`
    using cache = new SqliteCache({ path })
    using other = new SqliteCache({ path })
    for (const value of [1, 2, 3]) cache.set('a', value)
    const epoch = other.getEpoch('a')
    expect(pagesWritten(path, () => cache.set('a', 4))).toBe(1)
    expect(other.set('a', 5, { ifEpoch: epoch })).toBe(false)
    expect(other.set('a', 5, { ifEpoch: other.getEpoch('a') })).toBe(true)
  })

  it.each(['delete', 'invalidate', 'clear', 'lease'] as const)(
    'without the totals is seen by a %s of another process, though no time passes',
    (change) => {
      const path = `${temporaryFolder()}/cache.db`
      using cache = new SqliteCache({ path })
      using other = new SqliteCache({ path })
      using lease = new SqliteLease({ path })
      other.set('b', 1)
      for (let count = 0; count < 50; count += 1) cache.set('a', count % 10)
      const epoch = cache.getEpoch('a')
      expect(other.getEpoch('a')).toBe(epoch)
      expect(other.set('a', 9, { ifEpoch: epoch })).toBe(true)
      vi.advanceTimersByTime(10)
      for (let count = 0; count < 50; count += 1) cache.set('a', count % 10)
      const later = cache.getEpoch('a')
      if (change === 'delete') expect(other.delete('a')).toBe(true)
      else if (change === 'invalidate') expect(other.invalidate({ pattern: 'a*' })).toBe(1)
      else if (change === 'clear') expect(other.clear()).toBe(2)
      else {
        expect(lease.acquire('a', '1s')?.fence).toBeGreaterThan(later as number)
        expect(other.set('a', 7)).toBe(true)
      }
      expect(cache.get('a')).toBe(change === 'lease' ? 7 : undefined)
      expect(cache.set('a', 'stale', { ifEpoch: later })).toBe(false)
    },
  )
})

describe('a set of a new key', () => {
  it('writes the page of the entry and that of its key, and puts deadlines in order many at a time', () => {
    const path = `${temporaryFolder()}/cache.db`
    using cache = new SqliteCache({ path })
    const set = (key: string): number => pagesWritten(path, () => cache.set(key, 'x'.repeat(100), { ttl: '1h' }))
    for (const key of ['a', 'b']) set(key)
    expect([set('c'), set('d'), set('e')]).toEqual([2, 2, 2])
    const database = new BetterSqlite3(path, { readonly: true })
    const ordered = database.prepare<[], number>('SELECT count(*) FROM deadlines').pluck()
    expect(ordered.get()).toBe(0)
    for (let index = 0; index < 123; index += 1) set(`key${index}`)
    expect(ordered.get()).toBe(128)
    set('f')
    expect(ordered.get()).toBe(128)
    database.close()
    expectExactAccounting(path)
  })

  it.each(['a', 'b'])(
    'is not taken for the latest entry after an eviction has put another one behind it, for one of its category (%s)',
    (category) => {
      const path = `${temporaryFolder()}/cache.db`
      using cache = new SqliteCache({ path, maxSizeBytes: 300 })
      const set = (name: string, bytes: number): boolean =>
        cache.set(name.slice(1), 'x'.repeat(bytes - 2), { category: name.slice(0, 1) })
      for (const name of ['a1', 'c1', 'a2', 'b2']) set(name, 50)
      expect(cache.get('1', { category: 'a' })).toBeDefined()
      set(`${category}2`, 200)
      expect(Object.keys(cache.getStats().byCategory)).toEqual(['a', 'b'])
      expectExactAccounting(path)
      set('c2', 40)
      expect(cache.get('1', { category: 'a' })).toBeDefined()
      expectExactAccounting(path)
    },
  )

  it('that evicts another one leaves word of that for those who load it', () => {
    const path = `${temporaryFolder()}/cache.db`
    using cache = new SqliteCache({ path, categories: { own: { maxSizeBytes: 10 } } })
    using other = new SqliteCache({ path })
    for (const key of ['a', 'b']) cache.set(key, 'xxx', { category: 'own' })
    const epoch = other.getEpoch('a', { category: 'own' })
    cache.set('a', 'yyy', { category: 'own' })
    for (const key of ['c', 'd']) cache.set(key, 'xxx', { category: 'own' })
    expect(other.has('a', { category: 'own' })).toBe(false)
    expect(other.set('a', 'zzz', { category: 'own', ifEpoch: epoch })).toBe(false)
  })
})

describe('a set that is refused', () => {
  it('after its page budget has evicted the latest entry leaves no stamp of that one to be used again, though no time passes', () => {
    const path = `${temporaryFolder()}/cache.db`
    const options = { path, maxSizeBytes: 100, categories: { own: { maxSizeBytes: 10 } } }
    using cache = new SqliteCache(options)
    using other = new SqliteCache(options)
    using third = new SqliteCache(options)
    const long = 'a'.repeat(1_024 * 1_024 - 1)
    for (const digit of [1, 2]) cache.set(`${long}${digit}`, 1)
    const epoch = other.getEpoch('a', { category: 'own' })
    for (const key of ['a', 'b', 'c', 'd']) cache.set(key, 'xxx', { category: 'own' })
    const later = third.getEpoch('d', { category: 'own' })
    expect(other.set(long, 1, { category: 'own', ifEpoch: epoch })).toBe(false)
    expect(third.getStats().entryCount).toBe(0)
    third.set('d', 'y', { category: 'own' })
    expectExactAccounting(path)
    expect(cache.set('d', 'z', { category: 'own', ifEpoch: later })).toBe(false)
  })
})

describe('a process with an earlier version, which had the file open when it was made anew,', () => {
  it.each([
    [4, 'stamp'],
    [6, 'reserved'],
  ])('fails, instead of giving out stamps that are in use (schema %i)', (version, column) => {
    const path = `${temporaryFolder()}/cache.db`
    const earlier = new BetterSqlite3(path)
    earlier.exec(`
      CREATE TABLE totals (id INTEGER PRIMARY KEY, ${column} INTEGER NOT NULL DEFAULT 0);
      INSERT INTO totals (id) VALUES (0);
      PRAGMA application_id = 2019778915;
      PRAGMA user_version = ${version};
    `)
    const take = earlier
      .prepare(`UPDATE totals SET ${column} = max(${column} + 1, 0) WHERE id = 0 RETURNING ${column}`)
      .pluck()
    expect([take.get(), take.get()]).toEqual([1, 2])
    using cache = new SqliteCache({ path })
    cache.set('a', 1)
    expect(() => take.get()).toThrow(`no such column: ${column}`)
    earlier.close()
    expect(cache.get('a')).toBe(1)
  })
})
