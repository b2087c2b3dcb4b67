import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { encodeKey } from '../src/index.ts'

const leaves = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 4 }),
  fc.constantFrom('', ',', '1', '1n', 'null', 'true', 'hole', '"', '\\', '\ud800', '\\ud800', '[]', '{}', '__proto__'),
  fc.double(),
  fc.constantFrom(0, -0, 1, Number.NaN, Number.POSITIVE_INFINITY),
  fc.bigInt({ min: -3n, max: 3n }),
  fc.boolean(),
  fc.constantFrom(null, undefined),
  fc.date({ noInvalidDate: false, min: new Date(0), max: new Date(2) }),
  fc.uint8Array({ maxLength: 2 }),
)
const { value: values } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    leaves,
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom('a', 'b', '', '__proto__'), tie('value'), { maxKeys: 3 }),
    fc.array(fc.tuple(tie('value'), tie('value')), { maxLength: 2 }).map((entries) => new Map(entries)),
    fc.array(tie('value'), { maxLength: 2 }).map((items) => new Set(items)),
    fc.sparseArray(tie('value'), { maxLength: 3, maxNumElements: 2 }),
  ),
}))
const tuples = fc.array(values, { maxLength: 3 })

describe('encodeKey()', () => {
  it('gives equal keys exactly for equal tuples', () => {
    fc.assert(
      fc.property(tuples, tuples, (one, other) => {
        expect(encodeKey(...one) === encodeKey(...other)).toBe(areEqual(one, other))
      }),
      { numRuns: 5_000 },
    )
  })

  it('gives a copy the key of its original', () => {
    fc.assert(
      fc.property(tuples, (tuple) => {
        expect(encodeKey(...structuredClone(tuple))).toBe(encodeKey(...tuple))
      }),
    )
  })

  it('does not look at the order of properties', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), leaves), (record) => {
        const reversed = Object.fromEntries(Object.entries(record).reverse())
        expect(encodeKey(reversed)).toBe(encodeKey(record))
      }),
    )
  })

  it('keeps apart what is written alike', () => {
    const alike: readonly (readonly unknown[])[] = [
      [],
      [''],
      ['', ''],
      [undefined],
      [null],
      ['null'],
      [1],
      ['1'],
      [1n],
      [true],
      ['true'],
      [0],
      [-0],
      ['a', 'b'],
      ['a,b'],
      ['a","b'],
      [['a', 'b']],
      [[]],
      [[undefined]],
      [new Array(1)],
      [new Array(2)],
      [[[]]],
      [{}],
      [{ a: undefined }],
      [{ a: null }],
      [new Map()],
      [new Set()],
      [new Map([[1, 2]])],
      [new Set([1, 2])],
      [[1, 2]],
      [new Set([2, 1])],
      [new Date(0)],
      [new Date(Number.NaN)],
      [Number.NaN],
      [Uint8Array.of(0)],
      ['00'],
    ]
    const keys = alike.map((tuple) => encodeKey(...tuple))
    expect(new Set(keys).size).toBe(alike.length)
  })

  it('takes a structure that is used twice, and an object without a class', () => {
    const shared = { a: 1 }
    expect(encodeKey([shared, shared])).toBe(encodeKey([{ a: 1 }, { a: 1 }]))
    expect(encodeKey(Object.assign(Object.create(null) as object, { a: 1 }))).toBe(encodeKey({ a: 1 }))
  })

  it('takes bytes for what they are, whatever they lie in', () => {
    expect(encodeKey(Buffer.from([1, 2]))).toBe(encodeKey(Uint8Array.of(0, 1, 2, 3).subarray(1, 3)))
  })
})

/** Node's equality, but that it looks at the order of a `Map` and a `Set`, and calls `NaN` dates equal. */
function areEqual(one: unknown, other: unknown): boolean {
  return isDeepStrictEqual(ordered(one), ordered(other))
}

function ordered(value: unknown): unknown {
  if (value instanceof Map) return { map: Array.from(value, ([key, item]) => [ordered(key), ordered(item)]) }
  if (value instanceof Set) return { set: Array.from(value, ordered) }
  if (value instanceof Date || value instanceof Uint8Array) return value
  if (Array.isArray(value)) {
    return { array: Array.from(value, (item, index) => (index in value ? [ordered(item)] : [])) }
  }
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).map(([name, item]) => [name, ordered(item)] as const)
  return { object: Object.fromEntries(entries) }
}
