import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import type { LockedPackage } from '@x/lockfiles'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { IocCatalog, IocListError, parseIocList } from '../src/index.ts'

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'x-ioc-'))
})
afterAll(() => rm(folder, { recursive: true }))

async function file(name: string, text: string): Promise<string> {
  const path = join(folder, name)
  await writeFile(path, text)
  return path
}

function locked(name: string, version: string, more: Partial<LockedPackage> = {}): LockedPackage {
  return { name, version, ecosystem: 'npm', line: 1, direct: true, dev: false, source: 'registry', ...more }
}

describe('parseIocList()', () => {
  it('reads lines with and without an ecosystem, scoped names, aliases, comments and any version', () => {
    const text = [
      '# a comment',
      'event-stream:3.3.6',
      '@scope/pkg:1.0.0  # why',
      'npm:@scope/other:2.0.0-beta.1',
      'go:github.com/a/b:v1.2.3',
      'crates:serde:1.0.0+build',
      'maven:org.x:y:1.0',
      'pypi:Ctx:*',
      '',
    ].join('\r\n')
    const rows = parseIocList('list.txt', text).map(({ ecosystem, name, version }) => [ecosystem, name, version])
    expect(rows).toEqual([
      ['npm', 'event-stream', '3.3.6'],
      ['npm', '@scope/pkg', '1.0.0'],
      ['npm', '@scope/other', '2.0.0-beta.1'],
      ['golang', 'github.com/a/b', 'v1.2.3'],
      ['cargo', 'serde', '1.0.0+build'],
      ['maven', 'org.x:y', '1.0'],
      ['pypi', 'Ctx', null],
    ])
  })

  it('reads JSON by ecosystem and by name alone', () => {
    const text = '\uFEFF{ "npm": { "a": ["1.0.0", "1.0.1"] }, "pypi": { "b": null }, "c": ["2.0.0"] }'
    const rows = parseIocList('list.json', text).map(({ ecosystem, name, version }) => [ecosystem, name, version])
    expect(rows).toEqual([
      ['npm', 'a', '1.0.0'],
      ['npm', 'a', '1.0.1'],
      ['pypi', 'b', null],
      ['npm', 'c', '2.0.0'],
    ])
  })

  it.each([
    ['good:1.0.0\nno version\n', 2, /^list:2: not an IOC: "no version"/],
    ['npm:left-pad\n', 1, /^list:1: not an IOC: "npm:left-pad"/],
    ['elsewhere:left-pad:1.0.0', 1, /^list:1: not an IOC/],
    ['{\n  "npm": {\n    "a": ["1.0.0"\n  }\n}', 4, /^list:4: not JSON: /],
    ['{\n  "npm": {', 2, /^list:2: not JSON: /],
    ['{\n  "npm": {\n    "a": "1.0.0"\n  }\n}', 3, /^list:3: the versions of "a" must be a list/],
    ['{\n  "npm": {\n    "a": ["1.0.0"],\n    "a": ["1.0.1"]\n  }\n}', 4, /^list:4: "a" stands twice/],
    ['{\n  "a": []\n}', 2, /^list:2: the versions of "a" must be a list/],
    ['{\n  "a": ["^1.0.0"]\n}', 2, /^list:2: the versions of "a" must be a list/],
    ['a:1.0.0\nb:1.x\n', 2, /^list:2: not an IOC: "b:1.x"/],
    ['{\n  "constructor": { "a": ["1.0.0"] }\n}', 2, /^list:2: unknown ecosystem "constructor"/],
    ['{\n  "nmp": { "a": ["1.0.0"] }\n}', 2, /^list:2: unknown ecosystem "nmp"/],
  ])('names the line of what it cannot read: %j', (text, line, message) => {
    let caught: unknown
    try {
      parseIocList('list', text)
    } catch (error) {
      caught = error
    }
    expect(caught).toBeInstanceOf(IocListError)
    expect(caught).toMatchObject({ path: 'list', line, message: expect.stringMatching(message) as string })
  })
})

