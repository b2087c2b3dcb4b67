import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, beforeAll, expect, test } from 'vitest'

import { createFixtureOrganisation, type FixtureOrganisation } from '../src/fixture/fixture-organisation.ts'
import { runGit } from '../src/fixture/run-git.ts'
import { type RepositoryRecord } from '../src/repository-record.ts'

const LOCKFILES = ['package-lock.json', 'npm-shrinkwrap.json', 'pnpm-lock.yaml', 'yarn.lock']
/** Where GitHub cuts the text of a blob. */
const CUT_TEXT_BYTES = 512_000

interface Entry {
  readonly mode: string
  readonly type: string
  readonly oid: string
  readonly size: number
  readonly path: string
}

let root: string
let acme: FixtureOrganisation

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'acme-'))
  acme = await createFixtureOrganisation(join(root, 'a'))
})

afterAll(() => rm(root, { recursive: true, force: true }))

test('it has at least 26 repositories of different names, with two or more commits each unless empty', async () => {
  const names = acme.repositories.map(({ name }) => name)
  const empty = acme.expected.skipped.filter(({ why }) => why === 'empty').map(({ repository }) => repository)

  expect(new Set(names).size).toBeGreaterThanOrEqual(26)
  expect(names).toEqual([...names].sort())
  expect(empty).toEqual(['sandbox'])
  for (const { name, gitDir } of acme.repositories) {
    const commits = Number(await runGit(gitDir, ['rev-list', '--all', '--count']))
    if (empty.includes(name)) expect(commits).toBe(0)
    else expect(commits, name).toBeGreaterThanOrEqual(2)
  }
})

test('two builds have the same object ids', async () => {
  const again = await createFixtureOrganisation(join(root, 'b'))

  expect(await heads(again)).toEqual(await heads(acme))
  expect(again.expected).toEqual(acme.expected)
})

test('git finds no fault with any repository', async () => {
  for (const { gitDir } of acme.repositories)
    expect(await runGit(gitDir, ['fsck', '--strict', '--full'])).not.toMatch(/error|missing|dangling/)
})

test('the records say what git says', async () => {
  for (const { name, gitDir, defaultBranch, pushedAt } of acme.repositories) {
    expect(await runGit(gitDir, ['symbolic-ref', '--short', 'HEAD'])).toBe(defaultBranch)
    if (name === 'sandbox') continue
    expect(Number(await runGit(gitDir, ['log', '-1', '--format=%ct'])) * 1000).toBe(Date.parse(pushedAt))
  }
  expect(new Set(acme.repositories.map(({ defaultBranch }) => defaultBranch))).toEqual(
    new Set(['main', 'master', 'trunk']),
  )
})

test("every expected finding's line names its package, and its version there or on the next line", async () => {
  const { findings, manifestFindings } = acme.expected
  expect(findings.map((finding) => `${finding.package}@${finding.version}`)).toEqual([
    'chalk@5.6.1',
    'debug@4.4.2',
    'event-stream@3.3.6',
    'flatmap-stream@0.1.1',
  ])
  expect(manifestFindings.map((finding) => `${finding.package}@${finding.version}`)).toEqual(['ua-parser-js@0.7.29'])
  for (const finding of [...findings, ...manifestFindings]) {
    const lines = (await show(finding.repository, finding.file)).split('\n')
    expect(lines[finding.line - 1]).toMatch(new RegExp(`[ /"]${finding.package}["@]`))
    expect(`${lines[finding.line - 1]}${lines[finding.line]}`).toContain(finding.version)
  }
})

test('the lockfiles to be read are those in the trees of readable, living repositories', async () => {
  const left = new Set([...acme.expected.unreadable, ...acme.expected.skipped.map(({ repository }) => repository)])
  const found: { repository: string; file: string }[] = []
  for (const { name } of acme.repositories.filter((record) => !left.has(record.name))) {
    const files = (await tree(name)).filter((entry) => entry.type === 'blob' && entry.mode !== '120000')
    const paths = files.map(({ path }) => path).filter((path) => LOCKFILES.includes(path.split('/').at(-1) ?? ''))
    found.push(...paths.map((file) => ({ repository: name, file })))
  }

  expect(acme.expected.lockfiles).toEqual(found)
  expect(new Set(found.map(({ file }) => file.split('/').at(-1)))).toEqual(new Set(LOCKFILES))
})

