import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { LockfileFault } from '../src/lockfile-fault.ts'
import { parseJson } from '../src/syntax/parse-json.ts'
import { fixture } from './fixtures.ts'
import { mutationsOf } from './mutations.ts'

function faultOf(text: string): string {
  try {
    parseJson(text)
    return 'none'
  } catch (error) {
    if (!(error instanceof LockfileFault)) throw error
    return `${error.line ?? 0}:${error.column ?? 0} ${error.message}`
  }
}

describe('parseJson', () => {
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
      '2:6000004 The file has too many objects and arrays.',
    )
    expect(faultOf(`[${'{},'.repeat(1_999_998)}{}]`)).toBe('none')
  })
})
