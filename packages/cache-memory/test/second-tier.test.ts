import { type CacheStore, richCodec } from '@x/core'
import { SqliteCache } from '@x/cache-sqlite'
import { describe, expect, it, onTestFinished } from 'vitest'

import { AdvancedCacheManager, MemoryCache, ServiceOptimizer, type ServiceOptimizerConfig } from '../src/index.ts'
import { ManualClock } from './manual-clock.ts'
import { settled } from './settled.ts'

const failure = new Error('unreachable')
const fail = (): Promise<never> => Promise.reject(failure)

/** A store, and as many optimizers over it as are asked for: as many processes. */
function world(
  openStore: (clock: ManualClock) => CacheStore = (clock) => new SqliteCache({ path: ':memory:', clock }),
) {
  const clock = new ManualClock()
  const store = openStore(clock)
  onTestFinished(async () => {
    await store.close()
  })
  const open = (config: Partial<ServiceOptimizerConfig> = {}): ServiceOptimizer =>
    new ServiceOptimizer({ ttl: 100, maxSize: 10, clock, store, ...config })
  return { clock, store, open }
}

/** A store of which some calls fail. */
function failing(store: CacheStore, calls: readonly (keyof CacheStore)[], error: unknown = failure): CacheStore {
  return new Proxy(store, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name)
      if (typeof member !== 'function') return member
      return (...args: unknown[]) => {
        if ((calls as readonly unknown[]).includes(name)) throw error
        return Reflect.apply(member, target, args) as unknown
      }
    },
  })
}

