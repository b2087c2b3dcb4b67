import { CacheError } from '@x/core'
import { describe, expect, it } from 'vitest'

import { AsyncSharedCall, isReentrantCallError, readThrough } from '../src/index.ts'
import { ManualTime } from './manual-time.ts'
import { MapLease } from './map-lease.ts'
import { MapStore } from './map-store.ts'
import { settled } from './settled.ts'

describe('readThrough()', () => {
  it('loads what is not there, stores it, and finds it the next time', async () => {
    const store = new MapStore()
    let loads = 0
    const load = (): { n: number } => ({ n: (loads += 1) })
    expect(await readThrough(store, 'k', load)).toEqual({ n: 1 })
    expect(await readThrough(store, 'k', load)).toEqual({ n: 1 })
    expect(await store.get('k')).toEqual({ n: 1 })
  })

  it.each([0, '', false, null])('takes %j for a value', async (value) => {
    const store = new MapStore()
    await readThrough(store, 'k', () => value)
    expect(await readThrough(store, 'k', () => 'loaded again')).toBe(value)
  })

  it('answers with undefined, and stores nothing then', async () => {
    const store = new MapStore()
    expect(await readThrough<unknown>(store, 'k', () => undefined)).toBeUndefined()
    expect(await store.has('k')).toBe(false)
  })

  it.each([{ ttl: 'soon' as never }, { staleIfError: NaN }])('refuses %j before it loads', async (options) => {
    let loads = 0
    const answer = readThrough(new MapStore(), 'k', () => (loads += 1), options)
    await expect(answer).rejects.toThrow(RangeError)
    expect(loads).toBe(0)
  })

  it('loads once for concurrent callers, and notes the epoch before it loads', async () => {
    const store = new MapStore()
    let loads = 0
    const load = async (): Promise<number> => {
      store.log.push('load')
      await settled()
      return (loads += 1)
    }
    const answers = await Promise.all(Array.from({ length: 10 }, () => readThrough(store, 'k', load)))
    expect(answers).toEqual(Array.from({ length: 10 }, () => 1))
    expect(store.log.filter((line) => line === 'load')).toHaveLength(1)
    expect(store.log.indexOf('getEpoch k')).toBeLessThan(store.log.indexOf('load'))
    expect(store.log.at(-1)).toBe('set k')
  })

  it('keeps stores, categories and keys apart, however they are written', async () => {
    const stores = [new MapStore(), new MapStore()]
    const load = (answer: string) => (): Promise<string> => settled().then(() => answer)
    const calls = stores.flatMap((store, index) => [
      readThrough(store, 'b:c', load(`${index} a b:c`), { category: 'a' }),
      readThrough(store, 'c', load(`${index} a:b c`), { category: 'a:b' }),
      readThrough(store, 'c', load(`${index} c`)),
    ])
    expect(await Promise.all(calls)).toEqual(['0 a b:c', '0 a:b c', '0 c', '1 a b:c', '1 a:b c', '1 c'])
  })

  it('honours ttl, category and tags', async () => {
    const time = new ManualTime()
    const store = new MapStore(time)
    const options = { category: 'issue', ttl: '5m', tags: ['t'] } as const
    const seen: unknown[] = []
    const set = store.set.bind(store)
    store.set = (key, value, given) => {
      seen.push(given)
      return set(key, value, given)
    }
    await readThrough(store, 'k', () => 1, options)
    expect(seen).toMatchObject([options])
    await time.advance(299_999)
    expect(await readThrough(store, 'k', () => 2, options)).toBe(1)
    await time.advance(1)
    expect(await readThrough(store, 'k', () => 2, options)).toBe(2)
  })

  it.each<[string, (store: MapStore) => unknown]>([
    ['delete', (store) => store.delete('k')],
    ['invalidate', (store) => store.invalidate({ pattern: '*' })],
    ['clear', (store) => store.clear()],
    ['set', (store) => store.set('k', 'set meanwhile')],
  ])(
    'stores nothing that was being loaded when a %s finished, and gives it only to those who had asked',
    async (name, touch) => {
      const time = new ManualTime()
      const store = new MapStore(time)
      // Something for invalidate and clear to find.
      await store.set('k', 'expired', { ttl: 1 })
      await time.advance(1)
      const gate = Promise.withResolvers<string>()
      const early = readThrough(store, 'k', () => gate.promise)
      await settled()
      if (name === 'invalidate' || name === 'clear') await store.set('k', 'found')
      await touch(store)
      const late = readThrough(store, 'k', () => 'fresh')
      const expected = name === 'set' ? 'set meanwhile' : 'fresh'
      expect(await late).toBe(expected)
      gate.resolve('stale')
      expect(await early).toBe('stale')
      expect(await store.get('k')).toBe(expected)
    },
  )

  it('does not load again what another load stored between its miss and its epoch', async () => {
    const store = new MapStore()
    const getEpoch = store.getEpoch.bind(store)
    store.getEpoch = async (key, options) => {
      await store.set('k', 'theirs')
      return await getEpoch(key, options)
    }
    expect(await readThrough(store, 'k', () => 'mine')).toBe('theirs')
  })

  it('passes the error of a load through, stores nothing, and loads again the next time', async () => {
    const store = new MapStore()
    const failure = new Error('no')
    const calls = [1, 2].map(() => readThrough(store, 'k', () => Promise.reject(failure)))
    for (const outcome of await Promise.allSettled(calls)) expect(outcome).toHaveProperty('reason', failure)
    expect(await readThrough(store, 'k', () => 'better')).toBe('better')
  })

  it('answers with what is too large to store, and rejects what can never be stored', async () => {
    const store = new MapStore()
    store.set = () => Promise.reject(new CacheError('VALUE_TOO_LARGE'))
    expect(await readThrough(store, 'k', () => 'large')).toBe('large')
    await expect(readThrough(new MapStore(), 'k', () => new Date())).rejects.toMatchObject({ code: 'NOT_SERIALIZABLE' })
  })

  it('lets each caller leave by its own signal; the last one cancels the load', async () => {
    const store = new MapStore()
    const aborts = [new AbortController(), new AbortController()]
    let inner: AbortSignal | undefined
    const load = ({ signal }: { signal: AbortSignal }): Promise<string> => {
      inner = signal
      return new Promise(() => undefined)
    }
    const calls = aborts.map(({ signal }) => readThrough(store, 'k', load, { signal }))
    await settled()
    aborts[0]?.abort('first')
    await expect(calls[0]).rejects.toBe('first')
    expect(inner?.aborted).toBe(false)
    aborts[1]?.abort('second')
    await expect(calls[1]).rejects.toBe('second')
    expect(inner?.reason).toBe('second')
    await expect(readThrough(store, 'k', load, { signal: AbortSignal.abort('early') })).rejects.toBe('early')
    expect(await readThrough(store, 'k', () => 'fresh')).toBe('fresh')
  })

  it('lets a caller leave while the store is asked, which then loads nothing', async () => {
    const store = new MapStore()
    const gate = Promise.withResolvers<undefined>()
    store.get = () => gate.promise
    const abort = new AbortController()
    let loads = 0
    const load = (): number => (loads += 1)
    const left = readThrough(store, 'k', load, { signal: abort.signal })
    const late = readThrough(store, 'k', load, { timeout: 1 })
    abort.abort('left')
    await expect(left).rejects.toBe('left')
    await expect(late).rejects.toMatchObject({ code: 'OPERATION_TIMEOUT', details: { key: 'k' } })
    gate.resolve(undefined)
    await settled()
    expect(loads).toBe(0)
  })

  it('rejects a load that waits for its own key by a call with a signal', async () => {
    const store = new MapStore()
    const load = (context: { signal: AbortSignal }): Promise<string> => readThrough(store, 'k', load, context)
    await expect(readThrough(store, 'k', load)).rejects.toSatisfy(isReentrantCallError)
  })

  it('rejects a load that waits for its own key, and lets one wait for another', async () => {
    const store = new MapStore()
    const load = (): Promise<string> => readThrough(store, 'k', load)
    const error: unknown = await readThrough(store, 'k', load).catch((reason: unknown) => reason)
    expect(isReentrantCallError(error)).toBe(true)
    expect((error as Error).message).toContain('The call would wait for itself: "k" → "k". ')
    expect(await readThrough(store, 'a', () => readThrough(store, 'b', () => 'b'))).toBe('b')
  })

  it.each([{}, { timeout: '10s' as const }])(
    'names the keys of a circle as they were given, also with %o',
    async (options) => {
      const store = new MapStore()
      const inner = (): Promise<string> => readThrough(store, 'b', outer, options)
      const outer = (): Promise<string> => readThrough(store, 'a', inner, options)
      const error: unknown = await outer().catch((reason: unknown) => reason)
      expect(error).toMatchObject({ code: 'REENTRANT_CALL', keys: ['a', 'b'] })
    },
  )

  it('gives a caller who asks for it a copy of its own', async () => {
    const store = new MapStore()
    const load = (): Promise<number[]> => settled().then(() => [1])
    const options = { clone: 'structured' } as const
    const [a, b] = await Promise.all([readThrough(store, 'k', load, options), readThrough(store, 'k', load, options)])
    a.push(2)
    expect(b).toEqual([1])
  })
})

