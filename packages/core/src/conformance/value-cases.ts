import assert from 'node:assert/strict'
import type { ConformanceCase } from './conformance-case.ts'
import { REFUSALS, storeCase } from './store-case.ts'

class Money {
  readonly amount = 1
}

const KEPT: Readonly<Record<string, unknown>> = {
  text: 'grüße 🙂',
  'lone surrogates': '\ud800 \udc00',
  'NUL and quotes': '\0 " \' \\ \n \u2028',
  'text that looks like JSON': '{"a":1}',
  'digits as text': '123',
  number: 12.5,
  'a large integer': Number.MAX_SAFE_INTEGER,
  'a negative number': -1,
  'a tiny number': Number.MIN_VALUE,
  true: true,
  'nested data': { list: [1, [2, { deep: [null, ''] }]], empty: {}, none: [] },
  'a property named __proto__': JSON.parse('{"__proto__":{"polluted":true},"constructor":1}') as unknown,
  'an empty property name': { '': 1, ' ': 2 },
  '200 KB': 'x'.repeat(200_000),
}

const REFUSED: Readonly<Record<string, unknown>> = {
  'a Date': new Date(0),
  'a Map': new Map([[1, 2]]),
  'a Set': new Set([1]),
  'a BigInt': 1n,
  NaN: Number.NaN,
  Infinity: Number.POSITIVE_INFINITY,
  bytes: new Uint8Array(2),
  'an instance of a class': new Money(),
  'a function': () => 1,
  'a symbol': Symbol('s'),
  'undefined in an array': [undefined],
  'a hole in an array': Object.assign([], { 1: 'after a hole' }),
}

/** A miss is not a value, and a value comes back as it was given or is refused. */
export const valueCases: readonly ConformanceCase[] = [
  storeCase('get() of a key that was never set is undefined', async (store) => {
    assert.equal(await store.get('absent'), undefined)
    assert.equal(await store.has('absent'), false)
  }),

  storeCase('null, false, 0 and "" are values, not misses', async (store) => {
    const falsy = new Map<string, unknown>(Object.entries({ null: null, false: false, zero: 0, empty: '' }))
    for (const [key, value] of falsy) {
      await store.set(key, value)
      assert.equal(await store.get(key), value, `get() of ${key}`)
      assert.equal(await store.has(key), true, `has() of ${key}`)
    }
    assert.deepEqual(await store.getMany([...falsy.keys()]), falsy)
    const { hits, misses } = await store.getStats()
    assert.deepEqual({ hits, misses }, { hits: 8, misses: 0 })
  }),

  storeCase('set() replaces the value', async (store) => {
    assert.equal(await store.set('key', 'old'), true)
    assert.equal(await store.set('key', 'new'), true)
    assert.equal(await store.get('key'), 'new')
  }),

  storeCase('set() of undefined is a TypeError and changes nothing', async (store) => {
    await store.set('key', 'kept')
    await assert.rejects(async () => await store.set('key', undefined), REFUSALS.type)
    assert.equal(await store.get('key'), 'kept')
  }),

  storeCase('values come back as they were given', async (store) => {
    for (const [what, value] of Object.entries(KEPT)) {
      await store.set(what, value)
      assert.deepEqual(await store.get(what), value, what)
    }
    assert.deepEqual(await store.getMany(Object.keys(KEPT)), new Map(Object.entries(KEPT)))
  }),

  storeCase('a property that is undefined is absent afterwards', async (store) => {
    await store.set('key', { kept: 1, gone: undefined })
    assert.deepEqual(await store.get('key'), { kept: 1 })
  }),

  storeCase('a value that JSON would alter is NOT_SERIALIZABLE, and the earlier value stays', async (store) => {
    for (const [what, value] of Object.entries(REFUSED)) {
      await store.set(what, 'kept')
      await assert.rejects(async () => await store.set(what, value), REFUSALS.notSerializable, what)
      await assert.rejects(async () => await store.set(what, { inside: [value] }), REFUSALS.notSerializable, what)
      assert.equal(await store.get(what), 'kept', what)
    }
  }),

  storeCase('NOT_SERIALIZABLE names the path', async (store) => {
    await assert.rejects(async () => await store.set('key', { list: [{ when: 1 }, { when: new Date(0) }] }), {
      ...REFUSALS.notSerializable,
      message: /value\.list\[1\]\.when/,
      details: { path: 'value.list[1].when' },
    })
    await assert.rejects(async () => await store.setMany([['key', [1n]]]), {
      ...REFUSALS.notSerializable,
      details: { path: 'value[0]' },
    })
  }),

  storeCase('an error of the codec itself goes through as the same object, and nothing is stored', refusingCodecCheck, {
    codec: {
      encode(value) {
        if (value === 'refused') throw CODEC_ERROR
        return JSON.stringify(value)
      },
      decode: (text) => JSON.parse(text) as unknown,
    },
  }),
]

const CODEC_ERROR = new Error('of the codec')

async function refusingCodecCheck(store: Parameters<Parameters<typeof storeCase>[1]>[0]): Promise<void> {
  await store.set('key', 'kept')
  const isTheSame = (error: unknown) => error === CODEC_ERROR
  await assert.rejects(async () => await store.set('key', 'refused'), isTheSame)
  await assert.rejects(async () => await store.setMany([['key', 'refused']]), isTheSame)
  assert.equal(await store.get('key'), 'kept')
}
