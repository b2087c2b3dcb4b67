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
