import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import {
  compareVersions,
  type Ecosystem,
  isLockfileError,
  isRange,
  isVersion,
  LOCKFILE_ERROR_CODES,
  LockfileError,
  normalizeName,
  parseLockfile,
  satisfies,
  whyInstalled,
} from '../src/index.ts'
import { FIXTURES } from './fixtures.ts'
import { mutationsOf } from './mutations.ts'

const MEBIBYTE = 1024 * 1024

/** A hundred thousand pieces: quadratic work on them would take minutes. */
function sequence(piece: (index: number) => string): string {
  return Array.from({ length: 100_000 }, (_, index) => piece(index)).join('')
}

/** A package below `key` and a workspace that ask for 20,000 others. */
function bunLock(key: string, workspace: string): string {
  const names = Array.from({ length: 20_000 }, (_, index) => [`p${index}`, '1'] as const)
  const dependencies = Object.fromEntries(names)
  const packages = { [key]: ['a@1.0.0', '', { dependencies }, 'sha512-x'] }
  return JSON.stringify({ lockfileVersion: 1, workspaces: { '': { name: workspace, dependencies } }, packages })
}

function yarnLock(resolution: string): string {
  return `__metadata:\n  version: 8\n\n"a@npm:1":\n  version: 1.0.0\n  resolution: "${resolution}"\n`
}

function npmLock(entry: Record<string, string>): string {
  return JSON.stringify({ lockfileVersion: 3, packages: { 'node_modules/a': entry } })
}

function errorOf(path: string, text: string): LockfileError {
  try {
    parseLockfile(path, text)
  } catch (error) {
    if (isLockfileError(error)) return error
    throw error
  }
  throw new Error('It was read.')
}

