import { mkdirSync, renameSync, rmdirSync, symlinkSync, unlinkSync } from 'node:fs'

import type { CacheError } from '@x/core'
import BetterSqlite3 from 'better-sqlite3'
import { afterEach, describe, expect, it, vi } from 'vitest'

import { SqliteCache } from '../src/index.ts'
import { lockFile } from './lock-file.ts'
import { startProcess } from './start-process.ts'
import { temporaryFolder } from './temporary-folder.ts'

function failOpen(path: string): { cache: SqliteCache; told: string[] } {
  const cache = new SqliteCache({ path, onFailure: 'miss', busyTimeout: 0 })
  const told: string[] = []
  cache.addEventListener({ onCacheError: (error) => told.push((error as CacheError).code) })
  return { cache, told }
}

afterEach(() => {
  vi.useRealTimers()
})

describe("a cache with onFailure: 'miss'", () => {
  it('answers with misses where its file cannot be opened, counts them, and throws only for deletions', async () => {
    const path = `${temporaryFolder()}/cache.db`
    mkdirSync(path)
    const { cache, told } = failOpen(path)
    expect(cache.getStats().errors).toBe(2)
    expect(cache.get('a')).toBeUndefined()
    expect(cache.getMany(['a', 'b'])).toEqual(new Map())
    expect(cache.has('a')).toBe(false)
    expect(cache.set('a', 1)).toBe(false)
    expect(cache.setMany([['a', 1]])).toBe(0)
    expect(cache.set('a', 1, { ifEpoch: cache.getEpoch('a') })).toBe(false)
    expect(await cache.getOrSet('a', () => 'loaded')).toBe('loaded')
    expect(cache.getStats()).toMatchObject({ hits: 0, misses: 4, entryCount: 0, byCategory: {} })
    expect(new Set(told)).toEqual(new Set(['STORE_UNAVAILABLE']))
    expect(cache.getStats().errors).toBe(told.length + 1)
    for (const remove of [
      () => cache.delete('a'),
      () => cache.deleteMany(['a']),
      () => cache.invalidate({ key: 'a' }),
      () => cache.clear(),
    ]) {
      expect(remove).toThrow(expect.objectContaining({ code: 'STORE_UNAVAILABLE' }))
    }
    cache.close()
    expect(() => cache.get('a')).toThrow(expect.objectContaining({ code: 'STORE_CLOSED' }))
  })

  it('tries a file that could not be opened again after a second, and not before', () => {
    vi.useFakeTimers({ toFake: ['performance'] })
    const path = `${temporaryFolder()}/cache.db`
    mkdirSync(path)
    const { cache } = failOpen(path)
    rmdirSync(path)
    vi.advanceTimersByTime(999)
    expect(cache.set('a', 1)).toBe(false)
    vi.advanceTimersByTime(1)
    expect(cache.set('a', 1)).toBe(true)
    expect(cache.get('a')).toBe(1)
    cache.close()
  })

  it('drops a write that cannot wait for another process, and goes on', () => {
    const path = `${temporaryFolder()}/cache.db`
    const { cache, told } = failOpen(path)
    cache.set('a', 1)
    const lock = lockFile(path)
    expect(cache.set('a', 2)).toBe(false)
    expect(cache.get('a')).toBe(1)
    expect(() => cache.delete('a')).toThrow(expect.objectContaining({ code: 'STORE_UNAVAILABLE' }))
    lock.release()
    expect(told).toEqual(['STORE_UNAVAILABLE'])
    expect(cache.set('a', 3)).toBe(true)
    cache.close()
  })

  it('answers with misses where its folder can no longer be looked into, and goes on once it can', () => {
    vi.useFakeTimers({ toFake: ['performance'] })
    const folder = `${temporaryFolder()}/folder`
    const path = `${folder}/cache.db`
    const { cache, told } = failOpen(path)
    cache.set('a', 1)
    renameSync(folder, `${folder}.moved`)
    symlinkSync(folder, folder)
    vi.advanceTimersByTime(50)
    expect(cache.get('a')).toBeUndefined()
    expect(cache.set('a', 2)).toBe(false)
    expect(cache.getStats().entryCount).toBe(0)
    expect(() => cache.delete('a')).toThrow(
      expect.objectContaining({ code: 'STORE_UNAVAILABLE', details: { path, code: 'ELOOP' } }),
    )
    expect(told).toEqual(Array(3).fill('STORE_UNAVAILABLE'))
    expect(failOpen(path).cache.get('a')).toBeUndefined()
    unlinkSync(folder)
    renameSync(`${folder}.moved`, folder)
    vi.advanceTimersByTime(1_000)
    expect(cache.get('a')).toBe(1)
    cache.close()
  })

  it('answers with misses in a process that has too many files open', async () => {
    const worker = startProcess('descriptors-worker.ts', { path: `${temporaryFolder()}/cache.db` })
    expect(await worker.ended).toBe(0)
    expect(worker.output()).toContain('STORE_UNAVAILABLE EMFILE')
    expect(worker.output()).toContain('cannot be opened: too many files are open. Close some, or raise the limit')
  })

  it('answers with misses where a newer version of this package has made the file anew', () => {
    const path = `${temporaryFolder()}/cache.db`
    const { cache, told } = failOpen(path)
    cache.set('a', 1)
    const newer = new BetterSqlite3(path)
    newer.exec('DROP VIEW counts; DROP TABLE entries; DROP TABLE totals; PRAGMA user_version = 99')
    newer.close()
    expect(cache.get('a')).toBeUndefined()
    expect(cache.set('a', 2)).toBe(false)
    expect(() => cache.clear()).toThrow(
      `The cache ${path} was written by a newer version of @x/cache-sqlite (schema 99; this one knows 7).`,
    )
    expect(told).toEqual(['STORE_UNAVAILABLE', 'STORE_UNAVAILABLE'])
    cache.close()
  })

  it("still refuses what is the caller's mistake", () => {
    const cache = new SqliteCache({ path: ':memory:', onFailure: 'miss', maxSizeBytes: 100 })
    expect(() => cache.set('a', undefined)).toThrow(TypeError)
    expect(() => cache.set('a', new Date())).toThrow(expect.objectContaining({ code: 'NOT_SERIALIZABLE' }))
    expect(() => cache.set('a', 'x'.repeat(100))).toThrow(expect.objectContaining({ code: 'VALUE_TOO_LARGE' }))
    expect(() => cache.set(1 as unknown as string, 1)).toThrow(TypeError)
    expect(cache.getStats().errors).toBe(0)
    cache.close()
  })

  it("leaves another program's database alone", () => {
    const path = `${temporaryFolder()}/notes.db`
    const foreign = new BetterSqlite3(path)
    foreign.exec('CREATE TABLE notes (text)')
    const { cache } = failOpen(path)
    expect(cache.set('a', 1)).toBe(false)
    expect(foreign.prepare('SELECT name FROM sqlite_schema').pluck().all()).toEqual(['notes'])
    foreign.close()
  })
})

