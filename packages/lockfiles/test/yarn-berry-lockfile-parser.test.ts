import { parseSyml } from '@yarnpkg/parsers'
import { describe, expect, it } from 'vitest'

import { type ParsedLockfile, parseLockfile } from '../src/index.ts'
import { describePackage, fixture } from './fixtures.ts'

function parse(...lines: readonly string[]): ParsedLockfile {
  return parseLockfile('yarn.lock', `__metadata:\n  version: 8\n\n${lines.join('\n')}\n`)
}

describe('a lockfile of yarn 2 or later', () => {
  it('has the versions and resolutions that yarn itself reads', () => {
    const { fileName, text } = fixture('yarn-berry')
    const entries: Record<string, { version: string; resolution: string }> = parseSyml(text)
    const expected = Object.entries(entries)
      .filter(([key]) => key !== '__metadata')
      .map(([, { resolution, version }]) => {
        const name = /^(@[^/]+\/)?[^@]+/.exec(resolution)?.[0] ?? ''
        return `${name}@${version === '0.0.0-use.local' ? '' : version}`
      })
    expect(parseLockfile(fileName, text).packages.map(({ name, version }) => `${name}@${version}`)).toEqual(expected)
  })

  it.each([
    ['a@npm:1.2.3', 'a@1.2.3 registry'],
    ['@s/a@npm:1.10.0-rc.1', '@s/a@1.10.0-rc.1 registry'],
    ['a@npm:1.2.3::__archiveUrl=https%3A%2F%2Fhost.example%2Fa.tgz', 'a@1.2.3 registry'],
    ['a@patch:a@npm%3A1.2.3#~/.yarn/patches/a.patch::version=1.2.3&hash=0123', 'a@1.2.3 registry'],
    ['a@patch:a@patch%3Aa@npm%253A1.2.3%23one.patch#two.patch', 'a@1.2.3 registry'],
    ['a@virtual:0123abcd#npm:1.2.3', 'a@1.2.3 registry'],
    ['a@https://host.example/o/a.git#commit=0123abcd', 'a@9.9.9 git'],
    ['a@git@host.example:o/a.git#commit=0123abcd', 'a@9.9.9 git'],
    ['a@https://host.example/a.tgz', 'a@9.9.9 url'],
    ['a@file:../a#../a::hash=0123&locator=x%40workspace%3A.', 'a@9.9.9 file'],
    ['a@link:../a::locator=x%40workspace%3A.', 'a@ link'],
    ['a@portal:../a::locator=x%40workspace%3A.', 'a@ link'],
    ['a@workspace:packages/a', 'a@ workspace'],
  ])('reads the resolution %s as %s', (resolution, expected) => {
    const { packages, problems } = parse('"key@npm:^1.0.0":', '  version: 9.9.9', `  resolution: "${resolution}"`)
    expect(packages.map(({ name, version, source }) => `${name}@${version} ${source}`)).toEqual([expected])
    expect(problems).toEqual([])
  })

  it('takes as direct what workspaces ask for, with and without the protocol, and below a patch', () => {
    const { packages } = parse(
      '"a@npm:^1.0.0, a@npm:~1.0.0":',
      '  version: 1.0.0',
      '  resolution: "a@npm:1.0.0"',
      '  dependencies:',
      '    b: "npm:^1.0.0"',
      '',
      '"b@npm:^1.0.0":',
      '  resolution: "b@npm:1.0.0"',
      '',
      '"c@patch:c@npm%3A^1.0.0#optional!builtin<compat/c>":',
      '  resolution: "c@patch:c@npm%3A1.0.0#optional!builtin<compat/c>::version=1.0.0&hash=0123"',
      '',
      '"project@workspace:.":',
      '  version: 0.0.0-use.local',
      '  resolution: "project@workspace:."',
      '  dependencies:',
      '    a: ~1.0.0',
      '    c: "npm:^1.0.0"',
    )
    expect(packages.map(describePackage)).toEqual([
      '4 a@1.0.0 registry direct',
      '10 b@1.0.0 registry',
      '13 c@1.0.0 registry direct',
      '16 project@ workspace direct workspace:.',
    ])
  })

  const entry = (key: string, version: string, ...dependencies: string[]): string[] => [
    `"${key}":`,
    `  resolution: "${key.slice(0, key.indexOf('@', 1))}@npm:${version}"`,
    ...(dependencies.length === 0 ? [] : ['  dependencies:', ...dependencies.map((each) => `    ${each}`)]),
    '',
  ]
  const project = (...dependencies: string[]): string[] => [
    '"own@workspace:.":',
    '  resolution: "own@workspace:."',
    '  dependencies:',
    ...dependencies.map((each) => `    ${each}`),
  ]
  const directIn = (...lines: readonly string[]): string[] =>
    parse(...lines).packages.flatMap(({ name, version, source, direct }) =>
      direct && source === 'registry' ? [`${name}@${version}`] : [],
    )

  // As yarn 4.18 writes it: the range of a resolution or of a catalog stands in the key alone.
  it('takes as direct what resolutions and catalogs put in the place of what workspaces ask for', () => {
    expect(
      directIn(
        ...entry('is-even@npm:1.0.0', '1.0.0', 'is-odd: "npm:^0.1.2"'),
        ...entry('is-odd@npm:0.1.1', '0.1.1'),
        ...entry('lodash@npm:4.17.20', '4.17.20'),
        ...entry('semver@npm:^7.5.0', '7.8.6'),
        ...project('is-even: "npm:1.0.0"', 'lodash: "npm:^4.17.0"', 'semver: "catalog:"'),
      ),
    ).toEqual(['is-even@1.0.0', 'lodash@4.17.20', 'semver@7.8.6'])
  })

  it('takes of several entries then those that nobody asks for in their own words, or all of them', () => {
    const others = [...entry('a@npm:^1.0.0', '1.0.0', 'semver: "npm:^6.0.0"'), ...entry('semver@npm:^6.0.0', '6.3.1')]
    const own = project('a: "npm:^1.0.0"', 'semver: "catalog:"')
    expect(directIn(...others, ...entry('semver@npm:^7.5.0', '7.8.6'), ...own)).toEqual(['a@1.0.0', 'semver@7.8.6'])
    expect(directIn(...others, ...own)).toEqual(['a@1.0.0', 'semver@6.3.1'])
    const shared = entry('semver@npm:^6.0.0, semver@npm:^6.1.0', '6.3.1')
    expect(
      directIn(
        ...others.slice(0, 5),
        ...shared,
        ...entry('semver@npm:^5.0.0', '5.7.2', 'semver: "npm:^5.0.0"'),
        ...own,
      ),
    ).toEqual(['a@1.0.0', 'semver@6.3.1'])
  })

  it('takes a peer of a workspace as direct only where it is asked for in the same words', () => {
    const peers = ['  peerDependencies:', '    react: "*"', '    vue: ^3.0.0']
    const entries = [...entry('react@npm:^18.0.0', '18.0.0'), ...entry('vue@npm:^3.0.0', '3.0.0')]
    expect(directIn(...entries, ...project('x: "npm:1"'), ...peers)).toEqual(['vue@3.0.0'])
  })

  it('reads the keys of a thousand characters that yarn writes behind a question mark', () => {
    const { packages } = parse(`? "${'a@npm:1, '.repeat(200)}a@npm:2"`, ':', '  resolution: "a@npm:1.0.0"')
    expect(packages).toMatchObject([{ name: 'a', version: '1.0.0', line: 4 }])
  })

  it.each([
    ['no resolution', '  version: 1.0.0', 'its resolution is not understood'],
    ['an unknown protocol', '  resolution: "a@magic:1"', '"magic:1" is of no known kind'],
    ['no exact version', '  resolution: "a@npm:^1.0.0"', '"^1.0.0" is no exact version'],
  ])('has a problem with an entry that has %s', (_, line, reason) => {
    expect(parse('"a@npm:1":', line).problems).toEqual([
      { line: 4, reason: `The entry "a@npm:1" is not understood: ${reason}.` },
    ])
  })
})
