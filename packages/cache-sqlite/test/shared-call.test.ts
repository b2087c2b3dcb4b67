import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'

import type { HeldLease, Lease } from '@x/core'
import { AsyncSharedCall, readThrough } from '@x/shared-call'
import { describe, expect, it } from 'vitest'

import { SqliteCache, SqliteLease } from '../src/index.ts'
import { startProcess } from './start-process.ts'
import { temporaryFolder } from './temporary-folder.ts'

describe('AsyncSharedCall over one SQLite file', () => {
  it('runs once among processes, and has one successor when the one that runs is killed', async () => {
    const folder = temporaryFolder()
    const [path, journal] = [`${folder}/cache.db`, `${folder}/journal`]
    writeFileSync(journal, '')
    const victim = startProcess('shared-call-worker.ts', { path, journal, waitsFor: 1_000, leaseTtl: '1s' })
    await once(victim.child.stdout ?? victim.child, 'data')
    victim.child.kill('SIGKILL')
    await victim.ended
    writeFileSync(journal, '')
    const work = { path, journal, waitsFor: 4, leaseTtl: '20s' }
    const workers = [1, 2, 3, 4].map(() => startProcess('shared-call-worker.ts', work))
    expect(await Promise.all(workers.map(({ ended }) => ended))).toEqual([0, 0, 0, 0])
    const runs = readFileSync(journal, 'utf8')
      .split('\n')
      .filter((line) => line.startsWith('runs'))
    expect(runs).toHaveLength(1)
    const [pid] = runs.map((line) => line.split(' ')[1] ?? '')
    expect(workers.map(({ output }) => output().replace('runs\n', ''))).toEqual(Array(4).fill(`{"pid":${pid ?? ''}}`))
  }, 60_000)

  it('shares a load with those who ask when something else was written meanwhile', async () => {
    const path = `${temporaryFolder()}/cache.db`
    using first = new SqliteCache({ path })
    using second = new SqliteCache({ path })
    using lease = new SqliteLease({ path })
    const asked = Promise.withResolvers<HeldLease | undefined>()
    const watched: Lease = {
      acquire: async (key, ttl) => {
        const held = lease.acquire(key, ttl)
        asked.resolve(held)
        return Promise.resolve(held)
      },
    }
    const loading = Promise.withResolvers<string>()
    const begun = Promise.withResolvers<undefined>()
    const load = (): Promise<string> => {
      begun.resolve(undefined)
      return loading.promise
    }
    const leader = readThrough(first, 'a', load, {
      coalescer: new AsyncSharedCall({ lease, store: first, pollInterval: 10 }),
    })
    await begun.promise
    second.set('another', 1)
    const coalescer = new AsyncSharedCall({ lease: watched, store: second, pollInterval: 10 })
    const follower = readThrough(second, 'a', () => Promise.reject(new Error('a second load')), { coalescer })
    expect(await asked.promise).toBeUndefined()
    loading.resolve('loaded')
    expect(await Promise.all([leader, follower])).toEqual(['loaded', 'loaded'])
    expect(second.get('a')).toBe('loaded')
  })
})