describe('getOrSet()', () => {
  it('loads once for all who ask at the same time, and stores', async () => {
    using cache = new SqliteCache({ path: ':memory:' })
    const gate = Promise.withResolvers<string>()
    let loads = 0
    const load = (): Promise<string> => {
      loads += 1
      return gate.promise
    }
    const options = { category: 'issue', ttl: '1m', tags: ['t'] } as const
    const answers = [1, 2, 3].map(() => cache.getOrSet('a', load, options))
    gate.resolve('value')
    expect(await Promise.all(answers)).toEqual(['value', 'value', 'value'])
    expect(await cache.getOrSet('a', load, options)).toBe('value')
    expect(loads).toBe(1)
    expect(cache.invalidate({ tag: 't' })).toBe(1)
  })

  it('loads once also where other keys are stored, evicted and expire meanwhile', async () => {
    let now = 0
    using cache = new SqliteCache({ path: ':memory:', maxEntries: 3, clock: { now: () => now } })
    cache.set('first', 1)
    cache.set('second', 1)
    cache.set('third', 1, { ttl: 5 })
    const gate = Promise.withResolvers<string>()
    let loads = 0
    const load = (): Promise<string> => {
      loads += 1
      return gate.promise
    }
    const answers = [cache.getOrSet('a', load)]
    await Promise.resolve()
    const epoch = cache.getEpoch('a')
    for (const key of ['b', 'c', 'd']) {
      cache.set(key, 1)
      now += 3
      answers.push(cache.getOrSet('a', load))
    }
    expect(cache.getStats()).toMatchObject({ evictions: 2, entryCount: 3 })
    gate.resolve('value')
    expect(await Promise.all(answers)).toEqual(Array(4).fill('value'))
    expect(loads).toBe(1)
    expect(cache.get('a')).toBe('value')
    expect(cache.set('a', 'older', { ifEpoch: epoch })).toBe(false)
  })

  it('does not store what another process invalidated while it was loaded', async () => {
    const path = `${temporaryFolder()}/cache.db`
    using cache = new SqliteCache({ path })
    using other = new SqliteCache({ path })
    const gate = Promise.withResolvers<string>()
    const started = Promise.withResolvers<undefined>()
    const answer = cache.getOrSet('a', () => {
      started.resolve(undefined)
      return gate.promise
    })
    await started.promise
    other.invalidate({ key: 'a' })
    gate.resolve('stale')
    expect(await answer).toBe('stale')
    expect(cache.has('a')).toBe(false)
  })
})
