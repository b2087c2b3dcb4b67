import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { isLockfileError, type ParsedLockfile, parseLockfile } from '../src/index.ts'
import { describePackage, fixture } from './fixtures.ts'
import { mutationsOf } from './mutations.ts'

function parse(lockfile: unknown): ParsedLockfile {
  return parseLockfile('package-lock.json', JSON.stringify(lockfile))
}

function packagesOf(lockfile: unknown): string[] {
  const { packages, problems } = parse(lockfile)
  expect(problems).toEqual([])
  return packages.map((each) => describePackage(each).replace(/^\d+ /, ''))
}

function reasonsOf(lockfile: unknown): string[] {
  return parse(lockfile).problems.map(({ reason }) => reason)
}

describe('an npm lockfile of version 2 or 3', () => {
  it('takes the name from the entry before the one from its folder', () => {
    const packages = { 'node_modules/a': { name: '@s/real', version: '1.0.0' } }
    expect(packagesOf({ lockfileVersion: 3, packages })).toEqual(['@s/real@1.0.0 registry'])
  })

  it('names a nested package by its last folder, in workspaces too', () => {
    const packages = {
      'node_modules/a/node_modules/@s/b': { version: '1.0.0' },
      'packages/x/node_modules/c': { version: '2.0.0' },
      'node_modules_old/d': {},
    }
    expect(packagesOf({ lockfileVersion: 3, packages })).toEqual([
      '@s/b@1.0.0 registry',
      'c@2.0.0 registry',
      'd@ workspace direct',
    ])
  })

  it.each([
    ['https://registry.example/a/-/a-1.0.0.tgz', 'registry'],
    ['https://host.example/npm/mirror/a/-/a-1.0.0.tgz?token=x', 'registry'],
    ['https://npm.host.example/download/@s/a/1.0.0/0123abcd', 'registry'],
    ['https://codeload.host.example/o/a/tar.gz/0123abcd', 'url'],
    ['https://gitlab.example/o/a/-/archive/v1/a-v1.tar.gz', 'url'],
    ['git+ssh://git@host.example/o/a.git#0123abcd', 'git'],
    ['https://host.example/o/a.git#0123abcd', 'git'],
    ['github:o/a#0123abcd', 'git'],
    ['file:../a-1.0.0.tgz', 'file'],
  ])('says that %s is of the kind %s', (resolved, source) => {
    const { packages, problems } = parse({
      lockfileVersion: 3,
      packages: { 'node_modules/a': { version: '1.0.0', resolved } },
    })
    expect(packages).toMatchObject([{ name: 'a', version: '1.0.0', source, resolved }])
    expect(problems).toEqual([])
  })

  it('reports bundled, optional and peer packages, and takes only what is for development alone as dev', () => {
    const packages = {
      'node_modules/a': { version: '1.0.0', inBundle: true },
      'node_modules/b': { version: '1.0.0', optional: true, peer: true, dev: true },
      'node_modules/c': { version: '1.0.0', devOptional: true },
    }
    const expected = ['a@1.0.0 registry', 'b@1.0.0 registry dev', 'c@1.0.0 registry']
    expect(packagesOf({ lockfileVersion: 3, packages })).toEqual(expected)
  })

  it('takes as direct what the project and its folders ask for, where Node would find it', () => {
    const packages = {
      '': { dependencies: { a: '1' }, peerDependencies: { p: '1' }, optionalDependencies: { missing: '1' } },
      'node_modules/a': { version: '1.0.0', dependencies: { b: '1' } },
      'node_modules/b': { version: '1.0.0' },
      'node_modules/c': { version: '1.0.0' },
      'node_modules/p': { version: '1.0.0' },
      'packages/deep/x': { version: '3.0.0', devDependencies: { b: '2', c: '1' } },
      'packages/node_modules/b': { version: '2.0.0' },
    }
    expect(packagesOf({ lockfileVersion: 3, packages })).toEqual([
      'a@1.0.0 registry direct',
      'b@1.0.0 registry',
      'c@1.0.0 registry direct',
      'p@1.0.0 registry direct',
      'x@3.0.0 workspace direct',
      'b@2.0.0 registry direct',
    ])
  })

  it('gives a git package without a version its commit', () => {
    const packages = { 'node_modules/a': { resolved: 'git+https://host.example/a.git#0123abcd' } }
    expect(packagesOf({ lockfileVersion: 3, packages })[0]).toMatch(/^a@0123abcd git /)
  })

  it.each([
    ['no object', 7, 'its value is no object'],
    ['null', null, 'its value is no object'],
    ['no version', {}, 'it has no exact version'],
    ['a version that is no string', { version: 1 }, 'it has no exact version'],
    ['a range', { version: '^1.0.0' }, 'it has no exact version'],
    ['a name that is no string', { name: {}, version: '1.0.0' }, '"name" is no string'],
    ['a name that is a path', { name: 'a/b', version: '1.0.0' }, '"a/b" is no package name'],
    ['an address that is no string', { version: '1.0.0', resolved: 1 }, '"resolved" is no string'],
    ['an unknown kind of address', { version: '1.0.0', resolved: 'ftp://a' }, '"ftp://a" is no known kind of address'],
  ])('has a problem with an entry that has %s, and reads the others', (_, entry, reason) => {
    const packages = { 'node_modules/a': entry, 'node_modules/b': { version: '1.0.0' } }
    const parsed = parse({ lockfileVersion: 3, packages })
    expect(parsed.problems).toEqual([{ line: 1, reason: `The entry "node_modules/a" is not understood: ${reason}.` }])
    expect(parsed.packages).toMatchObject([{ name: 'b' }])
  })

  it('has a problem with a name that contradicts the tarball', () => {
    const entry = { version: '1.0.0', resolved: 'https://registry.example/evil/-/evil-6.6.6.tgz' }
    expect(reasonsOf({ lockfileVersion: 3, packages: { 'node_modules/lodash': entry } })).toEqual([
      'lodash 1.0.0 is fetched from a tarball of evil 6.6.6.',
    ])
  })

  it('has a problem with a repeated key, and takes the last as npm does', () => {
    const text =
      '{"lockfileVersion":3,"packages":{"node_modules/a":{"version":"1.0.0"},\n"node_modules/a":{"version":"2.0.0"}}}'
    expect(parseLockfile('package-lock.json', text)).toMatchObject({
      packages: [{ version: '2.0.0', line: 2 }],
      problems: [{ line: 2, reason: 'The key "node_modules/a" is repeated; the last one counts.' }],
    })
  })

  it('has a problem with a property or section that stands twice, and takes the last as npm does', () => {
    const text = `{"lockfileVersion":3,"packages":{},
"packages":{"node_modules/a":{"version":"1.0.0",
"version":"2.0.0","dependencies":{},
"dependencies":{}},"x":{"dependencies":{},
"dependencies":{}}},"dependencies":{},
"dependencies":{"b":{"version":"1.0.0",
"version":"2.0.0"}}}`
    const { packages, problems } = parseLockfile('package-lock.json', text)
    expect(packages).toMatchObject([{ name: 'a', version: '2.0.0' }, { name: 'x' }, { name: 'b', version: '2.0.0' }])
    expect(problems.map(({ line, reason }) => `${line} ${reason.split(' is ')[0] ?? ''}`)).toEqual([
      '2 The key "packages"',
      '3 The key "version"',
      '5 The key "dependencies"',
      '6 The key "dependencies"',
      '6 b 2.0.0 stands only in "dependencies", which npm 6 installs from.',
      '7 The key "version"',
    ])
  })

  it('has a problem with a name that is nested deeply', () => {
    const nested = `${'['.repeat(50_000)}${']'.repeat(50_000)}`
    const text = `{"lockfileVersion":3,"packages":{"node_modules/a":{"name":${nested}}}}`
    expect(parseLockfile('package-lock.json', text).problems).toHaveLength(1)
  })

  it('takes names of Object.prototype as any other', () => {
    const text =
      '{"lockfileVersion":3,"packages":{"":{"dependencies":{"__proto__":"1"}},"node_modules/__proto__":{"version":"1.0.0"},"node_modules/constructor":{"version":"1.0.0"}}}'
    const { packages, problems } = parseLockfile('package-lock.json', text)
    expect(packages).toMatchObject([
      { name: '__proto__', direct: true },
      { name: 'constructor', direct: false },
    ])
    expect(problems).toEqual([])
  })

  it('has a problem when there is nothing to read', () => {
    const reason = 'There is no section "packages" or "dependencies".'
    expect(reasonsOf({ lockfileVersion: 3 })).toEqual([reason])
    expect(reasonsOf({})).toEqual([reason])
    expect(reasonsOf({ lockfileVersion: 1, dependencies: [] })).toEqual([reason])
    expect(reasonsOf({ lockfileVersion: 1 })).toEqual([])
    expect(reasonsOf({ lockfileVersion: 3, packages: {} })).toEqual([])
  })
})

