import { spawnSync } from 'node:child_process'
import { dirname } from 'node:path'

import { describe, expect, it, onTestFinished } from 'vitest'

import { SqliteCache } from '../src/index.ts'
import { expectExactAccounting } from './accounting.ts'
import { temporaryFolder } from './temporary-folder.ts'

const MIB = 1_024 * 1_024

/** A disk of three megabytes, where this user may mount one. */
function smallDisk(): string {
  const folder = temporaryFolder()
  mount('-t', 'tmpfs', '-o', 'size=3m', 'none', folder)
  onTestFinished(() => {
    spawnSync('umount', ['--lazy', folder])
  })
  return folder
}

function mount(...args: readonly string[]): boolean {
  return spawnSync('mount', args).status === 0
}

const canMount = process.platform === 'linux' && process.getuid?.() === 0 && canMountHere()

function canMountHere(): boolean {
  const isMounted = mount('-t', 'tmpfs', '-o', 'size=1m', 'none', '/mnt')
  if (isMounted) spawnSync('umount', ['/mnt'])
  return isMounted
}

if (!canMount)
  console.warn('SKIPPED: full and read-only disks. Run these tests as root on Linux, where they may mount a small one.')

describe.skipIf(!canMount)('a disk that takes no more', () => {
  it('because it is full is STORE_UNAVAILABLE: what was stored stays, and writes go on once there is space', () => {
    const path = `${smallDisk()}/cache.db`
    const cache = new SqliteCache({ path })
    let stored = 0
    const fill = (): void => {
      for (; stored < 1_000; stored += 1) cache.set(`key${stored}`, 'x'.repeat(100_000))
    }
    expect(fill).toThrow(
      expect.objectContaining({
        code: 'STORE_UNAVAILABLE',
        message: `The cache ${path} cannot grow: the disk is full. Free some space, or choose a place that has more.`,
      }),
    )
    expect(stored).toBeGreaterThan(3)
    expect(cache.get('key0')).toBe('x'.repeat(100_000))
    expect(cache.has(`key${stored}`)).toBe(false)
    expect(cache.getStats().entryCount).toBe(stored)
    mount('-o', 'remount,size=20m', dirname(path))
    expect(cache.set('small', 1)).toBe(true)
    cache.close()
    expectExactAccounting(path)
  })

  it('is a dropped write for a cache that fails open', () => {
    const path = `${smallDisk()}/cache.db`
    using cache = new SqliteCache({ path, onFailure: 'miss' })
    const answers = Array.from({ length: 100 }, (_, index) => cache.set(`key${index}`, 'x'.repeat(100_000)))
    expect(new Set(answers)).toEqual(new Set([true, false]))
    expect(cache.getStats().errors).toBe(answers.filter((isStored) => !isStored).length)
    expect(cache.get('key0')).toBe('x'.repeat(100_000))
  })

  it('because it is read-only is STORE_UNAVAILABLE', () => {
    const folder = smallDisk()
    const path = `${folder}/cache.db`
    new SqliteCache({ path }).close()
    mount('-o', 'remount,ro', folder)
    expect(() => new SqliteCache({ path, maxSizeBytes: MIB }).set('a', 1)).toThrow(
      expect.objectContaining({ code: 'STORE_UNAVAILABLE' }),
    )
    expect(() => new SqliteCache({ path: `${folder}/other/cache.db` })).toThrow(
      expect.objectContaining({ code: 'STORE_UNAVAILABLE' }),
    )
    mount('-o', 'remount,rw', folder)
    using cache = new SqliteCache({ path })
    expect(cache.set('a', 1)).toBe(true)
  })
})
