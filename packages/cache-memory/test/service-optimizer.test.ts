import { getEventListeners } from 'node:events'

import { CacheError, type CacheEvent, isCacheError } from '@x/core'
import { isReentrantCallError } from '@x/shared-call'
import { afterEach, describe, expect, it, vi } from 'vitest'

import {
  AdvancedCacheManager,
  type OptimizationOptions,
  ServiceOptimizer,
  type ServiceOptimizerConfig,
} from '../src/index.ts'
import { ManualClock } from './manual-clock.ts'
import { settled } from './settled.ts'

const failure = new Error('unreachable')
const fail = (): Promise<never> => Promise.reject(failure)

function create(config: Partial<ServiceOptimizerConfig> = {}): { optimizer: ServiceOptimizer; clock: ManualClock } {
  const clock = new ManualClock()
  return { clock, optimizer: new ServiceOptimizer({ ttl: 100, maxSize: 10, enableMetrics: true, clock, ...config }) }
}

/** An operation that counts its runs, and answers with their number. */
function counting(): { readonly runs: () => number; readonly operation: () => Promise<number> } {
  let runs = 0
  return { runs: () => runs, operation: () => Promise.resolve((runs += 1)) }
}

afterEach(() => {
  vi.useRealTimers()
})

describe('withOptimization()', () => {
  it('runs the operation for what is not there, and answers with the same value until it expires', async () => {
    const { optimizer, clock } = create()
    const value = { id: 1 }
    expect(await optimizer.withOptimization('user-1', () => Promise.resolve(value))).toBe(value)
    clock.advance(99)
    expect(await optimizer.withOptimization('user-1', fail)).toBe(value)
    clock.advance(1)
    await expect(optimizer.withOptimization('user-1', fail)).rejects.toBe(failure)
  })

  it('lets go of a value when it is asked for past the time that it is kept', async () => {
    const { optimizer, clock } = create()
    const manager = new AdvancedCacheManager(optimizer)
    await optimizer.withOptimization('k', () => 1, { staleIfError: 50 })
    clock.advance(149)
    expect(optimizer.getCache('k')).toBeUndefined()
    expect(manager.getCacheStats().entryCount).toBe(1)
    clock.advance(1)
    expect(optimizer.getCache('k')).toBeUndefined()
    expect(manager.getCacheStats().entryCount).toBe(0)
  })

  it('makes no room for a value that it does not keep', async () => {
    const { optimizer } = create({ maxSize: 1 })
    await optimizer.withOptimization('kept', () => 1)
    await optimizer.withOptimization('none', () => 2, { ttl: 0 })
    expect(optimizer.getCache('kept')).toBe(1)
    expect(optimizer.getCache('none')).toBeUndefined()
  })

  it.each([0, '', false, null])('takes %j for a value', async (value) => {
    const { optimizer } = create()
    await optimizer.withOptimization('k', () => value)
    expect(await optimizer.withOptimization<unknown>('k', fail)).toBe(value)
    expect(optimizer.getCache('k')).toBe(value)
    expect(optimizer.getMetrics()).toMatchObject({ cacheHits: 2, cacheMisses: 1 })
  })

  it('runs the operation once for 10 concurrent callers', async () => {
    const { optimizer } = create()
    const { operation, runs } = counting()
    const calls = Array.from({ length: 10 }, () => optimizer.withOptimization('k', operation))
    expect(optimizer.getMetrics().concurrentRequests).toBe(1)
    expect(await Promise.all(calls)).toEqual(Array.from({ length: 10 }, () => 1))
    expect(runs()).toBe(1)
    expect(optimizer.getMetrics().concurrentRequests).toBe(0)
  })

  it('starts the operation before it returns', () => {
    const { optimizer } = create()
    const { operation, runs } = counting()
    void optimizer.withOptimization('k', operation)
    expect(runs()).toBe(1)
  })

  it('answers undefined, shares it, and does not keep it', async () => {
    const { optimizer } = create()
    let runs = 0
    const nothing = async (): Promise<undefined> => {
      runs += 1
      await settled()
    }
    expect(await Promise.all([1, 2].map(() => optimizer.withOptimization('k', nothing)))).toEqual([
      undefined,
      undefined,
    ])
    expect(runs).toBe(1)
    await optimizer.withOptimization('k', nothing)
    expect(runs).toBe(2)
  })

  it('fails once for 50 concurrent callers, with the same error, and keeps the earlier value', async () => {
    const { optimizer, clock } = create()
    await optimizer.withOptimization('k', () => 'earlier', { staleIfError: 1_000 })
    clock.advance(100)
    let runs = 0
    const storm = Array.from({ length: 50 }, () =>
      optimizer.withOptimization('k', () => {
        runs += 1
        return fail()
      }),
    )
    for (const outcome of await Promise.allSettled(storm)) expect(outcome).toHaveProperty('reason', failure)
    expect(runs).toBe(1)
    expect(optimizer.getMetrics().errorCount).toBe(1)
    expect(await optimizer.withOptimization('k', fail, { staleIfError: 1_000 })).toBe('earlier')
  })

  it('rejects an operation that throws at once, and one that waits for its own key', async () => {
    const { optimizer } = create()
    const thrower = (): never => {
      throw failure
    }
    await expect(optimizer.withOptimization('k', thrower)).rejects.toBe(failure)
    const circle = (): Promise<unknown> => optimizer.withOptimization('k', circle)
    expect(isReentrantCallError(await circle().catch((error: unknown) => error))).toBe(true)
  })

  it('never keeps more than maxSize values', async () => {
    const { optimizer } = create()
    let most = 0
    optimizer.addEventListener({ onCacheEvict: () => (most = Math.max(most, countKept(optimizer))) })
    for (let index = 0; index < 20; index += 1) {
      await optimizer.withOptimization(`k-${index}`, () => index)
      most = Math.max(most, countKept(optimizer))
    }
    expect(most).toBe(10)
    expect(optimizer.getMetrics().evictions).toBe(10)
  })

  it('keeps a value for the ttl of its call', async () => {
    const { optimizer, clock } = create()
    await optimizer.withOptimization('long', () => 1, { ttl: '1s' })
    await optimizer.withOptimization('none', () => 1, { ttl: 0 })
    await optimizer.withOptimization('endless', () => 1, { ttl: Infinity })
    expect(optimizer.getCache('none')).toBeUndefined()
    clock.advance(999)
    expect(optimizer.getCache('long')).toBe(1)
    clock.advance(1)
    expect(optimizer.getCache('long')).toBeUndefined()
    expect(optimizer.getCache('endless')).toBe(1)
  })

  it('hands out frozen or copied values where that is asked for', async () => {
    const frozen = create({ values: 'frozen' }).optimizer
    await frozen.withOptimization('k', () => [1])
    expect(Object.isFrozen(frozen.getCache('k'))).toBe(true)
    const copied = create({ values: 'copy' }).optimizer
    await copied.withOptimization('k', () => [1])
    copied.getCache<number[]>('k')?.push(2)
    expect(copied.getCache('k')).toEqual([1])
  })

  it('answers with what cannot be copied, and says that it is not kept', async () => {
    const { optimizer } = create({ values: 'copy' })
    const errors: unknown[] = []
    optimizer.addEventListener({ onCacheError: (error) => errors.push(error) })
    expect(await optimizer.withOptimization('k', () => 1n)).toBe(1n)
    expect(errors).toEqual([expect.objectContaining({ code: 'NOT_SERIALIZABLE' })])
    expect(optimizer.getCache('k')).toBeUndefined()
  })
})