describe('an npm lockfile of version 1', () => {
  it.each([
    ['1.0.0', 'a@1.0.0 registry direct'],
    ['npm:@s/real@1.0.0', '@s/real@1.0.0 registry direct'],
    ['git+ssh://git@host.example/a.git#0123abcd', 'a@0123abcd git direct git+ssh://git@host.example/a.git#0123abcd'],
    ['github:o/a#0123abcd', 'a@0123abcd git direct github:o/a#0123abcd'],
    ['https://registry.example/a/-/a-2.0.0.tgz', 'a@2.0.0 url direct https://registry.example/a/-/a-2.0.0.tgz'],
    ['https://host.example/a.tar.gz', 'a@https://host.example/a.tar.gz url direct https://host.example/a.tar.gz'],
    ['file:../a', 'a@ file direct file:../a'],
  ])('reads the version %s', (version, expected) => {
    expect(packagesOf({ lockfileVersion: 1, dependencies: { a: { version } } })).toEqual([expected])
  })

  it('takes as direct what no other entry requires from the top level', () => {
    const dependencies = {
      a: {
        version: '1.0.0',
        requires: { b: '1', c: '1' },
        dependencies: { b: { version: '2.0.0', requires: { a: '1' } } },
      },
      b: { version: '1.0.0' },
      c: { version: '1.0.0' },
    }
    expect(packagesOf({ dependencies })).toEqual([
      'a@1.0.0 registry',
      'b@2.0.0 registry',
      'b@1.0.0 registry direct',
      'c@1.0.0 registry',
    ])
  })

  it.each([
    ['no object', 7, 'its value is no object'],
    ['no version', {}, 'it has no version'],
    ['an address alone', { optional: true, resolved: 'https://registry.example/a/-/a-1.0.0.tgz' }, 'it has no version'],
    ['an alias to a range', { version: 'npm:b@^1.0.0' }, '"npm:b@^1.0.0" is no exact version'],
    ['a range', { version: '^1.0.0' }, '"^1.0.0" is no exact version and no known kind of address'],
    ['a list for its dependencies', { version: '1.0.0', dependencies: [] }, '"dependencies" is no object'],
  ])('has a problem with an entry that has %s', (_, entry, reason) => {
    expect(reasonsOf({ dependencies: { a: entry } })).toEqual([`The entry "a" is not understood: ${reason}.`])
  })

  it('has a problem with what is nested deeper than 100 levels, and reads what is above', () => {
    let dependencies = {}
    for (let depth = 0; depth < 150; depth++) dependencies = { a: { version: '1.0.0', dependencies } }
    const { packages, problems } = parse({ dependencies })
    expect(packages).toHaveLength(100)
    expect(problems).toMatchObject([
      { reason: 'The entry "a" is not understood: its dependencies are nested too deeply.' },
    ])
  })
})

