import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'

import { type LockedPackage, type PackageRange, parseLockfile } from '@x/lockfiles'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { type Ioc, IocCatalog, IocListError, parseIocList } from '../src/index.ts'

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

  it('knows a Go module by the small letters of its package URL', async () => {
    const catalog = await IocCatalog.load([await file('go.txt', 'go:github.com/BurntSushi/toml:v1.0.0')])
    const { packages } = parseLockfile(
      'bom.json',
      '{"bomFormat": "CycloneDX", "specVersion": "1.5", "components": [{"purl": "pkg:golang/github.com/burntsushi/toml@v1.0.0"}]}',
    )
    expect(catalog.match(packages)).toHaveLength(1)
  })

  it('names every list that has a version, in one match', async () => {
    const catalog = await IocCatalog.load([await file('one.txt', 'a:1.0.0'), await file('two.txt', 'a:1.0.0\na:*')])
    expect(catalog.match([locked('a', '1.0.0')]).map(({ source }) => source)).toEqual(['two.txt, one.txt'])
    expect(catalog.size).toBe(1)
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

describe('parseIocList() of CSV', () => {
  it('reads quoted cells, several versions, `=` and `||`, sources and ecosystems', () => {
    const text = [
      'package_name,package_versions,sources,ecosystem',
      '@ctrl/tinycolor,"4.1.1, 4.1.2","one, two",',
      'left-pad,= 0.0.7 || = 0.0.8,,npm',
      '"Flask",*,three,pypi',
      '',
    ].join('\r\n')
    const rows = parseIocList('list.csv', text).map(({ ecosystem, name, version, source }) => {
      return [ecosystem, name, version, source]
    })
    expect(rows).toEqual([
      ['npm', '@ctrl/tinycolor', '4.1.1', 'list.csv (one, two)'],
      ['npm', '@ctrl/tinycolor', '4.1.2', 'list.csv (one, two)'],
      ['npm', 'left-pad', '0.0.7', 'list.csv'],
      ['npm', 'left-pad', '0.0.8', 'list.csv'],
      ['pypi', 'Flask', null, 'list.csv (three)'],
    ])
  })

  it('knows a header by its words, whatever their case', () => {
    expect(parseIocList('list', '\uFEFF"Package", Version\na,1.0.0\n')).toEqual([
      { ecosystem: 'npm', name: 'a', version: '1.0.0', source: 'list' },
    ])
  })

  it.each([
    ['package,version\na,1.0.0\nb,\n', 3, '"b" has no version'],
    ['package,version\n\n"a\nb",1.0.0\n', 3, 'names no package'],
    ['package,version\na,^1.0.0\n', 2, '"^1.0.0" is no exact version of "a"'],
    ['package,version,ecosystem\na,1.0.0,nmp\n', 2, 'unknown ecosystem "nmp"'],
    ['package,version\na,"1.0.0\n', 2, 'the quotes of a cell do not close'],
    ['package,version\n"a"b,1.0.0\n', 2, 'the quotes of a cell do not close'],
  ])('names the line of what it cannot read: %j', (text, line, message) => {
    const read = (): unknown => parseIocList('list', text)
    expect(read).toThrow(`list:${line}: `)
    expect(read).toThrow(message)
  })

  it('reads a million commas in time', () => {
    expect(() => parseIocList('list', `package,version\n${','.repeat(1_000_000)}`)).toThrow('names no package')
  })
})

describe('parseIocList() of OSV documents', () => {
  const osv = (more: object): string => JSON.stringify({ id: 'MAL-1', modified: '2026-01-01T00:00:00Z', ...more })
  const affected = (name: string, more: object, ecosystem = 'npm'): object => ({
    package: { ecosystem, name },
    ...more,
  })
  const range = (...events: object[]): object => ({ ranges: [{ type: 'SEMVER', events }] })

  it('reads versions and ranges, of every ecosystem that has lockfiles', () => {
    const iocs = parseIocList(
      'list.json',
      osv({
        references: [{ type: 'WEB', url: 'https://example.com/MAL-1' }],
        affected: [
          affected('a', { versions: ['1.0.0', '1.0.1'] }),
          affected('b', range({ introduced: '0' })),
          affected('c', range({ introduced: '1.0.0' }, { fixed: '1.2.0' }, { introduced: '2.0.0' }), 'crates.io'),
          affected('d', range({ introduced: '0' }, { last_affected: '1.2' }), 'PyPI'),
          affected('e', { ranges: [{ type: 'GIT', events: [{ introduced: '0' }] }] }),
          affected('f', range({ introduced: '0' }), 'Debian:12'),
          affected('org:g', range({ fixed: '2.0' }, { introduced: '1.0' }), 'Maven'),
        ],
      }),
    )
    expect(
      iocs.map(({ ecosystem, name, version, interval }) => [ecosystem, name, version ?? interval ?? null]),
    ).toEqual([
      ['npm', 'a', '1.0.0'],
      ['npm', 'a', '1.0.1'],
      ['npm', 'b', null],
      ['cargo', 'c', { from: '1.0.0', before: '1.2.0' }],
      ['cargo', 'c', { from: '2.0.0' }],
      ['pypi', 'd', { from: undefined, through: '1.2' }],
      ['maven', 'org:g', { from: '1.0', before: '2.0' }],
    ])
    expect(iocs[0]).toMatchObject({ source: 'MAL-1', reference: 'https://example.com/MAL-1' })
  })

  it('reads an array of documents, and one on each line', () => {
    const documents = [
      osv({ affected: [affected('a', { versions: ['1.0.0'] })] }),
      osv({ id: 'MAL-2', withdrawn: '2026-01-02T00:00:00Z', affected: [affected('b', { versions: ['1.0.0'] })] }),
      osv({ id: 'MAL-3', affected: [affected('c', { versions: ['1.0.0'] })] }),
    ]
    const names = (text: string): string[] => parseIocList('list', text).map(({ name }) => name)
    expect(names(`[${documents.join(',')}]`)).toEqual(['a', 'c'])
    expect(names(`${documents.join('\n')}\n`)).toEqual(['a', 'c'])
  })

  it.each([
    [osv({ affected: [{ package: { ecosystem: 'npm' } }] }), 'list: MAL-1: a package has no name.'],
    [osv({ affected: ['a'] }), 'list: MAL-1: an entry of "affected" has no package.'],
    [osv({ affected: [affected('a', { versions: [1] })] }), 'list: MAL-1: a version is no text.'],
    [osv({ affected: [affected('a', range({ introduced: 'x' }))] }), 'list: MAL-1: "x" is no version of npm.'],
    [osv({ affected: [affected('a', range({}))] }), 'list: MAL-1: an event of a range is not understood.'],
    [`[${osv({ affected: [] })}, 1]`, 'list: item 1 of the array is no OSV document.'],
    [`${osv({ affected: [] })}\n{"a":`, 'list:2: no OSV document.'],
    [osv({ withdrawn: 'x', affected: [affected('a', { versions: ['1.0.0'] })] }), 'list: the list names no package.'],
  ])('says what it cannot read: %s', (text, message) => {
    expect(() => parseIocList('list', text)).toThrow(message)
  })

  it('takes no stretch for closed that opens where another ends, and a limit of * for none', () => {
    const events = [
      { introduced: '2.0.0' },
      { fixed: '3.0.0' },
      { introduced: '1.0.0' },
      { fixed: '2.0.0' },
      { limit: '*' },
    ]
    const iocs = parseIocList('list.json', osv({ affected: [affected('a', range(...events))] }))
    expect(iocs.map(({ interval }) => interval)).toEqual([
      { from: '1.0.0', before: '2.0.0' },
      { from: '2.0.0', before: '3.0.0' },
    ])
  })

  it('takes a list of names for no document, also one with a package "id"', () => {
    expect(parseIocList('list', '{ "id": ["1.0.0"], "affected": null }').map(({ name }) => name)).toEqual([
      'id',
      'affected',
    ])
  })
})

describe('IocCatalog.load()', () => {
  it('reads folders and streams as it reads files', async () => {
    const lists = join(folder, 'lists')
    await mkdir(join(lists, 'deep'), { recursive: true })
    await writeFile(join(lists, 'a.csv'), 'package,version\na,1.0.0\n')
    await writeFile(join(lists, 'deep', 'b.txt'), 'b:1.0.0\n')
    await writeFile(join(lists, 'deep', 'gone.json'), '{ "id": "MAL-1", "withdrawn": "2026-01-01", "affected": [] }')
    await writeFile(join(lists, 'README.md'), 'not a list')
    const bytes = Readable.from([Buffer.from('c\u00e9:1.0').subarray(0, 2), Buffer.from('c\u00e9:1.0.0').subarray(2)])
    const catalog = await IocCatalog.load([lists, { name: 'stdin', content: bytes }])
    const matches = catalog.match(['a', 'b', 'c\u00e9', 'd'].map((name) => locked(name, '1.0.0')))
    expect(matches.map(({ package: { name }, source }) => [name, source])).toEqual([
      ['a', 'a.csv'],
      ['b', 'b.txt'],
      ['c\u00e9', 'stdin'],
    ])
  })

  it('refuses a folder that names nothing, and a list in a folder that cannot be read', async () => {
    const empty = join(folder, 'empty')
    await mkdir(empty)
    await expect(IocCatalog.load([empty])).rejects.toThrow(`${empty}: no list in the folder names a package.`)
    await writeFile(join(empty, 'x.json'), '{}')
    await expect(IocCatalog.load([empty])).rejects.toThrow('x.json: the list names no package.')
  })

  it('passes on what a stream throws', async () => {
    const failure = new Error('cut')
    const content = Readable.from(
      (async function* () {
        yield 'a:1.0.0\n'
        await Promise.resolve()
        throw failure
      })(),
    )
    await expect(IocCatalog.load([{ name: 'stdin', content }])).rejects.toBe(failure)
  })
})

describe('IocCatalog.match() by the order of an ecosystem', () => {
  const ioc = (more: Partial<Ioc>): Ioc => ({ ecosystem: 'npm', name: 'a', version: null, source: 'list', ...more })

  it('finds versions within an interval, but no commit', () => {
    const catalog = new IocCatalog([ioc({ interval: { from: '1.0.0', before: '1.10.0' } })])
    const versions = ['0.9.0', '1.0.0', '1.9.0', '1.10.0', 'c0ffee']
    expect(
      catalog.match(versions.map((version) => locked('a', version))).map((match) => match.package.version),
    ).toEqual(['1.0.0', '1.9.0'])
  })

  it.each([
    ['pypi', '1.0', '1.0.0'],
    ['golang', '1.2.3', 'v1.2.3'],
    ['nuget', '1.0.0-Beta', '1.0.0.0-beta'],
    ['maven', '1.0', '1.0.0'],
  ] as const)('knows a version of %s by any spelling: %s, %s', (ecosystem, version, other) => {
    const catalog = new IocCatalog([ioc({ ecosystem, version })])
    expect(catalog.match([locked('a', other, { ecosystem })])).toHaveLength(1)
  })

  it.each([
    ['nuget', 'Newtonsoft.Json', 'newtonsoft.json'],
    ['cargo', 'serde_json', 'serde-json'],
    ['composer', 'Monolog/Monolog', 'monolog/monolog'],
    ['swift', 'https://github.com/Vapor/Vapor.git', 'github.com/vapor/vapor'],
  ] as const)('knows a package of %s by any spelling: %s, %s', (ecosystem, name, other) => {
    const catalog = new IocCatalog([ioc({ ecosystem, name, version: '1.0.0' })])
    expect(catalog.match([locked(other, '1.0.0', { ecosystem })])).toHaveLength(1)
  })
})

describe('IocCatalog.matchRanges()', () => {
  const catalog = new IocCatalog([
    { ecosystem: 'npm', name: 'a', version: '1.5.0', source: 'one' },
    { ecosystem: 'npm', name: 'a', version: '2.0.0-rc.1', source: 'one' },
    { ecosystem: 'npm', name: 'a', version: '1.5.0', source: 'two', reference: 'https://example.com' },
    { ecosystem: 'npm', name: 'b', version: null, source: 'one' },
    { ecosystem: 'npm', name: 'c', version: null, interval: { from: '1.0.0', before: '1.2.0' }, source: 'one' },
  ])
  const range = (name: string, text: string, exact?: string): PackageRange => {
    const common = { name, range: text, ecosystem: 'npm', line: 1, dev: false } as const
    return exact === undefined ? common : { ...common, exact }
  }
  const rows = (...ranges: PackageRange[]): unknown[] => {
    return catalog
      .matchRanges(ranges)
      .map((match) => [match.range.name, match.range.range, match.version, match.source])
  }

  it('gives each listed version that a requirement admits, with the lists that name it', () => {
    expect(
      rows(range('a', '^1.0.0'), range('a', '>=1.0.0-0'), range('a', '^2.0.0'), range('a', '^2.0.0-rc.0')),
    ).toEqual([
      ['a', '^1.0.0', '1.5.0', 'one, two'],
      ['a', '>=1.0.0-0', '1.5.0', 'one, two'],
      ['a', '^2.0.0-rc.0', '2.0.0-rc.1', 'one'],
    ])
    expect(catalog.matchRanges([range('a', '^1.0.0')])[0]?.reference).toBe('https://example.com')
  })

  it('keeps what is pinned apart by range.exact', () => {
    const [match, ...others] = catalog.matchRanges([range('a', '=1.5.0', '1.5.0'), range('a', '1.5.1', '1.5.1')])
    expect(match).toMatchObject({ version: '1.5.0', range: { exact: '1.5.0' } })
    expect(others).toEqual([])
  })

  it('writes `*` for any version, and an interval as comparators', () => {
    expect(rows(range('b', '^1.0.0'), range('c', '^1.1.0'), range('c', '^1.2.0'), range('c', 'latest'))).toEqual([
      ['b', '^1.0.0', '*', 'one'],
      ['c', '^1.1.0', '>=1.0.0 <1.2.0', 'one'],
      ['c', 'latest', '>=1.0.0 <1.2.0', 'one'],
    ])
  })

  it('takes a requirement that is not understood for one that may admit anything', () => {
    expect(rows(range('a', '!!'))).toHaveLength(2)
    expect(rows(range('c', '!!'))).toHaveLength(1)
    expect(rows(range('d', '!!'))).toHaveLength(0)
  })
})

describe('IocCatalog.hash', () => {
  const ioc = (more: Partial<Ioc>): Ioc => ({ ecosystem: 'npm', name: 'a', version: null, source: 'list', ...more })

  it('is that of the union: any version takes in all others', () => {
    const one = new IocCatalog([ioc({ version: '1.0.0' }), ioc({}), ioc({ interval: { from: '1.0.0' } })])
    expect(one.hash).toBe(new IocCatalog([ioc({})]).hash)
    expect(one.size).toBe(1)
  })

  it('is never that of other content', () => {
    const contents: Partial<Ioc>[][] = [
      [],
      [{}],
      [{ name: 'b' }],
      [{ ecosystem: 'pypi' }],
      [{ version: '1.0.0' }],
      [{ version: '*' }],
      [{ interval: { from: '1.0.0' } }],
      [{ interval: { through: '1.0.0' } }],
      [{ name: 'a\n', version: 'b' }],
    ]
    const hashes = contents.map((list) => new IocCatalog(list.map(ioc)).hash)
    expect(new Set(hashes).size).toBe(contents.length - 1)
  })
})
