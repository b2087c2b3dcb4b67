import { readdirSync, statSync, symlinkSync, truncateSync, unlinkSync } from 'node:fs'

import BetterSqlite3 from 'better-sqlite3'
import { describe, expect, it, onTestFinished, vi } from 'vitest'

import { CacheFile, SqliteCache } from '../src/index.ts'
import { temporaryFolder } from './temporary-folder.ts'

/** A link to a file in another folder, which is not there yet. */
function linked(): { link: string; target: string; folder: string } {
  const [links, folder] = [temporaryFolder(), temporaryFolder()]
  const [link, target] = [`${links}/link.db`, `${folder}/cache.db`]
  symlinkSync(target, link)
  return { link, target, folder }
}

describe('a symbolic link', () => {
  it('to nothing makes the file that it names, for this user alone', () => {
    const { link, target } = linked()
    const relative = `${temporaryFolder()}/relative.db`
    symlinkSync('named.db', relative)
    for (const [path, made] of [
      [link, target],
      [relative, `${relative}/../named.db`],
    ] as const) {
      using cache = new SqliteCache({ path })
      cache.set('a', 1)
      expect(statSync(path).mode & 0o777).toBe(0o600)
      using direct = new SqliteCache({ path: made })
      expect(direct.get('a')).toBe(1)
    }
  })

  it('bounds the write-ahead log of its target while somebody reads', () => {
    const { link, target } = linked()
    using cache = new SqliteCache({ path: link, maxSizeBytes: 1_048_576, busyTimeout: 0 })
    cache.set('a', 1)
    const reader = new BetterSqlite3(target, { readonly: true })
    reader.exec('BEGIN')
    reader.prepare('SELECT count(*) FROM entries').get()
    const fill = (): void => {
      for (let count = 0; count < 3_000; count += 1) cache.set('b', `${count}`.repeat(3_000))
    }
    expect(fill).toThrow(expect.objectContaining({ code: 'STORE_UNAVAILABLE' }))
    using file = new CacheFile(link)
    expect(file.status().walBytes).toBe(statSync(`${target}-wal`).size)
    reader.close()
  })

  it('has its damaged target moved aside, and stays', () => {
    const { link, target, folder } = linked()
    new SqliteCache({ path: link }).close()
    truncateSync(target, 5_000)
    using cache = new SqliteCache({ path: link, onCorrupt: 'recreate' })
    cache.set('a', 1)
    using direct = new SqliteCache({ path: target })
    expect(direct.get('a')).toBe(1)
    expect(readdirSync(folder).filter((name) => /^cache\.db\.corrupt-.*Z$/.test(name))).toHaveLength(1)
  })

  it('that leads elsewhere is followed within 50 ms', () => {
    vi.useFakeTimers({ toFake: ['performance'] })
    onTestFinished(() => {
      vi.useRealTimers()
    })
    const { link, folder } = linked()
    using cache = new SqliteCache({ path: link })
    cache.set('a', 1)
    using other = new SqliteCache({ path: `${folder}/other.db` })
    other.set('a', 2)
    unlinkSync(link)
    symlinkSync(`${folder}/other.db`, link)
    vi.advanceTimersByTime(50)
    expect(cache.get('a')).toBe(2)
  })

  it('to itself is STORE_UNAVAILABLE', () => {
    const path = `${temporaryFolder()}/link.db`
    symlinkSync(path, path)
    expect(() => new SqliteCache({ path })).toThrow(expect.objectContaining({ code: 'STORE_UNAVAILABLE' }))
  })
})
