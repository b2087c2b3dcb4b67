import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { fromKeyText, keyTextRange, toKeyText } from '../src/key-text.ts'

const anyText = fc.string({
  unit: fc
    .oneof(fc.integer({ min: 0, max: 0xffff }), fc.constantFrom(0, 0xd800, 0xdc00, 0xfffd, 0xfffe))
    .map((unit) => String.fromCharCode(unit)),
})
const bytesOf = (text: string): Buffer => Buffer.from(text, 'utf8')

describe('key text', () => {
  it('is well-formed, and leads back to the key', () => {
    fc.assert(
      fc.property(anyText, (key) => {
        expect(toKeyText(key).isWellFormed()).toBe(true)
        expect(fromKeyText(toKeyText(key))).toBe(key)
      }),
    )
  })

  it('leaves ordinary keys as they are', () => {
    for (const key of ['', 'PROJ-1', 'a\0b', 'é😀', '\uFFFD']) expect(toKeyText(key)).toBe(key)
  })

  it('lies in the range of every prefix of its key', () => {
    fc.assert(
      fc.property(anyText, anyText, (prefix, rest) => {
        const { from, before } = keyTextRange(prefix)
        const text = bytesOf(toKeyText(prefix + rest))
        expect(Buffer.compare(bytesOf(from), text)).toBeLessThanOrEqual(0)
        if (before !== undefined) expect(Buffer.compare(text, bytesOf(before))).toBeLessThan(0)
      }),
    )
  })

  it('has a range that holds nothing but the prefix, where the prefix ends with a whole character', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), anyText, (prefix, other) => {
        const { from, before } = keyTextRange(prefix)
        const text = bytesOf(toKeyText(other))
        const inside =
          Buffer.compare(bytesOf(from), text) <= 0 &&
          (before === undefined || Buffer.compare(text, bytesOf(before)) < 0)
        expect(inside).toBe(other.startsWith(prefix))
      }),
    )
    expect(keyTextRange('a\u{10FFFF}')).toEqual({ from: 'a\u{10FFFF}', before: 'b' })
    expect(keyTextRange('\uD7FF').before).toBe('\uE000')
    expect(keyTextRange('').before).toBeUndefined()
  })

  it('is refused for what is not a string', () => {
    expect(() => toKeyText(1 as unknown as string)).toThrow(
      new TypeError('Not a string: 1. Keys, categories and tags are strings.'),
    )
  })
})
