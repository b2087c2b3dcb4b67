import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import {
  compareVersions,
  type Ecosystem,
  exactVersionOf,
  isRange,
  isVersion,
  isWithin,
  normalizeVersion,
  overlaps,
  satisfies,
} from '../../src/index.ts'

/** Each row in ascending order. */
const ORDERS: readonly (readonly [Ecosystem, string])[] = [
  // semver.org, section 11.
  [
    'npm',
    '1.0.0-alpha 1.0.0-alpha.1 1.0.0-alpha.beta 1.0.0-beta 1.0.0-beta.2 1.0.0-beta.11 1.0.0-rc.1 1.0.0 1.10.0 2.0.0',
  ],
  ['npm', '9007199254740993.0.0 9007199254740994.0.0 90071992547409930.0.0'],
  ['cargo', '0.9.0 1.0.0-pre 1.0.0 1.0.1'],
  // go.dev/ref/mod#pseudo-versions.
  [
    'golang',
    'v0.0.0-20190101000000-abcdefabcdef v0.1.0-rc.1 v0.1.0 v0.1.1-0.20200101000000-abcdefabcdef v0.1.1 v2.0.0',
  ],
  ['swift', '1.0.0-beta 1.0.0 1.0.1'],
  ['hex', '1.0.0-dev 1.0.0 1.1.0'],
  // pub_semver, version_test.dart.
  [
    'pub',
    '1.0.0-alpha 1.0.0-alpha.1 1.0.0-beta.2 1.0.0-beta.11 1.0.0-rc.1 1.0.0-rc.1+build.1 1.0.0 1.0.0+0.3.7 1.3.7+build 1.3.7+build.2.b8f12d7 1.3.7+build.11.e0f985a 2.0.0',
  ],
  // PEP 440, "Summary of permitted suffixes and relative ordering".
  [
    'pypi',
    '1.dev0 1.0.dev456 1.0a1 1.0a2.dev456 1.0a12.dev456 1.0a12 1.0b1.dev456 1.0b2 1.0b2.post345.dev456 1.0b2.post345 1.0rc1.dev456 1.0rc1 1.0 1.0+abc.5 1.0+abc.7 1.0+5 1.0.post456.dev34 1.0.post456 1.0.15 1.1.dev1 1!0.5',
  ],
  // maven.apache.org/pom.html#Version_Order_Specification.
  ['maven', '1-alpha-1 1-beta 1-milestone-2 1-rc 1-SNAPSHOT 1 1-sp 1-abc 1-xyz 1-1 1.0.1 1.1 1.2 1.10'],
  // guides.rubygems.org/patterns.
  ['gem', '1.0.a 1.0.b1 1.0.rc1 1.0 1.0.1.pre 1.0.1 1.0.10 1.1'],
  // learn.microsoft.com/nuget/concepts/package-versioning.
  ['nuget', '1.0.1-alpha 1.0.1-alpha.1 1.0.1-beta 1.0.1-rc 1.0.1-zzz 1.0.1-zzz.10 1.0.1 1.0.1.5 1.0.2'],
  // getcomposer.org/doc/articles/versions.md.
  ['composer', '1.0.0-dev 1.0.0-alpha1 1.0.0-beta2 1.0.0-RC3 1.0.0 1.0.0-patch1 1.0.0.1 1.0.1'],
]