describe('parseLockfile', () => {
  it.each(FIXTURES)(
    'throws nothing but a LockfileError for an edited $name, and places what it finds on its lines',
    ({ fileName, text }) => {
      fc.assert(
        fc.property(mutationsOf(text), (mutated) => {
          try {
            const { packages, ranges, problems } = parseLockfile(fileName, mutated)
            const lines = mutated.split('\n').length
            for (const { line } of [...packages, ...ranges, ...problems]) {
              expect(line).toBeGreaterThanOrEqual(1)
              expect(line).toBeLessThanOrEqual(lines)
            }
          } catch (error) {
            if (!(error instanceof LockfileError)) throw error
          }
        }),
        { numRuns: 30 },
      )
    },
  )

  it.each([...new Set(FIXTURES.map(({ fileName }) => fileName))])(
    'throws nothing but a LockfileError for any text in %s',
    (fileName) => {
      fc.assert(
        fc.property(fc.string({ unit: 'binary-ascii' }), (text) => {
          try {
            parseLockfile(fileName, text)
          } catch (error) {
            if (!(error instanceof LockfileError)) throw error
          }
        }),
      )
    },
  )

  it('names file, line and column, and says what to do', () => {
    const error = errorOf('a/package-lock.json', '{\n  "packages": }')
    expect(error).toMatchObject({
      name: 'LockfileError',
      code: 'MALFORMED',
      path: 'a/package-lock.json',
      line: 2,
      column: 15,
    })
    expect(error.message).toBe(
      'a/package-lock.json:2:15: Expected a value, found "}". Repair the file, or let its package manager write it again.',
    )
  })

  it.each([
    ['README.md', 'README.md: No known format has this name. Ask isDependencyFile() first.'],
    ['', ': No known format has this name. Ask isDependencyFile() first.'],
    ['yarn.lock/', 'yarn.lock/: No known format has this name. Ask isDependencyFile() first.'],
  ])('refuses the path %j', (path, message) => {
    expect(errorOf(path, '')).toMatchObject({ code: 'UNKNOWN_FORMAT', message })
    expect(errorOf(path, '')).not.toHaveProperty('line')
  })

  it.each([
    ['package-lock.json', '{"lockfileVersion":4,"packages":{}}', undefined],
    ['package-lock.json', '{"lockfileVersion":"3","packages":{}}', undefined],
    ['pnpm-lock.yaml', "settings: {}\nlockfileVersion: '10.0'\n", 2],
    ['pnpm-lock.yaml', 'packages: {}\n', undefined],
    ['yarn.lock', '__metadata:\n  version: 11\n', 1],
    ['yarn.lock', '__metadata:\n  cacheKey: 1\n', 1],
  ])('refuses another version of %s: %j', (path, text, line) => {
    const error = errorOf(path, text)
    expect(error.code).toBe('UNSUPPORTED_VERSION')
    expect(error.line).toBe(line)
  })

  it.each(['[]', 'null', '"x"', '1'])('refuses a package-lock.json that holds %s', (text) => {
    expect(errorOf('package-lock.json', text)).toMatchObject({ code: 'MALFORMED', line: 1, column: 1 })
  })

  it('refuses more than 64 MiB of UTF-8, and no less', () => {
    expect(errorOf('yarn.lock', '#'.repeat(64 * MEBIBYTE + 1)).code).toBe('TOO_LARGE')
    expect(errorOf('yarn.lock', '#€'.repeat(16 * MEBIBYTE + 1)).code).toBe('TOO_LARGE')
    expect(parseLockfile('yarn.lock', '#€'.repeat(16 * MEBIBYTE)).packages).toEqual([])
  })

  it.each([
    ['package-lock.json', '['.repeat(100_000)],
    ['package-lock.json', '{"a":'.repeat(100_000)],
    ['pnpm-lock.yaml', `a: ${'{a: '.repeat(100_000)}`],
    ['pnpm-lock.yaml', `a:\n  ${'- '.repeat(100_000)}`],
    ['pnpm-lock.yaml', 'a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\n'],
    ['yarn.lock', `__metadata:\n  version: 8\na: ${'['.repeat(100_000)}`],
  ])('refuses a bomb in %s', (path, text) => {
    expect(errorOf(path, text).code).toBe('MALFORMED')
  })

  it.each([
    [
      'package-lock.json',
      `{"lockfileVersion":3,"packages":{"":{}${sequence((i) => `,"node_modules/a${i}":{"version":"1.0.0"}`)}}}`,
    ],
    [
      'package-lock.json',
      `{"dependencies":{"a":{"version":"1.0.0"}${sequence((i) => `,"a${i}":{"version":"1.0.0"}`)}}}`,
    ],
    ['pnpm-lock.yaml', `lockfileVersion: '9.0'\nx: [${'x,'.repeat(100_000)}]\n`],
    ['pnpm-lock.yaml', `lockfileVersion: '9.0'\nx: {${sequence((i) => `a${i}: b, `)}}\n`],
  ])('reads a %s of one long line in linear time', (path, text) => {
    expect(parseLockfile(path, text).problems).toEqual([])
  })

  it.each([
    [
      'bom.json',
      `{"bomFormat":"CycloneDX","specVersion":"1.6","components":[{"type":"file","components":[{"type":"file"}${',{"type":"file"}'.repeat(200_000)}]}]}`,
    ],
    ['pom.xml', `<project><dependencies>${'<x/>'.repeat(200_000)}</dependencies></project>`],
  ])('reads a %s with very many entries below one without a stack overflow', (path, text) => {
    expect(parseLockfile(path, text).packages).toEqual([])
  })

  // Of each the work once grew with the square of its length, or worse.
  it.each([
    ['bun.lock', bunLock(`${'a/'.repeat(20_000)}a`, '')],
    ['bun.lock', bunLock('a', 'a'.repeat(1_000_000))],
    ['requirements.txt', `./${'a-1'.repeat(100_000)}`],
    ['requirements.txt', `./${'a'.repeat(300_000)}/x`],
    ['requirements.txt', `./${'['.repeat(300_000)}`],
    ['requirements.txt', `./${' '.repeat(300_000)}x`],
    ['requirements.txt', `${'a'.repeat(300_000)})`],
    ['requirements.txt', `a${' '.repeat(100_000)})`],
    ['requirements.txt', `-r ${'.constraints.s'.repeat(100_000)}-`],
    ['requirements.txt', '\n'.repeat(300_000)],
    ['requirements.txt', '\r'.repeat(300_000)],
    ['requirements.txt', `a==1\n    # via x${' '.repeat(100_000)}y\n`],
    ['requirements.txt', `./${'a'.repeat(100_000)}`],
    ['requirements.txt', '--pre '.repeat(100_000)],
    ['requirements.txt', `--pre${' '.repeat(300_000)}-e x`],
    ['requirements.txt', `-r a${' -'.repeat(100_000)}`],
    ['requirements.txt', `a==1\n    # via\n    #   ${'a'.repeat(300_000)}`],
    ['requirements.txt', `a==1\n    # via\n    #   a${' '.repeat(300_000)}b`],
    ['requirements.txt', `a==1\n    # via\n    #   a${'['.repeat(300_000)}\u2028`],
    ['requirements.txt', `a==1 ${' ;'.repeat(100_000)}\n${'    # via a\n'.repeat(100_000)}`],
    ['yarn.lock', yarnLock(`a@npm:1.0.0${'::'.repeat(200_000)}#`)],
    ['package.json', JSON.stringify({ overrides: { [`a${'@'.repeat(300_000)}/`]: '1' } })],
    ['Gemfile.lock', `GEM\n  a${' '.repeat(300_000)}b\n`],
    ['Gemfile.lock', `GEM\n  specs:${' '.repeat(300_000)}x`],
    [
      'uv.lock',
      `version = 1\n${'[[package]]\nname = "a"\nversion = "1"\nsource = { registry = "x" }\ndependencies = [{ name = "b" }]\n'.repeat(100_000)}`,
    ],
    ['pnpm-lock.yaml', `lockfileVersion: '9.0'\na: "b${' '.repeat(300_000)}c\n  d"\n`],
    [
      'pnpm-lock.yaml',
      `lockfileVersion: '9.0'\nimporters:\n  ${'a'.repeat(1_000_000)}:\n    dependencies:\n${sequence((i) => `      p${i}: {specifier: '1', version: link:x}\n`)}`,
    ],
    [
      'Cargo.lock',
      `version = 3\n[[package]]\nname = "a"\nversion = "1"\ndependencies = ["a${' ('.repeat(200_000)}\\n"]\n`,
    ],
    ['package-lock.json', npmLock({ version: `0.0.0${'0'.repeat(300_000)}!` })],
    ['package-lock.json', npmLock({ version: '1.0.0', resolved: `https://a/a/-/a-1${'+'.repeat(300_000)}\n+.tgz` })],
    [
      'package-lock.json',
      npmLock({ version: '1.0.0', resolved: `https://a${'/a'.repeat(200_000)}${'/%2e%2e%2fb'.repeat(200_000)}` }),
    ],
    [
      'package-lock.json',
      `{"dependencies":{"${'a'.repeat(100_000)}":{"version":"1.0.0","dependencies":{"a":{"version":"1.0.0"}${sequence((i) => `,"p${i}":{"version":"1.0.0"}`)}}}}}`,
    ],
    ['go.sum', `a v0.0.0${'0'.repeat(300_000)}! h1:x\n`],
    ['mix.lock', `${'#'.repeat(100_000)}\n!`],
    ['mix.lock', `%{}${'#'.repeat(100_000)}\n!`],
  ])('takes time that grows with the size alone for a hostile %s', (path, text) => {
    for (const read of [parseLockfile, (...file: [string, string]) => whyInstalled(...file, [])]) {
      try {
        read(path, text)
      } catch (error) {
        if (!(error instanceof LockfileError)) throw error
      }
    }
  })

  it('reads deep but valid JSON without a stack overflow', () => {
    const text = `{"lockfileVersion":3,"packages":{},"x":${'['.repeat(50_000)}${']'.repeat(50_000)}}`
    expect(parseLockfile('package-lock.json', text).packages).toEqual([])
  })
})

