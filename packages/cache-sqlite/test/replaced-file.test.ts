import { readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'

import { afterEach, describe, expect, it, vi } from 'vitest'

import { SqliteCache } from '../src/index.ts'
import { expectExactAccounting } from './accounting.ts'
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
})
