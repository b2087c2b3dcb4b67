import { once } from 'node:events'
import { mkdirSync, readdirSync, renameSync, rmdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'

import BetterSqlite3, { type Database } from 'better-sqlite3'
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest'

import { SqliteCache } from '../src/index.ts'
import { expectExactAccounting } from './accounting.ts'
import { startProcess } from './start-process.ts'
import { temporaryFolder } from './temporary-folder.ts'

afterEach(() => {
  vi.useRealTimers()
})

function open(path: string): SqliteCache {
  return new SqliteCache({ path, onCorrupt: 'recreate' })
}

describe('a file that is replaced while it is open', () => {
  it('because one process found it damaged is left by the others within 50 ms, and none is lost or split', () => {
    vi.useFakeTimers({ toFake: ['performance'] })
    const path = `${temporaryFolder()}/cache.db`
    {
      using cache = open(path)
      for (let index = 0; index < 300; index += 1) cache.set(`key${index}`, 'x'.repeat(1_000))
    }
    const caches = [open(path), open(path), open(path)] as const
    for (const cache of caches) cache.get('key1')
    writeFileSync(path, Buffer.alloc(statSync(path).size, 0x5a), { flag: 'r+' })
    expect(caches[0].get('key200')).toBeUndefined()
    caches[0].set('new', 1)
    vi.advanceTimersByTime(50)
    for (const cache of caches) expect(cache.get('new')).toBe(1)
    caches[2].set('newer', 2)
    for (const cache of caches) expect(cache.get('newer')).toBe(2)
    // Those that were the last to have the old file open must not take the log of the new one along.
    caches[1].close()
    caches[2].close()
    expect(caches[0].get('newer')).toBe(2)
    caches[0].close()
    expect(readdirSync(dirname(path)).filter((name) => /\.corrupt-.*Z$/.test(name))).toHaveLength(1)
    expectExactAccounting(path)
  })

  it('because somebody deleted it is made anew within 50 ms', () => {
    vi.useFakeTimers({ toFake: ['performance'] })
    const path = `${temporaryFolder()}/cache.db`
    using cache = new SqliteCache({ path })
    cache.set('a', 1)
    const epoch = cache.getEpoch('a')
    for (const suffix of ['', '-wal', '-shm']) rmSync(path + suffix)
    vi.advanceTimersByTime(50)
    expect(cache.get('a')).toBeUndefined()
    expect(cache.set('a', 'stale', { ifEpoch: epoch })).toBe(false)
    cache.set('a', 2)
    using other = new SqliteCache({ path })
    expect(other.get('a')).toBe(2)
  })

  it('because somebody deleted it, but not its log, is made anew also while a process has the old one open', async () => {
    const path = `${temporaryFolder()}/cache.db`
    const idle = startProcess('lease-worker.ts', { path, rounds: 0, ttl: '60s', holds: 'key' })
    await once(idle.child.stdout ?? idle.child, 'data')
    rmSync(path)
    {
      using cache = new SqliteCache({ path })
      using other = new SqliteCache({ path })
      expect(cache.set('a', 1)).toBe(true)
      expect(other.get('a')).toBe(1)
      idle.child.kill('SIGTERM')
      await idle.ended
      expect(other.set('a', 2)).toBe(true)
      expect(cache.get('a')).toBe(2)
    }
    expect(statSync(path).mode & 0o777).toBe(0o600)
    expectExactAccounting(path)
  })

  it('while it is opened is left for the one that lies there then', () => {
    const folder = temporaryFolder()
    const [path, next] = [`${folder}/cache.db`, `${folder}/next.db`]
    new SqliteCache({ path }).close()
    {
      using cache = new SqliteCache({ path: next })
      cache.set('a', 1)
    }
    beforeReading(() => {
      for (const suffix of ['', '-wal', '-shm']) rmSync(path + suffix, { force: true })
      renameSync(next, path)
    })
    using cache = new SqliteCache({ path })
    expect(cache.get('a')).toBe(1)
    expect(readdirSync(folder)).not.toContain('next.db')
  })

  it.each(['throw', 'miss'] as const)('and cannot be opened is tried again (onFailure: %j)', (onFailure) => {
    vi.useFakeTimers({ toFake: ['performance'] })
    const path = `${temporaryFolder()}/cache.db`
    using cache = new SqliteCache({ path, onFailure })
    for (const suffix of ['', '-wal', '-shm']) rmSync(path + suffix)
    mkdirSync(path)
    vi.advanceTimersByTime(50)
    expect(() => cache.delete('a')).toThrow(expect.objectContaining({ code: 'STORE_UNAVAILABLE' }))
    rmdirSync(path)
    const isStored = (): boolean => cache.set('a', 1)
    expect(isStored()).toBe(onFailure === 'throw')
    vi.advanceTimersByTime(1_000)
    expect(isStored()).toBe(true)
  })
})

/** Does something once the next file that is opened is open, and before it is read. */
function beforeReading(work: () => void): void {
  const spy = vi.spyOn(BetterSqlite3.prototype, 'transaction')
  spy.mockImplementationOnce(function (this: Database, read) {
    work()
    return this.transaction(read)
  })
  onTestFinished(() => {
    spy.mockRestore()
  })
}