// npm 6 installs from "dependencies", whatever lockfileVersion the file states.
describe('an npm lockfile with both sections', () => {
  const commit = 'git+ssh://git@host.example/o/a.git#0123abcd'
  const archive = 'https://host.example/a.tar.gz'
  const tarball = 'https://registry.example/event-stream/-/event-stream-3.3.6.tgz'
  const versions = [{}, { lockfileVersion: 1 }, { lockfileVersion: 2 }, { lockfileVersion: 3 }]
  it.each([
    ['a version', '3.3.6', 'event-stream 3.3.6', 'event-stream@3.3.6 registry'],
    ['an alias', 'npm:evil@6.6.6', 'evil 6.6.6', 'evil@6.6.6 registry'],
    ['the address of a tarball', tarball, 'event-stream 3.3.6', `event-stream@3.3.6 url`],
    ['another address', archive, `event-stream ${archive}`, `event-stream@${archive} url`],
    ['a commit', commit, 'event-stream 0123abcd', 'event-stream@0123abcd git'],
  ])('has a problem with %s that stands only in "dependencies"', (_, version, problem, found) => {
    for (const stated of versions) {
      const lockfile = { ...stated, packages: { '': {} }, dependencies: { 'event-stream': { version } } }
      expect(reasonsOf(lockfile)).toEqual([`${problem} stands only in "dependencies", which npm 6 installs from.`])
      expect(parse(lockfile).packages.map(({ name, version, source }) => `${name}@${version} ${source}`)).toEqual([
        found,
      ])
    }
  })

  it('finds it nested too', () => {
    const packages = { '': {}, 'node_modules/a': { version: '1.0.0' } }
    const dependencies = { a: { version: '1.0.0', dependencies: { evil: { version: '6.6.6' } } } }
    expect(reasonsOf({ lockfileVersion: 2, packages, dependencies })).toEqual([
      'evil 6.6.6 stands only in "dependencies", which npm 6 installs from.',
    ])
  })

  it('has none with what stands in both, as npm 7 to 11 write it', () => {
    const integrity = 'sha512-x'
    const packages = {
      '': { workspaces: ['packages/*'] },
      'node_modules/alias': {
        name: 'real',
        version: '1.0.0',
        resolved: 'https://registry.example/real/-/real-1.0.0.tgz',
      },
      'node_modules/built': { version: '1.0.0+1', resolved: 'https://registry.example/built/-/built-1.0.0.tgz' },
      'node_modules/bundled': { version: '2.0.0', inBundle: true },
      'node_modules/by-url': { version: '3.3.6', resolved: tarball, integrity },
      'node_modules/commit': { version: '4.0.0', resolved: commit },
      'node_modules/elsewhere': { version: '5.0.0', resolved: archive },
      'node_modules/file': { version: '6.0.0', resolved: 'file:file-6.0.0.tgz' },
      'node_modules/one': { resolved: 'packages/one', link: true },
      'packages/one': { version: '7.0.0' },
    }
    const dependencies = {
      alias: { version: 'npm:real@1.0.0', resolved: 'https://registry.example/real/-/real-1.0.0.tgz' },
      built: { version: 'https://registry.example/built/-/built-1.0.0.tgz' },
      bundled: { version: '2.0.0', bundled: true },
      'by-url': { version: tarball, integrity },
      commit: { version: commit, from: 'commit@o/a' },
      elsewhere: { version: archive, integrity },
      file: { version: 'file:file-6.0.0.tgz' },
      'for-another-platform': { dev: true, optional: true },
      one: { version: 'file:packages/one' },
    }
    const { packages: found } = parse({ lockfileVersion: 2, packages })
    expect(parse({ lockfileVersion: 2, packages, dependencies }).problems).toEqual(parse({ packages }).problems)
    expect(parse({ lockfileVersion: 2, packages, dependencies }).packages).toEqual(found)
  })

  it('has the problems of "dependencies" that are not those of "packages"', () => {
    const odd = { version: '1.0.0', resolved: 'https://registry.example/evil/-/evil-6.6.6.tgz' }
    const lockfile = {
      lockfileVersion: 2,
      packages: { 'node_modules/a': odd },
      dependencies: { a: odd, b: { version: '^1.0.0' } },
    }
    expect(reasonsOf(lockfile)).toEqual([
      'a 1.0.0 is fetched from a tarball of evil 6.6.6.',
      'The entry "b" is not understood: "^1.0.0" is no exact version and no known kind of address.',
    ])
  })
})

describe.each(['npm-v1', 'npm-v2', 'npm-v3', 'npm-hidden'])('an npm lockfile like %s, edited', (name) => {
  it('is read as JSON.parse reads it, and refused where that refuses it', () => {
    const { fileName, text } = fixture(name)
    /** All but the lines, and the keys that stand twice, which JSON.parse does not tell. */
    const contentOf = (written: string): unknown => {
      try {
        const { packages, problems } = parseLockfile(fileName, written)
        const reasons = problems.map(({ reason }) => reason).filter((reason) => !reason.includes('is repeated'))
        return [packages.map((found) => JSON.stringify({ ...found, line: 0 })).sort(), reasons.sort()]
      } catch (error) {
        if (isLockfileError(error)) return error.code
        throw error
      }
    }
    fc.assert(
      fc.property(mutationsOf(text), (mutated) => {
        let normal: string
        try {
          normal = JSON.stringify(JSON.parse(mutated))
        } catch {
          expect(contentOf(mutated)).toBe('MALFORMED')
          return
        }
        expect(contentOf(mutated)).toEqual(contentOf(normal))
      }),
      { numRuns: 200 },
    )
  })
})
