import { once } from 'node:events'
import { existsSync, rmSync, statSync, writeFileSync } from 'node:fs'

import BetterSqlite3 from 'better-sqlite3'
import { afterEach, describe, expect, it, vi } from 'vitest'

import { SqliteCache, SqliteLease, type SqliteLeaseOptions } from '../src/index.ts'
import { lockFile } from './lock-file.ts'
import { startProcess } from './start-process.ts'
import { temporaryFolder } from './temporary-folder.ts'

/** Two who share a file and a clock that stands until it is moved. */
function pair(): { one: SqliteLease; other: SqliteLease; path: string; advance: (milliseconds: number) => void } {
  const path = `${temporaryFolder()}/lease.db`
  let now = 1_000
  const open = (): SqliteLease => new SqliteLease({ path, clock: { now: () => now } })
  return { one: open(), other: open(), path, advance: (milliseconds) => (now += milliseconds) }
}

afterEach(() => {
  vi.useRealTimers()
})

describe('SqliteLease', () => {
  it('gives a key to one, and to the next when it is released', () => {
    const { one, other } = pair()
    const held = one.acquire('key', 100)
    expect(held).toBeDefined()
    expect(one.acquire('key', 100)).toBeUndefined()
    expect(other.acquire('key', 100)).toBeUndefined()
    expect(other.acquire('KEY', 100)).toBeDefined()
    void held?.release()
    expect(other.acquire('key', 100)?.fence).toBeGreaterThan(held?.fence ?? Infinity)
  })

  it('ends with its time, and its former holder can neither renew nor release it', () => {
    const { one, other, advance } = pair()
    const former = one.acquire('key', 100)
    advance(99)
    expect(other.acquire('key', 100)).toBeUndefined()
    advance(1)
    expect(former?.renew(100)).toBe(false)
    const held = other.acquire('key', 100)
    expect(held?.fence).toBeGreaterThan(former?.fence ?? Infinity)
    expect(former?.renew(100)).toBe(false)
    void former?.release()
    expect(one.acquire('key', 100)).toBeUndefined()
    expect(held?.renew(100)).toBe(true)
  })

  it('lives on as often as it is renewed, from the moment of the renewal', () => {
    const { one, other, advance } = pair()
    const held = one.acquire('key', 100)
    for (let round = 0; round < 3; round += 1) {
      advance(99)
      expect(held?.renew(100)).toBe(true)
    }
    advance(99)
    expect(other.acquire('key', 100)).toBeUndefined()
    advance(1)
    expect(other.acquire('key', 100)).toBeDefined()
  })

  it('gives fences that grow, also when nothing is left of the key, and when the clock was set back', () => {
    const { one, path, advance } = pair()
    const fences: number[] = []
    for (let round = 0; round < 5; round += 1) {
      const held = one.acquire('key', 100)
      fences.push(held?.fence ?? 0)
      void held?.release()
      advance(-50)
      new SqliteCache({ path }).close()
    }
    expect(fences).toEqual(fences.toSorted((a, b) => a - b))
    expect(new Set(fences).size).toBe(5)
  })

  it.each([
    [
      'deleted',
      (path: string) => {
        for (const suffix of ['', '-wal', '-shm']) rmSync(path + suffix)
      },
    ],
    [
      'deleted without its log',
      (path: string) => {
        rmSync(path)
      },
    ],
    [
      'moved aside',
      (path: string) => {
        // Brings its log into it.
        new SqliteCache({ path }).close()
        writeFileSync(path, Buffer.alloc(statSync(path).size, 0x5a), { flag: 'r+' })
        new SqliteCache({ path, onCorrupt: 'recreate' }).close()
      },
    ],
  ])('leaves a file that was %s: its holds are lost, and every key has one holder in the new one', (_, replace) => {
    const { one, other, path } = pair()
    const lost = one.acquire('key', 100)
    const idle = one.acquire('idle', 100)
    replace(path)
    const held = other.acquire('key', 100)
    expect(held?.fence).toBeGreaterThan(lost?.fence ?? Infinity)
    expect(one.acquire('key', 100)).toBeUndefined()
    expect(lost?.renew(100)).toBe(false)
    expect(idle?.renew(100)).toBe(false)
    void lost?.release()
    expect(held?.renew(100)).toBe(true)
    expect(one.acquire('idle', 100)).toBeDefined()
  })

  it('makes no file again only to release or renew what was held in it', () => {
    const folder = temporaryFolder()
    const path = `${folder}/sub/lease.db`
    using lease = new SqliteLease({ path })
    const [released, renewed] = [lease.acquire('a', '1h'), lease.acquire('b', '1h')]
    rmSync(`${folder}/sub`, { recursive: true })
    void released?.release()
    expect(renewed?.renew('1h')).toBe(false)
    expect(existsSync(`${folder}/sub`)).toBe(false)
    expect(lease.acquire('a', '1h')).toBeDefined()
  })

  it.each([0, 5])(
    'gives greater fences in a file that was made anew, also in the same millisecond (%i writes)',
    (writes) => {
      vi.useFakeTimers({ toFake: ['Date'] })
      const path = `${temporaryFolder()}/lease.db`
      const fences: number[] = []
      for (let round = 0; round < 5; round += 1) {
        using cache = new SqliteCache({ path })
        for (let count = 0; count < writes; count += 1) cache.set('a', count)
        using lease = new SqliteLease({ path })
        for (const key of ['a', 'b', 'c']) fences.push(lease.acquire(key, '1m')?.fence ?? 0)
        for (const suffix of ['', '-wal', '-shm']) rmSync(path + suffix)
      }
      expect(fences).toEqual(fences.toSorted((a, b) => a - b))
      expect(new Set(fences).size).toBe(15)
    },
  )

  it('is STORE_UNAVAILABLE where a newer version of this package has made the file anew', () => {
    const { one, path } = pair()
    const newer = new BetterSqlite3(path)
    newer.exec('DROP TABLE leases; PRAGMA user_version = 99')
    newer.close()
    expect(() => one.acquire('key', 100)).toThrow(expect.objectContaining({ code: 'STORE_UNAVAILABLE' }))
  })

  it('may lie in the file of a cache, and neither disturbs the other', () => {
    const path = `${temporaryFolder()}/cache.db`
    using cache = new SqliteCache({ path })
    using lease = new SqliteLease({ path })
    const epoch = cache.getEpoch('a')
    const held = lease.acquire('a', '1m')
    expect(cache.set('a', 'loaded', { ifEpoch: epoch })).toBe(true)
    expect(cache.clear()).toBe(1)
    expect(held?.renew('1m')).toBe(true)
    expect(cache.getStats().entryCount).toBe(0)
  })

  it('takes any string as a key', () => {
    using lease = new SqliteLease({ path: ':memory:' })
    const keys = ['', ':', '*', '\0', '\uD800', '\uDC00', '\uFFFD', '\uFFFEd800', 'é', 'e\u0301']
    for (const key of keys) expect(lease.acquire(key, '1m'), JSON.stringify(key)).toBeDefined()
    for (const key of keys) expect(lease.acquire(key, '1m'), JSON.stringify(key)).toBeUndefined()
  })

  it.each([0, -1, Infinity, Number.NaN, '5 minutes'])('refuses to hold a key for %s', (ttl) => {
    using lease = new SqliteLease({ path: ':memory:' })
    expect(() => lease.acquire('key', ttl as number)).toThrow(RangeError)
    const held = lease.acquire('key', 10)
    expect(() => held?.renew(ttl as number)).toThrow(RangeError)
  })

  it.each([
    [
      { path: 1 },
      TypeError,
      'Not a path: path: 1. Give the path of a file, without white space at its ends, or ":memory:".',
    ],
    [{ path: ':memory:', busyTimeout: -1 }, RangeError, 'Out of bounds: busyTimeout: -1.'],
  ])('refuses %o', (options, type, message) => {
    const create = (): SqliteLease => new SqliteLease(options as SqliteLeaseOptions)
    expect(create).toThrow(type)
    expect(create).toThrow(message)
  })

  it('is STORE_UNAVAILABLE where others hold the file, and does not ask for it while the key is held', () => {
    const path = `${temporaryFolder()}/lease.db`
    using lease = new SqliteLease({ path, busyTimeout: 0 })
    const held = lease.acquire('held', '1m')
    const lock = lockFile(path)
    expect(lease.acquire('held', '1m')).toBeUndefined()
    for (const work of [() => lease.acquire('free', '1m'), () => held?.renew('1m'), () => held?.release()]) {
      expect(work).toThrow(expect.objectContaining({ code: 'STORE_UNAVAILABLE' }))
    }
    lock.release()
    expect(held?.renew('1m')).toBe(true)
  })

  it('is STORE_CLOSED after close(), which may be called again', () => {
    const lease = new SqliteLease({ path: ':memory:' })
    const held = lease.acquire('key', '1m')
    lease.close()
    lease.close()
    for (const work of [() => lease.acquire('key', '1m'), () => held?.renew('1m'), () => held?.release()]) {
      expect(work).toThrow(expect.objectContaining({ code: 'STORE_CLOSED' }))
    }
  })

  it('is held by one process at a time, and passes on when its holder is killed', async () => {
    const path = `${temporaryFolder()}/lease.db`
    const journal = `${temporaryFolder()}/journal`
    const workers = [1, 2, 3, 4].map(() => startProcess('lease-worker.ts', { path, journal, rounds: 50, ttl: '60s' }))
    expect(await Promise.all(workers.map(({ ended }) => ended))).toEqual([0, 0, 0, 0])
    expect(workers.map(({ output }) => output()).join('')).toBe('')

    const victim = startProcess('lease-worker.ts', { path, journal, rounds: 0, ttl: 1_500, holds: 'key' })
    await once(victim.child.stdout ?? victim.child, 'data')
    let now = Date.now()
    using lease = new SqliteLease({ path, clock: { now: () => now } })
    expect(lease.acquire('key', '1m')).toBeUndefined()
    victim.child.kill('SIGKILL')
    await victim.ended
    now += 1_500
    expect(lease.acquire('key', '1m')?.fence).toBeGreaterThan(Number(victim.output()))
  }, 60_000)
})
