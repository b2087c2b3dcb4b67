import { AsyncLocalStorage } from 'node:async_hooks'

import { describe, expect, it } from 'vitest'

import { AsyncSharedCall, isReentrantCallError, ReentrantCallError } from '../src/index.ts'
import { settled } from './settled.ts'

describe('a call from inside its own execution', () => {
  it('joins, and runs fn once, where fn calls back synchronously and answers without waiting', async () => {
    const shared = new AsyncSharedCall()
    let runs = 0
    let inner: Promise<number> | undefined
    const heard: number[] = []
    const fn = (): number => {
      runs += 1
      inner = shared.call('f', fn)
      void inner.then((value) => heard.push(value))
      return 7
    }
    expect(await shared.call('f', fn)).toBe(7)
    expect(await inner).toBe(7)
    expect({ runs, heard }).toEqual({ runs: 1, heard: [7] })
  })

  it('joins where an async fn calls back without waiting', async () => {
    const shared = new AsyncSharedCall()
    let inner: Promise<string> | undefined
    const fn = async (): Promise<string> => {
      await Promise.resolve()
      inner = shared.call('f', fn)
      return 'once'
    }
    expect(await shared.call('f', fn)).toBe('once')
    expect(await inner).toBe('once')
    expect(shared.getStats()).toMatchObject({ hits: 1, misses: 1, errors: 0, active: 0 })
  })

  it.each<[string, (shared: AsyncSharedCall, fn: () => Promise<unknown>) => unknown]>([
    ['returns it', (shared, fn) => shared.call('f', fn)],
    ['awaits it at once', async (shared, fn) => await shared.call('f', fn)],
    ['awaits it later', async (shared, fn) => (await Promise.resolve(), await shared.call('f', fn))],
    ['awaits it after a timer', async (shared, fn) => (await settled(), await shared.call('f', fn))],
    ['awaits it among others', (shared, fn) => Promise.all([shared.call('g', () => 1), shared.call('f', fn)])],
    ['awaits it with options', (shared, fn) => shared.call({ key: 'f', timeout: '1h', clone: 'structured' }, fn)],
    ['awaits it for its result', (shared, fn) => shared.callWithResult('f', fn)],
    [
      'answers with a lazy thenable that awaits it',
      (shared, fn) => ({
        then: (resolve: (value: unknown) => void, reject: (error: unknown) => void) => {
          shared.call('f', fn).then(resolve, reject)
        },
      }),
    ],
  ])('is rejected, and fn runs once, where fn %s', async (_, body) => {
    const shared = new AsyncSharedCall()
    let runs = 0
    const fn = (): Promise<unknown> => {
      runs += 1
      return body(shared, fn) as Promise<unknown>
    }
    const error: unknown = await shared.call('f', fn).catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(ReentrantCallError)
    expect(isReentrantCallError(error)).toBe(true)
    expect(error).toMatchObject({ code: 'REENTRANT_CALL', keys: ['f'] })
    expect(runs).toBe(1)
    expect(shared.getStats()).toMatchObject({ errors: 1, active: 0 })
  })

  it('rejects only the one who waits for itself: fn may go on without', async () => {
    const shared = new AsyncSharedCall()
    const fn = async (): Promise<string> => {
      try {
        return await shared.call('f', fn)
      } catch (error) {
        return isReentrantCallError(error) ? 'the slow way' : 'unexpected'
      }
    }
    const other = shared.call('f', fn)
    expect(await Promise.all([shared.call('f', fn), other])).toEqual(['the slow way', 'the slow way'])
  })

  it.each([false, true])(
    'is found by way of other keys, and the inner one is rejected (first ticks: %s)',
    async (tick) => {
      const [shared, elsewhere] = [new AsyncSharedCall(), new AsyncSharedCall()]
      const a = async (): Promise<string> => {
        if (tick) await settled()
        return `a(${await elsewhere.call('b', b)})`
      }
      const b = async (): Promise<string> => {
        if (tick) await settled()
        return `b(${await shared.call('c', c)})`
      }
      const c = async (): Promise<string> => {
        if (tick) await settled()
        try {
          return await shared.call('a', a)
        } catch (error) {
          return (error as ReentrantCallError).message
        }
      }
      expect(await shared.call('a', a)).toBe(
        'a(b(The call would wait for itself: "a" → "b" → "c" → "a". Await something else inside the function, or call it without sharing there.))',
      )
      expect(shared.getStats()).toMatchObject({ misses: 2, hits: 1, active: 0 })
    },
  )

  it('is found between two executions that different callers started', async () => {
    const shared = new AsyncSharedCall()
    const crossed = (other: string) => async (): Promise<string> => {
      await settled()
      try {
        return await shared.call(other, () => 'never')
      } catch (error) {
        return isReentrantCallError(error) ? 'refused' : 'unexpected'
      }
    }
    const answers = await Promise.all([shared.call('a', crossed('b')), shared.call('b', crossed('a'))])
    expect(answers).toEqual(['refused', 'refused'])
    expect(shared.getStats()).toMatchObject({ misses: 2, hits: 2 })
  })

  it('is found where one of two waits for the same key ended by its timeout', async () => {
    const shared = new AsyncSharedCall()
    const ended = Promise.withResolvers<undefined>()
    const a = async (): Promise<string> => {
      const abort = new AbortController()
      const short = shared.call({ key: 'b', signal: abort.signal }, b)
      const long = shared.call('b', b)
      const both = Promise.allSettled([short, long])
      abort.abort()
      await short.catch(() => undefined)
      ended.resolve(undefined)
      return JSON.stringify((await both).map(({ status }) => status))
    }
    const b = async (): Promise<string> => {
      await ended.promise
      return await shared.call('a', a)
    }
    const [first] = await Promise.allSettled([shared.call('a', a)])
    expect(first).toEqual({ status: 'fulfilled', value: '["rejected","rejected"]' })
  })

  it('is no circle where the one has given up waiting before the other begins', async () => {
    const shared = new AsyncSharedCall()
    const gaveUp = Promise.withResolvers<undefined>()
    const end = Promise.withResolvers<string>()
    const b = async (): Promise<string> => {
      await gaveUp.promise
      return `b after ${await shared.call('a', () => 'never')}`
    }
    const outer = shared.call('b', b)
    const a = async (): Promise<string> => {
      const abort = new AbortController()
      const wait = shared.call({ key: 'b', signal: abort.signal }, b)
      const outcome = wait.catch((reason: unknown) => reason)
      await settled()
      abort.abort('enough')
      expect(await outcome).toBe('enough')
      await settled()
      gaveUp.resolve(undefined)
      return await end.promise
    }
    const first = shared.call('a', a)
    await settled()
    await settled()
    await settled()
    end.resolve('a')
    expect(await Promise.all([first, outer])).toEqual(['a', 'b after a'])
  })

  it('lets one execution wait for another, many times over', async () => {
    const shared = new AsyncSharedCall()
    const depth = async (n: number): Promise<number> =>
      n === 0 ? 0 : 1 + (await shared.call(String(n - 1), depth, n - 1))
    expect(await shared.call('50', depth, 50)).toBe(50)
    const diamond = (): Promise<number[]> => Promise.all([shared.call('left', side), shared.call('right', side)])
    const side = (): Promise<number> => shared.call('bottom', () => settled().then(() => 1))
    expect(await shared.call('top', diamond)).toEqual([1, 1])
  })

  it('lets an execution that was started ahead, and is not waited for, wait for the one that started it', async () => {
    const shared = new AsyncSharedCall()
    let ahead: Promise<string> | undefined
    const fn = async (): Promise<string> => {
      ahead = shared.call('ahead', async () => `after ${await shared.call('f', fn)}`)
      await settled()
      return 'f'
    }
    expect(await shared.call('f', fn)).toBe('f')
    expect(await ahead).toBe('after f')
  })

  it('is an ordinary call once the execution has ended, or was forgotten for a newer one', async () => {
    const shared = new AsyncSharedCall()
    const later = Promise.withResolvers<undefined>()
    let background: Promise<string> | undefined
    const fn = (): string => {
      background = later.promise.then(() => shared.call('f', () => 'second'))
      return 'first'
    }
    expect(await shared.call('f', fn)).toBe('first')
    later.resolve(undefined)
    expect(await background).toBe('second')

    const forgetful = async (): Promise<string> => {
      await Promise.resolve()
      shared.forget('g')
      return `outer of ${await shared.call('g', () => 'inner')}`
    }
    expect(await shared.call('g', forgetful)).toBe('outer of inner')
  })

  it('keeps the async contexts of others', async () => {
    const storage = new AsyncLocalStorage<string>()
    const shared = new AsyncSharedCall()
    await storage.run('mine', async () => {
      await shared.call('outer', async () => {
        await shared.call('inner', () => settled())
        expect(storage.getStore()).toBe('mine')
      })
      expect(storage.getStore()).toBe('mine')
    })
  })

  it('is a promise in every way: then, catch, finally, race, and plain ones derived from it', async () => {
    const shared = new AsyncSharedCall()
    const failure = new Error('inner')
    await shared.call('outer', async () => {
      const good = shared.call('good', () => 1)
      expect(good).toBeInstanceOf(Promise)
      expect(good.then().constructor).toBe(Promise)
      expect(await good.finally(() => undefined)).toBe(1)
      expect(await Promise.race([good])).toBe(1)
      const bad = shared.call('bad', () => Promise.reject(failure))
      expect(await bad.catch((error: unknown) => error)).toBe(failure)
      // Reached without its own `then`, it settles all the same.
      expect(await Reflect.apply(Promise.prototype.then.bind(good), good, [(value: number) => value])).toBe(1)
    })
  })
})
