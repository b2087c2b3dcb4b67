import { findRedisServer, type RedisServer, startRedisServer } from '@x/redis-server'
import type { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { RedisCache } from '../src/index.ts'

describe.skipIf(findRedisServer() === undefined)('getOrSet() with loads: "machines"', () => {
  let server: RedisServer

  beforeAll(async () => {
    server = await startRedisServer()
  })

  afterAll(async () => {
    await server.stop()
  })

  it('loads once among caches that share only Redis', async () => {
    const open = (): RedisCache => new RedisCache({ url: server.url, loads: 'machines', commandTimeout: '10s' })
    await using here = open()
    await using there = open()
    const gate = Promise.withResolvers<string>()
    const started = Promise.withResolvers<undefined>()
    let loads = 0
    const load = (): Promise<string> => {
      loads += 1
      started.resolve(undefined)
      return gate.promise
    }
    const calls = [here, there, here, there].map((cache) => cache.getOrSet('k', load))
    await started.promise
    gate.resolve('loaded')
    expect(await Promise.all(calls)).toEqual(['loaded', 'loaded', 'loaded', 'loaded'])
    expect(loads).toBe(1)
    expect(await there.get('k')).toBe('loaded')
  })

  it('counts a load as one miss and one entry, and leaves nothing behind for long', async () => {
    await using cache = new RedisCache({
      url: server.url,
      namespace: 'counted',
      loads: 'machines',
      commandTimeout: '10s',
    })
    const missed: unknown[] = []
    cache.addEventListener({ onCacheMiss: ({ key }) => missed.push(key) })
    await Promise.all(Array.from({ length: 20 }, (_, index) => cache.getOrSet(`k${index}`, () => index)))
    expect(await cache.getStats()).toMatchObject({
      misses: 20,
      entryCount: 20,
      byCategory: { default: { entryCount: 20 } },
    })
    expect(missed.toSorted()).toEqual(Array.from({ length: 20 }, (_, index) => `k${index}`).toSorted())
    expect(await cache.clear()).toBe(20)
    const client = cache.client as Redis
    const left = await client.keys('counted:%*')
    const lifetimes = await Promise.all(left.map((key) => client.pttl(key)))
    const others = left.filter((key, index) => (lifetimes[index] ?? 0) > 60_000 && !key.includes('%epoch:'))
    expect(others).toEqual([])
  })

  it('loads by itself while Redis does not answer', async () => {
    await using cache = new RedisCache({
      url: `unix://${server.folder}/nobody.sock`,
      loads: 'machines',
      commandTimeout: 30,
    })
    expect(await cache.getOrSet('k', () => 'loaded')).toBe('loaded')
    expect(await cache.getOrSet('k', () => 'again')).toBe('again')
  })
})
