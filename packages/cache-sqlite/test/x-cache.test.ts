import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

import BetterSqlite3 from 'better-sqlite3'
import { describe, expect, it } from 'vitest'

import { runCacheCommand } from '../src/command/cache-command.ts'
import { formatBytes } from '../src/command/format-bytes.ts'
import { SqliteCache } from '../src/index.ts'
import { temporaryFolder } from './temporary-folder.ts'

interface Run {
  readonly code: number
  readonly printed: string
  readonly complaint: string
}

async function run(args: readonly string[], answer?: boolean): Promise<Run & { readonly asked: string[] }> {
  const asked: string[] = []
  let [printed, complaint] = ['', '']
  const code = await runCacheCommand(args, {
    print: (text) => (printed += text),
    complain: (text) => (complaint += text),
    confirm:
      answer === undefined
        ? undefined
        : (question) => {
            asked.push(question)
            return Promise.resolve(answer)
          },
  })
  return { code, printed, complaint, asked }
}

function filled(): string {
  const path = `${temporaryFolder()}/cache.db`
  using cache = new SqliteCache({ path, maxSizeBytes: 1_048_576 })
  cache.set('PROJ-1', { n: 1 }, { category: 'issue' })
  cache.set('PROJ-2', 'x'.repeat(1_534), { category: 'issue' })
  cache.set('line\nbreak', 1)
  return path
}