describe('readThrough() with staleIfError', () => {
  const failure = new Error('unreachable')
  const fail = (): Promise<string> => Promise.reject(failure)
  const stale = { ttl: 10, staleIfError: 20 } as const

  async function expired(): Promise<{ store: MapStore; time: ManualTime }> {
    const time = new ManualTime()
    const store = new MapStore(time)
    await readThrough(store, 'k', () => 'old', stale)
    await time.advance(10)
    return { store, time }
  }

  it('answers with the expired value where the load fails, for as long as it says', async () => {
    const { store, time } = await expired()
    expect(await readThrough(store, 'k', fail, stale)).toBe('old')
    await time.advance(19)
    expect(await readThrough(store, 'k', fail, stale)).toBe('old')
    await time.advance(1)
    await expect(readThrough(store, 'k', fail, stale)).rejects.toBe(failure)
  })

  it('answers with what is loaded where the load does not fail', async () => {
    const { store } = await expired()
    expect(await readThrough(store, 'k', () => 'new', stale)).toBe('new')
  })

  it('passes the error through where there is no expired value, and to those who do not allow one', async () => {
    const { store } = await expired()
    await expect(readThrough(store, 'absent', fail, stale)).rejects.toBe(failure)
    await expect(readThrough(store, 'k', fail, { ttl: 10 })).rejects.toBe(failure)
  })

  it.each([0, -1, '0s'] as const)('passes the error through to those who say %j', async (staleIfError) => {
    const { store } = await expired()
    await expect(readThrough(store, 'k', fail, { staleIfError })).rejects.toBe(failure)
  })

  it('answers for as long as who stored the value said, whatever the caller says', async () => {
    const { store, time } = await expired()
    await time.advance(19)
    expect(await readThrough(store, 'k', fail, { staleIfError: 1 })).toBe('old')
    await time.advance(1)
    await expect(readThrough(store, 'k', fail, { staleIfError: '1h' })).rejects.toBe(failure)
  })

  it('lets each of those who share a load decide for itself', async () => {
    const { store } = await expired()
    const [first, second] = await Promise.allSettled([
      readThrough(store, 'k', () => settled().then(fail)),
      readThrough(store, 'k', fail, stale),
    ])
    expect(first).toHaveProperty('reason', failure)
    expect(second).toHaveProperty('value', 'old')
  })

  it('keeps nothing for those who do not ask for it', async () => {
    const time = new ManualTime()
    const store = new MapStore(time)
    await readThrough(store, 'k', () => 'old', { ttl: 10 })
    await time.advance(10)
    await expect(readThrough(store, 'k', fail, stale)).rejects.toBe(failure)
  })

  it('never answers with what was deleted while it was loading', async () => {
    const { store } = await expired()
    const gate = Promise.withResolvers<string>()
    const call = readThrough(store, 'k', () => gate.promise, stale)
    await settled()
    await store.delete('k')
    gate.reject(failure)
    await expect(call).rejects.toBe(failure)
  })

  it('passes the error of the load through where the store fails too', async () => {
    const { store } = await expired()
    const get = store.get.bind(store)
    store.get = (key, options) =>
      options?.allowStale === true ? Promise.reject(new CacheError('STORE_UNAVAILABLE')) : get(key, options)
    await expect(readThrough(store, 'k', fail, stale)).rejects.toBe(failure)
  })

  it('hides neither a refused value, nor that a caller left', async () => {
    const { store } = await expired()
    await expect(readThrough<unknown>(store, 'k', () => 1n, stale)).rejects.toMatchObject({ code: 'NOT_SERIALIZABLE' })
    const abort = new AbortController()
    const call = readThrough(store, 'k', () => new Promise<string>(() => undefined), { ...stale, signal: abort.signal })
    await settled()
    abort.abort('left')
    await expect(call).rejects.toBe('left')
  })
})

