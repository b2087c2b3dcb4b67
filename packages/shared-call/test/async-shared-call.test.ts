import { describe, expect, it } from 'vitest'

import { AsyncSharedCall } from '../src/index.ts'

describe('AsyncSharedCall', () => {
  it('runs once for concurrent callers of a key', async () => {
    const shared = new AsyncSharedCall()
    let runs = 0
    const double = async (n: number): Promise<number> => {
      runs += 1
      await Promise.resolve()
      return n * 2
    }
    const answers = await Promise.all(Array.from({ length: 6 }, () => shared.call('f', double, 21)))
    expect(answers).toEqual([42, 42, 42, 42, 42, 42])
    expect(runs).toBe(1)
    expect(shared.getStats()).toEqual({ hits: 5, misses: 1, errors: 0, active: 0, hitRate: 5 / 6 })
  })

  it('keeps keys apart, and nothing once a call has ended', async () => {
    const shared = new AsyncSharedCall()
    let runs = 0
    const count = (): number => (runs += 1)
    expect(await Promise.all([shared.call('a', count), shared.call('b', count)])).toEqual([1, 2])
    expect(await shared.call('a', count)).toBe(3)
  })

  it('gives every caller the same error object and counts it once', async () => {
    const shared = new AsyncSharedCall()
    const failure = new Error('no')
    const outcomes = await Promise.allSettled(
      Array.from({ length: 10 }, () => shared.call('f', () => Promise.reject(failure))),
    )
    for (const outcome of outcomes) expect(outcome).toEqual({ status: 'rejected', reason: failure })
    expect(shared.getStats()).toMatchObject({ errors: 1, active: 0 })
  })

  it('treats a synchronous throw as a failed execution', async () => {
    const shared = new AsyncSharedCall()
    const failure = new Error('at once')
    await expect(
      shared.call('f', () => {
        throw failure
      }),
    ).rejects.toBe(failure)
    expect(shared.getStats().active).toBe(0)
  })

  it('runs once when fn synchronously calls back with the same key', async () => {
    const shared = new AsyncSharedCall()
    let runs = 0
    let inner: Promise<number> | undefined
    const fn = (): number => {
      runs += 1
      inner = shared.call('f', fn)
      return 7
    }
    expect(await shared.call('f', fn)).toBe(7)
    expect(await inner).toBe(7)
    expect(runs).toBe(1)
  })

  it('starts anew after forget(), and the old flight never removes the new one', async () => {
    const shared = new AsyncSharedCall()
    const first = Promise.withResolvers<number>()
    const second = Promise.withResolvers<number>()
    const old = shared.call('f', () => first.promise)
    shared.forget('f')
    const young = shared.call('f', () => second.promise)
    first.resolve(10)
    expect(await old).toBe(10)
    const joined = shared.call('f', () => 99)
    second.resolve(30)
    expect(await Promise.all([young, joined])).toEqual([30, 30])
    expect(shared.getStats()).toMatchObject({ misses: 2, hits: 1, active: 0 })
  })

  it('keeps counting what is in progress when the counters are reset', async () => {
    const shared = new AsyncSharedCall()
    const gate = Promise.withResolvers<undefined>()
    const call = shared.call('f', () => gate.promise)
    shared.resetStats()
    expect(shared.getStats()).toEqual({ hits: 0, misses: 0, errors: 0, active: 1, hitRate: 0 })
    gate.resolve(undefined)
    await call
    expect(shared.getStats().active).toBe(0)
  })
})