function countKept(optimizer: ServiceOptimizer): number {
  return Array.from({ length: 20 }, (_, index) => optimizer.getCache(`k-${index}`)).filter(
    (value) => value !== undefined,
  ).length
}

describe('forceRefresh', () => {
  it('runs the operation whatever is there, and replaces the value', async () => {
    const { optimizer } = create()
    const { operation } = counting()
    await optimizer.withOptimization('k', operation)
    expect(await optimizer.withOptimization('k', operation, { forceRefresh: true })).toBe(2)
    expect(optimizer.getCache('k')).toBe(2)
  })

  it('leaves the earlier value where the operation fails', async () => {
    const { optimizer } = create()
    await optimizer.withOptimization('k', () => 'earlier')
    await expect(optimizer.withOptimization('k', fail, { forceRefresh: true })).rejects.toBe(failure)
    expect(optimizer.getCache('k')).toBe('earlier')
  })

  it('does not join a run that began before, and is not overwritten by it', async () => {
    const { optimizer } = create()
    const [old, fresh] = [Promise.withResolvers<string>(), Promise.withResolvers<string>()]
    const early = optimizer.withOptimization('k', () => old.promise)
    const forced = optimizer.withOptimization('k', () => fresh.promise, { forceRefresh: true })
    const late = optimizer.withOptimization('k', fail)
    fresh.resolve('fresh')
    expect(await forced).toBe('fresh')
    expect(await late).toBe('fresh')
    old.resolve('old')
    expect(await early).toBe('old')
    expect(optimizer.getCache('k')).toBe('fresh')
  })

  it('wins also where the run that began before ends first', async () => {
    const { optimizer } = create()
    const [old, fresh] = [Promise.withResolvers<string>(), Promise.withResolvers<string>()]
    const early = optimizer.withOptimization('k', () => old.promise)
    const forced = optimizer.withOptimization('k', () => fresh.promise, { forceRefresh: true })
    old.resolve('old')
    await early
    expect(optimizer.getCache('k')).toBeUndefined()
    fresh.resolve('fresh')
    await forced
    expect(optimizer.getCache('k')).toBe('fresh')
  })
})

