import { execFile } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

import { expect, onTestFinished, test } from 'vitest'

import { runGit } from '../src/fixture/run-git.ts'
import { ObjectSource } from '../src/git/object-source.ts'
import { get, scratchFolder, scratchRepositories, scratchServer, TOKEN } from './scratch.ts'

const run = promisify(execFile)
const FILES = { 'a.txt': 'a', 'large.txt': 'line\n'.repeat(100_000) }
const ENVIRONMENT = { ...process.env, GIT_TERMINAL_PROMPT: '0', GIT_CONFIG_GLOBAL: '/dev/null', GIT_ASKPASS: 'true' }

async function git(...args: readonly string[]): Promise<string> {
  return (await run('git', args, { env: ENVIRONMENT })).stdout.trim()
}

test('git clones over HTTP, whole or without its blobs', async () => {
  const { server, records } = await scratchServer({ one: { files: FILES } })
  const folder = await scratchFolder()
  await git('clone', '--quiet', `${server.url}/acme/one.git`, join(folder, 'whole'))
  expect(await readFile(join(folder, 'whole', 'large.txt'), 'utf8')).toBe(FILES['large.txt'])
  await git('clone', '--quiet', '--bare', '--filter=blob:none', `${server.url}/acme/one`, join(folder, 'partial'))
  const head = await runGit(records[0]?.gitDir ?? '', ['rev-parse', 'main'])
  expect(await git('-C', join(folder, 'partial'), 'rev-parse', 'main')).toBe(head)
  const missing = await git('-C', join(folder, 'partial'), 'rev-list', '--objects', '--missing=print', 'main')
  expect(missing.match(/^\?/gm)).toHaveLength(2)
  const entries = server.journal.entries.filter(({ operation }) => operation === 'git')
  expect(entries.length).toBeGreaterThanOrEqual(4)
  expect(entries.every(({ points, bucket, status }) => points === 0 && bucket === 'none' && status === 200)).toBe(true)
})

test('protocol version 2 is spoken when asked for', async () => {
  const { server } = await scratchServer({ one: { files: FILES } })
  const path = '/acme/one.git/info/refs?service=git-upload-pack'
  const text = await (await get(server, path, { headers: { 'git-protocol': 'version=2' } })).text()
  expect(text).toContain('version 2')
  expect(text).toContain('filter')
})

test('a private repository is cloned with its token alone, and nothing can be pushed', async () => {
  const { server } = await scratchServer(
    { secret: { files: FILES, private: true, readableBy: [TOKEN] }, one: { files: FILES } },
    { tokens: [TOKEN, 'another'] },
  )
  const host = server.url.slice('http://'.length)
  const folder = await scratchFolder()
  const clone = (credentials: string, name: string): Promise<string> =>
    git('clone', '--quiet', `http://${credentials}${host}/acme/secret.git`, join(folder, name))
  await clone(`x-access-token:${TOKEN}@`, 'mine')
  await expect(clone('', 'nobody')).rejects.toThrow()
  await expect(clone('x-access-token:another@', 'another')).rejects.toThrow(/not found/)
  await expect(clone('x-access-token:unknown@', 'unknown')).rejects.toThrow()
  await expect(git('-C', join(folder, 'mine'), 'push', '--quiet', 'origin', 'main:other')).rejects.toThrow(/403/)
})

test('a tarball redirects to an archive of the commit, which costs nothing more', async () => {
  const { server, records } = await scratchServer({ one: { files: FILES } })
  const redirect = await get(server, '/repos/acme/one/tarball/main')
  expect(redirect.status).toBe(302)
  const location = redirect.headers.get('location') ?? ''
  expect(location).toBe(`${server.url}/codeload/acme/one/legacy.tar.gz/main`)
  const archive = await get(server, location.slice(server.url.length))
  expect(archive.headers.get('content-type')).toBe('application/x-gzip')
  const bytes = Buffer.from(await archive.arrayBuffer())
  const packed = join(await scratchFolder(), 'a.tar.gz')
  await writeFile(packed, bytes)
  const { stdout } = await run('tar', ['-tzf', packed])
  const short = (await runGit(records[0]?.gitDir ?? '', ['rev-parse', 'main'])).slice(0, 7)
  expect(stdout.trim().split('\n')).toContain(`acme-one-${short}/a.txt`)
  expect(server.journal.entries.map(({ operation, points }) => [operation, points])).toEqual([
    ['tarball', 1],
    ['tarball', 0],
  ])
  expect(server.journal.entries[1]?.bytes).toBe(bytes.length)
  expect((await get(server, '/codeload/acme/one/legacy.tar.gz/gone')).status).toBe(404)
})

test('a stream is cut in its midst', async () => {
  const { server } = await scratchServer({ one: { files: FILES } })
  server.setFaults([{ on: { operation: 'tarball' }, do: { kind: 'cut', afterBytes: 100 } }])
  const response = await get(server, '/codeload/acme/one/legacy.tar.gz/main')
  await expect(response.arrayBuffer()).rejects.toThrow('terminated')
  expect(server.journal.entries[0]).toMatchObject({ bytes: 100, fault: 'cut' })
})

test('more repositories than processes, many objects at once: every answer is the right one', async () => {
  const names = Array.from({ length: 40 }, (_, index) => `r${index}`)
  const records = await scratchRepositories(
    Object.fromEntries(names.map((name) => [name, { files: { name, 'big.txt': name.repeat(50_000) } }])),
  )
  const source = new ObjectSource()
  onTestFinished(() => source.close())
  const texts = await Promise.all(
    records.flatMap(({ gitDir }) =>
      ['name', 'big.txt', 'gone'].map(async (path) => {
        const oid = await source.resolve(gitDir, `main:${path}`)
        return oid === undefined ? undefined : (await source.object(gitDir, oid))?.body.toString()
      }),
    ),
  )
  expect(texts).toEqual(names.flatMap((name) => [name, name.repeat(50_000), undefined]))
})

test('a folder that is no repository is an error that names it, and the next one is read', async () => {
  const { server, records } = await scratchServer({ one: { files: FILES } })
  const oid = await runGit(records[0]?.gitDir ?? '', ['rev-parse', 'main'])
  const [record] = records
  if (record === undefined) throw new Error('There is one.')
  server.setRepositories([record, { ...record, name: 'broken', gitDir: join(record.gitDir, 'gone') }])
  const broken = await get(server, '/repos/acme/broken/git/trees/main')
  expect(broken.status).toBe(500)
  expect(await broken.text()).toContain('gone/HEAD')
  const { gitDir } = record
  const source = new ObjectSource()
  onTestFinished(() => source.close())
  await expect(source.object(join(gitDir, 'gone'), oid)).rejects.toThrow(/not a git repository/)
  expect((await source.object(gitDir, oid))?.type).toBe('commit')
})
