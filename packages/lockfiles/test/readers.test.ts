import fc from 'fast-check'
import { PackageURL } from 'packageurl-js'
import semver from 'semver'
import { parse as parseToml } from 'smol-toml'
import { describe, expect, it } from 'vitest'

import { compareVersions, satisfies } from '../src/index.ts'
import { type DataValue } from '../src/syntax/data-value.ts'
import { readElixirTerm } from '../src/syntax/elixir-term.ts'
import { readJsonObject } from '../src/syntax/json-document.ts'
import { LockfileFault } from '../src/lockfile-fault.ts'
import { readPackageUrl } from '../src/identity/package-url.ts'
import { readTomlDocument } from '../src/syntax/toml-document.ts'
import { readXmlDocument } from '../src/syntax/xml-document.ts'
import { FIXTURES } from './fixtures.ts'
import { mutationsOf } from './mutations.ts'

/** A value as plain data; numbers and dates are texts in both. */
function plain(value: unknown): unknown {
  if (value instanceof Map) {
    const table = value as ReadonlyMap<string, { value: DataValue }>
    return new Map([...table].map(([key, entry]) => [key, plain(entry.value)]))
  }
  if (Array.isArray(value)) return value.map((item: { value: DataValue }) => plain(item.value))
  return value
}

/** What another reader gives, in the same shape. `number`: how it may be written cannot be told from its value. */
function plainOther(value: unknown): unknown {
  if (typeof value === 'number' || typeof value === 'bigint' || value instanceof Date) return String(Number(value))
  if (Array.isArray(value)) return value.map(plainOther)
  if (typeof value !== 'object' || value === null) return value
  return new Map(Object.entries(value).map(([key, item]) => [key, plainOther(item)]))
}

/** The same with numbers by value. */
function withNumbers(value: unknown): unknown {
  if (value instanceof Map)
    return new Map([...value].map(([key, item]: [unknown, unknown]) => [key, withNumbers(item)]))
  if (Array.isArray(value)) return value.map(withNumbers)
  return typeof value === 'string' && /^[+-]?\d[\d.eE+-]*$/.test(value) && !Number.isNaN(Number(value))
    ? String(Number(value))
    : value
}

function attempt(read: () => unknown): unknown {
  try {
    return read()
  } catch (error) {
    if (error instanceof LockfileFault) expect(error.code).toBe('MALFORMED')
    return 'refused'
  }
}

const TOML = FIXTURES.filter(({ fileName }) => /\.toml$|^(?:Cargo|poetry|uv|pdm)\.lock$/.test(fileName))
const JSONS = FIXTURES.filter(({ fileName }) => /\.json$|^(?:composer|Pipfile)\.lock$|\.resolved$/.test(fileName))

describe('readTomlDocument beside smol-toml', () => {
  it.each(TOML)('reads the fixture $name as it does, and what became of it', ({ text }) => {
    const theirs = (content: string): unknown => attempt(() => withNumbers(plainOther(parseToml(content))))
    const ours = (content: string): unknown => attempt(() => withNumbers(plain(readTomlDocument(content))))
    expect(ours(text)).toEqual(theirs(text))
    fc.assert(
      fc.property(mutationsOf(text), (mutated) => {
        // Ours refuses lone carriage returns, and prototype keys are no matter of comparison.
        if (/\r(?!\n)|__proto__/.test(mutated)) return
        expect(ours(mutated)).toEqual(theirs(mutated))
      }),
      { numRuns: 60 },
    )
  })

  it.each([
    ['a = 1\na = 2', 2],
    ['[a]\nb = 1\n[a]', 3],
    ['a = {b = 1}\n[a.c]', 2],
    ['a = [1]\n[[a]]', 2],
    ['a = "x', 1],
    ['a = {\nb = 1\nc = 2}', 3],
    ['a = {,}', 1],
    ['a = "\\x1"', 1],
    ['a = """\nx', 1],
    ['a = 01', 1],
    ['a = 2020-13', 1],
    ['a = "\\q"', 1],
    ['a 1', 1],
    ['\n[a', 2],
    [`a = ${'['.repeat(200)}`, 1],
    [`a = ${'{a='.repeat(200)}`, 1],
    [`${'a.'.repeat(200)}a = 1`, 1],
  ])('refuses %j on its line', (text, line) => {
    expect(() => readTomlDocument(text)).toThrow(LockfileFault)
    try {
      readTomlDocument(text)
    } catch (error) {
      expect(error).toMatchObject({ code: 'MALFORMED', line })
    }
  })
})

