import { conformanceCases } from '@x/core/conformance'
import { richCodec } from '@x/core'
import { findRedisServer, type RedisServer, startRedisServer } from '@x/redis-server'
import { Redis } from 'ioredis'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'

import { createRedisClient, RedisCache, type RedisCacheOptions } from '../src/index.ts'
import { bringForward } from './bring-forward.ts'
import { LyingProxy } from './lying-proxy.ts'

describe.skipIf(findRedisServer() === undefined)('a RedisCache with a local tier', () => {
  let server: RedisServer
  let client: Redis
  const opened: RedisCache[] = []

  beforeAll(async () => {
    server = await startRedisServer()
    client = new Redis(server.url)
    // The server is killed below.
    client.on('error', () => undefined)
  })

  afterEach(async () => {
    for (const cache of opened.splice(0)) await cache.close()
    await client.flushall()
  })

  afterAll(async () => {
    client.disconnect()
    await server.stop()
  })

  async function open(options: RedisCacheOptions = {}): Promise<RedisCache> {
    const cache = new RedisCache({ url: server.url, namespace: 'a', local: true, commandTimeout: '10s', ...options })
    opened.push(cache)
    await expect.poll(() => cache.isLocalCoherent).toBe(true)
    return cache
  }

  /** How many commands of clients the server has been asked. */
  async function readsOf(): Promise<number> {
    const info = await client.info('commandstats')
    return Number(/cmdstat_get:calls=(\d+)/.exec(info)?.[1] ?? 0)
  }

  it('serves from memory what it has read, frozen, and asks Redis nothing', async () => {
    const cache = await open()
    await cache.set('k', { list: [1] })
    const first = await cache.get<{ list: number[] }>('k')
    const before = await readsOf()
    for (let round = 0; round < 100; round += 1) expect(await cache.get('k')).toBe(first)
    expect(await readsOf()).toBe(before)
    expect(() => first?.list.push(2)).toThrow(TypeError)
    expect((await cache.getStats()).hits).toBe(101)
  })

  it('hears of every kind of change that another client makes', async () => {
    const [here, there] = [await open(), await open()]
    const changes: (() => Promise<unknown>)[] = [
      () => there.set('k', 2),
      () => there.setMany([['k', 2]]),
      () => there.delete('k'),
      () => there.invalidate({ tag: 't' }),
      () => there.invalidate({ pattern: '*' }),
      () => there.increment('k'),
      () => there.expire('k', 0),
      () => there.clear(),
      () => client.del('a:default:k'),
      () => client.flushall(),
    ]
    for (const change of changes) {
      await there.set('k', 1, { tags: ['t'] })
      await expect.poll(() => here.get('k')).toBe(1)
      await change()
      await expect.poll(() => here.get('k')).not.toBe(1)
    }
  })

  it('never answers what the same cache has overwritten or deleted, whatever is on its way', async () => {
    const cache = await open()
    for (let round = 0; round < 200; round += 1) {
      const early = cache.get('k')
      const set = cache.set('k', round)
      const late = cache.get('k')
      await set
      expect(await cache.get('k')).toBe(round)
      await Promise.all([early, late])
      expect(await cache.get('k')).toBe(round)
      if (round % 3 === 0) {
        await cache.delete('k')
        expect(await cache.get('k')).toBeUndefined()
      }
    }
  })

  it('never keeps an entry beyond its deadline, nor beyond maxAge', async () => {
    let now = 1_000_000
    const cache = await open({ clock: { now: () => now }, local: { maxAge: '1m' } })
    await cache.set('short', 1, { ttl: '10s' })
    await cache.set('long', 1, { ttl: '1h' })
    await cache.get('short')
    await cache.get('long')
    const before = await readsOf()
    now += 10_000
    await cache.get('short')
    expect(await readsOf()).toBe(before + 1)
    await cache.get('long')
    expect(await readsOf()).toBe(before + 1)
    now += 50_000
    await cache.get('long')
    expect(await readsOf()).toBe(before + 2)
  })

  it('keeps within its limit, and what was read since it was last asked stays longer', async () => {
    const cache = await open({ local: { maxSizeBytes: 3_100 } })
    const value = 'x'.repeat(998)
    for (const key of ['a', 'b', 'c', 'd']) await cache.set(key, value)
    for (const key of ['a', 'b', 'c', 'a', 'd']) await cache.get(key)
    const before = await readsOf()
    for (const key of ['a', 'c', 'd']) await cache.get(key)
    expect(await readsOf()).toBe(before)
    await cache.get('b')
    expect(await readsOf()).toBe(before + 1)
    await cache.set('large', 'x'.repeat(10_000))
    for (let round = 0; round < 2; round += 1) expect(await cache.get<string>('large')).toHaveLength(10_000)
  })

  it('gives each reader a copy of what freezing does not protect', async () => {
    const cache = await open({ codec: richCodec() })
    await cache.set('k', { when: new Date(0) })
    const first = await cache.get<{ when: Date }>('k')
    first?.when.setTime(1)
    expect(await cache.get('k')).toEqual({ when: new Date(0) })
    const second = await cache.get<{ when: Date }>('k')
    second?.when.setTime(1)
    expect(await cache.get('k')).toEqual({ when: new Date(0) })
  })

  it('serves nothing from memory while it may miss a change, and is empty afterwards', async () => {
    await using proxy = await LyingProxy.start(server.socketPath)
    const cache = await open({ url: proxy.url })
    await cache.set('k', 'old')
    await cache.get('k')
    proxy.cut()
    await expect.poll(() => cache.isLocalCoherent).toBe(false)
    await client.del('a:default:k')
    proxy.admit()
    await expect.poll(() => cache.isLocalCoherent).toBe(true)
    expect(await cache.get('k')).toBeUndefined()
  })

  it('begins also where the client connects after the stream, and puts one listener of an event on it for any number of caches', async () => {
    const late = createRedisClient({ url: server.url, redisOptions: { lazyConnect: true } }) as Redis
    const options = { client: late, url: undefined }
    const listeners = (): number[] => ['error', 'close', 'ready'].map((event) => late.listenerCount(event))
    const before = listeners()
    const caches = Array.from(
      { length: 12 },
      (_, index) => new RedisCache({ ...options, namespace: `n${index}`, local: true }),
    )
    opened.push(...caches)
    await expect.poll(async () => await client.client('LIST')).toMatch(/cmd=subscribe/)
    for (const cache of caches) await expect.poll(() => cache.isLocalCoherent).toBe(true)
    expect(listeners().map((count, index) => count - (before[index] ?? 0))).toEqual([1, 1, 0])
    const [first, ...others] = caches
    for (let times = 0; times < 30; times += 1) await first?.close()
    expect(listeners().map((count, index) => count - (before[index] ?? 0))).toEqual([1, 1, 0])
    for (const cache of others) await cache.close()
    expect(listeners()).toEqual(before)
    late.disconnect()
  })

  it('is used again, empty, after the server was killed and started again', async () => {
    const cache = await open()
    await cache.set('k', 'old')
    await cache.get('k')
    await server.kill()
    await expect.poll(() => cache.isLocalCoherent).toBe(false)
    await server.restart()
    await expect.poll(() => cache.isLocalCoherent).toBe(true)
    expect(await cache.get('k')).toBeUndefined()
  })

  it('is given up when the stream of changes falls silent', async () => {
    const cache = await open()
    await cache.set('k', 1)
    await cache.get('k')
    server.freeze()
    try {
      await expect.poll(() => cache.isLocalCoherent).toBe(false)
    } finally {
      server.thaw()
    }
  })

  it('is none where the server does not allow tracking: every read asks', async () => {
    await client.call('ACL', 'SETUSER', 'plain', 'on', '>secret', '~*', '&*', '+@all', '-client|tracking')
    const cache = new RedisCache({
      client: new Redis(server.url, { username: 'plain', password: 'secret' }),
      local: true,
      commandTimeout: '10s',
    })
    opened.push(cache)
    await expect.poll(() => cache.set('k', 1)).toBe(true)
    expect(await cache.get('k')).toBe(1)
    await client.set(cache.qualify('k'), `x1e:${'s'.repeat(17)}:2`)
    expect(await cache.get('k')).toBe(2)
    expect(cache.isLocalCoherent).toBe(false)
    ;(cache.client as Redis).disconnect()
  })

  describe('keeps the contract of every store:', () => {
    let namespaces = 0
    it.each(conformanceCases)('$name', async ({ run }) => {
      let now = 1_700_000_000_000
      await run({
        create: async (options) => {
          namespaces += 1
          return await open({
            ...options,
            namespace: `test:${namespaces}`,
            clock: { now: () => now },
          })
        },
        advance: async (milliseconds) => {
          now += milliseconds
          await bringForward([client], milliseconds)
        },
        deadlineTolerance: 3_000,
      })
    })
  })
})
