import { BatchProcessingError } from '@x/core'
import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'

import { createLoader } from '../src/index.ts'

/** A batch function that notes its calls and fails whole batches that hold something bad. */
function recording(bad: ReadonlySet<number> = new Set()) {
  const calls: (readonly number[])[] = []
  const batchFn = (keys: readonly number[]): Promise<number[]> => {
    calls.push(keys)
    if (keys.some((key) => bad.has(key))) return Promise.reject(new Error(`bad: ${keys.join(' ')}`))
    return Promise.resolve(keys.map((key) => key * 10))
  }
  return { calls, batchFn }
}

describe('createLoader()', () => {
  it('makes one call of all that ask without waiting, each key once', async () => {
    const { calls, batchFn } = recording()
    const { load } = createLoader(batchFn)
    const later = Promise.resolve()
      .then(() => Promise.resolve())
      .then(() => load(3))
    expect(await Promise.all([load(1), load(2), load(1), later])).toEqual([10, 20, 10, 30])
    expect(calls).toEqual([[1, 2, 3]])
  })

  it('keeps nothing', async () => {
    const { calls, batchFn } = recording()
    const { load } = createLoader(batchFn)
    await load(1)
    await load(1)
    expect(calls).toEqual([[1], [1]])
  })

  it('sends a batch as soon as it is full; duplicates take no room', async () => {
    const { calls, batchFn } = recording()
    const { load } = createLoader(batchFn, { maxSize: 2 })
    const values = [1, 1, 1, 2, 3].map((key) => load(key))
    expect(calls).toEqual([[1, 2]])
    expect(await Promise.all(values)).toEqual([10, 10, 10, 20, 30])
    expect(calls).toEqual([[1, 2], [3]])
  })

  it('waits as long as the interval says, from the first key, and leaves no timer', async () => {
    vi.useFakeTimers()
    const { calls, batchFn } = recording()
    const { load } = createLoader(batchFn, { interval: '1s', maxSize: 3 })
    void load(1)
    await vi.advanceTimersByTimeAsync(999)
    void load(2)
    expect(calls).toEqual([])
    await vi.advanceTimersByTimeAsync(1)
    expect(calls).toEqual([[1, 2]])
    for (const key of [4, 5, 6]) void load(key)
    expect(calls).toEqual([
      [1, 2],
      [4, 5, 6],
    ])
    expect(vi.getTimerCount()).toBe(0)
    vi.useRealTimers()
  })

  it('tells keys apart by what it is told', async () => {
    const calls: (readonly { id: number }[])[] = []
    const { load } = createLoader(
      (keys: readonly { id: number }[]) => {
        calls.push(keys)
        return new Map(keys.map(({ id }) => [id, id * 10]))
      },
      { key: ({ id }) => id },
    )
    expect(await Promise.all([load({ id: 1 }), load({ id: 1 }), load({ id: 2 })])).toEqual([10, 10, 20])
    expect(calls).toEqual([[{ id: 1 }, { id: 2 }]])
  })

  it('rejects when that throws', async () => {
    const own = new Error('no identity')
    const { load } = createLoader(() => [], {
      key: () => {
        throw own
      },
    })
    await expect(load(1)).rejects.toBe(own)
  })
})

describe('failures', () => {
  it('of single keys fail them alone', async () => {
    const own = new Error('no such user')
    const ofArray = createLoader((keys: readonly string[]) => keys.map((key) => (key === 'b' ? own : key)))
    const ofMap = createLoader(
      () =>
        new Map<string, string | Error>([
          ['a', 'a'],
          ['b', own],
        ]),
    )
    for (const { load } of [ofArray, ofMap]) {
      expect(await Promise.allSettled([load('a'), load('b')])).toEqual([
        { status: 'fulfilled', value: 'a' },
        { status: 'rejected', reason: own },
      ])
    }
    await expect(ofMap.load('c')).rejects.toEqual(
      new BatchProcessingError("The batch function answered nothing for the key 'c'."),
    )
  })

  it('of a whole batch fail all of it, with the error itself', async () => {
    const own = new Error('down')
    const throwing = createLoader((): number[] => {
      throw own
    })
    const rejecting = createLoader(() => Promise.reject(own))
    for (const { load } of [throwing, rejecting]) {
      const results = await Promise.allSettled([load(1), load(2)])
      expect(results).toEqual([
        { status: 'rejected', reason: own },
        { status: 'rejected', reason: own },
      ])
    }
  })

  it.each<[unknown, string]>([
    [[1], '1 values'],
    [undefined, 'a undefined'],
    [{ length: 2 }, 'a object'],
  ])('of the contract, such as %j, are a TypeError that restates it, and never halved', async (answer, what) => {
    let calls = 0
    const { load } = createLoader(
      () => {
        calls += 1
        return answer as number[]
      },
      { bisect: true },
    )
    const results = await Promise.allSettled([load(1), load(2)])
    expect(results.every((result) => result.status === 'rejected' && result.reason instanceof TypeError)).toBe(true)
    expect((results[0] as PromiseRejectedResult).reason).toMatchObject({
      message: `The batch function must answer an array with a value for each of its 2 keys, in their order, or a Map; it answered ${what}.`,
    })
    expect(calls).toBe(1)
  })
})

