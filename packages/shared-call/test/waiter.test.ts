import { getEventListeners } from 'node:events'

import { isCacheError } from '@x/core'
import { afterEach, describe, expect, it, vi } from 'vitest'

import { AsyncSharedCall, type CallContext } from '../src/index.ts'
import { settled } from './settled.ts'

afterEach(() => {
  vi.useRealTimers()
})

/** A function that runs until it is told to end, or its signal aborts; and what was seen of it. */
function controlled() {
  const seen = { runs: 0, aborted: [] as unknown[] }
  const gate = Promise.withResolvers<string>()
  const fn = ({ signal }: CallContext): Promise<string> => {
    seen.runs += 1
    signal.addEventListener('abort', () => {
      seen.aborted.push(signal.reason)
      gate.reject(signal.reason as Error)
    })
    return gate.promise
  }
  return { seen, fn, resolve: gate.resolve }
}

describe('a signal', () => {
  it('rejects its own waiter at once with its reason, and spares the others', async () => {
    const shared = new AsyncSharedCall()
    const { seen, fn, resolve } = controlled()
    const aborts = [new AbortController(), new AbortController(), new AbortController()]
    const [first, second, third] = aborts.map(({ signal }) => shared.call({ key: 'f', signal }, fn))
    const plain = shared.call('f', () => 'never')
    aborts[1]?.abort('second')
    await expect(second).rejects.toBe('second')
    aborts[0]?.abort('the leader')
    await expect(first).rejects.toBe('the leader')
    expect(seen).toEqual({ runs: 1, aborted: [] })
    resolve('done')
    expect(await Promise.all([third, plain])).toEqual(['done', 'done'])
    expect(shared.getStats()).toMatchObject({ hits: 3, misses: 1, errors: 0, active: 0 })
  })

  it('of the last waiter cancels the work before abort() returns, and a new caller starts anew', async () => {
    const shared = new AsyncSharedCall()
    const old = controlled()
    const first = new AbortController()
    const second = new AbortController()
    const left = [first, second].map(({ signal }) => shared.call({ key: 'f', signal }, old.fn))
    first.abort('one')
    expect(old.seen.aborted).toEqual([])
    second.abort('two')
    expect(old.seen.aborted).toEqual(['two'])
    const young = controlled()
    const fresh = shared.call({ key: 'f', timeout: '1h' }, young.fn)
    expect(young.seen.runs).toBe(1)
    expect((await Promise.allSettled(left)).map((outcome) => outcome.status)).toEqual(['rejected', 'rejected'])
    const joined = shared.call('f', () => 'never')
    young.resolve('new')
    expect(await Promise.all([fresh, joined])).toEqual(['new', 'new'])
    // Nobody was there to see the old one fail.
    expect(shared.getStats()).toMatchObject({ hits: 2, misses: 2, errors: 0, active: 0 })
  })

  it('lets a listener of the cancelled work call the same key: it does not join what is dying', async () => {
    const shared = new AsyncSharedCall()
    const abort = new AbortController()
    let again: Promise<string> | undefined
    const fn = ({ signal }: CallContext): Promise<string> => {
      signal.addEventListener('abort', () => {
        again = shared.call('f', () => 'again')
      })
      return new Promise(() => undefined)
    }
    const call = shared.call({ key: 'f', signal: abort.signal }, fn)
    abort.abort('gone')
    await expect(call).rejects.toBe('gone')
    expect(await again).toBe('again')
    expect(shared.getStats().active).toBe(1)
  })

  it('that was aborted before rejects at once, and neither starts nor joins anything', async () => {
    const shared = new AsyncSharedCall()
    const { seen, fn, resolve } = controlled()
    const signal = AbortSignal.abort('early')
    await expect(shared.call({ key: 'f', signal }, fn)).rejects.toBe('early')
    expect(seen.runs).toBe(0)
    const other = shared.call({ key: 'f' }, fn)
    await expect(shared.call({ key: 'f', signal }, fn)).rejects.toBe('early')
    resolve('done')
    expect(await other).toBe('done')
    expect(shared.getStats()).toMatchObject({ hits: 0, misses: 1 })
  })

  it('that fn itself aborts while it starts cancels it', async () => {
    const shared = new AsyncSharedCall()
    const abort = new AbortController()
    let cancelled = false
    const fn = ({ signal }: CallContext): Promise<never> => {
      signal.addEventListener('abort', () => (cancelled = true))
      abort.abort('by fn')
      return new Promise(() => undefined)
    }
    await expect(shared.call({ key: 'f', signal: abort.signal }, fn)).rejects.toBe('by fn')
    expect(cancelled).toBe(true)
    expect(await shared.call('f', () => 'new')).toBe('new')
  })

  it('does nothing any more once the call has ended', async () => {
    const shared = new AsyncSharedCall()
    const abort = new AbortController()
    let inner: AbortSignal | undefined
    const fn = ({ signal }: CallContext): number => {
      inner = signal
      return 1
    }
    expect(await shared.call({ key: 'f', signal: abort.signal }, fn)).toBe(1)
    expect(getEventListeners(abort.signal, 'abort')).toEqual([])
    abort.abort()
    expect(inner?.aborted).toBe(false)
  })

  it('carries one listener for 10,000 waiters, and none when they have gone', async () => {
    const shared = new AsyncSharedCall()
    const abort = new AbortController()
    const { signal } = abort
    const { fn, seen } = controlled()
    const calls = Array.from({ length: 10_000 }, () => shared.call({ key: 'f', signal }, fn))
    expect(getEventListeners(signal, 'abort')).toHaveLength(1)
    abort.abort('all')
    for (const outcome of await Promise.allSettled(calls))
      expect(outcome).toEqual({ status: 'rejected', reason: 'all' })
    expect(seen.aborted).toEqual(['all'])
    expect(getEventListeners(signal, 'abort')).toEqual([])
  })

  it('that leaves a forgotten execution as the last one cancels it, and spares the newer one', async () => {
    const shared = new AsyncSharedCall()
    const old = controlled()
    const abort = new AbortController()
    const left = shared.call({ key: 'f', signal: abort.signal }, old.fn)
    shared.forget('f')
    const gate = Promise.withResolvers<string>()
    const young = shared.call('f', () => gate.promise)
    abort.abort('gone')
    await expect(left).rejects.toBe('gone')
    expect(old.seen.aborted).toEqual(['gone'])
    const joined = shared.call('f', () => 'third')
    gate.resolve('second')
    expect(await Promise.all([young, joined])).toEqual(['second', 'second'])
  })

  it('gives fn its arguments, then the context', async () => {
    const shared = new AsyncSharedCall()
    const fn = (a: number, b: string, { signal }: CallContext): string => `${a}${b}${String(signal.aborted)}`
    expect(await shared.call({ key: 'f' }, fn, 1, 'x')).toBe('1xfalse')
  })
})