describe('readTomlDocument of TOML 1.1', () => {
  it('reads tables over several lines, its new escapes, and times without seconds', () => {
    const text = 'a = { # x\n  b = "\\x41\\e",\n\n  c = 07:32, # y\n}\nd = 1979-05-27 07:32Z\n'
    expect(readTomlDocument(text)).toEqual(
      new Map<string, unknown>([
        [
          'a',
          {
            value: new Map([
              ['b', { value: 'A\u001B', line: 2 }],
              ['c', { value: '07:32', line: 4 }],
            ]),
            line: 1,
          },
        ],
        ['d', { value: '1979-05-27 07:32Z', line: 6 }],
      ]),
    )
  })
})

describe('readJsonObject beside JSON.parse', () => {
  it.each(JSONS)('reads the fixture $name as it does, and what became of it', ({ text }) => {
    const theirs = (content: string): unknown => attempt(() => plainOther(JSON.parse(content)))
    const ours = (content: string): unknown => attempt(() => plain(readJsonObject(content, { problems: [] })))
    expect(withNumbers(ours(text))).toEqual(withNumbers(theirs(text)))
    fc.assert(
      fc.property(mutationsOf(text), (mutated) => {
        const other = theirs(mutated)
        if (!(other instanceof Map) || mutated.includes('__proto__')) return
        expect(withNumbers(ours(mutated))).toEqual(withNumbers(other))
      }),
      { numRuns: 40 },
    )
    fc.assert(
      fc.property(mutationsOf(text), (mutated) => {
        if (theirs(mutated) === 'refused') expect(ours(mutated)).toBe('refused')
      }),
      { numRuns: 40 },
    )
  })

  it('says that a key is repeated, and reads comments and last commas where they may stand', () => {
    const problems: { line: number; reason: string }[] = []
    expect(plain(readJsonObject('{"a": 1,\n"a": [1,], /* x\n */ // y\n}', { problems, extended: true }))).toEqual(
      new Map([['a', ['1']]]),
    )
    expect(problems).toEqual([{ line: 2, reason: 'The key "a" is repeated; the last one counts.' }])
    expect(() => readJsonObject('{"a": [1,]}', { problems: [] })).toThrow('Expected a value, found "]".')
    expect(() => readJsonObject('{"a": 1 // x\n}', { problems: [] })).toThrow(LockfileFault)
    expect(() => readJsonObject(`{"a": ${'['.repeat(100_000)}`, { problems: [] })).toThrow('too deep')
  })
})

describe('readXmlDocument', () => {
  it('reads elements, text, entities and CDATA', () => {
    const root = readXmlDocument(
      '<?xml version="1.0"?>\n<x:a b="<!">'.replace('<!', '') +
        '\n<c>1 &lt; &#50;<![CDATA[ <3 ]]></c><d/></x:a>\n<!-- -->',
    )
    expect(root).toEqual({
      name: 'a',
      line: 2,
      text: '',
      children: [
        { name: 'c', line: 3, text: '1 < 2 <3', children: [] },
        { name: 'd', line: 3, text: '', children: [] },
      ],
    })
  })

  it.each([
    '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
    '<a>&b;</a>',
    '<a>&</a>',
    '<a>&#0;</a>',
    '<a>&#xFFFFFF;</a>',
    '<a></b>',
    '<a>',
    '<a/><b/>',
    'x<a/>',
    '</a>',
    '<a b=c/>',
    '<!-- ',
    '',
    '<a>'.repeat(100_000),
  ])('refuses %.60s', (text) => {
    expect(() => readXmlDocument(text)).toThrow(LockfileFault)
  })
})

describe('readElixirTerm', () => {
  it('reads maps, tuples, lists, keywords, atoms and texts', () => {
    expect(readElixirTerm('# x\n%{"a" => {:b, :"c d", "e\\"f"},\n g: [h: true, i: []],}')).toEqual([
      { key: 'a', value: [{ atom: 'b' }, { atom: 'c d' }, 'e"f'], line: 2 },
      {
        key: 'g',
        value: [
          { key: 'h', value: { atom: 'true' }, line: 3 },
          { key: 'i', value: [], line: 3 },
        ],
        line: 3,
      },
    ])
  })

  it.each(['', '%{', '{', '%{"a": }', '{:a :b}', '[1] 2', '"a', 'System.halt()', '['.repeat(100_000)])(
    'refuses %.40j',
    (text) => {
      expect(() => readElixirTerm(text)).toThrow(LockfileFault)
    },
  )
})