describe('staleWhileRevalidate', () => {
  const options = { staleWhileRevalidate: 50 } as const

  it('answers 10 concurrent callers of an expired key at once, and refreshes it once', async () => {
    const { optimizer, clock } = create()
    const { operation, runs } = counting()
    await optimizer.withOptimization('k', operation, options)
    clock.advance(100)
    const calls = Array.from({ length: 10 }, () => optimizer.withOptimization('k', operation, options))
    expect(await Promise.all(calls)).toEqual(Array.from({ length: 10 }, () => 1))
    await settled()
    expect(runs()).toBe(2)
    expect(await optimizer.withOptimization('k', operation, options)).toBe(2)
  })

  it('waits for a run once the time is over, and for callers without it', async () => {
    const { optimizer, clock } = create()
    const { operation } = counting()
    await optimizer.withOptimization('k', operation, options)
    clock.advance(149)
    expect(await optimizer.withOptimization('k', operation)).toBe(2)
    clock.advance(150)
    expect(await optimizer.withOptimization('k', operation, options)).toBe(3)
  })

  it('refreshes also where a run hangs that its callers have left, or that was too slow for one', async () => {
    const { optimizer, clock } = create()
    const { operation, runs } = counting()
    const abort = new AbortController()
    const hang = (): Promise<never> => new Promise(() => undefined)
    for (const leaving of [{ signal: abort.signal }, { timeout: { hard: 1 } }]) {
      await optimizer.withOptimization('k', () => 'old', { forceRefresh: true, staleWhileRevalidate: 50 })
      const left = optimizer.withOptimization('k', hang, { forceRefresh: true, ...leaving }).catch(() => 'left')
      abort.abort()
      expect(await left).toBe('left')
      clock.advance(100)
      expect(await optimizer.withOptimization('k', operation, { staleWhileRevalidate: 50 })).toBe('old')
      await settled()
    }
    expect(runs()).toBe(2)
  })

  it('tells the listeners when a refresh fails, and goes on answering', async () => {
    const { optimizer, clock } = create()
    const errors: unknown[] = []
    optimizer.addEventListener({ onCacheError: (error) => errors.push(error) })
    await optimizer.withOptimization('k', () => 'old', options)
    clock.advance(100)
    expect(await optimizer.withOptimization('k', fail, options)).toBe('old')
    await settled()
    expect(errors).toEqual([failure])
    expect(optimizer.getMetrics().errorCount).toBe(1)
    expect(await optimizer.withOptimization('k', () => 'new', options)).toBe('old')
  })

  it('never answers with what was invalidated', async () => {
    const { optimizer, clock } = create()
    await optimizer.withOptimization('k', () => 'old', options)
    clock.advance(100)
    await optimizer.invalidateCache('k')
    expect(await optimizer.withOptimization('k', () => 'new', options)).toBe('new')
  })
})

