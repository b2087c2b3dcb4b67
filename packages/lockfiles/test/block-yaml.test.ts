import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseAllDocuments, stringify } from 'yaml'

import { readYamlDocuments } from '../src/syntax/block-yaml.ts'
import { LockfileFault } from '../src/lockfile-fault.ts'
import { isYamlMap, type YamlMap, type YamlValue } from '../src/syntax/yaml-value.ts'
import { FIXTURES } from './fixtures.ts'
import { mutationsOf } from './mutations.ts'

const YAML_FIXTURES = FIXTURES.filter(({ name }) => name.startsWith('pnpm') || name === 'yarn-berry')

/** The same text read by the library; undefined when it finds a fault. Every scalar stays a string. */
function readByLibrary(text: string): unknown[] | undefined {
  // js-yaml, which pnpm and yarn read with, does not limit the length of a key.
  const documents = parseAllDocuments(text, { schema: 'failsafe', version: '1.2', logLevel: 'silent', strict: false })
  const list = Array.isArray(documents) ? documents : []
  if (list.some(({ errors }) => errors.length > 0)) return undefined
  return list
    .map((document) => withoutNull(document.toJS({ mapAsMap: true, maxAliasCount: 0 })))
    .filter((value) => value !== '')
}

/** The library makes null of nothing within brackets, and '' elsewhere. */
function withoutNull(value: unknown): unknown {
  if (value instanceof Map) return new Map([...value].map(([key, inner]) => [withoutNull(key), withoutNull(inner)]))
  return Array.isArray(value) ? value.map(withoutNull) : (value ?? '')
}

function plain(value: YamlValue | YamlMap): unknown {
  if (typeof value === 'string') return value
  return isYamlMap(value) ? new Map([...value].map(([key, entry]) => [key, plain(entry.value)])) : value.map(plain)
}

function read(text: string): unknown[] {
  return readYamlDocuments(text).map(plain)
}

/** The place of the fault, or undefined when there is none. */
function faultOf(text: string): string | undefined {
  try {
    readYamlDocuments(text)
    return undefined
  } catch (error) {
    if (!(error instanceof LockfileFault)) throw error
    return `${error.line ?? 0}:${error.column ?? 0} ${error.message}`
  }
}

