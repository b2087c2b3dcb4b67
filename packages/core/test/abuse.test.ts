import { describe, expect, it } from 'vitest'
import {
  assertInvalidateFilter,
  compileGlob,
  type Duration,
  encodeKey,
  type InvalidateFilter,
  toMilliseconds,
} from '../src/index.ts'

class Money {
  readonly amount = 1
}

const circular: unknown[] = []
circular.push({ inside: circular })

const KEY_ADVICE = 'has no identity to build a key from. Give a key of your own, or pass plain data.'
const DURATION_ADVICE = 'Give milliseconds, or a number with ms, s, m, h or d, such as "5m".'

type Misuse = [call: string, misuse: () => unknown, kind: typeof TypeError | typeof RangeError, message: string]

describe('misuse is refused at once, and says what to do', () => {
  it.each<Misuse>([
    ['toMilliseconds(NaN)', () => toMilliseconds(Number.NaN), RangeError, `Not a duration: NaN. ${DURATION_ADVICE}`],
    [
      'toMilliseconds() of a text without a unit',
      () => toMilliseconds('5' as Duration),
      RangeError,
      `Not a duration: '5'. ${DURATION_ADVICE}`,
    ],
    [
      'toMilliseconds() of a bigint',
      () => toMilliseconds(5n as unknown as Duration),
      RangeError,
      `Not a duration: 5n. ${DURATION_ADVICE}`,
    ],
    [
      'toMilliseconds() of an array',
      () => toMilliseconds(['5m'] as unknown as Duration),
      RangeError,
      `Not a duration: [ '5m' ]. ${DURATION_ADVICE}`,
    ],
    [
      'toMilliseconds() of nothing',
      () => toMilliseconds(undefined as unknown as Duration),
      RangeError,
      `Not a duration: undefined. ${DURATION_ADVICE}`,
    ],
    [
      'a glob with an unclosed class',
      () => compileGlob('a[b'),
      RangeError,
      'Unclosed [ in the glob "a[b". Write \\[ for the character itself.',
    ],
    [
      'a glob with an empty class',
      () => compileGlob('[]'),
      RangeError,
      'Unclosed [ in the glob "[]". Write \\[ for the character itself.',
    ],
    [
      'a glob with a trailing backslash',
      () => compileGlob('a\\'),
      RangeError,
      'Trailing \\ in the glob "a\\\\". Write \\\\ for the character itself.',
    ],
    [
      'a glob with a range that runs backwards',
      () => compileGlob('[z-a]'),
      RangeError,
      'A range runs backwards in the glob "[z-a]".',
    ],
    [
      'encodeKey() of a function',
      () => encodeKey(() => 1),
      TypeError,
      'A function has no identity to build a key from. Give a key of your own.',
    ],
    [
      'encodeKey() of a symbol',
      () => encodeKey(['a', Symbol('s')]),
      TypeError,
      'A symbol has no identity to build a key from. Give a key of your own.',
    ],
    ['encodeKey() of an instance', () => encodeKey({ price: new Money() }), TypeError, `The Money ${KEY_ADVICE}`],
    ['encodeKey() of a promise', () => encodeKey(Promise.resolve()), TypeError, `The Promise ${KEY_ADVICE}`],
    [
      'encodeKey() of a subclass',
      () => encodeKey(new (class Rates extends Map {})()),
      TypeError,
      `The Rates ${KEY_ADVICE}`,
    ],
    [
      'encodeKey() of symbol properties',
      () => encodeKey({ [Symbol('s')]: 1 }),
      TypeError,
      `The object with symbol properties ${KEY_ADVICE}`,
    ],
    [
      'encodeKey() of a match',
      () => encodeKey(/a/.exec('a')),
      TypeError,
      `The array with properties of its own ${KEY_ADVICE}`,
    ],
    ...[new Map(), new Set(), new Date(0), Uint8Array.of(1), Buffer.of(1)].map((value): Misuse => {
      const { name } = value.constructor
      const misuse = (): unknown => encodeKey(Object.assign(value, { name }))
      return [
        `encodeKey() of a ${name} that is more`,
        misuse,
        TypeError,
        `The ${name} with properties of its own ${KEY_ADVICE}`,
      ]
    }),
    [
      'encodeKey() of a structure that contains itself',
      () => encodeKey(circular),
      TypeError,
      'A structure that contains itself cannot become a key. Give a key of your own.',
    ],
    [
      'invalidate({})',
      () => {
        assertInvalidateFilter({})
      },
      TypeError,
      'invalidate() needs at least one of key, pattern, category, tag; to remove everything, call clear().',
    ],
    [
      'invalidate() with an unknown condition',
      () => {
        assertInvalidateFilter({ key: 'a', prefix: 'b' } as InvalidateFilter)
      },
      TypeError,
      "Not a condition of invalidate(): prefix: 'b'. Give strings as key, pattern, category, tag.",
    ],
    [
      'invalidate() with a condition that is no string',
      () => {
        assertInvalidateFilter({ tag: 1 } as unknown as InvalidateFilter)
      },
      TypeError,
      'Not a condition of invalidate(): tag: 1. Give strings as key, pattern, category, tag.',
    ],
    [
      'invalidate() with a condition that JSON has no word for',
      () => {
        assertInvalidateFilter({ tag: 1n } as unknown as InvalidateFilter)
      },
      TypeError,
      'Not a condition of invalidate(): tag: 1n. Give strings as key, pattern, category, tag.',
    ],
    [
      'invalidate() of a text instead of a filter',
      () => {
        assertInvalidateFilter('PROJ-*' as unknown as InvalidateFilter)
      },
      TypeError,
      "Not a condition of invalidate(): 0: 'P'. Give strings as key, pattern, category, tag.",
    ],
  ])('%s', (_, misuse, kind, message) => {
    expect(misuse).toThrow(new kind(message))
    expect(misuse).toThrow(kind)
  })
})