describe('compareVersions', () => {
  it.each(ORDERS)('has the published order of %s: %s', (ecosystem, row) => {
    const versions = row.split(' ')
    for (const [first, a] of versions.entries()) {
      for (const [second, b] of versions.entries()) {
        expect([a, b, Math.sign(compareVersions(ecosystem, a, b) ?? Number.NaN)]).toEqual([
          a,
          b,
          Math.sign(first - second),
        ])
      }
    }
  })

  it.each([
    ['npm', '1.0.0', 'v1.0.0+build'],
    ['golang', 'v1.2.3', '1.2.3+incompatible'],
    ['pypi', '1.0', 'v1.0.0'],
    ['pypi', '1.0-ALPHA_1', '1a1'],
    ['maven', '1.0', '1.0.0-ga'],
    ['maven', '1-a1', '1-alpha-1'],
    ['gem', '1.0', '1.0.0'],
    ['nuget', '1.0', '1.0.0.0+build'],
    ['nuget', '1.0-Beta', '1.0.0-beta'],
    ['composer', 'v1.0', '1.0.0.0'],
  ] as const)('knows versions of %s that are the same: %s, %s', (ecosystem, a, b) => {
    expect(compareVersions(ecosystem, a, b)).toBe(0)
    expect(normalizeVersion(ecosystem, a)).toBe(normalizeVersion(ecosystem, b))
  })

  it.each([
    ['npm', 'latest'],
    ['npm', '1'.repeat(2000)],
    ['pypi', '1.0-x-y'],
    ['gem', 'a.b!'],
    ['nuget', '1.2.3.4.5'],
    ['composer', 'dev-main'],
    ['maven', '-'.repeat(200)],
  ] as const)('is undefined for what is no version of %s: %s', (ecosystem, version) => {
    expect(compareVersions(ecosystem, version, version)).toBeUndefined()
    expect(satisfies(ecosystem, version, '1.0')).toBeUndefined()
  })

  it('keeps what is no version as it is', () => {
    expect(normalizeVersion('npm', 'latest')).toBe('latest')
    expect(isVersion('npm', 'latest')).toBe(false)
    expect(isVersion('npm', '1.0.0')).toBe(true)
  })

  const version = fc
    .tuple(
      fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 1, maxLength: 3 }),
      fc.constantFrom('', '-alpha', '-1', 'rc1', '-beta2', '.0', '-dev', '+1', '-SNAPSHOT'),
    )
    .map(([numbers, suffix]) => numbers.join('.') + suffix)

  it.each(['npm', 'pypi', 'golang', 'maven', 'gem', 'nuget', 'composer', 'pub'] as const)(
    'is an order, and agrees with normalizeVersion: %s',
    (ecosystem) => {
      fc.assert(
        fc.property(version, version, version, (a, b, c) => {
          const [ab, ba, bc, ac] = [
            compareVersions(ecosystem, a, b),
            compareVersions(ecosystem, b, a),
            compareVersions(ecosystem, b, c),
            compareVersions(ecosystem, a, c),
          ]
          if (ab === undefined || ba === undefined || bc === undefined || ac === undefined) return
          expect(Math.sign(ab) + Math.sign(ba)).toBe(0)
          if (ab <= 0 && bc <= 0) expect(ac).toBeLessThanOrEqual(0)
          expect(normalizeVersion(ecosystem, a) === normalizeVersion(ecosystem, b)).toBe(ab === 0)
        }),
        { numRuns: 200 },
      )
    },
  )
})

describe('satisfies', () => {
  it.each([
    ['npm', '^1.2.3', '1.2.3 1.9.9', '1.2.2 2.0.0 1.3.0-rc.1 2.0.0-rc.1'],
    ['npm', '^0.2.3', '0.2.9', '0.3.0'],
    ['npm', '~1.2', '1.2.9', '1.3.0'],
    ['npm', '1.x || >=2.5.0 <3', '1.9.0 2.6.0', '2.4.0 3.0.0'],
    ['npm', '1.2 - 2.3', '1.2.0 2.3.9', '2.4.0'],
    ['npm', '^1.2.3-beta.2', '1.2.3-beta.4 1.2.4', '1.2.4-beta.4'],
    ['npm', '0 - x || 2.0.1-0 - 10.0.0', '1.0.0 2.0.1', '2.0.1-0'],
    ['npm', 'latest', '1.0.0 2.0.0-rc.1', ''],
    ['cargo', '1.2', '1.2.0 1.9.0', '2.0.0'],
    ['cargo', '=1.2.3', '1.2.3', '1.2.4'],
    ['cargo', '>=1.2, <1.5', '1.4.9', '1.5.0'],
    ['cargo', '1.*', '1.9.0', '2.0.0'],
    ['cargo', '1.0.0-next.1', '1.0.0-next.1 1.5.0', '2.0.0'],
    ['cargo', '1.0, <=*', '1.5.0', '2.0.0'],
    ['cargo', '1.0.x', '1.0.5', '1.1.0'],
    ['pypi', '>=1.0,!=1.5.*,<2', '1.0 1.4 1.6', '1.5 1.5.3 2.0 2.0rc1 1.6a1'],
    ['pypi', '~=1.4.2', '1.4.2 1.4.9', '1.5 1.4.1'],
    ['pypi', '==1.0', '1.0.0 1.0+local', '1.0.post1'],
    ['pypi', '>1.7', '1.7.1', '1.7.0.post1'],
    ['pypi', '', '1.0', '1.0a1'],
    ['gem', '~> 2.2.0', '2.2.0 2.2.9', '2.3.0 2.3.0.pre'],
    ['gem', '>= 1.0, < 2', '1.5', '2.0'],
    ['maven', '[1.0,2.0)', '1.0 1.9', '2.0 0.9'],
    ['maven', '(,1.0],[1.2,)', '0.9 1.3', '1.1'],
    ['maven', '1.0', '1.0.0', '1.1'],
    ['nuget', '1.0', '1.0 2.0', '0.9'],
    ['nuget', '[1.0]', '1.0.0', '1.0.1'],
    ['nuget', '(1.0,2.0]', '2.0', '1.0'],
    ['composer', '^1.2.3', '1.2.3 1.9', '2.0 2.0-beta1'],
    ['composer', '~1.2', '1.9', '2.0 1.1'],
    ['composer', '1.0 - 2.0', '2.0.9', '2.1'],
    ['composer', 'dev-main', 'dev-main', ''],
    ['hex', '~> 1.2 or >= 3.0.0 and < 3.5.0', '1.9.0 3.4.0', '2.0.0 3.5.0'],
    ['pub', '^1.2.3', '1.2.3+1 1.9.0', '2.0.0 2.0.0-dev'],
    ['pub', '>=1.0.0 <2.0.0', '1.5.0-dev', '2.0.0-dev'],
    ['pub', '^0.0.3', '0.0.3 0.0.9', '0.0.2 0.1.0 0.1.0-dev'],
    ['pub', '^0.2.3', '0.2.9', '0.3.0'],
    ['pub', '>=1.0.0-beta <1.0.0', '1.0.0-beta 1.0.0-rc', '1.0.0-alpha 1.0.0'],
    ['pub', '<1.0.0 >1.0.0-beta', '1.0.0-rc', '1.0.0-beta'],
    ['pub', '>=0.9.0-beta <1.0.0', '0.9.0', '1.0.0-rc'],
    ['pub', '>=1.0.0-beta <1.0.1', '1.0.0', '1.0.1-rc'],
  ] as const)('of %s: %s admits %s, not %s', (ecosystem, range, admitted, refused) => {
    const words = (text: string): string[] => text.split(' ').filter((word) => word !== '')
    for (const version of words(admitted)) {
      if (ecosystem === 'composer' && version === 'dev-main') continue
      expect([version, satisfies(ecosystem, version, range)]).toEqual([version, true])
    }
    for (const version of words(refused)) {
      expect([version, satisfies(ecosystem, version, range)]).toEqual([version, false])
    }
  })

  it.each([
    ['npm', 'github:a/b'],
    ['npm', '1.2.3.4'],
    ['pypi', '=> 1'],
    ['cargo', 'x y'],
    ['gem', '~> x!'],
    ['maven', '[1.0'],
    ['nuget', 'abc'],
    ['composer', '>>1'],
    ['npm', `^${'1'.repeat(2000)}`],
  ] as const)('is undefined for what is no requirement of %s: %s', (ecosystem, range) => {
    expect(satisfies(ecosystem, '1.0.0', range)).toBeUndefined()
    expect(overlaps(ecosystem, range, {})).toBeUndefined()
    expect(isRange(ecosystem, range)).toBe(false)
  })
})

