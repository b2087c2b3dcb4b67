import { AsyncLocalStorage } from 'node:async_hooks'
import { getEventListeners } from 'node:events'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { AsyncSharedCall, asyncShared } from '../src/index.ts'
import { settled } from './settled.ts'

const unhandled: unknown[] = []
const noteUnhandled = (reason: unknown): void => {
  unhandled.push(reason)
}
beforeEach(() => {
  unhandled.length = 0
  process.on('unhandledRejection', noteUnhandled)
})
afterEach(() => {
  process.off('unhandledRejection', noteUnhandled)
})

setFlagsFromString('--expose-gc')

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

  it('reports a hit rate of 0.99 for 100 callers of one execution', async () => {
    const shared = new AsyncSharedCall()
    await Promise.all(Array.from({ length: 100 }, () => shared.call('f', () => 1)))
    expect(shared.getStats().hitRate).toBe(0.99)
  })

  it('keeps keys apart, and nothing once a call has ended', async () => {
    const shared = new AsyncSharedCall()
    let runs = 0
    const count = (): number => (runs += 1)
    expect(await Promise.all([shared.call('a', count), shared.call('b', count)])).toEqual([1, 2])
    expect(await shared.call('a', count)).toBe(3)
  })

  it('takes any string as a key', async () => {
    const shared = new AsyncSharedCall()
    const keys = ['', ' ', ':', '\0', '\ud800', '__proto__', 'constructor']
    expect(await Promise.all(keys.map((key, index) => shared.call(key, () => index)))).toEqual([0, 1, 2, 3, 4, 5, 6])
  })

  it('gives every caller the value by reference', async () => {
    const shared = new AsyncSharedCall()
    const value = { deep: [] }
    const answers = await Promise.all([shared.call('f', () => value), shared.call('f', () => ({ deep: [] }))])
    for (const answer of answers) expect(answer).toBe(value)
  })

  it('starts fn before call() returns, and has landed when a caller goes on', async () => {
    const shared = new AsyncSharedCall()
    const order: string[] = []
    const call = shared.call('f', () => order.push('fn'))
    order.push('returned')
    await call
    order.push(`active ${shared.getStats().active}`)
    expect(order).toEqual(['fn', 'returned', 'active 0'])
  })

  describe('answers of fn', () => {
    it('takes a value that is no promise, undefined and null included', async () => {
      const shared = new AsyncSharedCall()
      const values = [0, '', false, null, undefined]
      const answers = await Promise.all(values.map((value, index) => shared.call(String(index), () => value)))
      expect(answers).toEqual(values)
    })

    it('takes a thenable, and asks it once', async () => {
      const shared = new AsyncSharedCall()
      let asked = 0
      const thenable: PromiseLike<number> = {
        then: (onFulfilled) => {
          asked += 1
          return Promise.resolve(5).then(onFulfilled)
        },
      }
      const call = (): Promise<number> => shared.call('f', () => thenable as Promise<number>)
      expect(await Promise.all([call(), call(), call()])).toEqual([5, 5, 5])
      expect(asked).toBe(1)
    })

    it('treats a then that throws as a failed execution', async () => {
      const shared = new AsyncSharedCall()
      const failure = new Error('no then')
      const broken = {
        get then(): never {
          throw failure
        },
      }
      await expect(shared.call('f', () => broken)).rejects.toBe(failure)
      expect(shared.getStats()).toMatchObject({ errors: 1, active: 0 })
    })

    it('treats an answer that cannot be looked at as a failed execution', async () => {
      const shared = new AsyncSharedCall()
      const { proxy, revoke } = Proxy.revocable({}, {})
      revoke()
      const unreadable = Object.defineProperty(Promise.resolve(1), 'constructor', {
        get: () => {
          throw new TypeError('no constructor')
        },
      })
      for (const [answer, message] of [
        [proxy, /revoked/],
        [unreadable, /no constructor/],
      ] as const) {
        await expect(shared.call('f', () => answer)).rejects.toThrow(message)
        expect(await shared.call('f', () => 'anew')).toBe('anew')
      }
      expect(shared.getStats()).toMatchObject({ errors: 2, active: 0 })
    })

    it('takes a promise of a class of its own', async () => {
      class Own<T> extends Promise<T> {}
      const shared = new AsyncSharedCall()
      expect(await shared.call('f', () => Own.resolve(3))).toBe(3)
    })

    it('treats a synchronous throw as a failed execution', async () => {
      const shared = new AsyncSharedCall()
      const failure = new Error('at once')
      const fail = (): never => {
        throw failure
      }
      const outcomes = await Promise.allSettled([shared.call('f', fail), shared.call('f', fail)])
      for (const outcome of outcomes) expect(outcome).toHaveProperty('reason', failure)
      expect(shared.getStats()).toMatchObject({ hits: 1, misses: 1, errors: 1, active: 0 })
    })
  })

  describe('errors', () => {
    it('gives every caller the same error object and counts it once', async () => {
      const shared = new AsyncSharedCall()
      const failure = new Error('no')
      const calls = Array.from({ length: 10 }, () => shared.call('f', () => Promise.reject(failure)))
      for (const outcome of await Promise.allSettled(calls)) {
        expect(outcome.status === 'rejected' && outcome.reason === failure).toBe(true)
      }
      expect(shared.getStats()).toMatchObject({ errors: 1, active: 0 })
    })

    it.each([undefined, null, 'text', 0])('passes %s through as a reason', async (reason) => {
      const shared = new AsyncSharedCall()
      // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors
      const [outcome] = await Promise.allSettled([shared.call('f', () => Promise.reject(reason))])
      expect(outcome).toEqual({ status: 'rejected', reason })
    })

    it('never makes an unhandled rejection of what nobody, or only one caller, listens to', async () => {
      const shared = new AsyncSharedCall()
      const { signal } = new AbortController()
      const fail = async (): Promise<never> => {
        await Promise.resolve()
        throw new Error('unheard')
      }
      void shared.call('nobody', fail)
      void shared.call('nobody at once', () => {
        throw new Error('unheard')
      })
      void shared.callWithResult('nobody', fail)
      void shared.call({ key: 'options', signal, timeout: '1m', clone: 'structured' }, fail)
      void shared.call({ key: 'aborted', signal: AbortSignal.abort() }, fail)
      void shared.group()(fail)()
      void shared.call('nested', async () => {
        void shared.call('inner', fail)
        void shared.callWithResult({ key: 'inner', signal }, fail)
        await Promise.resolve()
      })
      const heard = shared.call('one of two', fail)
      void shared.call('one of two', fail)
      await expect(heard).rejects.toThrow('unheard')
      await settled()
      await settled()
      expect(unhandled).toEqual([])
    })
  })

  describe('forget()', () => {
    it('lets the next caller start anew, and the old flight never removes the new one', async () => {
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

    it('keeps three generations apart, in whatever order they end', async () => {
      for (const order of [
        [0, 1, 2],
        [2, 1, 0],
        [1, 2, 0],
        [2, 0, 1],
      ]) {
        const shared = new AsyncSharedCall()
        const gates = [0, 1, 2].map(() => Promise.withResolvers<string>())
        const calls = gates.map((gate) => {
          shared.forget('f')
          return shared.call('f', () => gate.promise)
        })
        expect(shared.getStats().active).toBe(3)
        for (const [ended, index] of order.entries()) {
          gates[index]?.resolve(`generation ${index}`)
          expect(await calls[index]).toBe(`generation ${index}`)
          // Only the third generation may be joined, until it has ended.
          const thirdEnded = order.slice(0, ended + 1).includes(2)
          const late = shared.call('f', () => 'fourth')
          gates[2]?.resolve('generation 2')
          expect(await late).toBe(thirdEnded ? 'fourth' : 'generation 2')
          if (!thirdEnded) break
        }
      }
    })

    it('forgetAll() forgets every key', async () => {
      const shared = new AsyncSharedCall()
      const gate = Promise.withResolvers<string>()
      const old = ['a', 'b'].map((key) => shared.call(key, () => gate.promise))
      shared.forgetAll()
      expect(await shared.call('a', () => 'new')).toBe('new')
      expect(await shared.call('b', () => 'new')).toBe('new')
      gate.resolve('old')
      expect(await Promise.all(old)).toEqual(['old', 'old'])
    })
  })

  it('resetStats() in the middle never makes active negative', async () => {
    const shared = new AsyncSharedCall()
    const gate = Promise.withResolvers<undefined>()
    const call = shared.call('f', () => gate.promise)
    shared.resetStats()
    expect(shared.getStats()).toEqual({ hits: 0, misses: 0, errors: 0, active: 1, hitRate: 0 })
    gate.resolve(undefined)
    await call
    expect(shared.getStats().active).toBe(0)
  })

  it('lets every caller go on in its own async context, and runs fn in that of the first', async () => {
    const storage = new AsyncLocalStorage<string>()
    const shared = new AsyncSharedCall()
    const gate = Promise.withResolvers<undefined>()
    const seen: unknown[] = []
    const fn = async (): Promise<void> => {
      await gate.promise
      seen.push(`fn ${storage.getStore() ?? ''}`)
    }
    const { signal } = new AbortController()
    const cloned: unknown[] = []
    const clone = (value: undefined): undefined => {
      cloned.push(storage.getStore())
      return value
    }
    const calls = ['a', 'b', 'c', 'd'].map((name, index) =>
      storage.run(name, async () => {
        await (index % 2 === 0 ? shared.call('f', fn) : shared.call({ key: 'f', signal, clone: clone as never }, fn))
        seen.push(storage.getStore())
      }),
    )
    gate.resolve(undefined)
    await Promise.all(calls)
    expect(seen[0]).toBe('fn a')
    expect(seen.slice(1).sort()).toEqual(['a', 'b', 'c', 'd'])
    expect(cloned).toEqual(['b', 'd'])
    expect(storage.getStore()).toBeUndefined()
  })

  it('leaves no value, no key and no listener behind after 10,000 distinct keys', async () => {
    const collect = runInNewContext('gc') as () => void
    const shared = new AsyncSharedCall()
    const { signal } = new AbortController()
    const values: WeakRef<object>[] = []
    const load = async (): Promise<void> => {
      await Promise.resolve()
      const value = {}
      values.push(new WeakRef(value))
      return value as never
    }
    const keys = Array.from({ length: 5_000 }, (_, index) => `key ${index}`)
    await Promise.all(keys.map((key) => shared.call(key, load)))
    await Promise.all(keys.map((key) => shared.call({ key: `${key}, with a signal`, signal, timeout: '1h' }, load)))
    await settled()
    collect()
    expect(values).toHaveLength(10_000)
    expect(values.filter((value) => value.deref() !== undefined)).toEqual([])
    expect(getEventListeners(signal, 'abort')).toEqual([])
    expect(shared.getStats().active).toBe(0)
  })

  it('keeps nothing of an ended flight for what fn left running', async () => {
    const collect = runInNewContext('gc') as () => void
    const shared = new AsyncSharedCall()
    let value: WeakRef<object> | undefined
    let timer: ReturnType<typeof setInterval> | undefined
    await shared.call('f', async () => {
      // Its async context has the flight.
      timer = setInterval(() => undefined, 60_000)
      await Promise.resolve()
      const big = {}
      value = new WeakRef(big)
      return big
    })
    await settled()
    collect()
    expect(value?.deref()).toBeUndefined()
    clearInterval(timer)
  })

  it('callWithResult() tells every caller whether others have the value too', async () => {
    const shared = new AsyncSharedCall()
    const call = (): Promise<unknown> => shared.callWithResult('f', (n: number) => n + 1, 1)
    expect(await call()).toEqual({ value: 2, shared: false })
    expect(await Promise.all([call(), call()])).toEqual([
      { value: 2, shared: true },
      { value: 2, shared: true },
    ])
    const options = { key: 'f', clone: (n: number) => n * 10 }
    expect(await shared.callWithResult(options, (n: number) => n + 1, 1)).toEqual({ value: 20, shared: false })
  })

  it('asyncShared is ready to use', async () => {
    expect(asyncShared).toBeInstanceOf(AsyncSharedCall)
    expect(await asyncShared.call('f', () => 1)).toBe(1)
  })
})
