import { jsonCodec, richCodec } from '@x/core'
import { findRedisServer, type RedisServer, startRedisServer } from '@x/redis-server'
import fc from 'fast-check'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'

import { type LiveEntry, RedisCache, type RedisCacheOptions, RedisLease } from '../src/index.ts'
import { bringForward } from './bring-forward.ts'

describe.skipIf(findRedisServer() === undefined)('RedisCache', () => {
  let server: RedisServer
  let client: Redis

  beforeAll(async () => {
    server = await startRedisServer()
    client = new Redis(server.url)
  })

  beforeEach(async () => {
    await client.flushall()
  })

  afterAll(async () => {
    client.disconnect()
    await server.stop()
  })

  function open(options: RedisCacheOptions = {}): RedisCache {
    return new RedisCache({ client, namespace: 'tenant:123', commandTimeout: '10s', ...options })
  }

  it('names its live entries, each once, by category and glob, and none of another namespace', async () => {
    const [cache, sibling] = [open(), open({ namespace: 'tenant:1234' })]
    await sibling.set('a', 1)
    await cache.setMany(Array.from({ length: 2_500 }, (_, index) => [`key-${index}`, index]))
    await cache.set('PROJ-1', 'text', { category: 'issue', tags: ['tag'] })
    await cache.set('PROJ-2', 'text', { category: 'issue' })
    await cache.set('gone', 1, { ttl: 0 })
    const named = async (filter?: Parameters<RedisCache['keys']>[0]): Promise<LiveEntry[]> => {
      const found: LiveEntry[] = []
      for await (const entry of cache.keys(filter)) found.push(entry)
      return found
    }
    const names = async (...filter: Parameters<typeof named>): Promise<string[]> =>
      (await named(...filter)).map(({ category, key }) => `${category}/${key}`).toSorted()
    expect(await names({ category: 'issue' })).toEqual(['issue/PROJ-1', 'issue/PROJ-2'])
    expect(await names({ pattern: 'PROJ-[!1]' })).toEqual(['issue/PROJ-2'])
    expect(await names({ category: 'default', pattern: 'PROJ-*' })).toEqual([])
    expect(new Set(await names()).size).toBe(2_502)
    expect((await named({ pattern: 'PROJ-1' }))[0]?.sizeBytes).toBe('"text"'.length)
  })

  describe('what the original promises', () => {
    it('names keys so that people can read them', async () => {
      const cache = open()
      await cache.set('PROJ-1', { summary: 'Fix bug' }, { category: 'issue' })
      expect(await client.keys('*')).toEqual(['tenant:123:issue:PROJ-1'])
      expect(cache.qualify('PROJ-1', { category: 'issue' })).toBe('tenant:123:issue:PROJ-1')
      expect(cache.qualify('a:b%', { category: ':' })).toBe('tenant:123:%3A:a%3Ab%25')
      expect(await client.get('tenant:123:issue:PROJ-1')).toMatch(/^x1e:.{17}:\{"summary":"Fix bug"\}$/)
    })

    it('gets three of four, deletes two of three, clears three', async () => {
      const [cache, sibling] = [open(), open({ namespace: 'tenant:1234' })]
      await sibling.set('a', 'sibling')
      const entries = [
        ['a', 1],
        ['b', 2],
        ['c', 3],
      ] as const
      await cache.setMany(entries)
      expect(await cache.getMany(['a', 'b', 'c', 'd'])).toEqual(new Map(entries))
      expect(await cache.deleteMany(['a', 'b', 'd'])).toBe(2)
      await cache.setMany(entries)
      expect(await cache.clear()).toBe(3)
      expect(await sibling.get('a')).toBe('sibling')
    })

    it('counts: absent 1, by five 6; set 10, then 9, then by three 6', async () => {
      const cache = open()
      expect(await cache.increment('views')).toBe(1)
      expect(await cache.increment('views', 5)).toBe(6)
      expect(await cache.get('views')).toBe(6)
      await cache.set('stock', 10)
      expect(await cache.decrement('stock')).toBe(9)
      expect(await cache.decrement('stock', 3)).toBe(6)
    })

    it('keeps "123", "null" and "true" as strings', async () => {
      const cache = open()
      for (const text of ['123', 'null', 'true']) {
        await cache.set('k', text)
        expect(await cache.get('k')).toBe(text)
      }
    })

    it('lets an entry live for an hour by default', async () => {
      const cache = open()
      await cache.set('k', 1)
      expect(Math.ceil(((await cache.getTtl('k')) ?? 0) / 60_000)).toBe(60)
    })
  })

  describe('increment()', () => {
    it('makes a counter with a deadline, and counting further does not prolong it', async () => {
      const cache = open()
      await cache.increment('k', 1, { ttl: '1m' })
      await bringForward([client], 30_000)
      await cache.increment('k', 1, { ttl: '1h' })
      expect(await cache.getTtl('k')).toBeLessThanOrEqual(30_000)
      await bringForward([client], 30_000)
      expect(await cache.increment('k', 1, { ttl: Infinity })).toBe(1)
      expect(await cache.getTtl('k')).toBe(Infinity)
    })

    it('counts every one of a thousand at the same time, from two caches', async () => {
      const caches = [open(), open()]
      const turns = Array.from({ length: 500 }, () => caches).flat()
      const counts = await Promise.all(turns.map((cache) => cache.increment('k')))
      expect(new Set(counts).size).toBe(1_000)
      expect(await caches[0]?.get('k')).toBe(1_000)
    })

    it('refuses what is no integer, and what would exceed the safe ones', async () => {
      const cache = open()
      await cache.set('text', 'ten')
      await cache.set('large', Number.MAX_SAFE_INTEGER)
      await cache.set('half', 1.5)
      for (const key of ['text', 'large', 'half']) await expect(cache.increment(key)).rejects.toThrow(TypeError)
      expect(await cache.get('large')).toBe(Number.MAX_SAFE_INTEGER)
      for (const amount of [NaN, 1.5, Infinity, 2 ** 53]) {
        await expect(cache.increment('k', amount)).rejects.toThrow(RangeError)
      }
      expect(await cache.has('k')).toBe(false)
    })

    it('is exact up to the largest safe integer', async () => {
      const cache = open()
      expect(await cache.increment('k', Number.MAX_SAFE_INTEGER - 1)).toBe(Number.MAX_SAFE_INTEGER - 1)
      expect(await cache.increment('k')).toBe(Number.MAX_SAFE_INTEGER)
      expect(await cache.decrement('l', Number.MAX_SAFE_INTEGER)).toBe(Number.MIN_SAFE_INTEGER)
    })

    it('keeps the tags and the grace of the entry, and touches it', async () => {
      const cache = open()
      await cache.set('k', 1, { tags: ['t'], grace: '1h', ttl: '1m' })
      const epoch = await cache.getEpoch('k')
      expect(await cache.increment('k')).toBe(2)
      expect(await cache.set('k', 0, { ifEpoch: epoch })).toBe(false)
      await bringForward([client], 60_000)
      expect(await cache.get('k', { allowStale: true })).toBe(2)
      await cache.set('k', 1, { tags: ['t'] })
      await cache.increment('k')
      expect(await cache.invalidate({ tag: 't' })).toBe(1)
    })
  })

  describe('getTtl() and expire()', () => {
    it('tell and change how long an entry lives', async () => {
      const cache = open()
      expect(await cache.getTtl('k')).toBeUndefined()
      expect(await cache.expire('k', '1m')).toBe(false)
      await cache.set('k', 1, { ttl: Infinity })
      expect(await cache.getTtl('k')).toBe(Infinity)
      expect(await cache.expire('k', '1m')).toBe(true)
      expect(Math.ceil(((await cache.getTtl('k')) ?? 0) / 1_000)).toBe(60)
      expect(await cache.expire('k', Infinity)).toBe(true)
      expect(await cache.getTtl('k')).toBe(Infinity)
      expect(await cache.expire('k', 0)).toBe(true)
      expect(await cache.has('k')).toBe(false)
      await expect(cache.expire('k', NaN)).rejects.toThrow(RangeError)
    })

    it.each(['1h', Infinity] as const)('leave an entry its tags, for as long as %s', async (ttl) => {
      const cache = open()
      await cache.set('k', 1, { ttl: '1s', tags: ['t', 'a:b'], grace: '1s' })
      expect(await cache.expire('k', ttl)).toBe(true)
      // Any other write of the tag forgets what its index calls expired.
      await cache.set('other', 1, { tags: ['t'], ttl: 1 })
      await bringForward([client], 60_000)
      expect(await cache.get('k')).toBe(1)
      expect(await cache.invalidate({ tag: 'a:b' })).toBe(1)
      await cache.set('k', 1, { ttl: '1s', tags: ['t'] })
      await cache.expire('k', ttl)
      await bringForward([client], 60_000)
      expect(await cache.invalidate({ tag: 't' })).toBe(1)
    })

    it('leave an entry its grace', async () => {
      const cache = open()
      await cache.set('k', 1, { ttl: '1m', grace: '1h' })
      expect(Math.ceil(((await cache.getTtl('k')) ?? 0) / 1_000)).toBe(60)
      await cache.expire('k', '2m')
      expect(Math.ceil(((await cache.getTtl('k')) ?? 0) / 1_000)).toBe(120)
      await bringForward([client], 120_000)
      expect(await cache.getTtl('k')).toBeUndefined()
      expect(await cache.expire('k', '1m')).toBe(false)
      expect(await cache.get('k', { allowStale: true })).toBe(1)
      await cache.set('k', 1, { ttl: '1m', grace: '1h' })
      await cache.expire('k', Infinity)
      expect(await cache.has('k')).toBe(true)
    })
  })

  describe('namespaces', () => {
    const NAMES = ['a', 'ab', 'a*', 'a:b', 'a[1]', '', ':', 'a:', 'a%3Ab', '{a}', '\\', 'a\\*', '?', 'a^-b']

    it('hold the same key apart, and clearing one leaves the rest', async () => {
      for (const cleared of NAMES) {
        const caches = NAMES.map((namespace) => open({ namespace }))
        for (const [index, cache] of caches.entries()) await cache.set('k', index, { tags: ['t'] })
        expect(await open({ namespace: cleared }).clear(), cleared).toBe(1)
        const left = await Promise.all(caches.map((cache) => cache.get('k')))
        expect(left).toEqual(NAMES.map((namespace, index) => (namespace === cleared ? undefined : index)))
        for (const cache of caches) await cache.clear()
      }
    })

    it('never meet, whatever they and the categories and keys are called', async () => {
      const part = fc.string({
        unit: fc.constantFrom('a', 'b', ':', '%', '*', '?', '[', ']', '\\', '3', 'A', '{', '}'),
        maxLength: 5,
      })
      const place = fc.record({ namespace: part, category: part, key: part })
      await fc.assert(
        fc.asyncProperty(
          fc.uniqueArray(place, { minLength: 2, maxLength: 8, selector: (p) => JSON.stringify(p) }),
          async (places) => {
            await client.flushall()
            const cacheOf = ({ namespace }: { namespace: string }): RedisCache => open({ namespace })
            for (const [index, p] of places.entries())
              await cacheOf(p).set(p.key, index, { category: p.category, tags: ['t'] })
            for (const [index, p] of places.entries()) {
              expect(await cacheOf(p).get(p.key, { category: p.category })).toBe(index)
            }
            const [first] = places
            if (first === undefined) return
            const gone = places.filter(({ namespace }) => namespace === first.namespace)
            expect(await cacheOf(first).clear()).toBe(gone.length)
            for (const [index, p] of places.entries()) {
              expect(await cacheOf(p).get(p.key, { category: p.category })).toBe(gone.includes(p) ? undefined : index)
            }
          },
        ),
        { numRuns: 100 },
      )
    })
  })

  it('writes in one process what another reads, and refuses there the load that it overtook', async () => {
    const other = new Redis(server.url)
    const [here, there] = [open(), open({ client: other })]
    const epoch = await here.getEpoch('k')
    await there.set('k', 'newer')
    expect(await here.set('k', 'stale', { ifEpoch: epoch })).toBe(false)
    const second = await here.getEpoch('absent')
    await there.delete('absent')
    expect(await here.set('absent', 'stale', { ifEpoch: second })).toBe(false)
    const third = await here.getEpoch('tagged')
    await there.invalidate({ tag: 'nobody has it yet' })
    expect(await here.set('tagged', 'stale', { ifEpoch: third, tags: ['nobody has it yet'] })).toBe(false)
    other.disconnect()
  })

  it('refuses a load with a tag that was invalidated between its two round trips, over an entry without it', async () => {
    const other = new Redis(server.url)
    const [here, there] = [open(), open({ client: other })]
    await there.set('k', 'old')
    const epoch = await here.getEpoch('k')
    const scripts = client as unknown as Record<'xCacheStoreIf1', (...args: unknown[]) => Promise<unknown>>
    const storeIf = scripts.xCacheStoreIf1
    scripts.xCacheStoreIf1 = async (...args) => {
      expect(await there.invalidate({ tag: 't' })).toBe(0)
      return await storeIf.apply(client, args)
    }
    expect(await here.set('k', 'stale', { ifEpoch: epoch, tags: ['t'] })).toBe(false)
    scripts.xCacheStoreIf1 = storeIf
    expect(await here.get('k')).toBe('old')
    expect(await here.getTtl('k')).toBeGreaterThan(0)
    other.disconnect()
  })

  it('lists an entry by its tag for as long as it lives, whatever shorter time a refused load has noted', async () => {
    const cache = open()
    await cache.set('k', 1, { tags: ['t'], ttl: '1h' })
    const epoch = await cache.getEpoch('k')
    await cache.set('k', 2, { tags: ['t'], ttl: '1h' })
    expect(await cache.set('k', 3, { tags: ['t'], ttl: 1, ifEpoch: epoch })).toBe(false)
    const now = async (): Promise<number> => {
      const [seconds, microseconds] = await client.time()
      return Number(seconds) * 1_000 + Number(microseconds) / 1_000
    }
    const noted = await now()
    await expect.poll(now).toBeGreaterThan(noted + 2)
    for (let index = 0; index < 5; index += 1) await cache.set(`other ${index}`, 1, { tags: ['t'], ttl: '1h' })
    expect(await cache.invalidate({ tag: 't' })).toBe(6)
  })

  it('stores a hundred and thirty thousand entries with tags at once', async () => {
    const cache = open()
    const entries = Array.from({ length: 130_000 }, (_, index) => [`k${index}`, index] as const)
    expect(await cache.setMany(entries, { tags: ['t'] })).toBe(130_000)
    expect(await client.hlen('tenant:123:%tag:t')).toBe(130_000)
  })

  it('refuses what it could not keep to', () => {
    const refused: readonly RedisCacheOptions[] = [
      { local: { maxAge: '1m', maxSize: 5 } as RedisCacheOptions['local'] },
      { categories: { issue: { maxSizeBytes: 5 } } },
    ]
    for (const options of refused) expect(() => open(options)).toThrow(TypeError)
    const plain = new Redis(server.url, { stringNumbers: true, lazyConnect: true })
    expect(() => open({ client: plain })).toThrow(TypeError)
    expect(() => new RedisLease({ client: plain })).toThrow(TypeError)
  })

  it('refuses a load whose placeholder is lost, and an epoch that is none', async () => {
    const cache = open()
    const epoch = await cache.getEpoch('k')
    await client.flushall()
    expect(await cache.set('k', 1, { ifEpoch: epoch })).toBe(false)
    for (const wrong of ['', 'x', 1, epoch.toString().slice(1)]) {
      await expect(cache.set('k', 1, { ifEpoch: wrong as typeof epoch })).rejects.toThrow(TypeError)
    }
  })

  it('forgets in the index of a tag what has expired, and the index with its last entry', async () => {
    const cache = open()
    for (let index = 0; index < 50; index += 1) await cache.set(`short ${index}`, 1, { tags: ['t'], ttl: 1 })
    await expect.poll(() => cache.has('short 49')).toBe(false)
    for (let index = 0; index < 50; index += 1) await cache.set('long', 1, { tags: ['t'], ttl: '1h' })
    expect(await client.hlen('tenant:123:%tag:t')).toBeLessThan(5)
    await bringForward([client], 3_600_000)
    expect(await client.keys('*')).toEqual([])
  })

  it('counts, while it clears, every entry once and leaves nothing but when that was', async () => {
    const cache = open()
    const entries = Array.from({ length: 5_000 }, (_, index) => [`k${index}`, index] as const)
    await cache.setMany(entries, { tags: ['t'] })
    expect(await cache.clear()).toBe(5_000)
    expect(await client.keys('*')).toEqual(['tenant:123:%epoch:'])
  })

  it('tells what the servers say, and how fast they answer', async () => {
    const cache = open()
    expect(await cache.ping()).toEqual({ ok: true, latencyMs: expect.any(Number) as number })
    const stats = await cache.getServerStats()
    expect(stats).toMatchObject({ evictedKeys: 0, maxMemoryBytes: 0 })
    expect(stats.usedMemoryBytes).toBeGreaterThan(100_000)
  })

  it('counts integers under richCodec() too', async () => {
    const cache = open({ codec: richCodec() })
    await cache.set('k', 41)
    expect(await cache.increment('k')).toBe(42)
    expect(await cache.get('k')).toBe(42)
  })

  it('takes what is not its own for a miss, counts it, and can be written over', async () => {
    const cache = open()
    const errors: unknown[] = []
    cache.addEventListener({ onCacheError: (error) => errors.push(error) })
    const places = ['text', 'list', 'other codec', 'short'] as const
    await client.set(cache.qualify('text'), 'somebody else wrote this')
    await client.rpush(cache.qualify('list'), 'a', 'b')
    await client.set(cache.qualify('other codec'), `x1e:${'s'.repeat(17)}:no JSON`)
    await client.set(cache.qualify('short'), 'x1m:')
    for (const key of places) expect(await cache.get(key), key).toBeUndefined()
    expect((await cache.getStats()).errors).toBe(4)
    expect(errors).toHaveLength(4)
    expect(await cache.getMany(places)).toEqual(new Map())
    for (const key of places) {
      expect(await cache.getOrSet(key, () => 'ours'), key).toBe('ours')
      expect(await cache.get(key), key).toBe('ours')
    }
  })

  it('throws for what is not its own where failures throw', async () => {
    const cache = open({ onFailure: 'throw', codec: jsonCodec() })
    await client.set(cache.qualify('text'), 'somebody else wrote this')
    await client.rpush(cache.qualify('list'), 'a')
    await expect(cache.get('text')).rejects.toMatchObject({ code: 'STORE_CORRUPT', details: { key: 'text' } })
    await expect(cache.get('list')).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE', details: { reason: 'reply' } })
  })

  it('leaves a client that it was given open', async () => {
    const own = new Redis(server.url)
    const cache = open({ client: own })
    await cache.set('k', 1)
    await cache.close()
    expect(await own.ping()).toBe('PONG')
    expect(own.listenerCount('error')).toBe(0)
    own.disconnect()
  })
})