describe('exactVersionOf', () => {
  it.each([
    ['npm', '=5.0.0', '5.0.0'],
    ['npm', 'v5.0.0', '5.0.0'],
    ['npm', '5.0', undefined],
    ['npm', '5.0.0 || 5.0.1', undefined],
    ['npm', 'latest', undefined],
    ['pypi', '==1.0', '1.0'],
    ['pypi', '==1.0.*', undefined],
    ['cargo', '1.0.0', undefined],
    ['cargo', '1.0.0-next.1', undefined],
    ['cargo', '=1.0.0', '1.0.0'],
    ['maven', '1.0', '1.0'],
    ['maven', '[1.0]', '1.0'],
    ['nuget', '1.0', undefined],
    ['gem', '1.0', '1.0'],
  ] as const)('of %s: %s', (ecosystem, range, expected) => {
    expect(exactVersionOf(ecosystem, range)).toBe(expected)
  })
})

describe('isWithin and overlaps', () => {
  it('take in the first and the last version, and leave out the one behind', () => {
    expect(isWithin('npm', '1.0.0', { from: '1.0.0', before: '1.2.0' })).toBe(true)
    expect(isWithin('npm', '1.2.0', { from: '1.0.0', before: '1.2.0' })).toBe(false)
    expect(isWithin('npm', '1.2.0', { through: '1.2.0' })).toBe(true)
    expect(isWithin('npm', '1.2.1', { through: '1.2.0' })).toBe(false)
    expect(isWithin('npm', 'x', { through: '1.2.0' })).toBeUndefined()
    expect(isWithin('npm', 'x', {})).toBe(true)
  })

  it('tell whether a requirement and an interval can meet', () => {
    expect(overlaps('npm', '^1.0.0', { from: '1.5.0', before: '1.6.0' })).toBe(true)
    expect(overlaps('npm', '^1.0.0', { from: '2.0.0' })).toBe(false)
    expect(overlaps('npm', '^1.0.0', { before: '1.0.0' })).toBe(false)
    expect(overlaps('npm', '^1.0.0', { through: '1.0.0' })).toBe(true)
    expect(overlaps('npm', '', { through: '1.0.0' })).toBe(true)
    expect(overlaps('maven', '(,1.0],[1.2,)', { from: '1.1', before: '1.2' })).toBe(false)
  })
})