describe('readYamlDocuments', () => {
  it.each(YAML_FIXTURES)('reads $name as the yaml library does', ({ text }) => {
    expect(read(text)).toEqual(readByLibrary(text))
  })

  it.each(YAML_FIXTURES)(
    'reads what is left of $name after any edit as the library does, or refuses it',
    ({ text }) => {
      fc.assert(
        fc.property(mutationsOf(text.slice(0, 3000)), (mutated) => {
          if (faultOf(mutated) !== undefined) return
          expect(read(mutated)).toEqual(readByLibrary(mutated))
        }),
        { numRuns: 150 },
      )
    },
  )

  it('reads whatever the library writes in block style, or refuses it', () => {
    const text = fc.oneof(
      fc.string({ unit: fc.constantFrom(...Array.from('ab1.:#-?@&*!|>%{}[],\'"\\\n\t ~é')) }),
      fc.constantFrom(
        '1.10',
        'true',
        'null',
        '~',
        '- a',
        'a: b',
        'a #b',
        ' lead',
        'trail ',
        'two\nlines\n',
        '@scope/a@1.0.0',
      ),
    )
    const value = fc.letrec<{ node: unknown; map: Record<string, unknown> }>((tie) => ({
      node: fc.oneof({ depthSize: 'small' }, text, fc.array(tie('node'), { maxLength: 3 }), tie('map')),
      map: fc.dictionary(text, tie('node'), { maxKeys: 4 }),
    })).map
    fc.assert(
      fc.property(value, (document) => {
        const written = stringify(document, { lineWidth: 0, aliasDuplicateObjects: false })
        if (faultOf(written) === undefined) expect(read(written)).toEqual(readByLibrary(written))
      }),
      { numRuns: 300 },
    )
  })

  it.each([
    ['an unquoted number stays as it is written', 'version: 1.10\n', [new Map([['version', '1.10']])]],
    ['an explicit key', "? '@a/b@1.0.0'\n: resolution: {integrity: x}\n  dev: true\n", undefined],
    ['an explicit key with a nested value', '? "a, b"\n:\n  version: 1.0.0\n', undefined],
    ['a literal block', 'a:\n  deprecated: |-\n    one\n      two\n\n    three\n  b: c\n', undefined],
    ['a folded block', 'a:\n  deprecated: >-\n    one\n    two\n\n    three\n     four\n    five\n  b: c\n', undefined],
    ['kept and clipped line breaks', 'a: |+\n  one\n\nb: >\n  two\n\nc: |2\n    three\nd: x\n', undefined],
    ['a list at the column of its key', 'a:\n- b\n- c: d\n  e: f\n-\n  - g\nh: i\n', undefined],
    ['comments', '# one\na: b # two\n  # three\nc: # four\n  d: "#e" #f\n', undefined],
    ['flow collections', 'a: {b: [c, "d,", \'e\'\'s\'], f: https://g/h, i, "j":k}\nl: []\nm: {}\n', undefined],
    [
      'what a formatter makes of a line',
      'a:\n  { b: c,\n    "d": [\n      e\n    ], }\nf:\n  g h\n  i\nj: "k\n  l"\nm: \'n  \n   o\'\n',
      undefined,
    ],
    ['escapes', 'a: "\\x41\\u00e9\\t\\e\\\\ \\"b\\" \\/"\n', undefined],
    ['documents', '---\na: b\n...\n---\n---\nc: d\n', undefined],
    ['a no-break space at the end of a scalar', 'a: b\u00A0\n', undefined],
    ['Object.prototype keys', '__proto__: a\nconstructor: b\n', undefined],
  ])('reads %s', (_, text, expected) => {
    expect(read(text)).toEqual(expected ?? readByLibrary(text))
  })

  it.each([
    ['an anchor', 'a: &b c\n', '1:4'],
    ['an alias', 'a: *b\n', '1:4'],
    ['a merge key', 'a:\n  <<: {b: c}\n', '2:3'],
    ['a tag', 'a: !!str b\n', '1:4'],
    ['a directive', '%YAML 1.2\n---\na: b\n', '1:1'],
    ['a plain scalar over an empty line', 'a: b\n\n  c\n', '3:3'],
    ['a plain scalar that goes on behind a comment', 'a: b #c\n  d\n', '2:3'],
    ['a quoted scalar that is not indented', 'a: "b\nc"\n', '2:1'],
    ['a quoted scalar over an empty line', 'a: "b\n\n  c"\n', '1:4'],
    ['a flow collection that is not indented', 'a: {b: c,\nd: e}\n', '2:1'],
    ['a comment in a flow collection', 'a: [b, #c\n  d]\n', '1:8'],
    ['a repeated key', 'a: b\na: c\n', '2:1'],
    ['a key within a value', 'a: b: c\n', '1:5'],
    ['a tab for indentation', 'a:\n\tb: c\n', '2:1'],
    ['a tab behind a colon', 'a:\tb\n', '1:3'],
    ['a key below a value', 'a:\n  b: c\n    d: e\n', '3:6'],
    ['a line between two levels', 'a:\n    b: c\n  d: e\n', '3:3'],
    ['an indented document', '  a: b\n', '1:3'],
    ['a carriage return of its own', 'a: b # \rc: d\n', '1:8'],
    ['a merge conflict', 'a: b\n<<<<<<< HEAD\nc: d\n', '2:1'],
    ['text behind a quoted scalar', "a: 'b'#c\n", '1:7'],
    ['an unknown escape', 'a: "\\q"\n', '1:4'],
    ['an escape of too few digits', 'a: "\\u12"\n', '1:4'],
    ['an escape without digits', '"^1.\\untime": b\n', '1:1'],
  ])('refuses %s at its place', (_, text, place) => {
    expect(faultOf(text)?.split(' ')[0]).toBe(place)
  })

  it('refuses deep nesting of every kind', () => {
    expect(faultOf(`${'- '.repeat(200)}a\n`)).toContain('not understood')
    expect(faultOf(`a:\n  ${'- '.repeat(200)}a\n`)).toContain('nested too deeply')
    expect(faultOf(`a: ${'['.repeat(100_000)}\n`)).toContain('nested too deeply')
    const steps = Array.from({ length: 200 }, (_, depth) => `${' '.repeat(depth)}a:`)
    expect(faultOf(steps.join('\n'))).toContain('nested too deeply')
  })
})