describe('a second tier', () => {
  it('has what another optimizer loaded, with its deadline', async () => {
    const { open, clock } = world()
    await open().withOptimization('k', () => ({ id: 1 }), { ttl: 50 })
    clock.advance(30)
    const other = open()
    expect(await other.withOptimization('k', fail)).toEqual({ id: 1 })
    expect(other.getMetrics()).toMatchObject({ cacheHits: 1, cacheMisses: 0 })
    expect(other.getCache('k')).toEqual({ id: 1 })
    clock.advance(20)
    expect(other.getCache('k')).toBeUndefined()
    await expect(other.withOptimization('k', fail)).rejects.toBe(failure)
  })

  it('keeps falsy values, and those that never expire', async () => {
    const { open, clock } = world()
    const values = [0, '', false, null]
    for (const [index, value] of values.entries()) {
      await open().withOptimization(`k-${index}`, () => value, { ttl: Infinity })
    }
    clock.advance(1_000_000)
    for (const [index, value] of values.entries()) {
      expect(await open().withOptimization<unknown>(`k-${index}`, fail)).toBe(value)
    }
  })

  it('is read once for concurrent callers', async () => {
    const { open, store } = world()
    await open().withOptimization('k', () => 1)
    await Promise.all(Array.from({ length: 10 }, () => open().withOptimization('k', fail)))
    const before = (await store.getStats()).hits
    const one = open()
    await Promise.all(Array.from({ length: 10 }, () => one.withOptimization('k', fail)))
    expect((await store.getStats()).hits - before).toBe(1)
  })

  it('has stale values for those who allow them, and one refresh', async () => {
    const { open, clock } = world()
    const options = { staleWhileRevalidate: 50, staleIfError: 80 } as const
    await open().withOptimization('k', () => 'old', options)
    clock.advance(140)
    const other = open()
    let runs = 0
    const refresh = (): string => `new ${(runs += 1)}`
    const calls = Array.from({ length: 10 }, () => other.withOptimization('k', refresh, options))
    expect(new Set(await Promise.all(calls))).toEqual(new Set(['old']))
    await settled()
    expect(runs).toBe(1)
    clock.advance(160)
    expect(await open().withOptimization('k', fail, options)).toBe('new 1')
  })

  it('is invalidated with the memory', async () => {
    const { open } = world()
    const optimizer = open()
    for (const key of ['a-1', 'a-2', 'b-1']) await optimizer.withOptimization(key, () => key)
    const other = open()
    expect(other.invalidateCache('a-*')).toBe(2)
    await expect(other.withOptimization('a-1', fail)).rejects.toBe(failure)
    expect(await other.withOptimization('b-1', fail)).toBe('b-1')
  })

  it('does not get what another process removed while it was loaded, and the memory does not keep it', async () => {
    const { open } = world()
    const [one, other] = [open(), open()]
    const gate = Promise.withResolvers<string>()
    const call = one.withOptimization('k', () => gate.promise)
    await settled()
    await other.invalidateCache('k')
    gate.resolve('old')
    expect(await call).toBe('old')
    expect(one.getCache('k')).toBeUndefined()
    expect(await open().withOptimization('k', () => 'fresh')).toBe('fresh')
  })

  it('knows no regular expressions', () => {
    expect(() => world().open().invalidateCache(/a/)).toThrow(
      expect.objectContaining({ code: 'INVALID_CONFIGURATION', details: { field: 'pattern', value: /a/ } }),
    )
  })

  it.each([{ value: 'of somebody else' }, { value: 'without a deadline', expiresAt: NaN, keptUntil: null, loadMs: 0 }])(
    'takes %j, which is not its own, for a miss, and replaces it',
    async (envelope) => {
      const { open, store } = world((clock) => new SqliteCache({ path: ':memory:', clock, codec: richCodec() }))
      await store.set('k', envelope)
      expect(await open().withOptimization('k', () => 'mine')).toBe('mine')
      expect(await open().withOptimization('k', fail)).toBe('mine')
    },
  )

  it('takes what its schema does not describe for a miss', async () => {
    const { open } = world()
    const schema = {
      '~standard': {
        version: 1,
        vendor: 'test',
        validate: (value: unknown) => (typeof value === 'number' ? { value } : { issues: [{ message: 'no number' }] }),
      },
    } as const
    await open().withOptimization('k', () => 'text')
    expect(await open().withOptimization<unknown>('k', () => 2, { schema })).toBe(2)
    expect(await open().withOptimization<unknown>('k', fail, { schema })).toBe(2)
  })

  it('loses what an invalidation pattern is about', async () => {
    const { open, store } = world()
    await open().withOptimization('task-1', () => ({ status: 'open' }))
    const optimizer = open()
    const manager = new AdvancedCacheManager(optimizer)
    const gone: string[] = []
    manager.addInvalidationPattern({
      pattern: 'task-*',
      condition: (data: { status: string }) => data.status === 'completed',
      onInvalidate: (key) => gone.push(key),
    })
    await optimizer.withOptimization('task-1', () => ({ status: 'completed' }), { forceRefresh: true })
    expect(gone).toEqual(['task-1'])
    expect(await store.has('task-1')).toBe(false)
  })

  it('brings nothing into the memory of an optimizer that was closed while it was read', async () => {
    const gate = Promise.withResolvers<undefined>()
    const { open, store } = world()
    const slow = Object.assign(Object.create(store) as CacheStore, { get: () => gate.promise })
    const optimizer = open({ store: slow })
    const call = optimizer.withOptimization('k', () => 'loaded')
    optimizer.close()
    gate.resolve(undefined)
    expect(await call).toBe('loaded')
    await expect(optimizer.withOptimization('k', fail)).rejects.toMatchObject({ code: 'STORE_CLOSED' })
  })

  it('holds frozen values where it is a MemoryCache', async () => {
    const { open } = world((clock) => new MemoryCache({ clock }))
    await open().withOptimization('k', () => [1])
    expect(await open().withOptimization('k', fail)).toEqual([1])
  })
})

describe('a second tier that is dead', () => {
  it.each([['get'], ['getEpoch'], ['set']] as const)('costs a miss where %s fails, not an error', async (call) => {
    const { open, store } = world()
    const optimizer = open({ store: failing(store, [call]) })
    const errors: unknown[] = []
    optimizer.addEventListener({ onCacheError: (error) => errors.push(error) })
    expect(await optimizer.withOptimization('k', () => 1)).toBe(1)
    expect(await optimizer.withOptimization('k', fail)).toBe(1)
    expect(errors).toEqual([failure])
    expect(optimizer.getMetrics().errorCount).toBe(1)
  })

  it('keeps the memory going where it fails open', async () => {
    const { open, store } = world()
    const open_ = Object.assign(Object.create(store) as CacheStore, {
      get: () => undefined,
      getEpoch: () => 0,
      set: () => false,
    })
    const optimizer = open({ store: open_ })
    await optimizer.withOptimization('k', () => 1)
    expect(optimizer.getCache('k')).toBe(1)
  })

  it('has an invalidation say that it did not happen there; the memory is clean', async () => {
    const { open, store } = world()
    const optimizer = open({ store: failing(store, ['invalidate']) })
    await optimizer.withOptimization('k', () => 1)
    expect(() => optimizer.invalidateCache('k')).toThrow(failure)
    expect(optimizer.getCache('k')).toBeUndefined()
  })
})
