import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import { SqliteCache } from '@x/cache-sqlite'
import { findRedisServer, type RedisServer, startRedisServer } from '@x/redis-server'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { nobodysUrl, useLocalGitHub } from './local-github.ts'
import { type Run, runProgram } from './run-program.ts'

const github = useLocalGitHub()

/** The same for a file and for Redis, in this order: the last clears what the first has scanned. */
function behaves(place: () => string): void {
  const cache = (...words: string[]): Promise<Run> => runProgram(['cache', ...words, '--cache', place()])
  beforeAll(async () => {
    const words = [
      'scan',
      '--org',
      'acme',
      '--api-url',
      github.server.url,
      '--cache',
      place(),
      '-q',
      '--fail-on',
      'never',
    ]
    expect((await runProgram(words, github.withToken)).code).toBe(0)
  })

  it('shows what there is, by category', async () => {
    const { stdout } = await cache('status')
    expect(stdout).toMatch(/: [\d,]+ entries, [\d.]+ MB/)
    expect(stdout).toMatch(/^ {2}blob +\d+ +[\d.]+ [KM]B$/m)
    const [status] = JSON.parse((await cache('status', '--json')).stdout) as [{ entryCount: number }]
    expect((await cache('keys')).stdout.trimEnd().split('\n')).toHaveLength(status.entryCount)
  })

  it('lists keys by category and glob, and prints a value', async () => {
    const { stdout } = await cache('keys', '--category', 'blob', '--json')
    const [first] = JSON.parse(stdout) as { key: string }[]
    const key = first?.key ?? ''
    expect((await cache('keys', `${key.slice(0, 10)}*`, '--category', 'blob')).stdout).toContain(`blob\t${key}\n`)
    expect(JSON.parse((await cache('get', key, '--category', 'blob', '--json')).stdout)).toHaveProperty('text')
    expect(await cache('get', key)).toMatchObject({ code: 0 })
    expect(await cache('get', 'nothing')).toMatchObject({ code: 1, stdout: '' })
  })

  it('says what would go, and removes only that, and only when told to', async () => {
    const dry = await cache('clear', '--category', 'blob', '--dry-run')
    const count = dry.stdout.trimEnd().split('\n').length
    expect(dry.stderr).toContain(`${count} entries of `)
    expect((await cache('keys', '--category', 'blob')).stdout).toBe(dry.stdout)
    expect(await cache('clear', '--category', 'blob')).toMatchObject({ code: 1, stdout: '' })
    expect((await cache('clear', '--category', 'blob', '--force')).stderr).toBe(`${count} entries removed.\n`)
    expect((await cache('keys', '--category', 'blob')).stdout).toBe('')
    expect((await cache('keys')).stdout).not.toBe('')
    const left = JSON.parse((await cache('keys', '--json')).stdout) as unknown
    expect(JSON.parse((await cache('clear', '--dry-run', '--json')).stdout)).toEqual(left)
    const { removed } = JSON.parse((await cache('clear', '--force', '--json')).stdout) as { removed: number }
    expect(removed).toBeGreaterThan(0)
    expect((await cache('keys')).stdout).toBe('')
  })
}

describe('cache, in a file', () => {
  behaves(() => join(github.folder, 'looked-into.sqlite'))

  it('makes none that is not there, and exits 3', async () => {
    const path = join(github.folder, 'none.sqlite')
    for (const words of [['status'], ['keys'], ['get', 'a'], ['clear', '--force']]) {
      const { code, stderr } = await runProgram(['cache', ...words, '--cache', path])
      expect({ code, stderr }).toEqual({ code: 3, stderr: `There is no file ${path}.\n` })
    }
  })

  it('says of a file that is damaged in part what to do, in words of its own', async () => {
    const path = join(github.folder, 'damaged.sqlite')
    const keep = new SqliteCache({ path })
    keep.setMany(Array.from({ length: 2_000 }, (_, index) => [`key-${index}`, 'x'.repeat(200)] as const))
    keep.close()
    const bytes = await readFile(path)
    await writeFile(path, bytes.fill(0xa5, 8_192))
    const stderr = `The cache ${path} is damaged or no SQLite database. Check --cache, or remove the file: it fills again.\n`
    for (const words of [['status'], ['keys'], ['get', 'key-1'], ['clear', '--force']]) {
      expect(await runProgram(['cache', ...words, '--cache', path])).toEqual({ code: 3, stdout: '', stderr })
    }
  })

  it('shows every file that the program keeps', async () => {
    const env = { ...github.withToken.env, XDG_CACHE_HOME: join(github.folder, 'xdg') }
    expect((await runProgram(['cache', 'status'], { env })).stdout).toBe('Nothing is kept yet.\n')
    await runProgram(['scan', '--repo', 'acme/feed-reader', '--api-url', github.server.url, '-q'], { env })
    await runProgram(['jira', 'issues', 'PAY-1', '--try', '-q'], { env })
    const { stdout } = await runProgram(['cache', 'status'], { env })
    expect(stdout).toContain(join('x', 'scan.sqlite'))
    expect(stdout).toContain(join('x', 'jira', 'bundled.invalid-'))
  })
})

describe.skipIf(findRedisServer() === undefined)('cache, in Redis', () => {
  let server: RedisServer
  beforeAll(async () => {
    server = await startRedisServer()
  })
  afterAll(() => server.stop())

  it('keeps Jira and scans apart, and takes REDIS_URL', async () => {
    const env = { REDIS_URL: server.url }
    await runProgram(['jira', 'issues', 'PAY-1', '--try', '--cache', 'redis'], { env })
    const keys = await runProgram(['cache', 'keys', '--cache', 'redis'], { env })
    expect(keys.stdout).not.toContain('PAY-1')
    expect(keys.stdout).not.toBe('')
  })

  behaves(() => server.url)

  it('exits 3 where there is none', async () => {
    const place = (await nobodysUrl()).replace('http:', 'redis:')
    const { code, stderr } = await runProgram(['cache', 'status', '--cache', place])
    expect(code).toBe(3)
    expect(stderr).toMatch(
      /^No Redis answers at redis:.*: connect ECONNREFUSED .*\. Check that it runs, and what --cache names\.\n$/,
    )
  })
})