describe('bisect', () => {
  it('delivers every good key exactly once, fails every bad one by its own error, within 2·k·log2(n) more calls', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 300 }),
        fc.array(fc.nat({ max: 299 }), { maxLength: 6 }),
        async (n, picks) => {
          const bad = new Set(picks.filter((pick) => pick < n))
          const { calls, batchFn } = recording(bad)
          const { load } = createLoader(batchFn, { bisect: true })
          const results = await Promise.allSettled(Array.from({ length: n }, (_, key) => load(key)))
          for (const [key, result] of results.entries()) {
            if (bad.has(key)) expect(result).toMatchObject({ status: 'rejected', reason: { message: `bad: ${key}` } })
            else expect(result).toEqual({ status: 'fulfilled', value: key * 10 })
          }
          const delivered = calls.filter((keys) => !keys.some((key) => bad.has(key))).flat()
          expect(delivered.toSorted((a, b) => a - b)).toEqual(results.flatMap((_, key) => (bad.has(key) ? [] : [key])))
          expect(calls.length - 1).toBeLessThanOrEqual(2 * bad.size * Math.log2(n) + 1e-9)
        },
      ),
      { numRuns: 500 },
    )
  })

  it('is left to a function that knows the error', async () => {
    const { calls, batchFn } = recording(new Set([2]))
    const { load } = createLoader(batchFn, { bisect: (error) => !(error as Error).message.startsWith('bad: 1 2') })
    const results = await Promise.allSettled([load(1), load(2)])
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    expect(calls).toHaveLength(1)
  })

  it('fails the batch by what that function throws', async () => {
    const own = new Error('cannot tell')
    const { load } = createLoader(() => Promise.reject(new Error('down')), {
      bisect: () => {
        throw own
      },
    })
    const results = await Promise.allSettled([load(1), load(2)])
    expect(results).toEqual([
      { status: 'rejected', reason: own },
      { status: 'rejected', reason: own },
    ])
  })
})

describe('a batch function that loads', () => {
  /** Loads what each key needs, by the loader itself. */
  const loaderOf = (needs: Readonly<Record<string, string>>) => {
    const calls: string[] = []
    const { load } = createLoader(
      async (keys: readonly string[]): Promise<string[]> => {
        calls.push(keys.join(' '))
        return await Promise.all(keys.map(async (key) => key + (await needed(needs[key]))))
      },
      { bisect: true },
    )
    const needed = async (key: string | undefined): Promise<string> => (key === undefined ? '' : await load(key))
    return { calls, load }
  }

  it('gets what it asks for, be it of the same batch, as long as it ends', async () => {
    const { calls, load } = loaderOf({ a: 'b', b: 'c', d: 'a' })
    expect(await Promise.all(['a', 'b', 'c', 'd'].map((key) => load(key)))).toEqual(['abc', 'bc', 'c', 'dabc'])
    expect(calls).toEqual(['a b c d', 'b c a', 'c b', 'c'])
  })
})

describe('misuse', () => {
  it.each([{ maxSize: 0 }, { maxSize: 1.5 }, { interval: -1 }])('%j is refused', (options) => {
    expect(() => createLoader(() => [], options)).toThrow(RangeError)
  })

  it('refuse a batch function that is none, at once', () => {
    expect(() => createLoader([] as never)).toThrow(new TypeError('The batch function must be a function, not object.'))
  })
})
