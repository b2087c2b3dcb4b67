import { on, once } from 'node:events'
import { watch } from 'node:fs'
import { dirname } from 'node:path'

import { describe, expect, it } from 'vitest'

import { SqliteCache } from '../src/index.ts'
import { expectExactAccounting } from './accounting.ts'
import { lockFile } from './lock-file.ts'
import { startProcess } from './start-process.ts'
import { temporaryFolder } from './temporary-folder.ts'
import { TORTURE_SCALE } from './torture-scale.ts'

const WORKERS = 8
const OPERATIONS = 1_000 * TORTURE_SCALE
const KILLS = 10 * TORTURE_SCALE

describe('several processes on one file', () => {
  it.each([
    ['a tight limit', 60_000],
    ['room for everything', undefined],
  ])(
    'make it together and work on it, with %s, without an error or a wrong total',
    async (_, maxSizeBytes) => {
      const path = `${temporaryFolder()}/deep/cache.db`
      const workers = Array.from({ length: WORKERS }, (_, seed) =>
        startProcess('cache-worker.ts', { path, seed, operations: OPERATIONS, maxSizeBytes, workers: WORKERS }),
      )
      const codes = await Promise.all(workers.map(({ ended }) => ended))
      expect(workers.map(({ output }) => output())).toEqual(Array(WORKERS).fill('open\ndone\n'))
      expect(codes).toEqual(Array(WORKERS).fill(0))
      expectExactAccounting(path)
      if (maxSizeBytes !== undefined) return
      using cache = new SqliteCache({ path })
      expect(cache.getStats().byCategory['own']?.entryCount, 'no write is lost').toBe((WORKERS * OPERATIONS) / 10)
    },
    120_000 * TORTURE_SCALE,
  )

  it(
    'store under an epoch only what nobody has overwritten meanwhile, whatever their clocks say',
    async () => {
      const path = `${temporaryFolder()}/cache.db`
      const workers = Array.from({ length: WORKERS / 2 }, (_, worker) =>
        startProcess('counting-worker.ts', { path, worker, operations: OPERATIONS }),
      )
      await Promise.all(workers.map(({ ended }) => ended))
      const counted = workers.map(({ output }) => Number(output())).reduce((sum, count) => sum + count)
      using cache = new SqliteCache({ path })
      const counts = ['key0', 'key1', 'key2'].map((key) => Number(cache.get<string>(key)))
      expect(counts.reduce((sum, count) => sum + count)).toBe(counted)
      expect(counted).toBeGreaterThan(OPERATIONS)
    },
    120_000 * TORTURE_SCALE,
  )

  it(
    'survive the death of a writer at any moment: the file opens again with exact totals',
    async () => {
      const path = `${temporaryFolder()}/cache.db`
      let killed = 0
      for (let round = 0; round < KILLS; round += 1) {
        const { child, output, ended } = startProcess('cache-worker.ts', {
          path,
          seed: round,
          operations: 1_000_000,
          maxSizeBytes: 40_000,
        })
        await once(child.stdout ?? child, 'data')
        // Dies after a number of its own writes, told by the growth of the WAL; never after a length of time.
        await walMoved(path, 3 + ((round * 7) % 20))
        child.kill('SIGKILL')
        await ended
        expect(output()).toBe('open\n')
        killed += 1
        const cache = new SqliteCache({ path, maxSizeBytes: 40_000 })
        expect(cache.getStats().totalSizeBytes).toBeLessThanOrEqual(40_000)
        cache.set(`after${round}`, round)
        expect(cache.get(`after${round}`)).toBe(round)
        cache.close()
        expectExactAccounting(path)
      }
      expect(killed).toBe(KILLS)
    },
    120_000 * TORTURE_SCALE,
  )

  it('see what another has written at their next read, and its deletions overtake their loads', () => {
    const path = `${temporaryFolder()}/cache.db`
    const [one, other] = [new SqliteCache({ path }), new SqliteCache({ path })]
    expect(other.get('a')).toBeUndefined()
    one.set('a', 1)
    expect(other.get('a')).toBe(1)
    const epoch = other.getEpoch('a')
    one.delete('a')
    expect(other.set('a', 'stale', { ifEpoch: epoch })).toBe(false)
    expect(one.has('a')).toBe(false)
    one.close()
    other.close()
  })

  it('that cannot be made ready because another holds it is STORE_UNAVAILABLE', () => {
    const path = `${temporaryFolder()}/cache.db`
    const lock = lockFile(path)
    expect(() => new SqliteCache({ path, busyTimeout: 20 })).toThrow(
      expect.objectContaining({ code: 'STORE_UNAVAILABLE' }),
    )
    lock.release()
    new SqliteCache({ path, busyTimeout: 20 }).close()
  })

  it('wait for each other until busyTimeout has passed, and no longer', async () => {
    const path = `${temporaryFolder()}/cache.db`
    using cache = new SqliteCache({ path, busyTimeout: 50 })
    cache.set('a', 1)
    const { child } = startProcess('lock-worker.ts', { path, holdsMs: 3_000 })
    await once(child.stdout ?? child, 'data')
    // Whoever waited for longer would find the file free, and store.
    expect(() => cache.set('a', 2)).toThrow(expect.objectContaining({ code: 'STORE_UNAVAILABLE' }))
    using patient = new SqliteCache({ path, busyTimeout: '20s' })
    expect(patient.set('a', 3)).toBe(true)
  }, 30_000)

  it('do not wait at all with a busyTimeout of 0', () => {
    const path = `${temporaryFolder()}/cache.db`
    const blocked = new SqliteCache({ path, busyTimeout: 0 })
    blocked.set('a', 1)
    const lock = lockFile(path)
    expect(() => blocked.set('a', 2)).toThrow(
      expect.objectContaining({
        code: 'STORE_UNAVAILABLE',
        message: `The cache ${path} was in use by others for longer than busyTimeout (0 ms). Try again, or raise busyTimeout.`,
      }),
    )
    expect(blocked.get('a')).toBe(1)
    lock.release()
    expect(blocked.set('a', 2)).toBe(true)
    blocked.close()
  })
})

/** Resolves when the WAL of a file has been written so many times. */
async function walMoved(path: string, times: number): Promise<void> {
  const watcher = watch(dirname(path))
  let seen = 0
  for await (const [, name] of on(watcher, 'change') as AsyncIterable<[string, string]>) {
    if (name.endsWith('-wal')) seen += 1
    if (seen >= times) break
  }
  watcher.close()
}