test('the cut repository has more entries than its limit, and its lockfiles only beyond it, at two depths', async () => {
  const { treeEntryLimit = Infinity } = repository('asset-library')
  const paths = (await tree('asset-library')).map(({ path }) => path)
  const lockfiles = paths.filter((path) => LOCKFILES.includes(path.split('/').at(-1) ?? ''))

  expect(paths.length).toBeGreaterThan(treeEntryLimit)
  expect(lockfiles).toEqual(['services/europe/checkout/package-lock.json', 'tools/yarn.lock'])
  expect(Math.min(...lockfiles.map((path) => paths.indexOf(path)))).toBeGreaterThanOrEqual(treeEntryLimit)
  expect(paths.indexOf('services')).toBeGreaterThanOrEqual(treeEntryLimit)
})

test("one lockfile is larger than GitHub's limit for text", async () => {
  const large = (await tree('storefront')).filter(({ size }) => size > CUT_TEXT_BYTES)

  expect(large.map(({ path }) => path)).toEqual(['package-lock.json'])
})

test('two repositories share the identical lockfile, and a fork the whole tree', async () => {
  const [checkout, refunds] = await Promise.all(['checkout-api', 'refunds-api'].map(tree))
  const trees = await Promise.all(['web-shop', 'web-shop-next'].map(tree))

  expect(oidOf(checkout, 'package-lock.json')).toMatch(/^[0-9a-f]{40}$/)
  expect(oidOf(checkout, 'package-lock.json')).toBe(oidOf(refunds, 'package-lock.json'))
  expect(oidOf(checkout, 'src/server.js')).not.toBe(oidOf(refunds, 'src/server.js'))
  expect(trees[0]).toEqual(trees[1])
  expect(acme.repositories.filter(({ fork }) => fork).map(({ name }) => name)).toEqual(['web-shop-next'])
})

test('a package-lock.json that is a symbolic link leads to a real one', async () => {
  const link = (await tree('search-indexer')).find(({ path }) => path === 'package-lock.json')

  expect(link).toMatchObject({ mode: '120000' })
  expect(await show('search-indexer', await show('search-indexer', 'package-lock.json'))).toContain(
    '"lockfileVersion": 3',
  )
})

test('of the private repositories the token sees one; one is archived', () => {
  const closed = acme.repositories.filter((record) => record.private)

  expect(closed.map(({ name, readableBy }) => [name, readableBy?.includes(acme.token)])).toEqual([
    ['customer-insights', true],
    ['payroll', false],
  ])
  expect(acme.expected.unreadable).toEqual(['payroll'])
  expect(acme.repositories.filter(({ archived }) => archived).map(({ name }) => name)).toEqual(['intranet-2019'])
  expect(acme.expected.skipped).toContainEqual({ repository: 'intranet-2019', why: 'archived' })
})

async function heads(organisation: FixtureOrganisation): Promise<Record<string, string>> {
  const pairs = organisation.repositories.map(
    async ({ name, gitDir }) =>
      [name, await runGit(gitDir, ['for-each-ref', '--format=%(refname) %(objectname)'])] as const,
  )
  return Object.fromEntries(await Promise.all(pairs))
}

function repository(name: string): RepositoryRecord {
  const record = acme.repositories.find((candidate) => candidate.name === name)
  if (record === undefined) throw new Error(`No repository ${name}`)
  return record
}

/** Every entry below the root, folders too, in git's order. */
async function tree(name: string): Promise<Entry[]> {
  const text = await runGit(repository(name).gitDir, ['ls-tree', '-r', '-t', '-z', '--long', 'HEAD'])
  return text
    .split('\0')
    .filter(Boolean)
    .map((line) => {
      const [, mode = '', type = '', oid = '', size = '', path = ''] =
        /^(\d+) (\w+) (\w+) +(\S+)\t(.*)$/.exec(line) ?? []
      return { mode, type, oid, size: Number(size), path }
    })
}

function oidOf(entries: readonly Entry[] | undefined, path: string): string | undefined {
  return entries?.find((entry) => entry.path === path)?.oid
}

function show(name: string, path: string): Promise<string> {
  return runGit(repository(name).gitDir, ['cat-file', 'blob', `HEAD:${path}`])
}