describe('a timeout', () => {
  it('rejects its own waiter with OPERATION_TIMEOUT, and spares the others', async () => {
    vi.useFakeTimers()
    const shared = new AsyncSharedCall()
    const { seen, fn, resolve } = controlled()
    const short = shared.call({ key: 'f', timeout: '2s' }, fn)
    const long = shared.call({ key: 'f', timeout: '3s' }, fn)
    vi.advanceTimersByTime(1_999)
    expect(vi.getTimerCount()).toBe(2)
    vi.advanceTimersByTime(1)
    const error: unknown = await short.catch((reason: unknown) => reason)
    expect(isCacheError(error, 'OPERATION_TIMEOUT')).toBe(true)
    expect(error).toMatchObject({ details: { key: 'f', timeoutMs: 2_000 } })
    expect(seen.aborted).toEqual([])
    resolve('in time')
    expect(await long).toBe('in time')
    expect(vi.getTimerCount()).toBe(0)
  })

  it('of the last waiter cancels the work', async () => {
    vi.useFakeTimers()
    const shared = new AsyncSharedCall()
    const { seen, fn } = controlled()
    const call = shared.call({ key: 'f', timeout: 50 }, fn)
    vi.advanceTimersByTime(50)
    await expect(call).rejects.toMatchObject({ code: 'OPERATION_TIMEOUT' })
    expect(seen.aborted).toMatchObject([{ code: 'OPERATION_TIMEOUT' }])
  })

  it('longer than a timer can be does not fire at once', async () => {
    vi.useFakeTimers()
    const shared = new AsyncSharedCall()
    const gate = Promise.withResolvers<string>()
    const call = shared.call({ key: 'f', timeout: '365d' }, () => gate.promise)
    vi.advanceTimersByTime(1_000)
    gate.resolve('still there')
    expect(await call).toBe('still there')
  })

  it('keeps nothing of those who left a call that never ends', async () => {
    vi.useFakeTimers()
    const shared = new AsyncSharedCall()
    void shared.call('f', () => new Promise(() => undefined))
    for (let round = 0; round < 3; round += 1) {
      const calls = Array.from({ length: 100 }, () => shared.call({ key: 'f', timeout: 1 }, () => 0))
      vi.advanceTimersByTime(1)
      expect((await Promise.allSettled(calls)).every(({ status }) => status === 'rejected')).toBe(true)
    }
    expect(vi.getTimerCount()).toBe(0)
    expect(shared.getStats()).toMatchObject({ hits: 300, misses: 1, active: 1 })
  })
})