describe('parseIocList() of a list that names nothing', () => {
  it.each(['', '\n', '# only a comment', '{}', '{ "npm": {} }'])(
    'is an error, because it would make everything clean: %j',
    (text) => {
      expect(() => parseIocList('list', text)).toThrow(
        new IocListError('list: the list names no package.', { path: 'list' }),
      )
    },
  )

  it('is an error however deep it goes', () => {
    const text = `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`
    expect(() => parseIocList('list', text)).toThrow('list:1: unknown ecosystem "a"')
  })

  it('takes a version with v or = as the version', () => {
    expect(parseIocList('list', 'a:v1.0.0\nb:=2.0.0').map(({ version }) => version)).toEqual(['1.0.0', '2.0.0'])
  })
})

describe('IocCatalog', () => {
  it('matches exact versions, and any version where the list says so', async () => {
    const catalog = await IocCatalog.load([await file('a.json', '{ "a": ["1.0.0"], "b": null }')])
    const matches = catalog.match([
      locked('a', '1.0.0'),
      locked('a', '1.0.1'),
      locked('b', '9.9.9'),
      locked('c', '1.0.0'),
    ])
    expect(matches.map(({ package: { name, version } }) => `${name}@${version}`)).toEqual(['a@1.0.0', 'b@9.9.9'])
  })

  it('never matches what was not published: links, workspaces, files', async () => {
    const catalog = await IocCatalog.load([await file('b.txt', 'a:1.0.0')])
    const sources = ['registry', 'git', 'url', 'file', 'link', 'workspace'] as const
    const matches = catalog.match(sources.map((source) => locked('a', '1.0.0', { source })))
    expect(matches.map((match) => match.package.source)).toEqual(['registry', 'git', 'url'])
  })

  it('knows a Python package by any spelling, and keeps ecosystems apart', async () => {
    const catalog = await IocCatalog.load([await file('c.txt', 'pypi:Flask_Login.X:1.0')])
    expect(catalog.match([locked('flask-login-x', '1.0', { ecosystem: 'pypi' })])).toHaveLength(1)
    expect(catalog.match([locked('flask-login-x', '1.0')])).toHaveLength(0)
  })

  it('names every list that has a version, in one match', async () => {
    const catalog = await IocCatalog.load([await file('one.txt', 'a:1.0.0'), await file('two.txt', 'a:1.0.0\na:*')])
    expect(catalog.match([locked('a', '1.0.0')]).map(({ source }) => source)).toEqual(['two.txt, one.txt'])
    expect(catalog.size).toBe(2)
  })

  it('has one hash for one content, in whatever order it was loaded', async () => {
    const one = await IocCatalog.load([await file('h1.txt', 'a:1.0.0\nb:2.0.0')])
    const two = await IocCatalog.load([await file('h2.json', '{ "b": ["2.0.0"], "a": ["1.0.0"] }')])
    const other = await IocCatalog.load([await file('h3.txt', 'a:1.0.0')])
    expect(two.hash).toBe(one.hash)
    expect(other.hash).not.toBe(one.hash)
  })

  it('treats names such as __proto__ and constructor as any other', async () => {
    const catalog = await IocCatalog.load([
      await file('p.json', '{ "__proto__": ["1.0.0"], "constructor": ["1.0.0"] }'),
    ])
    expect(
      catalog.match([locked('__proto__', '1.0.0'), locked('constructor', '1.0.0'), locked('toString', '1.0.0')]),
    ).toHaveLength(2)
  })

  it('says which list cannot be read, and why', async () => {
    const missing = join(folder, 'missing.txt')
    await expect(IocCatalog.load([missing])).rejects.toThrow(
      `Cannot read the IOC list ${missing}: there is no such file.`,
    )
    await expect(IocCatalog.load([folder])).rejects.toThrow(`Cannot read the IOC list ${folder}: it is a folder.`)
  })

  it('comes with a list of its own, each entry with a reference', () => {
    const [match, ...others] = IocCatalog.bundled().match([
      locked('event-stream', '3.3.6'),
      locked('event-stream', '3.3.5'),
    ])
    expect(others).toEqual([])
    expect(match).toMatchObject({
      source: 'event-stream backdoor (2018-11-26)',
      reference: 'https://github.com/dominictarr/event-stream/issues/116',
    })
  })
})