describe('staleIfError', () => {
  const options = { staleIfError: 50 } as const

  it('answers with what has expired where the operation fails, for as long as it says', async () => {
    const { optimizer, clock } = create()
    await optimizer.withOptimization('k', () => 'old', options)
    clock.advance(149)
    expect(await optimizer.withOptimization('k', fail, options)).toBe('old')
    await expect(optimizer.withOptimization('k', fail)).rejects.toBe(failure)
    clock.advance(1)
    await expect(optimizer.withOptimization('k', fail, options)).rejects.toBe(failure)
  })

  it('never answers with what was invalidated while the operation ran', async () => {
    const { optimizer, clock } = create()
    await optimizer.withOptimization('k', () => 'old', options)
    clock.advance(100)
    const gate = Promise.withResolvers<string>()
    const call = optimizer.withOptimization('k', () => gate.promise, options)
    await optimizer.invalidateCache('k')
    gate.reject(failure)
    await expect(call).rejects.toBe(failure)
  })

  it('does not hide that a caller left', async () => {
    const { optimizer, clock } = create()
    await optimizer.withOptimization('k', () => 'old', options)
    clock.advance(100)
    const abort = new AbortController()
    const call = optimizer.withOptimization('k', () => new Promise(() => undefined), {
      ...options,
      signal: abort.signal,
    })
    abort.abort('left')
    await expect(call).rejects.toBe('left')
  })
})

describe('errorTtl', () => {
  it('answers with the same error without a run, until its time is over', async () => {
    const { optimizer, clock } = create()
    const { operation, runs } = counting()
    await expect(optimizer.withOptimization('k', fail, { errorTtl: 10 })).rejects.toBe(failure)
    await expect(optimizer.withOptimization('k', operation)).rejects.toBe(failure)
    expect(runs()).toBe(0)
    clock.advance(10)
    expect(await optimizer.withOptimization('k', operation)).toBe(1)
  })

  it.each<[string, (optimizer: ServiceOptimizer) => unknown, OptimizationOptions]>([
    ['an invalidation', (optimizer) => optimizer.invalidateCache('*'), {}],
    ['a forced refresh', () => undefined, { forceRefresh: true }],
  ])('ends by %s', async (_, act, options) => {
    const { optimizer } = create()
    await expect(optimizer.withOptimization('k', fail, { errorTtl: 10 })).rejects.toBe(failure)
    await act(optimizer)
    expect(await optimizer.withOptimization('k', () => 'fine', options)).toBe('fine')
  })
})

describe('refreshAhead', () => {
  it('refreshes in the background, the more likely the closer the deadline', async () => {
    let random = 1
    const { optimizer, clock } = create({ random: () => random })
    const { operation, runs } = counting()
    const slow = async (): Promise<number> => {
      await settled()
      clock.advance(20)
      return await operation()
    }
    await optimizer.withOptimization('k', slow)
    clock.advance(90)
    expect(await optimizer.withOptimization('k', slow, { refreshAhead: true })).toBe(1)
    expect(runs()).toBe(1)
    random = 0.5 // 20 ms × ln 2 is 14 ms ahead
    const calls = [1, 2, 3].map(() => optimizer.withOptimization('k', slow, { refreshAhead: true }))
    expect(await Promise.all(calls)).toEqual([1, 1, 1])
    await settled()
    await settled()
    expect(runs()).toBe(2)
    expect(optimizer.getCache('k')).toBe(2)
    expect(await optimizer.withOptimization('k', slow, { refreshAhead: 0.01 })).toBe(2)
    expect(runs()).toBe(2)
  })
})

