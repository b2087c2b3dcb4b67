import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CacheError, richCodec } from '../src/index.ts'

const codec = richCodec()
const names = fc.oneof(
  fc.constantFrom('$', '__proto__', 'constructor', 'toJSON', '', '0'),
  fc.string({ unit: 'binary' }),
)
const leaves = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom('\ud800', '$', 'undefined'),
  fc.double(),
  fc.constantFrom(0, -0, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY),
  fc.bigInt(),
  fc.boolean(),
  fc.constantFrom(null, undefined),
  fc.date({ noInvalidDate: false }),
  fc.uint8Array(),
  fc.uint8Array().map((bytes) => Buffer.from(bytes)),
)
const { value: values } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    leaves,
    fc.array(tie('value'), { maxLength: 4 }),
    fc.sparseArray(tie('value'), { maxLength: 4 }),
    fc.dictionary(names, tie('value'), { noNullPrototype: true, maxKeys: 4 }),
    fc.array(fc.tuple(tie('value'), tie('value')), { maxLength: 3 }).map((entries) => new Map(entries)),
    fc.array(tie('value'), { maxLength: 4 }).map((items) => new Set(items)),
  ),
}))

describe('richCodec()', () => {
  it('gives back whatever it takes', () => {
    fc.assert(
      fc.property(
        values.filter((value) => value !== undefined),
        (value) => {
          const back = codec.decode(codec.encode(value))
          expect(isDeepStrictEqual(back, value)).toBe(true)
        },
      ),
      { numRuns: 1_000 },
    )
  })

  it.each<[what: string, value: unknown]>([
    ['an object that looks like a mark', { $: ['date', 0] }],
    ['an object that looks like an escaped mark', { $: ['object', [['$', 1]]] }],
    ['marks inside of marks', { $: { $: { $: undefined } } }],
    ['an own property __proto__', JSON.parse('{"__proto__":{"a":1},"$":1}')],
    ['maps in maps', new Map([[new Map([[1n, new Set([Number.NaN])]]), new Map()]])],
    ['holes and undefined', [undefined, ...Array.from({ length: 2 }, () => undefined), Object.assign([], { 2: 1 })]],
    ['an empty array with holes only', new Array(3)],
    ['an invalid date', new Date(Number.NaN)],
    ['a Buffer', Buffer.from('grüße')],
    ['a part of a larger buffer', Uint8Array.of(1, 2, 3, 4).subarray(1, 3)],
  ])('gives back %s', (_, value) => {
    expect(isDeepStrictEqual(codec.decode(codec.encode(value)), value)).toBe(true)
  })

  it('gives back bytes as Uint8Array, and a Buffer as a Buffer', () => {
    const [bytes, buffer] = codec.decode(codec.encode([Uint8Array.of(1), Buffer.of(1)])) as unknown[]
    expect(Object.getPrototypeOf(bytes)).toBe(Uint8Array.prototype)
    expect(Buffer.isBuffer(buffer)).toBe(true)
  })

  it('gives a new value each time', () => {
    const text = codec.encode(new Map([['a', new Date(0)]]))
    const [one, other] = [codec.decode(text), codec.decode(text)] as Map<string, Date>[]
    expect(one).not.toBe(other)
    expect(one?.get('a')).not.toBe(other?.get('a'))
  })

  class Money {
    readonly amount = 1
  }
  const circular = new Map<string, unknown>()
  circular.set('self', circular)

  it.each<[what: string, value: unknown, path: string]>([
    ['undefined', undefined, 'value'],
    ['function', { a: [() => 1] }, 'value.a[0]'],
    ['symbol', [Symbol('s')], 'value[0]'],
    ['Money', { price: new Money() }, 'value.price'],
    ['RegExp', /a/, 'value'],
    ['Float64Array', { a: new Float64Array(1) }, 'value.a'],
    ['object with symbol properties', { [Symbol('s')]: 1 }, 'value'],
    ['array with properties of its own', Object.assign([1], { '01': 2 }), 'value'],
    ['Map with properties of its own', { a: Object.assign(new Map(), { name: 'a' }) }, 'value.a'],
    ['Uint8Array with properties of its own', { a: Object.assign(Uint8Array.of(1), { name: 'a' }) }, 'value.a'],
    ['Uint8Array with properties of its own', Object.assign(Uint8Array.of(1), { [Symbol('s')]: 1 }), 'value'],
    ['Buffer with properties of its own', [Object.assign(Buffer.of(1), { '01': 'a' })], 'value[0]'],
    ['array with properties of its own', [Object.assign([1], { name: 'a' })], 'value[0]'],
    ['array with properties of its own', Object.assign([1], { [Symbol('s')]: 1 }), 'value'],
    ['circular reference', circular, 'value[0][1]'],
  ])('refuses a %s, naming its place', (what, value, path) => {
    let error: unknown
    try {
      codec.encode(value)
    } catch (thrown) {
      error = thrown
    }
    expect(error).toBeInstanceOf(CacheError)
    expect(error).toMatchObject({
      code: 'NOT_SERIALIZABLE',
      details: { path },
      message: `richCodec() cannot keep the ${what} at ${path}. Convert it to plain data first.`,
    })
  })

  it('refuses more than 1,000 levels, before the stack ends', () => {
    let value: unknown = 1
    for (let level = 0; level < 100_000; level += 1) value = [value]
    expect(() => codec.encode(value)).toThrow(/nested deeper than 1000 levels/)
  })

  it.each([
    '{',
    '{"$":1}',
    '{"$":["unknown",1]}',
    '{"$":["map",1]}',
    '{"$":["bigint","x"]}',
    '{"$":["sparse",[-1,[]]]}',
  ])('throws a SyntaxError for %s, which it never wrote', (text) => {
    expect(() => codec.decode(text)).toThrow(SyntaxError)
  })
})
