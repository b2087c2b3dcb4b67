import { isCacheError } from '@x/core'
import { describe, expect, expectTypeOf, it } from 'vitest'

import { ReentrantCallError, shared, SharedCall } from '../src/index.ts'

/** What a call throws. */
function thrownBy(run: () => unknown): unknown {
  try {
    run()
  } catch (error) {
    return error
  }
  throw new Error('Nothing was thrown.')
}

describe('SharedCall in one thread', () => {
  it('runs the function with its arguments and gives its value by reference', () => {
    const value = { a: 1 }
    expect(new SharedCall().call('key', (a: number, b: string) => [a, b, value] as const, 1, 'x')).toEqual([
      1,
      'x',
      value,
    ])
    expect(new SharedCall().call('key', () => value)).toBe(value)
    expect(shared.call('key', (): unknown => undefined)).toBeUndefined()
  })

  it('keeps nothing once a call has ended', () => {
    const calls = new SharedCall()
    let runs = 0
    for (let call = 0; call < 3; call += 1) calls.call('key', () => (runs += 1))
    expect(runs).toBe(3)
    expect(calls.getStats()).toEqual({ hits: 0, misses: 3, errors: 0, active: 0, hitRate: 0 })
  })

  it('throws the error of the function, the same object, and counts it', () => {
    const calls = new SharedCall()
    const failure = new Error('no')
    const fail = (): never => {
      throw failure
    }
    expect(thrownBy(() => calls.call('key', fail))).toBe(failure)
    expect(calls.getStats()).toMatchObject({ misses: 1, errors: 1, active: 0 })
  })

  it('refuses a call that would wait for itself, names the keys, and goes on', () => {
    const calls = new SharedCall()
    const inner = (): unknown => calls.call('a', () => 1)
    const error = thrownBy(() => calls.call('a', () => calls.call('b', inner)))
    expect(error).toBeInstanceOf(ReentrantCallError)
    expect((error as ReentrantCallError).keys).toEqual(['a', 'b'])
    expect(calls.getStats()).toMatchObject({ misses: 2, active: 0 })
    expect(calls.call('a', () => calls.call('b', () => 2))).toBe(2)
  })

  it('starts anew after forget() and forgetAll(), also within the execution', () => {
    const calls = new SharedCall()
    const run = (depth: number): number => {
      if (depth === 1) calls.forget('key')
      if (depth === 2) calls.forgetAll()
      return depth === 3 ? calls.getStats().active : calls.call('key', run, depth + 1)
    }
    expect(calls.call('key', run, 1)).toBe(3)
    expect(calls.getStats().active).toBe(0)
  })

  it('keeps counting what is in progress when the counters are reset', () => {
    const calls = new SharedCall()
    calls.call('key', () => {
      calls.resetStats()
      expect(calls.getStats()).toEqual({ hits: 0, misses: 0, errors: 0, active: 1, hitRate: 0 })
    })
    expect(calls.getStats().active).toBe(0)
  })

  it('tells any strings apart as keys', () => {
    const calls = new SharedCall()
    const long = 'x'.repeat(1_000_000)
    const keys = ['', '\0', '\0\0', 'a', 'ab', 'a:b', '\ud800', '\udc00', 'ä', 'a\u0308', '💥', `${long}a`, `${long}b`]
    // Two with the same hash: only the whole key tells them apart.
    keys.push(...sameHash())
    const nest = (index: number): number => {
      const key = keys[index]
      return key === undefined ? calls.getStats().active : calls.call(key, nest, index + 1)
    }
    expect(nest(0)).toBe(keys.length)
    expect(calls.call(long, () => thrownBy(() => calls.call(long, () => 1)))).toBeInstanceOf(ReentrantCallError)
  })

  it('refuses keys of more than 64 MiB in all, and goes on', () => {
    const calls = new SharedCall()
    const half = 'x'.repeat(2 ** 24)
    expect(() => calls.call('a', () => calls.call(half, () => calls.call(`${half}y`, () => 1)))).toThrow(
      /^The keys of the calls in progress in one thread exceed 64 MiB, with this one of 16777217 characters/u,
    )
    expect(calls.call(half, () => calls.getStats().active)).toBe(1)
  })

  it('survives an overflow of the stack', () => {
    const calls = new SharedCall()
    let depth = 0
    const dive = (): unknown => calls.call(`key ${(depth += 1)}`, dive)
    expect(thrownBy(dive)).toBeInstanceOf(RangeError)
    expect(calls.getStats().active).toBe(0)
    expect(calls.call('key 1', () => 'on')).toBe('on')
  })

  it('leaves no unhandled rejection of a function that it refuses', async () => {
    const refused = (): unknown => new SharedCall().call('key', () => Promise.reject(new Error('inside')))
    expect(refused).toThrow('SharedCall is for functions that block')
    // An unhandled rejection would be told, and fail this run, before the next turn of the event loop.
    await new Promise((resolve) => setImmediate(resolve))
  })

  it('refuses a function that returns a promise', () => {
    const calls = new SharedCall()
    expect(() => calls.call('key', () => Promise.resolve(1))).toThrow(
      new TypeError('SharedCall is for functions that block, and this one returned a promise. Use AsyncSharedCall.'),
    )
  })

  it('refuses a key that is no string, a handle that is none, and an impossible number of threads', () => {
    expect(() => new SharedCall().call(1 as unknown as string, () => 1)).toThrow(TypeError)
    expect(() => SharedCall.from({} as SharedCall['handle'])).toThrow(
      new TypeError('Not a handle of a SharedCall. Pass on `shared.handle` as it is, in workerData or in a message.'),
    )
    for (const maxThreads of [0, 1.5, 1025, Number.NaN]) {
      expect(() => new SharedCall({ maxThreads })).toThrow(
        new RangeError(`maxThreads must be an integer from 1 to 1024, not ${maxThreads}.`),
      )
    }
  })

  it('group() keeps the type, the name and this, and keys by identity and arguments', () => {
    const calls = new SharedCall()
    interface Reader {
      readonly base: number
      read: (this: Reader, n: number) => number
    }
    const reader: Reader = {
      base: 10,
      read: calls.group()(function read(this: Reader, n: number): number {
        return this.base + n
      }),
    }
    expectTypeOf(calls.group()((n: number, s: string) => `${n}${s}`)).toEqualTypeOf<(n: number, s: string) => string>()
    expect(reader.read(5)).toBe(15)
    expect(reader.read.name).toBe('read')

    const factorial: (n: number) => number = calls.group()((n: number): number => (n < 2 ? 1 : n * factorial(n - 1)))
    expect(factorial(10)).toBe(3_628_800)
    const endless: (n: number) => number = calls.group({ key: (n: number) => `parity ${n % 2}` })((n: number): number =>
      endless(n - 1),
    )
    expect(() => endless(3)).toThrow(ReentrantCallError)
  })

  it('close() leaves, may be repeated, and not be called within a call', () => {
    const calls = new SharedCall()
    calls.call('key', () => {
      expect(() => {
        calls.close()
      }).toThrow('A SharedCall cannot be closed within one of its calls.')
    })
    calls[Symbol.dispose]()
    calls.close()
    expect(
      isCacheError(
        thrownBy(() => calls.call('key', () => 1)),
        'STORE_CLOSED',
      ),
    ).toBe(true)
    expect(
      isCacheError(
        thrownBy(() => calls.handle),
        'STORE_CLOSED',
      ),
    ).toBe(true)
  })

  it('gives the same object to a thread that joins again', () => {
    using calls = new SharedCall({ maxThreads: 2 })
    expect(SharedCall.from(structuredClone(calls.handle))).toBe(calls)
  })

  it('can be published within a call', () => {
    using calls = new SharedCall()
    expect(calls.call('key', () => calls.handle.stacks.length)).toBe(64)
    expect(calls.getStats()).toMatchObject({ misses: 1, active: 0 })
  })
})

/** Two keys with the same 32-bit hash, found as birthdays are. */
function sameHash(): [string, string] {
  const seen = new Map<number, string>()
  for (let n = 0; ; n += 1) {
    const key = n.toString(36)
    let hash = 0x811c9dc5
    for (let index = 0; index < key.length; index += 1) hash = Math.imul(hash ^ key.charCodeAt(index), 0x01000193)
    const other = seen.get(hash | 0)
    if (other !== undefined) return [other, key]
    seen.set(hash | 0, key)
  }
}