describe('readThrough() with a coalescer', () => {
  const failure = Object.assign(new TypeError('unreachable'), { code: 'DOWN' })

  /** Two processes, as it were: they share a store and a lease, and nothing else. */
  function twoProcesses(): { store: MapStore; time: ManualTime; coalescers: [AsyncSharedCall, AsyncSharedCall] } {
    const time = new ManualTime()
    const [store, lease] = [new MapStore(time), new MapLease(time)]
    const coalescer = (): AsyncSharedCall => new AsyncSharedCall({ lease, store, delay: time.delay })
    return { store, time, coalescers: [coalescer(), coalescer()] }
  }

  it('loads once among all who share it', async () => {
    const { store, time, coalescers } = twoProcesses()
    const gate = Promise.withResolvers<string>()
    let loads = 0
    const load = (): Promise<string> => {
      loads += 1
      return gate.promise
    }
    const calls = coalescers.map((coalescer) => readThrough(store, 'k', load, { coalescer }))
    await settled()
    gate.resolve('loaded')
    await settled()
    await time.advance(50)
    expect(await Promise.all(calls)).toEqual(['loaded', 'loaded'])
    expect(loads).toBe(1)
    expect(await store.get('k')).toBe('loaded')
  })

  it('tells those elsewhere that the load failed and how, or answers them with the expired value', async () => {
    const { store, time, coalescers } = twoProcesses()
    await readThrough(store, 'k', () => 'old', { ttl: 10, staleIfError: 100_000 })
    await time.advance(10)
    const gate = Promise.withResolvers<string>()
    const [here, elsewhere] = coalescers
    const leader = readThrough(store, 'k', () => gate.promise, { coalescer: here })
    await settled()
    const never = (): never => expect.unreachable()
    const others = [undefined, '1h' as const, undefined].map((staleIfError) =>
      readThrough<string>(store, 'k', never, { coalescer: elsewhere, staleIfError }),
    )
    const outcomes = Promise.allSettled([leader, ...others])
    await settled()
    gate.reject(failure)
    await settled()
    await time.advance(50)
    const described = { name: 'TypeError', message: 'unreachable', code: 'DOWN' }
    expect(await outcomes).toMatchObject([
      { reason: failure },
      { reason: described },
      { value: 'old' },
      { reason: described },
    ])
  })
})
