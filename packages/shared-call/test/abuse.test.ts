import { describe, expect, it } from 'vitest'

import { AsyncSharedCall, type CallOptions } from '../src/index.ts'
import { MapLease } from './map-lease.ts'
import { MapStore } from './map-store.ts'

const shared = new AsyncSharedCall()
const call = (options: unknown): Promise<number> => shared.call(options as CallOptions<number>, () => 1)

describe('misuse', () => {
  it.each([
    [5, 'Not a key: undefined. Give a string, or { key: string, … }.'],
    [undefined, 'Not a key: undefined. Give a string, or { key: string, … }.'],
    [null, 'Not a key: undefined. Give a string, or { key: string, … }.'],
    [{ key: 5 }, 'Not a key: 5. Give a string, or { key: string, … }.'],
    [{ key: 'f', signal: {} }, 'Not an AbortSignal: object. Give the signal of an AbortController.'],
    [{ key: 'f', clone: 'deep' }, 'Not a way to clone: "deep". Give "structured", "freeze" or a function.'],
  ])('call(%j) rejects with a TypeError that says what it got', async (options, message) => {
    await expect(call(options)).rejects.toThrow(new TypeError(message))
  })

  it.each([
    [0, 'Not a timeout: 0. Give a positive duration, or Infinity for none.'],
    [-1, 'Not a timeout: -1. Give a positive duration, or Infinity for none.'],
    ['0s', 'Not a timeout: 0s. Give a positive duration, or Infinity for none.'],
    [NaN, 'Not a duration: NaN. Give milliseconds, or a number with ms, s, m, h or d, such as "5m".'],
    ['soon', `Not a duration: 'soon'. Give milliseconds, or a number with ms, s, m, h or d, such as "5m".`],
  ])('a timeout of %j rejects with a RangeError', async (timeout, message) => {
    await expect(call({ key: 'f', timeout })).rejects.toThrow(new RangeError(message))
  })

  it('counts nothing and runs nothing', () => {
    expect(shared.getStats()).toEqual({ hits: 0, misses: 0, errors: 0, active: 0, hitRate: 0 })
  })

  it('a lease without a store, or a store without a lease, is a TypeError', () => {
    const message = 'lease and store work together: the one decides who runs, the other carries the result.'
    expect(() => new AsyncSharedCall({ lease: new MapLease() })).toThrow(new TypeError(message))
    expect(() => new AsyncSharedCall({ store: new MapStore() })).toThrow(new TypeError(message))
  })

  it.each([
    [{ leaseTtl: 0 }, 'Not a leaseTtl: 0. Give a positive, finite duration.'],
    [{ leaseTtl: Infinity }, 'Not a leaseTtl: Infinity. Give a positive, finite duration.'],
    [{ resultTtl: -1 }, 'Not a resultTtl: -1. Give a positive, finite duration.'],
    [{ pollInterval: 0 }, 'Not a pollInterval: 0. Give a positive, finite duration.'],
    [{ resultTtl: 50, pollInterval: 50 }, 'resultTtl must be longer than pollInterval: 50, 50.'],
  ] as const)('%j is a RangeError when it is made', (options, message) => {
    expect(() => new AsyncSharedCall({ lease: new MapLease(), store: new MapStore(), ...options })).toThrow(
      new RangeError(message),
    )
  })
})