describe('readPackageUrl beside packageurl-js', () => {
  const segment = fc.stringMatching(/^[a-z][\w.~+-]{0,8}$/)
  const purl = fc
    .record({
      type: fc.constantFrom('npm', 'golang', 'maven', 'cargo', 'gem', 'nuget', 'hex', 'pub'),
      namespace: fc.option(fc.constantFrom('@scope', 'a', 'a/b'), { nil: undefined }),
      name: segment,
      version: fc.option(fc.stringMatching(/^\d[\w.+ @:/-]{0,8}$/), { nil: undefined }),
      qualifier: fc.option(fc.stringMatching(/^[\w:/+ ]{1,9}$/), { nil: undefined }),
    })
    .filter(({ type, namespace }) => type !== 'maven' || namespace !== undefined)

  it('reads what it writes', () => {
    fc.assert(
      fc.property(purl, ({ type, namespace, name, version, qualifier }) => {
        let other: PackageURL
        try {
          other = new PackageURL(
            type,
            namespace,
            name,
            version,
            qualifier === undefined ? undefined : { vcs_url: qualifier },
            undefined,
          )
        } catch {
          return
        }
        const joined = [other.namespace, other.name].filter((part) => typeof part === 'string' && part !== '')
        const read = readPackageUrl(other.toString())
        const whole = joined.join('/')
        expect(read?.name).toBe(type === 'maven' ? whole.replaceAll('/', ':') : whole)
        expect(read?.version).toBe(other.version ?? undefined)
      }),
    )
  })

  it.each(['', 'pkg:', 'npm/a@1', 'pkg:npm', 'pkg:npm/', 'pkg:npm/%zz@1', 'pkg:npm/a@%zz'])('refuses %j', (text) => {
    expect(readPackageUrl(text)).toBeUndefined()
  })

  it('takes a scope that is not escaped', () => {
    expect(readPackageUrl('pkg:npm/@scope/a@1.0.0')).toMatchObject({ name: '@scope/a', version: '1.0.0' })
    expect(readPackageUrl('pkg:npm/@scope/a')).toMatchObject({ name: '@scope/a', version: undefined })
  })
})

describe('npm versions beside semver', () => {
  const numeral = fc.constantFrom('0', '1', '2', '3', '10')
  const pre = fc.constantFrom('', '', '', '-alpha', '-0', '-beta.1', '-rc.10', '-1.a', '-x-y')
  const version = fc.tuple(numeral, numeral, numeral, pre).map(([a, b, c, tail]) => `${a}.${b}.${c}${tail}`)
  const part = fc.oneof(
    version,
    fc
      .array(fc.oneof(numeral, fc.constantFrom('x', '*')), { minLength: 1, maxLength: 3 })
      .map((parts) => parts.join('.')),
  )
  const comparator = fc
    .tuple(fc.constantFrom('', '^', '~', '>=', '<=', '>', '<', '=', '~>', '>= ', '^ ', 'v'), part)
    .map(([operator, named]) => operator + named)
  const conjunction = fc.oneof(
    fc.tuple(part, part).map(([from, to]) => `${from} - ${to}`),
    fc.array(comparator, { minLength: 1, maxLength: 2 }).map((parts) => parts.join(' ')),
  )
  const range = fc.array(conjunction, { minLength: 1, maxLength: 2 }).map((parts) => parts.join(' || '))

  it('have the same order and admit the same', () => {
    fc.assert(
      fc.property(version, version, range, (a, b, text) => {
        expect(Math.sign(compareVersions('npm', a, b) ?? Number.NaN)).toBe(semver.compare(a, b))
        // What is no range, such as `x.0`, is a tag.
        if (semver.validRange(text) === null) return
        expect([a, text, satisfies('npm', a, text)]).toEqual([a, text, semver.satisfies(a, text)])
      }),
      // One of three million that chance finds.
      { numRuns: 5_000, examples: [['0.0.0-alpha', '0.0.0', '0 - 0.0.0-rc.10']] },
    )
  })
})