// Texts of more than 1,024 characters are refused: what is shorter may still be hostile.
describe('a version or requirement', () => {
  it.each([
    ['composer', `1b${'0'.repeat(1_000)}P`],
    ['gem', `>${' '.repeat(1_000)}!${' '.repeat(20)}!`],
    ['maven', `[${' '.repeat(1_000)}!`],
    ['nuget', `[${' '.repeat(1_000)}!`],
    ['maven', `(${' '.repeat(500)},${' '.repeat(500)}()`],
    ['nuget', `(${' '.repeat(500)},${' '.repeat(500)}()`],
  ] as const)('of %s is refused at once where it is hostile', (ecosystem, text) => {
    // To Maven any text is a version.
    expect(isVersion(ecosystem, text)).toBe(ecosystem === 'maven')
    expect(isRange(ecosystem, text)).toBe(false)
  })
})

describe('a pom.xml', () => {
  it('does not multiply a long property by its uses', () => {
    const dependency = '<dependency><groupId>g</groupId><artifactId>a</artifactId><version>${a}</version></dependency>'
    const properties = `<properties><a>${'1'.repeat(50_000)}</a></properties>`
    const dependencies = `<dependencies>${dependency.repeat(5_000)}</dependencies>`
    const { ranges } = parseLockfile('pom.xml', `<project>${properties}${dependencies}</project>`)
    expect(ranges).toHaveLength(5_000)
    expect(ranges.every(({ range }) => range === '')).toBe(true)
  })
})

describe('normalizeName', () => {
  it('takes an address of very many slashes', () => {
    const slashes = '/'.repeat(300_000)
    expect(normalizeName('swift', `https://host.example/o/a${slashes}b${slashes}`)).toBe(`host.example/o/a${slashes}b`)
  })
})

describe('an ecosystem that there is not', () => {
  it.each(['PyPI', 'constructor', '', undefined])('is refused: %s', (name) => {
    const ecosystem = name as Ecosystem
    const refusal = new TypeError(
      `Not an ecosystem: ${name}. There are npm, pypi, golang, cargo, gem, composer, maven, swift, nuget, hex, pub.`,
    )
    expect(() => compareVersions(ecosystem, '1', '2')).toThrow(refusal)
    expect(() => satisfies(ecosystem, '1', '>1')).toThrow(refusal)
    expect(() => isVersion(ecosystem, '1')).toThrow(refusal)
  })
})

describe('isLockfileError', () => {
  it('tells the error by its name and code, also one of another installed copy', () => {
    const copy = Object.assign(new Error('x'), { name: 'LockfileError', code: 'MALFORMED' })
    expect(isLockfileError(copy)).toBe(true)
    expect(isLockfileError(copy, 'MALFORMED')).toBe(true)
    expect(isLockfileError(copy, 'TOO_LARGE')).toBe(false)
    expect(isLockfileError(Object.assign(new Error('x'), { name: 'LockfileError', code: 'OTHER' }))).toBe(false)
    expect(isLockfileError(new Error('x'))).toBe(false)
    expect(isLockfileError(undefined)).toBe(false)
    expect(LOCKFILE_ERROR_CODES).toEqual(['UNKNOWN_FORMAT', 'MALFORMED', 'TOO_LARGE', 'UNSUPPORTED_VERSION'])
  })
})
