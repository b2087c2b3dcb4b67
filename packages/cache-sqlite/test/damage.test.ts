import { createHash } from 'node:crypto'
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'

import { isCacheError } from '@x/core'
import BetterSqlite3 from 'better-sqlite3'
import { describe, expect, it } from 'vitest'

import { SqliteCache } from '../src/index.ts'
import { temporaryFolder } from './temporary-folder.ts'

function failureOf(work: () => unknown): { code: string; message: string } {
  try {
    work()
  } catch (error) {
    if (isCacheError(error)) return { code: error.code, message: error.message }
    throw error
  }
  throw new Error('It did not fail.')
}

function filledCache(path: string): void {
  using cache = new SqliteCache({ path })
  for (let index = 0; index < 300; index += 1) cache.set(`key${index}`, 'x'.repeat(1_000))
}

const hashOf = (path: string): string => createHash('sha256').update(readFileSync(path)).digest('hex')

describe('a file that cannot serve as a cache', () => {
  it.each([
    [
      'that was cut off',
      (path: string) => {
        truncateSync(path, statSync(path).size / 2)
      },
    ],
    [
      'whose start was overwritten',
      (path: string) => {
        writeFileSync(path, 'no database '.repeat(5_000))
      },
    ],
  ])('%s is STORE_CORRUPT, or is kept aside and replaced', (_, damage) => {
    const folder = temporaryFolder()
    const path = `${folder}/cache.db`
    filledCache(path)
    damage(path)
    const damaged = hashOf(path)
    expect(failureOf(() => new SqliteCache({ path }))).toEqual({
      code: 'STORE_CORRUPT',
      message: `The cache ${path} is damaged or no SQLite database. Check the path; remove the file, or open it with onCorrupt: 'recreate', which keeps it aside and starts empty.`,
    })
    expect(hashOf(path)).toBe(damaged)
    using cache = new SqliteCache({ path, onCorrupt: 'recreate' })
    expect(cache.getStats().entryCount).toBe(0)
    cache.set('a', 1)
    expect(cache.get('a')).toBe(1)
    const aside = readdirSync(folder).filter((name) => /^cache\.db\.corrupt-\d{4}-\d\d-\d\dT[\d-]+\.\d+Z$/.test(name))
    expect(aside).toHaveLength(1)
    expect(hashOf(`${folder}/${aside[0] ?? ''}`)).toBe(damaged)
  })

  it('is replaced without what its WAL still held', () => {
    const folder = temporaryFolder()
    const [source, path] = [`${folder}/source.db`, `${folder}/cache.db`]
    filledCache(source)
    using writer = new SqliteCache({ path: source })
    writer.set('key1', 'in the WAL')
    // As after a crash, and the file was overwritten since.
    for (const suffix of ['', '-wal']) cpSync(source + suffix, path + suffix)
    writeFileSync(path, 'no database '.repeat(10))
    using cache = new SqliteCache({ path, onCorrupt: 'recreate' })
    expect(cache.getStats().entryCount).toBe(0)
    expect(cache.set('a', 1)).toBe(true)
    expect(readdirSync(folder).filter((name) => /\.corrupt-.*-wal$/.test(name))).toHaveLength(1)
  })

  it('that is damaged while it is open is replaced as well, and the call is answered from the new one', () => {
    const folder = temporaryFolder()
    const path = `${folder}/cache.db`
    filledCache(path)
    using cache = new SqliteCache({ path, onCorrupt: 'recreate' })
    const errors: unknown[] = []
    cache.addEventListener({ onCacheError: (error) => errors.push(error) })
    writeFileSync(path, Buffer.alloc(statSync(path).size, 0x5a), { flag: 'r+' })
    expect(cache.get('key7')).toBeUndefined()
    expect(cache.set('key7', 1)).toBe(true)
    expect(cache.get('key7')).toBe(1)
    expect(errors).toEqual([expect.objectContaining({ code: 'STORE_CORRUPT' })])
    expect(cache.getStats().errors).toBe(1)
    expect(readdirSync(folder).filter((name) => name.includes('.corrupt-')).length).toBeGreaterThanOrEqual(1)
  })

  it.each(['delete', 'wal'])(
    "of another program is refused and never written, even with onCorrupt: 'recreate' (%s)",
    (mode) => {
      const folder = temporaryFolder()
      const source = `${folder}/source.db`
      const foreign = new BetterSqlite3(source)
      foreign.pragma(`journal_mode = ${mode}`)
      foreign.exec("CREATE TABLE notes (text); INSERT INTO notes VALUES ('mine')")
      const path = `${folder}/notes.db`
      // As after a crash: what the other program wrote last still lies in its WAL.
      for (const suffix of ['', '-wal']) if (existsSync(source + suffix)) cpSync(source + suffix, path + suffix)
      const before = ['', '-wal'].filter((suffix) => existsSync(path + suffix)).map((suffix) => hashOf(path + suffix))
      for (const onCorrupt of ['throw', 'recreate'] as const) {
        expect(failureOf(() => new SqliteCache({ path, onCorrupt }))).toEqual({
          code: 'STORE_CORRUPT',
          message: `The file ${path} is another program's database, and was left as it is. Choose another path for the cache.`,
        })
      }
      expect(['', '-wal'].filter((suffix) => existsSync(path + suffix)).map((suffix) => hashOf(path + suffix))).toEqual(
        before,
      )
      foreign.close()
    },
  )

  it('of a newer version of this package is refused and kept', () => {
    const path = `${temporaryFolder()}/cache.db`
    filledCache(path)
    const newer = new BetterSqlite3(path)
    newer.pragma('user_version = 99')
    newer.close()
    expect(failureOf(() => new SqliteCache({ path, onCorrupt: 'recreate' }))).toEqual({
      code: 'STORE_UNAVAILABLE',
      message: `The cache ${path} was written by a newer version of @x/cache-sqlite (schema 99; this one knows 7). Update the package, or choose another path.`,
    })
  })

  it('of an older version of this package is emptied and used', () => {
    const path = `${temporaryFolder()}/cache.db`
    filledCache(path)
    const older = new BetterSqlite3(path)
    older.pragma('user_version = 0')
    older.exec('DROP TABLE tags; ALTER TABLE entries RENAME TO things')
    older.close()
    using cache = new SqliteCache({ path })
    expect(cache.getStats().entryCount).toBe(0)
    expect(cache.set('a', 1, { tags: ['t'] })).toBe(true)
  })

  it('because a directory has its name is STORE_UNAVAILABLE', () => {
    const path = `${temporaryFolder()}/cache.db`
    mkdirSync(path)
    expect(failureOf(() => new SqliteCache({ path, onCorrupt: 'recreate' }))).toEqual({
      code: 'STORE_UNAVAILABLE',
      message: `The cache ${path} cannot be opened: it is a directory. Give the path of a file.`,
    })
  })

  it('because a file is in the place of its folder is STORE_UNAVAILABLE', () => {
    const folder = temporaryFolder()
    writeFileSync(`${folder}/file`, '')
    const path = `${folder}/file/cache.db`
    expect(failureOf(() => new SqliteCache({ path, onCorrupt: 'recreate' }))).toEqual({
      code: 'STORE_UNAVAILABLE',
      message: `The cache ${path} cannot be opened: a part of its path is a file and no folder. Choose another path.`,
    })
  })

  it('because nothing can be made there is STORE_UNAVAILABLE', () => {
    expect(failureOf(() => new SqliteCache({ path: '/proc/none/cache.db' })).code).toBe('STORE_UNAVAILABLE')
  })
})

describe('an empty file', () => {
  it('is made a cache', () => {
    const path = `${temporaryFolder()}/cache.db`
    writeFileSync(path, '')
    using cache = new SqliteCache({ path })
    expect(cache.set('a', 1)).toBe(true)
  })
})