describe('clone', () => {
  const load = (): { list: number[]; when?: Date } => ({ list: [1] })

  it('"structured" gives each caller who asks a value of its own', async () => {
    const shared = new AsyncSharedCall()
    const own = { key: 'f', clone: 'structured' } as const
    const [a, b, c, d] = await Promise.all([
      shared.call(own, load),
      shared.call(own, load),
      shared.call('f', load),
      shared.call('f', load),
    ])
    a.list.push(2)
    b.list.push(3)
    expect([a.list, b.list, c.list]).toEqual([[1, 2], [1, 3], [1]])
    expect(c).toBe(d)
  })

  it('"freeze" freezes the shared value all the way down, circles included', async () => {
    const shared = new AsyncSharedCall()
    const value: { inner: { list: number[]; self?: unknown } } = { inner: { list: [1] } }
    value.inner.self = value
    const [a, b] = await Promise.all([
      shared.call({ key: 'f', clone: 'freeze' }, () => value),
      shared.call('f', () => value),
    ])
    expect(a).toBe(b)
    expect(() => a.inner.list.push(2)).toThrow(TypeError)
    expect(() => Object.assign(b.inner, { list: [] })).toThrow(TypeError)
  })

  it.each([
    ['a date', new Date(0), 'an instance of Date'],
    ['a map', new Map(), 'an instance of Map'],
    ['bytes', new Uint8Array(1), 'an instance of Uint8Array'],
    ['a function', () => 0, 'a function'],
  ])('"freeze" refuses %s, and freezes nothing then', async (_, inner, what) => {
    const shared = new AsyncSharedCall()
    const value = { inner, list: [] }
    await expect(shared.call({ key: 'f', clone: 'freeze' }, () => value)).rejects.toThrow(
      new TypeError(`clone: "freeze" cannot protect ${what}. Use "structured", or a function that copies it.`),
    )
    expect(Object.isFrozen(value)).toBe(false)
  })

  it('a function makes what this caller gets, and its failure is this caller’s alone', async () => {
    const shared = new AsyncSharedCall()
    const failure = new Error('cannot copy')
    const fail = (): never => {
      throw failure
    }
    const outcomes = await Promise.allSettled([
      shared.call({ key: 'f', clone: (value: number) => value + 1 }, () => 1),
      shared.call({ key: 'f', clone: fail }, () => 1),
      shared.call('f', () => 1),
    ])
    expect(outcomes).toEqual([
      { status: 'fulfilled', value: 2 },
      { status: 'rejected', reason: failure },
      { status: 'fulfilled', value: 1 },
    ])
    expect(shared.getStats().errors).toBe(0)
  })

  it('gives the error itself', async () => {
    const shared = new AsyncSharedCall()
    const failure = new Error('no')
    await expect(shared.call({ key: 'f', clone: 'structured' }, () => Promise.reject(failure))).rejects.toBe(failure)
    await settled()
  })
})
