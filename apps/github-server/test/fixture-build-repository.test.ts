import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, beforeEach, expect, test, vi } from 'vitest'

import { buildRepository, pushCommit, type RepositoryHistory } from '../src/fixture/build-repository.ts'
import { runGit } from '../src/fixture/run-git.ts'

const HISTORY: RepositoryHistory = {
  branch: 'main',
  commits: [
    { message: 'First', date: '2024-01-02T03:04:05Z', files: { 'a.txt': 'one\n', 'lib/b.txt': 'two\n' } },
    { message: 'Second', date: '2024-01-03T03:04:05Z', files: { 'a.txt': 'uno\n' }, deletions: ['lib'] },
  ],
}
/** What `git commit` itself gives for the same files, author and dates. */
const HEAD = '95dbb8fcd6dabef2abdb7dcdcb9475295058210b'

let root: string
let gitDir: string

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'fixture-'))
  gitDir = join(root, 'one.git')
})

afterEach(async () => {
  vi.unstubAllEnvs()
  await rm(root, { recursive: true, force: true })
})

test('the same history has the same object ids everywhere', async () => {
  const other = join(root, 'deep', 'two.git')

  expect(await buildRepository(gitDir, HISTORY)).toEqual({ head: HEAD })
  expect(await buildRepository(other, HISTORY)).toEqual({ head: HEAD })
  expect(await runGit(other, ['rev-parse', 'HEAD'])).toBe(HEAD)
})

test("the user's git configuration and environment change nothing", async () => {
  await writeFile(join(root, '.gitconfig'), '[this is no configuration\n')
  vi.stubEnv('HOME', root)
  vi.stubEnv('GIT_DEFAULT_HASH', 'sha256')
  vi.stubEnv('GIT_INDEX_FILE', join(root, 'index'))

  expect(await buildRepository(gitDir, HISTORY)).toEqual({ head: HEAD })
})

test('each commit has its own message, date and files', async () => {
  await buildRepository(gitDir, HISTORY)

  expect(await runGit(gitDir, ['log', '--format=%s %cI', 'main'])).toBe(
    'Second 2024-01-03T03:04:05+00:00\nFirst 2024-01-02T03:04:05+00:00',
  )
  expect(await runGit(gitDir, ['ls-tree', '-r', '--name-only', 'main~1'])).toBe('a.txt\nlib/b.txt')
  expect(await runGit(gitDir, ['ls-tree', '-r', '--name-only', 'main'])).toBe('a.txt')
})

test('bytes, links, executable files and awkward paths arrive as they are', async () => {
  const bytes = Uint8Array.from({ length: 256 }, (_, index) => index)
  const files = {
    'bytes.bin': bytes,
    'empty.txt': '',
    link: { linkTo: 'empty.txt' },
    'run.sh': { executable: '#!/bin/sh\n' },
    'a "b"\\c\nd é.txt': 'ö',
  }
  await buildRepository(gitDir, { branch: 'main', commits: [{ message: 'All', date: '2024-01-02T03:04:05Z', files }] })

  const listed = await runGit(gitDir, ['ls-tree', '-r', '-z', '--long', 'main'])
  const lines = listed.split('\0').filter(Boolean)
  expect(lines.map((line) => line.replace(/^(\d+) blob [0-9a-f]+ +(\d+)\t/, '$1 $2 '))).toEqual([
    '100644 2 a "b"\\c\nd é.txt',
    '100644 256 bytes.bin',
    '100644 0 empty.txt',
    '120000 9 link',
    '100755 10 run.sh',
  ])
  expect(await runGit(gitDir, ['rev-parse', 'main:bytes.bin'])).toBe(
    await runGit(gitDir, ['hash-object', '--stdin'], bytes),
  )
})

test('no commits make an empty repository on the branch', async () => {
  expect(await buildRepository(gitDir, { branch: 'trunk', commits: [] })).toEqual({ head: undefined })

  expect(await runGit(gitDir, ['symbolic-ref', 'HEAD'])).toBe('refs/heads/trunk')
  expect(await runGit(gitDir, ['for-each-ref'])).toBe('')
})

test('what git refuses is an error with its words', async () => {
  const files = { 'a//b': 'x' }
  const build = buildRepository(gitDir, { branch: 'main', commits: [{ message: 'x', date: '2024-01-02', files }] })

  await expect(build).rejects.toThrow(/fast-import .* ended with 128: fatal: Empty path component/)
})

test('a date that is none is a RangeError, and nothing is made', async () => {
  const build = buildRepository(gitDir, { branch: 'main', commits: [{ message: 'x', date: 'soon' }] })

  await expect(build).rejects.toThrow(new RangeError('A commit\'s date must be ISO 8601, not "soon"'))
  await expect(runGit(gitDir, ['rev-parse'])).rejects.toThrow('not a git repository')
})

test('pushCommit() adds to the branch and keeps what it does not name', async () => {
  const { head: before } = await buildRepository(gitDir, HISTORY)
  const date = '2024-02-01T00:00:00Z'
  const first = await pushCommit(gitDir, { branch: 'main', message: 'Third', date, files: { 'c/d.txt': 'three\n' } })
  const second = await pushCommit(gitDir, { branch: 'main', message: 'Fourth', date, deletions: ['a.txt', 'absent'] })

  expect(await runGit(gitDir, ['rev-parse', 'main', 'main~1', 'main~2'])).toBe(
    [second.head, first.head, before].join('\n'),
  )
  expect(await runGit(gitDir, ['ls-tree', '-r', '--name-only', first.head])).toBe('a.txt\nc/d.txt')
  expect(await runGit(gitDir, ['ls-tree', '-r', '--name-only', second.head])).toBe('c/d.txt')
  expect(await runGit(gitDir, ['fsck', '--strict'])).toBe('')
})

test('pushCommit() begins a branch, also in an empty repository', async () => {
  await buildRepository(gitDir, { branch: 'main', commits: [] })
  const { head } = await pushCommit(gitDir, { branch: 'main', message: 'First', date: '2024-02-01', files: { a: '1' } })

  expect(await runGit(gitDir, ['rev-list', 'HEAD'])).toBe(head)
})