describe('timeout', () => {
  it('answers with what has expired after the soft one, and keeps what comes later', async () => {
    vi.useFakeTimers()
    const { optimizer, clock } = create()
    const options = { staleIfError: 1_000, timeout: { soft: 10 } } as const
    await optimizer.withOptimization('k', () => 'old', options)
    clock.advance(100)
    const gate = Promise.withResolvers<string>()
    const abort = new AbortController()
    const call = optimizer.withOptimization('k', () => gate.promise, { ...options, signal: abort.signal })
    await vi.advanceTimersByTimeAsync(10)
    expect(await call).toBe('old')
    abort.abort('too late to matter')
    gate.resolve('new')
    await vi.advanceTimersByTimeAsync(0)
    expect(optimizer.getCache('k')).toBe('new')
    expect(vi.getTimerCount()).toBe(0)
  })

  it('puts one listener on a signal, however many callers have it', async () => {
    const { optimizer } = create()
    const { signal } = new AbortController()
    const gate = Promise.withResolvers<string>()
    const options = { signal, timeout: { hard: '1m' } } as const
    const calls = ['a', 'a', 'b'].map((key) => optimizer.withOptimization(key, () => gate.promise, options))
    expect(getEventListeners(signal, 'abort')).toHaveLength(1)
    gate.resolve('value')
    await Promise.all(calls)
    expect(getEventListeners(signal, 'abort')).toHaveLength(0)
  })

  it('goes on waiting after the soft one where there is nothing', async () => {
    vi.useFakeTimers()
    const { optimizer } = create()
    const gate = Promise.withResolvers<string>()
    const call = optimizer.withOptimization('k', () => gate.promise, { timeout: { soft: 10, hard: 20 } })
    await vi.advanceTimersByTimeAsync(15)
    gate.resolve('late')
    expect(await call).toBe('late')
    expect(vi.getTimerCount()).toBe(0)
  })

  it('rejects after the hard one, cancels the run, and has the next caller start anew', async () => {
    vi.useFakeTimers()
    const { optimizer } = create()
    let signal: AbortSignal | undefined
    const hung = (context: { signal: AbortSignal }): Promise<never> => {
      signal = context.signal
      return new Promise(() => undefined)
    }
    const call = optimizer.withOptimization('k', hung, { timeout: { hard: 20 } })
    const outcome = call.catch((error: unknown) => error)
    await vi.advanceTimersByTimeAsync(20)
    expect(isCacheError(await outcome, 'OPERATION_TIMEOUT')).toBe(true)
    expect(signal?.aborted).toBe(true)
    expect(await optimizer.withOptimization('k', () => 'fresh')).toBe('fresh')
  })

  it('lets nobody join a run that was too slow for one, though another still waits for it', async () => {
    vi.useFakeTimers()
    const { optimizer } = create()
    const gate = Promise.withResolvers<string>()
    const patient = optimizer.withOptimization('k', () => gate.promise)
    const outcome = optimizer.withOptimization('k', fail, { timeout: { hard: 20 } }).catch((error: unknown) => error)
    await vi.advanceTimersByTimeAsync(20)
    expect(await outcome).toBeInstanceOf(CacheError)
    expect(await optimizer.withOptimization('k', () => 'fresh')).toBe('fresh')
    gate.resolve('slow')
    expect(await patient).toBe('slow')
    expect(optimizer.getCache('k')).toBe('fresh')
  })

  it('keeps what comes too late for everybody, where nothing newer has begun', async () => {
    vi.useFakeTimers()
    const { optimizer } = create()
    const gate = Promise.withResolvers<string>()
    const outcome = optimizer.withOptimization('k', () => gate.promise, { timeout: { hard: 20 } }).catch(String)
    await vi.advanceTimersByTimeAsync(20)
    await outcome
    gate.resolve('late')
    await vi.advanceTimersByTimeAsync(0)
    expect(optimizer.getCache('k')).toBe('late')
  })

  it('does not keep what comes too late and was invalidated', async () => {
    vi.useFakeTimers()
    const { optimizer } = create()
    const gate = Promise.withResolvers<string>()
    const outcome = optimizer.withOptimization('k', () => gate.promise, { timeout: { hard: 20 } }).catch(String)
    await vi.advanceTimersByTimeAsync(20)
    await outcome
    await optimizer.invalidateCache('k')
    gate.resolve('late')
    await vi.advanceTimersByTimeAsync(0)
    expect(optimizer.getCache('k')).toBeUndefined()
  })

  it('counts a call that the soft one answered once, and tells the listeners of the hard one', async () => {
    vi.useFakeTimers()
    const { optimizer, clock } = create()
    const errors: unknown[] = []
    optimizer.addEventListener({ onCacheError: (error) => errors.push(error) })
    const options = { staleIfError: 1_000, timeout: { soft: 10, hard: 20 } } as const
    await optimizer.withOptimization('k', () => 'old', options)
    clock.advance(100)
    const call = optimizer.withOptimization('k', () => new Promise(() => undefined), options)
    await vi.advanceTimersByTimeAsync(20)
    expect(await call).toBe('old')
    expect(optimizer.getMetrics()).toMatchObject({ cacheHits: 1, cacheMisses: 2 })
    expect(errors).toMatchObject([{ code: 'OPERATION_TIMEOUT' }])
  })

  it('answers with what staleIfError keeps after the hard one', async () => {
    vi.useFakeTimers()
    const { optimizer, clock } = create()
    const options = { staleIfError: 1_000, timeout: { hard: 20 } } as const
    await optimizer.withOptimization('k', () => 'old', options)
    clock.advance(100)
    const call = optimizer.withOptimization('k', () => new Promise(() => undefined), options)
    await vi.advanceTimersByTimeAsync(20)
    expect(await call).toBe('old')
  })
})

