import { isCacheError } from '@x/core'
import { afterEach, describe, expect, it, vi } from 'vitest'

import { AsyncSharedCall, type AsyncSharedCallOptions, isReentrantCallError } from '../src/index.ts'
import { ManualTime } from './manual-time.ts'
import { MapLease } from './map-lease.ts'
import { MapStore } from './map-store.ts'
import { settled } from './settled.ts'

afterEach(() => {
  vi.useRealTimers()
})

/** A lease and a store, and as many coalescers on them as there are processes. */
function world(options: Partial<AsyncSharedCallOptions> = {}) {
  const time = new ManualTime()
  const lease = new MapLease(time)
  const store = new MapStore(time)
  const join = (more: Partial<AsyncSharedCallOptions> = {}): AsyncSharedCall =>
    new AsyncSharedCall({ lease, store, leaseTtl: '9s', pollInterval: 100, delay: time.delay, ...options, ...more })
  return { time, lease, store, join }
}

const scope = { category: 'shared-call' }

describe('AsyncSharedCall with a lease and a store', () => {
  it('runs once among all who call while it runs, and each of them counts what it did', async () => {
    const { time, lease, join } = world()
    const gate = Promise.withResolvers<{ rows: number[] }>()
    let runs = 0
    const load = (id: number): Promise<{ rows: number[] }> => {
      runs += id
      return gate.promise
    }
    const members = [join(), join(), join()]
    const calls = members.flatMap((shared) => [shared.call('f', load, 1), shared.call('f', load, 1)])
    await time.advance(1_000)
    gate.resolve({ rows: [1, 2] })
    await time.advance(1_000)
    for (const value of await Promise.all(calls)) expect(value).toEqual({ rows: [1, 2] })
    expect(runs).toBe(1)
    expect(members.map((shared) => shared.getStats())).toMatchObject([
      { misses: 1, hits: 1, active: 0 },
      { misses: 0, hits: 2, active: 0 },
      { misses: 0, hits: 2, active: 0 },
    ])
    expect(lease.log.filter((line) => line.startsWith('acquire'))).toEqual(['acquire f 1'])
    expect(time.sleepers).toBe(0)
  })

  it('asks whether it still holds directly before it publishes, then releases', async () => {
    const { lease, store, join } = world()
    const log = lease.log
    const set = store.set.bind(store)
    store.set = (...args) => {
      log.push('set f')
      return set(...args)
    }
    expect(await join().call('f', () => 1)).toBe(1)
    expect(log).toEqual(['acquire f 1', 'renew f 1 held', 'set f', 'release f 1'])
    expect(await store.get('f', scope)).toEqual({ fence: 1, value: 1 })
  })

  it('says of a result from elsewhere that it is shared', async () => {
    const { time, join } = world()
    const gate = Promise.withResolvers<number>()
    const led = join().callWithResult('f', () => gate.promise)
    await settled()
    const followed = join().callWithResult('f', () => 0)
    await settled()
    gate.resolve(1)
    await time.advance(1_000)
    expect(await followed).toEqual({ value: 1, shared: true })
    expect((await led).value).toBe(1)
  })

  it('starts nothing once everybody has left while the lease was acquired', async () => {
    const { lease, join } = world()
    const controller = new AbortController()
    const reason = new Error('gone')
    let runs = 0
    const acquire = lease.acquire.bind(lease)
    lease.acquire = (...args) => {
      controller.abort(reason)
      return acquire(...args)
    }
    const call = join().call({ key: 'f', signal: controller.signal }, () => (runs += 1))
    await expect(call).rejects.toBe(reason)
    await settled()
    expect(runs).toBe(0)
    expect(lease.log).toEqual(['acquire f 1', 'release f 1'])
  })

  it('gives the lease back when everybody has left, however long the function goes on', async () => {
    const { time, join } = world()
    const controller = new AbortController()
    const reason = new Error('gone')
    const deaf = join().call({ key: 'f', signal: controller.signal }, () => new Promise(() => undefined))
    await time.advance(1_000)
    controller.abort(reason)
    await expect(deaf).rejects.toBe(reason)
    await settled()
    expect(await join().call('f', () => 'anew')).toBe('anew')
  })

  it('is no cache: who calls after the end runs again', async () => {
    const { join } = world()
    let runs = 0
    const count = (): number => (runs += 1)
    expect(await join().call('f', count)).toBe(1)
    expect(await join().call('f', count)).toBe(2)
  })

  it('takes a result that was published between its first look and its lease', async () => {
    const { lease, store, join } = world()
    const acquire = lease.acquire.bind(lease)
    lease.acquire = async (key, ttl) => {
      lease.acquire = acquire
      await other.call('f', () => 'theirs')
      return await acquire(key, ttl)
    }
    const other = join({ lease: { acquire } })
    expect(await join().call('f', () => 'mine')).toBe('theirs')
    expect(await store.get('f', scope)).toEqual({ fence: 1, value: 'theirs' })
    expect(await lease.acquire('f', 1)).toBeDefined()
  })

  it('passes undefined and null on', async () => {
    for (const value of [undefined, null]) {
      const { time, join } = world()
      const gate = Promise.withResolvers<undefined>()
      const calls = [join(), join()].map((shared) => shared.call('f', () => gate.promise.then(() => value)))
      await settled()
      gate.resolve(undefined)
      await time.advance(200)
      expect(await Promise.all(calls)).toEqual([value, value])
    }
  })

  it('passes an error on by name, message and code: the very object within the leader’s process', async () => {
    const { time, join } = world()
    const failure = Object.assign(new RangeError('too far'), { code: 'E_FAR' })
    const gate = Promise.withResolvers<undefined>()
    const [leader, follower] = [join(), join()]
    const fail = (): Promise<never> => gate.promise.then(() => Promise.reject(failure))
    const calls = [leader.call('f', fail), follower.call('f', fail), follower.call('f', fail)]
    const outcomes = Promise.allSettled(calls)
    await settled()
    gate.resolve(undefined)
    await time.advance(200)
    const [own, first, second] = (await outcomes).map((outcome) =>
      outcome.status === 'rejected' ? (outcome.reason as Error) : undefined,
    )
    expect(own).toBe(failure)
    expect(first).toMatchObject({ name: 'RangeError', message: 'too far', code: 'E_FAR' })
    expect(first).not.toBe(failure)
    expect(second).toBe(first)
    expect([leader.getStats().errors, follower.getStats().errors]).toEqual([1, 1])
  })

  it('keeps the lease of a leader that takes longer than the lease', async () => {
    const { time, lease, join } = world()
    const gate = Promise.withResolvers<string>()
    const first = join().call('f', () => gate.promise)
    await settled()
    const second = join().call('f', () => 'never')
    await time.advance(60_000)
    gate.resolve('slow')
    await time.advance(200)
    expect(await Promise.all([first, second])).toEqual(['slow', 'slow'])
    expect(lease.log.filter((line) => line.startsWith('renew'))).toHaveLength(21)
  })

  it('renews a lease that is longer than a timer can be as seldom as a timer can', async () => {
    vi.useFakeTimers()
    const lease = new MapLease()
    const gate = Promise.withResolvers<string>()
    const call = new AsyncSharedCall({ lease, store: new MapStore(), leaseTtl: '90d' }).call('f', () => gate.promise)
    await vi.advanceTimersByTimeAsync(1_000)
    expect(lease.log).toEqual(['acquire f 1'])
    await vi.advanceTimersByTimeAsync(2 ** 31 - 1_001)
    expect(lease.log).toEqual(['acquire f 1', 'renew f 1 held'])
    gate.resolve('slow')
    expect(await call).toBe('slow')
    expect(vi.getTimerCount()).toBe(0)
  })

  it('succeeds a leader that stands still once its lease has expired, and never publishes the late result', async () => {
    const { time, lease, store, join } = world()
    // A process that is stopped renews nothing.
    const stopped = join({
      delay: (_, signal) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener('abort', reject)
        }),
    })
    const late = Promise.withResolvers<string>()
    const first = stopped.call('f', () => late.promise)
    await settled()
    const successor = join()
    const gate = Promise.withResolvers<string>()
    const second = successor.call('f', () => gate.promise)
    await time.advance(8_900)
    expect(successor.getStats().misses).toBe(0)
    await time.advance(200)
    expect(successor.getStats().misses).toBe(1)

    late.resolve('late')
    expect(await first).toBe('late')
    expect(await store.get('f', scope)).toBeUndefined()
    gate.resolve('new')
    expect(await second).toBe('new')
    expect(lease.log).toContain('renew f 1 lost')
    expect(await store.get('f', scope)).toEqual({ fence: 2, value: 'new' })
  })

  it('never publishes over a newer result, even where the lease could not tell', async () => {
    const { time, store, join } = world()
    const careless = {
      acquire: () => Promise.resolve({ fence: 1, renew: () => true, release: () => undefined }),
    }
    const gate = Promise.withResolvers<string>()
    const first = join({ lease: careless }).call('f', () => gate.promise)
    await settled()
    await store.set('f', { fence: 2, value: 'newer' }, scope)
    gate.resolve('older')
    expect(await first).toBe('older')
    expect(await store.get('f', scope)).toEqual({ fence: 2, value: 'newer' })

    // The newer one comes between the look and the set: the epoch tells.
    await store.delete('f', scope)
    const renewing = {
      fence: 3,
      renew: async (): Promise<boolean> => {
        if ((await store.get('f', scope)) === undefined) await store.set('f', { fence: 4, value: 'newest' }, scope)
        return true
      },
      release: () => undefined,
    }
    expect(await join({ lease: { acquire: () => renewing } }).call('f', () => 'older')).toBe('older')
    expect(await store.get('f', scope)).toEqual({ fence: 4, value: 'newest' })
    expect(time.sleepers).toBe(0)
  })

  it('offers the result again where the store refused because something else was touched', async () => {
    const { store, join } = world()
    const set = store.set.bind(store)
    let refusals = 3
    store.set = (...args) => (refusals-- > 0 ? Promise.resolve(false) : set(...args))
    await join().call('f', () => 1)
    expect(await store.get('f', scope)).toEqual({ fence: 1, value: 1 })
  })

  it('lets a follower take over from a leader whose callers have all left, and tells its fn', async () => {
    const { time, join } = world()
    const abort = new AbortController()
    const left = join().call(
      { key: 'f', signal: abort.signal },
      ({ signal }) =>
        new Promise<string>((_, reject) => {
          signal.addEventListener('abort', () => {
            reject(signal.reason as Error)
          })
        }),
    )
    await settled()
    const follower = join().call('f', () => 'mine')
    await time.advance(150)
    abort.abort(new Error('left'))
    await expect(left).rejects.toThrow('left')
    await time.advance(200)
    expect(await follower).toBe('mine')
    expect(time.sleepers).toBe(0)
  })

  it('stops looking when the last waiter of a follower has left', async () => {
    const { time, join } = world()
    const gate = Promise.withResolvers<string>()
    const leader = join().call('f', () => gate.promise)
    await settled()
    const abort = new AbortController()
    const follower = join()
    const left = follower.call({ key: 'f', signal: abort.signal }, () => 'never')
    await time.advance(150)
    expect(time.sleepers).toBe(2)
    abort.abort('gone')
    await expect(left).rejects.toBe('gone')
    await settled()
    expect(time.sleepers).toBe(1)
    expect(follower.getStats()).toMatchObject({ hits: 0, misses: 0, active: 0 })
    gate.resolve('done')
    expect(await leader).toBe('done')
  })

  it('gives the leader’s callers their value where it cannot be published, and says so', async () => {
    const { time, join } = world()
    const told: unknown[] = []
    const onPublishError = (error: unknown, key: string): void => {
      told.push(isCacheError(error, 'NOT_SERIALIZABLE'), key)
      throw new Error('listeners may throw')
    }
    const gate = Promise.withResolvers<undefined>()
    const load = (): Promise<Date> => gate.promise.then(() => new Date(0))
    const calls = [join({ onPublishError }), join({ onPublishError })].map((shared) => shared.call('f', load))
    await settled()
    gate.resolve(undefined)
    await time.advance(200)
    expect(await Promise.all(calls)).toEqual([new Date(0), new Date(0)])
    expect(told).toEqual([true, 'f', true, 'f'])
  })

  it('drops what the promise of an onPublishError rejects with', async () => {
    const { join } = world()
    const unhandled: unknown[] = []
    const note = (error: unknown): void => void unhandled.push(error)
    process.on('unhandledRejection', note)
    const onPublishError = async (): Promise<void> => {
      await Promise.resolve()
      throw new Error('listeners may reject')
    }
    expect(await join({ onPublishError }).call('f', () => new Date(0))).toEqual(new Date(0))
    await settled()
    process.off('unhandledRejection', note)
    expect(unhandled).toEqual([])
  })

  it('runs on where a delay throws at once: its lease is not renewed then', async () => {
    const { lease, join } = world()
    const gate = Promise.withResolvers<string>()
    const delay = (): never => {
      throw new Error('no delay')
    }
    const call = join({ delay }).call('f', () => gate.promise)
    await settled()
    gate.resolve('value')
    expect(await call).toBe('value')
    expect(lease.log).toEqual(['acquire f 1', 'renew f 1 held', 'release f 1'])
  })

  it('rejects with the error of a lease or a store that cannot be reached, and holds nothing then', async () => {
    const { lease, store, join } = world()
    const failure = new Error('unreachable')
    const broken = { acquire: () => Promise.reject(failure) }
    await expect(join({ lease: broken }).call('f', () => 1)).rejects.toBe(failure)
    const get = store.get.bind(store)
    let reads = 0
    store.get = (...args: Parameters<typeof get>) => ((reads += 1) === 2 ? Promise.reject(failure) : get(...args))
    await expect(join().call('f', () => 1)).rejects.toBe(failure)
    expect(lease.log).toEqual(['acquire f 1', 'release f 1'])
  })

  it('finds a call that waits for itself', async () => {
    const { join } = world()
    const shared = join()
    const fn = async (): Promise<string> => {
      await settled()
      return await shared.call('f', fn)
    }
    const error: unknown = await shared.call('f', fn).catch((reason: unknown) => reason)
    expect(isReentrantCallError(error)).toBe(true)
  })

  it('keeps results of different categories apart', async () => {
    const { store, join } = world()
    await join({ category: 'a' }).call('f', () => 1)
    await join({ category: 'b' }).call('f', () => 2)
    expect(await store.get('f', { category: 'a' })).toEqual({ fence: 1, value: 1 })
    expect(await store.get('f', { category: 'b' })).toEqual({ fence: 2, value: 2 })
  })
})
