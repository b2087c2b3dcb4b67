import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { LockfileFault } from '../src/lockfile-fault.ts'
import { JsonCursor } from '../src/syntax/json-cursor.ts'
import { fixture, FIXTURES } from './fixtures.ts'
import { mutationsOf } from './mutations.ts'

/** The value that comes next, made of what the cursor gives. */
function valueOf(cursor: JsonCursor): unknown {
  if (cursor.enterObject()) {
    const entries = new Map<string, unknown>()
    for (let key = cursor.nextKey(); key !== undefined; key = cursor.nextKey()) entries.set(key, valueOf(cursor))
    return Object.fromEntries(entries)
  }
  if (!cursor.enterArray()) return cursor.readScalar()
  const items: unknown[] = []
  while (cursor.nextItem()) items.push(valueOf(cursor))
  return items
}

/** What a reader makes of a text, or that it refuses it. */
function outcomeOf(read: () => unknown): unknown {
  try {
    return { value: read() }
  } catch (error) {
    if (error instanceof LockfileFault || error instanceof SyntaxError) return 'refused'
    throw error
  }
}

function readWith(read: (cursor: JsonCursor) => unknown, text: string): unknown {
  const cursor = new JsonCursor(text)
  const value = read(cursor)
  cursor.finish()
  return value
}

function faultOf(text: string): string {
  try {
    readWith((cursor) => {
      cursor.skipValue()
    }, text)
    return 'none'
  } catch (error) {
    if (!(error instanceof LockfileFault)) throw error
    return `${error.line ?? 0}:${error.column ?? 0} ${error.message}`
  }
}

const TEXTS = FIXTURES.filter(({ fileName }) =>
  /\.json$|^(?:composer|Pipfile|bun)\.lock$|\.resolved$/.test(fileName),
).map(({ text }) => text.slice(0, 3_000))

/** Keys and texts in which a reader could lose its way. */
const word = fc.oneof(
  fc.constantFrom(
    '__proto__',
    'constructor',
    '',
    '"',
    '\\',
    '\u0000',
    '\uD800',
    '\uDC00x',
    '\u0122',
    '\u0A22€',
    '{',
    ']',
    '1',
    ',',
  ),
  fc.string({ unit: 'binary' }),
)
/** BAD: `\\` as a key. After an object with the keys `"` and `\\`, JSON.parse takes `{"\\"":1,"\\"":2}` for another one (V8 13.6, November 2026). */
const key = word.filter((text) => !text.includes('\\'))
const json = fc.letrec<{ value: string }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.oneof(
      word.map((text) => JSON.stringify(text)),
      // Unescaped, what need not be escaped.
      fc.constantFrom('"\u2028é€"', '"\\u00e9\\/\\ud800"', '-0', '1.50e+3', '1E400', '0', 'true', 'false', 'null'),
    ),
    fc.array(tie('value'), { maxLength: 4 }).map((items) => `[ ${items.join(' ,\r\n\t')}]`),
    fc
      .array(fc.tuple(key, tie('value')), { maxLength: 4 })
      .map((members) => `{${members.map(([name, value]) => `${JSON.stringify(name)}\n: ${value}`).join(',')} }`),
  ),
})).value

describe('JsonCursor', () => {
  it.each([
    ['', '1:1 Expected a value, found the end.'],
    ['{', '1:2 Expected a key or "}", found the end.'],
    ['{"a":1,}', '1:8 Expected a key, found "}".'],
    ['{"a" 1}', '1:6 Expected ":", found "1".'],
    ['{"a":\n\n  x}', '3:3 Expected a value, found "x".'],
    ['[1 2]', '1:4 Expected "," or "]", found "2".'],
    ['[1}', '1:3 Expected "," or "]", found "}".'],
    ['{} {}', '1:4 Expected the end, found "{".'],
    ['"a\nb"', `1:3 Expected the string's closing quote, found "\\n".`],
    ['["\\q"]', '1:3 Expected a known escape, found "\\\\".'],
    ['[01]', '1:3 Expected "," or "]", found "1".'],
    ['[tru]', '1:2 Expected a value or "]", found "t".'],
    ['<<<<<<< HEAD', '1:1 Expected a value, found "<".'],
  ])('names the place of the fault in %j', (text, expected) => {
    expect(faultOf(text)).toBe(expected)
  })

  it('finds a place exactly where the text before it could go on and with it could not', () => {
    const { text } = fixture('npm-v1')
    fc.assert(
      fc.property(mutationsOf(text.slice(0, 1500)), (mutated) => {
        const [place = ''] = faultOf(mutated).split(' ')
        if (place === 'none') return
        const [line = 1, column = 1] = place.split(':').map(Number)
        const lines = mutated.split('\n')
        expect(line).toBeLessThanOrEqual(lines.length)
        expect(column).toBeLessThanOrEqual((lines[line - 1] ?? '').length + 1)
      }),
      { numRuns: 300 },
    )
  })

  it('refuses a million open brackets without a stack overflow', () => {
    expect(faultOf('['.repeat(1_000_000))).toMatch(/^1:1000001 /)
  })

  it('refuses more objects and arrays than memory may be spent on', () => {
    expect(faultOf(`{\n"a": [${'{},'.repeat(2_000_000)}{}]}`)).toBe(
      '2:6000001 The file has too many objects and arrays.',
    )
    expect(faultOf(`[${'{},'.repeat(1_999_998)}{}]`)).toBe('none')
  })

  it.each([
    ['any JSON', json],
    ['any JSON, edited', json.chain((text) => mutationsOf(text))],
    ['a file, edited', fc.constantFrom(...TEXTS).chain((text) => mutationsOf(text))],
  ])('takes what JSON.parse takes, and gives the same: %s', (_, texts) => {
    fc.assert(
      fc.property(texts, (text) => {
        const theirs = outcomeOf(() => JSON.parse(text) as unknown)
        expect(outcomeOf(() => readWith(valueOf, text))).toEqual(theirs)
        const isTaken = faultOf(text) === 'none'
        expect(isTaken).toBe(theirs !== 'refused')
      }),
      { numRuns: 1_500 },
    )
  })

  it('steps over a value to what stands behind it, and knows its line', () => {
    fc.assert(
      fc.property(json, json, (first, second) => {
        const cursor = new JsonCursor(`[${first}\n,\n${second}]`)
        cursor.enterArray()
        cursor.nextItem()
        cursor.skipValue()
        cursor.nextItem()
        expect(cursor.line).toBe(first.split('\n').length + 2)
        expect(valueOf(cursor)).toEqual(JSON.parse(second))
        expect(cursor.nextItem()).toBe(false)
        cursor.finish()
      }),
    )
  })

  it('takes comments one after another without a stack overflow', () => {
    const cursor = new JsonCursor(`[${'/**/'.repeat(100_000)}${'//\n'.repeat(100_000)}1,/*\n*/2] // end`, {
      extended: true,
    })
    cursor.enterArray()
    cursor.nextItem()
    expect(cursor.line).toBe(100_001)
    cursor.skipValue()
    cursor.nextItem()
    expect(cursor.line).toBe(100_002)
    cursor.skipValue()
    expect(cursor.nextItem()).toBe(false)
    cursor.finish()
  })
})