describe('signal', () => {
  it('lets each caller leave; the last one cancels the run', async () => {
    const { optimizer } = create()
    const aborts = [new AbortController(), new AbortController()]
    let inner: AbortSignal | undefined
    const hung = (context: { signal: AbortSignal }): Promise<never> => {
      inner = context.signal
      return new Promise(() => undefined)
    }
    const calls = aborts.map(({ signal }) => optimizer.withOptimization('k', hung, { signal }))
    aborts[0]?.abort('first')
    await expect(calls[0]).rejects.toBe('first')
    expect(inner?.aborted).toBe(false)
    aborts[1]?.abort('second')
    await expect(calls[1]).rejects.toBe('second')
    expect(inner?.reason).toBe('second')
    expect(optimizer.getMetrics().errorCount).toBe(0)
    const gone = optimizer.withOptimization('k', hung, { signal: AbortSignal.abort('early') })
    await expect(gone).rejects.toBe('early')
  })
})

describe('invalidateCache()', () => {
  it('removes exactly what the anchored glob matches', async () => {
    const { optimizer } = create()
    for (const key of ['k-1', 'k-10', 'xk-1']) await optimizer.withOptimization(key, () => key)
    expect(optimizer.invalidateCache('k-1')).toBe(1)
    expect(['k-1', 'k-10', 'xk-1'].map((key) => optimizer.getCache(key))).toEqual([undefined, 'k-10', 'xk-1'])
    expect(optimizer.invalidateCache('*k-*')).toBe(2)
  })

  it.each([
    [/k-\d/, ['k-1']],
    [/k/, []],
    [/^k-1/gm, ['k-1']],
    [/k-1|k-10/y, ['k-1', 'k-10']],
    [/K-1/i, ['k-1']],
    [/k[^]1/, ['k-1', 'k\n1']],
  ] as const)('takes %s for the whole key', async (pattern, gone) => {
    const { optimizer } = create()
    const keys = ['k-1', 'k-10', 'xk-1', 'k\n1']
    for (const key of keys) await optimizer.withOptimization(key, () => key)
    expect(optimizer.invalidateCache(pattern)).toBe(gone.length)
    expect(optimizer.invalidateCache(pattern)).toBe(0)
    expect(keys.filter((key) => optimizer.getCache(key) === undefined)).toEqual(
      [...gone].sort((a, b) => keys.indexOf(a) - keys.indexOf(b)),
    )
  })

  it('wins over a run in progress, whose callers still get its value', async () => {
    const { optimizer } = create()
    const gate = Promise.withResolvers<string>()
    const early = optimizer.withOptimization('k', () => gate.promise)
    await optimizer.invalidateCache('k*')
    const late = optimizer.withOptimization('k', () => 'fresh')
    expect(await late).toBe('fresh')
    gate.resolve('old')
    expect(await early).toBe('old')
    expect(optimizer.getCache('k')).toBe('fresh')
  })

  it.each(['k', '*'])(
    'by %j has the next caller start anew, in whatever turn of a run that ends it comes',
    async (pattern) => {
      for (let turns = 0; turns < 20; turns += 1) {
        const { optimizer } = create()
        const source = Promise.withResolvers<string>()
        const earlier = optimizer.withOptimization('k', () => source.promise)
        source.resolve('old')
        for (let turn = 0; turn < turns; turn += 1) await Promise.resolve()
        void optimizer.invalidateCache(pattern)
        expect(await optimizer.withOptimization('k', () => 'new')).toBe('new')
        expect(await earlier).toBe('old')
      }
    },
  )

  it('does not have a run fetch again what nobody invalidated', async () => {
    const { optimizer } = create()
    const gate = Promise.withResolvers<string>()
    const early = optimizer.withOptimization('k', () => gate.promise)
    await optimizer.invalidateCache('other')
    gate.resolve('kept')
    await early
    expect(optimizer.getCache('k')).toBe('kept')
  })

  it('refuses a malformed glob, and what is no pattern', () => {
    const { optimizer } = create()
    expect(() => optimizer.invalidateCache('[')).toThrow(RangeError)
    expect(() => optimizer.invalidateCache(1 as unknown as string)).toThrow('Not a pattern: 1.')
  })
})