describe('x-cache', () => {
  it('status shows sizes, the limit and every category', async () => {
    const path = filled()
    const { code, printed } = await run(['status', path])
    expect(code).toBe(0)
    expect(printed.split('\n').slice(1)).toEqual([
      '  default    1 entry     1 B',
      '  issue    2 entries  1.5 KB',
      '  all      3 entries  1.5 KB',
      '',
    ])
    expect(printed).toMatch(/cache\.db: \d+\.\d KB on disk, write-ahead log 0 B, limit 1\.0 MB\n/)
  })

  it('status shows the limit of who stored last, also where the first write of a cache has failed', async () => {
    const path = filled()
    const database = new BetterSqlite3(path)
    database.exec(`
      CREATE TRIGGER refusal BEFORE INSERT ON entries WHEN new.key = 'refused' BEGIN SELECT raise(ABORT, 'Refused.'); END
    `)
    database.close()
    using cache = new SqliteCache({ path, maxSizeBytes: 2_097_152 })
    expect(() => cache.set('refused', 1)).toThrow('Refused.')
    expect((await run(['status', path])).printed).toContain('limit 1.0 MB')
    cache.set('taken', 1)
    expect((await run(['status', path])).printed).toContain('limit 2.0 MB')
  })

  it('status --json is one document', async () => {
    const path = filled()
    const { printed } = await run(['status', path, '--json'])
    expect(JSON.parse(printed)).toEqual({
      path,
      entryCount: 3,
      totalSizeBytes: 1_544,
      maxSizeBytes: 1_048_576,
      fileBytes: expect.any(Number) as number,
      walBytes: 0,
      byCategory: {
        default: { entryCount: 1, totalSizeBytes: 1 },
        issue: { entryCount: 2, totalSizeBytes: 1_543 },
      },
    })
  })

  it('keys lists what a glob and a category name, one a line whatever the key', async () => {
    const path = filled()
    expect((await run(['keys', path])).printed).toBe('default\t"line\\nbreak"\nissue\tPROJ-1\nissue\tPROJ-2\n')
    expect((await run(['keys', path, '*-2'])).printed).toBe('issue\tPROJ-2\n')
    expect((await run(['keys', path, '--category', 'default'])).printed).toBe('default\t"line\\nbreak"\n')
  })

  it('get prints a value as it is stored; a key that is not there is 1', async () => {
    const path = filled()
    expect(await run(['get', path, 'PROJ-1', '--category', 'issue'])).toMatchObject({ code: 0, printed: '{"n":1}\n' })
    expect(await run(['get', path, 'PROJ-1'])).toMatchObject({
      code: 1,
      printed: '',
      complaint: 'There is no "PROJ-1" in the category "default".\n',
    })
  })

  it.each([
    [['--pattern', 'PROJ-*'], 2, 'issue\tPROJ-1\nissue\tPROJ-2\n'],
    [['--key', 'PROJ-2'], 1, 'issue\tPROJ-2\n'],
    [['--category', 'default'], 1, 'default\t"line\\nbreak"\n'],
    [['--category', 'default', '--pattern', 'PROJ-*'], 0, ''],
    [[], 3, 'default\t"line\\nbreak"\nissue\tPROJ-1\nissue\tPROJ-2\n'],
  ])('clear %j shows, asks, and removes what it showed', async (conditions, count, shown) => {
    const path = filled()
    const entries = `${count} ${count === 1 ? 'entry' : 'entries'}`
    expect((await run(['clear', path, ...conditions, '--dry-run'])).printed).toBe(`${shown}${entries} would go.\n`)
    const refused = await run(['clear', path, ...conditions], false)
    expect(refused).toMatchObject({ code: 0, printed: 'Nothing was removed.\n' })
    expect(refused.asked).toEqual([`Remove ${entries} from ${path}? [y/N] `])
    using cache = new SqliteCache({ path })
    expect(cache.getStats().entryCount).toBe(3)
    expect((await run(['clear', path, ...conditions], true)).printed).toBe(`${entries} removed.\n`)
    expect(cache.getStats().entryCount).toBe(3 - count)
  })

  it('clear needs --force where there is nobody to ask', async () => {
    const path = filled()
    expect(await run(['clear', path])).toMatchObject({
      code: 1,
      complaint: 'Nobody to ask here: give --force, or --dry-run to see what would go.\nTry x-cache --help.\n',
    })
    expect(await run(['clear', path, '--force'])).toMatchObject({ code: 0, printed: '3 entries removed.\n' })
  })

  it('verify finds wrong counts, wrong sums of them, stray tags and damaged pages', async () => {
    const path = filled()
    expect(await run(['verify', path])).toMatchObject({
      code: 0,
      printed: `${path} is whole, and its counts are right.\n`,
    })
    const database = new BetterSqlite3(path)
    database.exec("UPDATE totals SET size_bytes = 7 WHERE name = 'issue'; INSERT INTO tags VALUES ('t', 1)")
    database.close()
    expect(await run(['verify', path])).toMatchObject({
      code: 3,
      complaint:
        'The category "issue" counts 2 entries of 7 bytes, and has 2 entries of 1543 bytes.\n1 tags belong to no entry.\n',
    })
    const other = filled()
    const changed = new BetterSqlite3(other)
    changed.exec('UPDATE totals SET entry_count = 7 WHERE id = 0')
    changed.close()
    expect(await run(['verify', other])).toMatchObject({
      code: 3,
      complaint: 'The totals of the cache are not the sums of those of its categories.\n',
    })
    truncateSync(path, 8_192)
    expect((await run(['verify', path])).code).toBe(3)
  })

  it('ends with 3 where it meets damaged pages while it lists keys', async () => {
    const path = `${temporaryFolder()}/cache.db`
    {
      using cache = new SqliteCache({ path })
      cache.setMany(Array.from({ length: 3_000 }, (_, index) => [`key${index}`, 'x'.repeat(300)]))
    }
    // The first pages, which are read when it is opened, stay.
    const whole = readFileSync(path)
    writeFileSync(path, whole.fill(0x5a, 30 * 4_096))
    for (const args of [
      ['keys', path],
      ['clear', path, '--dry-run'],
    ]) {
      const { code, complaint } = await run(args)
      expect(code).toBe(3)
      expect(complaint).toContain('is damaged or no SQLite database')
    }
  })

  it.each([
    ['absent.db', (): undefined => undefined, 'There is no file '],
    ['folder', mkdirSync, 'There is no file '],
    [
      'empty.db',
      (path: string) => {
        writeFileSync(path, '')
      },
      'is empty',
    ],
    [
      'text.db',
      (path: string) => {
        writeFileSync(path, 'no database '.repeat(500))
      },
      'is damaged or no SQLite database',
    ],
    ['foreign.db', (path: string) => new BetterSqlite3(path).exec('CREATE TABLE t (a)').close(), "another program's"],
  ])('says with 3 that %s cannot be used, and makes nothing', async (name, make, message) => {
    const path = `${temporaryFolder()}/${name}`
    make(path)
    const before = existsSync(path)
    for (const command of ['status', 'keys', 'verify', 'clear']) {
      const { code, complaint } = await run([command, path, ...(command === 'clear' ? ['--force'] : [])])
      expect([command, code]).toEqual([command, 3])
      expect(complaint).toContain(message)
    }
    expect(existsSync(path)).toBe(before)
  })

  it.each([
    [[], 'No command.'],
    [['frobnicate', 'f'], 'Unknown command: frobnicate.'],
    [['toString', 'f'], 'Unknown command: toString.'],
    [['status'], 'No file to status.'],
    [['status', 'f', 'g'], 'Too much: g.'],
    [['status', 'f', '--force'], 'status has no option --force.'],
    [['get', 'f'], 'No key to get.'],
    [['keys', 'f', '--colour'], "Unknown option '--colour'"],
  ])('says with 1 what is wrong with %j', async (args, message) => {
    const { code, complaint } = await run(args)
    expect(code).toBe(1)
    expect(complaint).toContain(message)
    expect(complaint).toContain('Try x-cache --help.')
  })

  it('says with 1 that it does not look into the file whose path the driver would make of another one', async () => {
    const path = filled()
    const spaced = `${path} `
    writeFileSync(spaced, '')
    expect(await run(['status', spaced])).toMatchObject({
      code: 1,
      printed: '',
      complaint: `Not a path: path: "${spaced}". Give the path of a file, without white space at its ends, or ":memory:".\n`,
    })
  })

  it('is a program: it prints, and ends with its code', async () => {
    const path = filled()
    const program = fileURLToPath(new URL('../src/x-cache.ts', import.meta.url))
    const start = (...args: string[]): Promise<Run> =>
      new Promise((resolve) => {
        const child = execFile(process.execPath, [program, ...args], (_, printed, complaint) => {
          resolve({ code: child.exitCode ?? -1, printed, complaint })
        })
      })
    expect((await start('--help')).printed).toContain('x-cache status FILE')
    expect(await start('get', path, 'PROJ-1', '--category', 'issue')).toMatchObject({ code: 0, printed: '{"n":1}\n' })
    expect(await start('status', `${path}.absent`)).toMatchObject({ code: 3, printed: '' })
    expect((await start('clear', path)).complaint).toContain('give --force')
  })
})

describe('formatBytes()', () => {
  it.each([
    [0, '0 B'],
    [512, '512 B'],
    [1_023, '1023 B'],
    [1_024, '1.0 KB'],
    [1_536, '1.5 KB'],
    [1_048_575, '1.0 MB'],
    [1_073_741_824, '1.0 GB'],
  ])('prints %i as %s', (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text)
  })
})
