import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CacheError, jsonCodec } from '../src/index.ts'

class Money {
  readonly amount = 1
}

const shared = { a: 1 }
const circular: { self?: unknown } = {}
circular.self = circular

describe('jsonCodec()', () => {
  const { encode, decode } = bound(jsonCodec())

  it('gives back every value that JSON has', () => {
    fc.assert(
      fc.property(fc.jsonValue({ stringUnit: 'binary', maxDepth: 4 }), (value) => {
        // -0 is the one number that JSON gives back as another: see the documentation.
        expect(decode(encode(value))).toEqual(JSON.parse(JSON.stringify(value)))
      }),
    )
  })

  it('gives back what it takes, or refuses it', () => {
    const anything = fc.anything({
      maxDepth: 3,
      withBigInt: true,
      withDate: true,
      withMap: true,
      withSet: true,
      withSparseArray: true,
      withTypedArray: true,
      withNullPrototype: true,
    })
    fc.assert(
      fc.property(anything, (value) => {
        let text: string
        try {
          text = encode(value)
        } catch (error) {
          expect(error).toMatchObject({ name: 'CacheError', code: 'NOT_SERIALIZABLE' })
          return
        }
        // Not toStrictEqual: properties that are undefined, and -0, may go.
        expect(normalised(decode(text))).toEqual(normalised(value))
      }),
      { numRuns: 2_000 },
    )
  })

  it.each<[what: string, value: unknown, path: string]>([
    ['Date', { when: new Date(0) }, 'value.when'],
    ['Map', new Map(), 'value'],
    ['Set', [new Set()], 'value[0]'],
    ['bigint', { a: [{ b: 1n }] }, 'value.a[0].b'],
    ['NaN', [1, Number.NaN], 'value[1]'],
    ['Infinity', { a: Number.POSITIVE_INFINITY }, 'value.a'],
    ['-Infinity', Number.NEGATIVE_INFINITY, 'value'],
    ['Uint8Array', { bytes: new Uint8Array(1) }, 'value.bytes'],
    ['Buffer', Buffer.from('a'), 'value'],
    ['Money', { price: new Money() }, 'value.price'],
    ['String', Object('text'), 'value'],
    ['function', { toJSON: () => 1 }, 'value.toJSON'],
    ['symbol', Symbol('s'), 'value'],
    ['undefined', undefined, 'value'],
    ['undefined', [undefined], 'value[0]'],
    ['array with holes or properties of its own', { list: Object.assign([], { 1: 1 }) }, 'value.list'],
    ['array with holes or properties of its own', Object.assign([], { 1: 1, name: 'a' }), 'value'],
    ['array with holes or properties of its own', /a/.exec('a'), 'value'],
    ['array with holes or properties of its own', Object.assign([1], { [Symbol('s')]: 1 }), 'value'],
    ['NaN', [shared, shared, Number.NaN], 'value[2]'],
    ['object with symbol properties', { a: { [Symbol('s')]: 1 } }, 'value.a'],
    ['Object with a toJSON() of its own', { a: Object.defineProperty({}, 'toJSON', { value: () => 1 }) }, 'value.a'],
    ['Array with a toJSON() of its own', Object.defineProperty([1], 'toJSON', { value: () => 1 }), 'value'],
    ['circular reference', circular, 'value.self'],
  ])('refuses a %s, naming its place', (what, value, path) => {
    const error = thrownBy(() => encode(value))
    expect(error).toBeInstanceOf(CacheError)
    expect(error).toMatchObject({ code: 'NOT_SERIALIZABLE', details: { path } })
    expect((error as Error).message).toBe(
      `JSON would alter the ${what} at ${path}. Convert it first, or use richCodec() or jsonCodec({ lenient: true }).`,
    )
  })

  it('takes 1,000 levels and refuses more, before the stack ends', () => {
    expect(depthOf(decode(encode(nested(1_000))))).toBe(1_000)
    for (const levels of [1_001, 100_000]) {
      expect(() => encode(nested(levels))).toThrow(/nested deeper than 1000 levels/)
    }
  })

  it('drops a property that is undefined and the sign of -0, and nothing else', () => {
    expect(decode(encode({ kept: 1, gone: undefined }))).toEqual({ kept: 1 })
    expect(Object.is(decode(encode(-0)), 0)).toBe(true)
  })

  it('takes an object that is used twice', () => {
    expect(decode(encode([shared, shared]))).toEqual([{ a: 1 }, { a: 1 }])
  })

  it('gives a new value each time', () => {
    const text = encode({ a: [1] })
    expect(decode(text)).not.toBe(decode(text))
  })

  it('throws a SyntaxError for a text that it never wrote', () => {
    expect(() => decode('{')).toThrow(SyntaxError)
  })
})

describe('jsonCodec({ lenient: true })', () => {
  const { encode, decode } = bound(jsonCodec({ lenient: true }))

  it('converts as JSON.stringify() does', () => {
    const value = { when: new Date(0), none: Number.NaN, map: new Map([[1, 2]]), call: () => 1, list: [undefined] }
    expect(decode(encode(value))).toEqual({ when: '1970-01-01T00:00:00.000Z', none: null, map: {}, list: [null] })
  })

  it.each([undefined, () => 1, Symbol('s')])('refuses %o, for which JSON has nothing', (value) => {
    expect(() => encode(value)).toThrow(CacheError)
  })
})

function bound(codec: ReturnType<typeof jsonCodec>) {
  return { encode: (value: unknown) => codec.encode(value), decode: (text: string) => codec.decode(text) }
}

function thrownBy(call: () => unknown): unknown {
  try {
    call()
  } catch (error) {
    return error
  }
  throw new Error('Nothing was thrown.')
}

function nested(levels: number): unknown {
  let value: unknown[] = []
  for (let level = 1; level < levels; level += 1) value = [value]
  return value
}

function depthOf(value: unknown): number {
  let depth = 0
  for (let inner = value; Array.isArray(inner); inner = inner[0] as unknown) depth += 1
  return depth
}

/** The same value without what the documentation lets go: the sign of -0 and the lack of a prototype. */
function normalised(value: unknown): unknown {
  if (Object.is(value, -0)) return 0
  if (Array.isArray(value)) return value.map(normalised)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, normalised(item)]))
}