describe('listeners', () => {
  it('hear of hits, misses, invalidations and evictions', async () => {
    const { optimizer } = create({ maxSize: 1, category: 'c' })
    const log: string[] = []
    const note =
      (what: string) =>
      ({ key, category }: CacheEvent): void => {
        log.push(`${what} ${category}/${key}`)
      }
    const listener = {
      onCacheHit: note('hit'),
      onCacheMiss: note('miss'),
      onCacheEvict: note('evict'),
      onCacheInvalidate: (event: unknown) => log.push(JSON.stringify(event)),
    }
    optimizer.addEventListener(listener)
    await optimizer.withOptimization('a', () => 1)
    await optimizer.withOptimization('a', () => 1)
    await optimizer.withOptimization('b', () => 1)
    await optimizer.invalidateCache('*')
    optimizer.removeEventListener(listener)
    await optimizer.withOptimization('b', () => 1)
    const told = ['miss c/a', 'hit c/a', 'miss c/b', 'evict c/a', '{"pattern":"*","category":"c","count":1}']
    expect(log).toEqual(told)
  })
})

describe('wrap()', () => {
  it('makes a function of the same type whose answers are cached', async () => {
    const { optimizer } = create()
    let runs = 0
    const fetchUser = (id: number, name = 'kim'): Promise<{ id: number; name: string; run: number }> =>
      Promise.resolve({ id, name, run: (runs += 1) })
    const cached = optimizer.wrap(fetchUser, { key: (id, name = 'kim') => `user-${id}-${name}`, ttl: 50 })
    expect(await cached(1)).toEqual({ id: 1, name: 'kim', run: 1 })
    expect(await cached(1, 'kim')).toEqual({ id: 1, name: 'kim', run: 1 })
    expect(await cached(2, 'lee')).toEqual({ id: 2, name: 'lee', run: 2 })
  })

  it('makes a method of a method', async () => {
    const { optimizer } = create()
    class Tenant {
      readonly name: string
      constructor(name: string) {
        this.name = name
      }
      fetchUser(id: number): Promise<string> {
        return Promise.resolve(`${this.name} ${id}`)
      }
    }
    // eslint-disable-next-line @typescript-eslint/unbound-method
    Tenant.prototype.fetchUser = optimizer.wrap(Tenant.prototype.fetchUser, {
      key(this: Tenant, id) {
        return `${this.name}-${id}`
      },
    })
    expect(await new Tenant('a').fetchUser(1)).toBe('a 1')
    expect(await new Tenant('b').fetchUser(1)).toBe('b 1')
    expect(optimizer.getCache('b-1')).toBe('b 1')
  })

  it('makes a function that rejects where the key cannot be told', async () => {
    const { optimizer } = create()
    const key = (): never => {
      throw failure
    }
    await expect(optimizer.wrap(() => Promise.resolve(1), { key })()).rejects.toBe(failure)
  })
})

