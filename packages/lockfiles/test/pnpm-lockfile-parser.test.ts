import { describe, expect, it } from 'vitest'

import { type ParsedLockfile, parseLockfile } from '../src/index.ts'
import { pnpmKeyOf, readPnpmKey, withoutPeers } from '../src/parsers/pnpm/pnpm-package-key.ts'
import { describePackage } from './fixtures.ts'

function parse(...lines: readonly string[]): ParsedLockfile {
  return parseLockfile('pnpm-lock.yaml', `${lines.join('\n')}\n`)
}

const RESOLUTION = '    resolution: {integrity: sha512-x}'

describe('a pnpm lockfile', () => {
  it.each([
    ['/a/1.0.0', '/name/1.0.0', 'a', '1.0.0'],
    ['/@s/a/1.0.0-rc.1_react@18.0.0+x@1.0.0', '/name/1.0.0', '@s/a', '1.0.0-rc.1'],
    ['registry.example/@s/a/1.0.0', '/name/1.0.0', '@s/a', '1.0.0'],
    ['/a@1.0.0', '/name@1.0.0', 'a', '1.0.0'],
    ['/@s/a@1.0.0(react@18.0.0(x@1.0.0))(y@2.0.0)', '/name@1.0.0', '@s/a', '1.0.0'],
    ['registry.example/@s/a@1.0.0', '/name@1.0.0', '@s/a', '1.0.0'],
    ['@s/a@1.0.0', 'name@1.0.0', '@s/a', '1.0.0'],
    ['a@1.0.0(patch_hash=0123)(react@18.0.0)', 'name@1.0.0', 'a', '1.0.0'],
    ['a@file:../x(y)/z', 'name@1.0.0', 'a', 'file:../x(y)/z'],
  ] as const)('states in the key %s of style %s the package %s %s', (key, style, name, reference) => {
    expect(readPnpmKey(key, style)).toEqual({ name, reference })
  })

  it.each([
    ['1.0.0(react@18.0.0)', 'a@1.0.0(react@18.0.0)'],
    ['real@1.0.0', 'real@1.0.0'],
    ['@s/real@1.0.0(x@1.0.0)', '@s/real@1.0.0(x@1.0.0)'],
    ['git+ssh://git@host.example/a#0123', 'a@git+ssh://git@host.example/a#0123'],
    ['link:../b', undefined],
  ])('finds by the version %s the key %s', (reference, key) => {
    expect(pnpmKeyOf('a', reference, 'name@1.0.0')).toBe(key)
  })

  it('cuts peers off a key, and leaves a bracket that opens nowhere', () => {
    expect(withoutPeers('a@1.0.0(b@1.0.0(c@1.0.0))(d@1.0.0)')).toBe('a@1.0.0')
    expect(withoutPeers('a@file:b)')).toBe('a@file:b)')
  })

  it('reads git, tarball and runtime packages', () => {
    const { packages, problems } = parse(
      "lockfileVersion: '9.0'",
      'packages:',
      '  a@https://codeload.host.example/o/a/tar.gz/0123:',
      '    resolution: {tarball: https://codeload.host.example/o/a/tar.gz/0123, gitHosted: true}',
      '    version: 1.0.0',
      '  b@https://host.example/b.tgz:',
      '    resolution: {integrity: sha512-x, tarball: https://host.example/b.tgz}',
      '  c@git+ssh://git@host.example/c.git#0123:',
      '    resolution: {commit: 0123abcd, repo: git@host.example/c.git, type: git}',
      '  d@1.10.0:',
      '    resolution: {integrity: sha512-x, tarball: https://registry.example/d/-/d-1.10.0.tgz}',
      '  node@runtime:24.0.0:',
      '    resolution: {type: variations, variants: [{a: b}]}',
      '    version: 24.0.0',
    )
    expect(packages.map(describePackage)).toEqual([
      '3 a@1.0.0 git https://codeload.host.example/o/a/tar.gz/0123',
      '6 b@https://host.example/b.tgz url https://host.example/b.tgz',
      '8 c@0123abcd git git@host.example/c.git#0123abcd',
      '10 d@1.10.0 registry',
      '12 node@24.0.0 url',
    ])
    expect(problems).toEqual([])
  })

  it('believes the key before a version field in version 9, so that no field hides a package', () => {
    const { packages } = parse("lockfileVersion: '9.0'", 'packages:', '  a@1.0.0:', RESOLUTION, '    version: 9.9.9')
    expect(packages).toMatchObject([{ name: 'a', version: '1.0.0' }])
  })

  it('takes as dev what only development requirements reach, through aliases and peers', () => {
    const { packages, problems } = parse(
      "lockfileVersion: '9.0'",
      'importers:',
      '  .:',
      '    dependencies:',
      '      alias: {specifier: npm:a@1, version: a@1.0.0(b@1.0.0)}',
      '    devDependencies:',
      '      c: {specifier: ^1.0.0, version: 1.0.0}',
      'packages:',
      ...['a', 'b', 'c', 'd', 'orphan'].flatMap((name) => [`  ${name}@1.0.0:`, RESOLUTION]),
      'snapshots:',
      '  a@1.0.0(b@1.0.0):',
      '    optionalDependencies: {b: 1.0.0}',
      '  b@1.0.0: {}',
      '  c@1.0.0:',
      '    dependencies: {b: 1.0.0, d: 1.0.0}',
      '  d@1.0.0: {}',
      '  orphan@1.0.0: {}',
    )
    expect(packages.map(describePackage)).toEqual([
      '9 a@1.0.0 registry direct',
      '11 b@1.0.0 registry',
      '13 c@1.0.0 registry direct dev',
      '15 d@1.0.0 registry dev',
      '17 orphan@1.0.0 registry',
    ])
    expect(problems).toEqual([])
  })

  it('tells a link to a project of the workspace from a link to another folder', () => {
    const { packages } = parse(
      "lockfileVersion: '9.0'",
      'importers:',
      '  packages/a:',
      '    dependencies:',
      '      b: {specifier: workspace:*, version: link:../b}',
      '      c: {specifier: link:../c, version: link:../c}',
      '  packages/b: {}',
    )
    expect(packages).toMatchObject([
      { name: 'b', source: 'workspace', line: 5 },
      { name: 'c', source: 'link', line: 6 },
    ])
  })

  it.each([
    ['an entry without content', ['packages:', '  a@1.0.0:'], 'its resolution is of no known kind'],
    ['a key without a version', ['packages:', '  a:', RESOLUTION], 'it names no package'],
    [
      'an unknown resolution',
      ['packages:', '  a@1.0.0:', '    resolution: {type: magic}'],
      'its resolution is of no known kind',
    ],
    ['no exact version', ['packages:', '  a@x:', RESOLUTION], 'its resolution is of no known kind'],
    ['a requirement of nothing', ['importers:', '  .: {dependencies: {a: {specifier: 1}}}'], 'resolved to nothing'],
    [
      'a requirement that is not there',
      ['importers:', '  .: {dependencies: {a: {version: 1.0.0}}}'],
      'is not in the file',
    ],
    ['a snapshot of nothing', ['snapshots:', '  a@1.0.0: {}'], 'belongs to no package'],
    ['a section that is no mapping', ['packages: none'], 'The section packages is not understood'],
    ['importers that are no mapping', ['importers: none'], 'The importer "importers" is not understood'],
    [
      'a tarball of another package',
      ['packages:', '  a@1.0.0:', '    resolution: {tarball: https://registry.example/evil/-/evil-1.0.0.tgz}'],
      'a 1.0.0 is fetched from a tarball of evil 1.0.0.',
    ],
  ])('has a problem with %s', (_, lines, reason) => {
    const { problems } = parse("lockfileVersion: '9.0'", ...lines)
    expect(problems).toHaveLength(1)
    expect(problems[0]?.reason).toContain(reason)
  })

  it('has a problem when it is empty', () => {
    expect(parseLockfile('pnpm-lock.yaml', '# nothing\n').problems).toEqual([{ line: 1, reason: 'The file is empty.' }])
  })

  it('reads the keys of a thousand characters that pnpm writes behind a question mark', () => {
    const key = `/a@1.0.0(${'b'.repeat(1100)}@1.0.0)`
    const { packages } = parse(
      "lockfileVersion: '6.0'",
      'packages:',
      `  ? ${key}`,
      '  : resolution: {integrity: x}',
      '    dev: true',
    )
    expect(packages.map(describePackage)).toEqual(['3 a@1.0.0 registry dev'])
  })
})
