import { parseSyml } from '@yarnpkg/parsers'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { type ParsedLockfile, parseLockfile } from '../src/index.ts'
import { LockfileFault } from '../src/lockfile-fault.ts'
import { readYarnClassicEntries } from '../src/parsers/yarn/yarn-classic-entries.ts'
import { describePackage, fixture } from './fixtures.ts'
import { mutationsOf } from './mutations.ts'

function parse(...lines: readonly string[]): ParsedLockfile {
  return parseLockfile('yarn.lock', `# yarn lockfile v1\n\n${lines.join('\n')}\n`)
}

/** What both readers agree on: versions and requirements by descriptor. */
type Entries = Record<string, unknown>

function readByUs(text: string): Entries | undefined {
  try {
    const entries = readYarnClassicEntries(text, []).flatMap(({ descriptors, properties, requirements }) => {
      const dependencies = requirements.length > 0 ? { dependencies: Object.fromEntries(requirements) } : {}
      return descriptors.map((descriptor) => [descriptor, { ...Object.fromEntries(properties), ...dependencies }])
    })
    return Object.fromEntries(entries) as Entries
  } catch (error) {
    if (!(error instanceof LockfileFault)) throw error
    return undefined
  }
}

function readByYarn(text: string): Entries | undefined {
  try {
    return parseSyml(text)
  } catch {
    return undefined
  }
}

describe('a yarn 1 lockfile', () => {
  it('has a problem with a property that stands twice, and takes the last as yarn does', () => {
    const { packages, problems } = parse('a@1:', '  version "1.0.0"', '  version "2.0.0"', 'b@1:', '  version "1.0.0"')
    expect(packages).toMatchObject([{ version: '2.0.0' }, { name: 'b' }])
    expect(problems).toEqual([{ line: 5, reason: 'The key "version" is repeated; the last one counts.' }])
  })

  it('is split into the same entries as by yarn itself', () => {
    const { text } = fixture('yarn-classic')
    expect(readByUs(text)).toEqual(readByYarn(text))
  })

  it('has after any edit the versions that yarn reads, where both can read it', () => {
    const { text } = fixture('yarn-classic')
    fc.assert(
      fc.property(mutationsOf(text.slice(0, 2500)), (mutated) => {
        const [ours, theirs] = [readByUs(mutated), readByYarn(mutated)]
        if (ours === undefined || theirs === undefined || !mutated.startsWith('# THIS')) return
        for (const [key, entry] of Object.entries(theirs)) {
          const version = (entry as { version?: unknown }).version
          if (typeof version === 'string')
            expect((ours[key] as { version?: unknown } | undefined)?.version).toBe(version)
        }
      }),
      { numRuns: 300 },
    )
  })

  it.each([
    [
      '"lodash4@npm:lodash@^4.0.0":',
      'https://registry.example/lodash/-/lodash-4.0.0.tgz#0123',
      'lodash@4.0.0 registry',
    ],
    ['"a@npm:@s/real":', undefined, '@s/real@4.0.0 registry'],
    ['"a@npm:^4.0.0":', undefined, 'a@4.0.0 registry'],
    [
      'a@^4.0.0, "a@npm:@s/other@4":',
      'https://registry.example/@s%2fother/-/other-4.0.0.tgz',
      '@s/other@4.0.0 registry',
    ],
    ['"@s/a@^4.0.0":', 'a-offline-mirror-4.0.0.tgz#0123', '@s/a@4.0.0 registry'],
    ['a@o/a:', 'https://codeload.host.example/o/a/tar.gz/0123', 'a@4.0.0 url'],
    ['"a@git+ssh://git@host.example/o/a.git#v4":', 'git+ssh://git@host.example/o/a.git#0123', 'a@4.0.0 git'],
    ['"a@https://host.example/a.tgz":', 'https://host.example/a.tgz#0123', 'a@4.0.0 url'],
    ['"a@file:../a":', undefined, 'a@4.0.0 file'],
    ['"a@link:../a":', undefined, 'a@4.0.0 link'],
    ['a@:', undefined, 'a@4.0.0 registry'],
  ])('reads the key %s with the address %s as %s', (key, resolved, expected) => {
    const { packages, problems } = parse(
      key,
      '  version "4.0.0"',
      ...(resolved === undefined ? [] : [`  resolved "${resolved}"`]),
    )
    expect(packages.map(({ name, version, source }) => `${name}@${version} ${source}`)).toEqual([expected])
    expect(problems).toEqual([])
  })

  it('takes as direct what no other entry asks for in the same words', () => {
    const { packages } = parse(
      'a@^1.0.0:',
      '  version "1.0.0"',
      '  dependencies:',
      '    b "^1.0.0"',
      '  optionalDependencies:',
      '    "@s/c" "^1.0.0"',
      '',
      'b@1, b@^1.0.0:',
      '  version "1.0.0"',
      '',
      '"@s/c@^1.0.0":',
      '  version "1.0.0"',
    )
    expect(packages.map(describePackage)).toEqual([
      '3 a@1.0.0 registry direct',
      '10 b@1.0.0 registry direct',
      '13 @s/c@1.0.0 registry',
    ])
  })

  it.each([
    ['no version', ['a@1:', '  resolved "x"'], 'it has no version'],
    ['a version that is none', ['a@1:', '  version "latest"'], '"latest" is no exact version'],
    ['a key without a range', ['a:', '  version "1.0.0"'], '"a" is no name and range'],
    ['different packages in one key', ['a@1, b@1:', '  version "1.0.0"'], 'its descriptors name different packages'],
  ])('has a problem with an entry that has %s', (_, lines, reason) => {
    expect(parse(...lines).problems).toMatchObject([{ line: 3 }])
    expect(parse(...lines).problems[0]?.reason).toContain(reason)
  })

  it.each([
    ['text that is no entry', 'hello', '1:6'],
    ['a merge conflict', 'a@1:\n  version "1.0.0"\n<<<<<<< HEAD\n', '3:1'],
    ['another indentation', 'a@1:\n   version "1.0.0"\n', '2:4'],
    ['a property of nothing', '  version "1.0.0"\n', '1:3'],
    ['a string that does not end', '"a@1:\n', '1:1'],
    ['more than two words', 'a@1:\n  version "1.0.0" 2\n', '2:18'],
  ])('is malformed with %s', (_, text, place) => {
    expect(() => parseLockfile('yarn.lock', text)).toThrow(`yarn.lock:${place}: This is not what yarn writes.`)
  })

  it('may be empty', () => {
    expect(parseLockfile('yarn.lock', '')).toEqual({ packages: [], ranges: [], problems: [] })
  })
})