describe('close()', () => {
  it('lets those who wait have their answer, cancels the background, and refuses later calls', async () => {
    const { optimizer, clock } = create()
    await optimizer.withOptimization('swr', () => 'old', { staleWhileRevalidate: 50 })
    clock.advance(100)
    let background: AbortSignal | undefined
    const hung = ({ signal }: { signal: AbortSignal }): Promise<never> => {
      background = signal
      return new Promise(() => undefined)
    }
    await optimizer.withOptimization('swr', hung, { staleWhileRevalidate: 50 })
    const gate = Promise.withResolvers<string>()
    const waiting = optimizer.withOptimization('k', () => gate.promise)
    optimizer.close()
    optimizer.close()
    expect(background?.aborted).toBe(true)
    gate.resolve('answer')
    expect(await waiting).toBe('answer')
    await expect(optimizer.withOptimization('k', () => 1)).rejects.toMatchObject({ code: 'STORE_CLOSED' })
    expect(() => optimizer.getCache('k')).toThrow(expect.objectContaining({ code: 'STORE_CLOSED' }))
    expect(() => optimizer.invalidateCache('k')).toThrow(expect.objectContaining({ code: 'STORE_CLOSED' }))
  })

  it('cancels a run whose caller has been answered, and tells nobody', async () => {
    vi.useFakeTimers()
    const { optimizer, clock } = create()
    const errors: unknown[] = []
    optimizer.addEventListener({ onCacheError: (error) => errors.push(error) })
    const options = { staleIfError: 1_000, timeout: { soft: 10, hard: 1_000 } } as const
    await optimizer.withOptimization('k', () => 'old', options)
    clock.advance(100)
    let background: AbortSignal | undefined
    const hung = ({ signal }: { signal: AbortSignal }): Promise<never> => {
      background = signal
      return new Promise(() => undefined)
    }
    const call = optimizer.withOptimization('k', hung, options)
    await vi.advanceTimersByTimeAsync(10)
    expect(await call).toBe('old')
    expect(background?.aborted).toBe(false)
    optimizer.close()
    await vi.advanceTimersByTimeAsync(0)
    expect(background?.aborted).toBe(true)
    expect(errors).toEqual([])
    expect(vi.getTimerCount()).toBe(0)
  })
})

describe('enableMetrics: false', () => {
  it('counts nothing', async () => {
    const { optimizer } = create({ enableMetrics: false })
    await optimizer.withOptimization('k', () => 1)
    await optimizer.withOptimization('k', () => 1)
    await optimizer.withOptimization('x', fail).catch(String)
    expect(optimizer.getMetrics()).toMatchObject({ cacheHits: 0, cacheMisses: 0, errorCount: 0 })
  })
})
