import { createHook } from 'node:async_hooks'

import { findRedisServer, type RedisServer, startRedisServer } from '@x/redis-server'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { RedisCache } from '../src/index.ts'
import { countWrites } from './count-writes.ts'
import { LyingProxy } from './lying-proxy.ts'

const MANY = 10_000
const ENTRIES = Array.from({ length: MANY }, (_, index) => [`key ${index}`, `value ${index}`] as const)
/** Less than what each command, with its key and value, takes. */
const BYTES_PER_COMMAND = 60

describe.skipIf(findRedisServer() === undefined)('RedisCache', () => {
  let server: RedisServer
  let client: Redis

  beforeAll(async () => {
    server = await startRedisServer()
    client = new Redis(server.url)
  })

  afterAll(async () => {
    client.disconnect()
    await server.stop()
  })

  it(`reads ${MANY} keys by one command`, async () => {
    await using cache = new RedisCache({ client, commandTimeout: '10s' })
    await cache.setMany(ENTRIES)
    await client.config('RESETSTAT')
    expect((await cache.getMany(ENTRIES.map(([key]) => key))).size).toBe(MANY)
    const stats = await client.info('commandstats')
    expect(stats).toMatch(/cmdstat_mget:calls=1,/)
    expect(stats).not.toContain('cmdstat_get:')
  })

  it.each([
    ['with one ttl', {}],
    ['with tags', { tags: ['t'] }],
  ])(`writes ${MANY} keys %s before it needs any answer`, async (_how, options) => {
    await using proxy = await LyingProxy.start(server.socketPath)
    await using cache = new RedisCache({ url: proxy.url, commandTimeout: '10s' })
    expect(await cache.set('connect', 1)).toBe(true)
    proxy.holdUntilBytes = MANY * BYTES_PER_COMMAND
    expect(await cache.setMany(ENTRIES, options)).toBe(MANY)
  })

  it('writes with mixed ttls, started together, before it needs any answer', async () => {
    await using proxy = await LyingProxy.start(server.socketPath)
    await using cache = new RedisCache({ url: proxy.url, commandTimeout: '10s' })
    expect(await cache.set('connect', 1)).toBe(true)
    proxy.holdUntilBytes = MANY * BYTES_PER_COMMAND
    const sets = ENTRIES.map(([key, value], index) => cache.set(key, value, { ttl: 60_000 + index }))
    expect(new Set(await Promise.all(sets))).toEqual(new Set([true]))
  })

  it('sends the first twelve calls at once, and what else comes in one turn together', async () => {
    await using cache = new RedisCache({ client, commandTimeout: '10s' })
    const write = (count: number): Promise<unknown> =>
      Promise.all(ENTRIES.slice(0, count).map(([key, value]) => cache.set(key, value)))
    expect(await countWrites([client], () => write(1))).toEqual([1])
    expect(await countWrites([client], () => write(12))).toEqual([12])
    // The first of them, and all others.
    expect(await countWrites([client], () => write(100))).toEqual([13])
    expect(await countWrites([client], () => cache.getMany(ENTRIES.map(([key]) => key)))).toEqual([1])
  })

  it('sends a deletion before the set that follows it, also where the client holds back what it is given', async () => {
    const pipelining = new Redis(server.url, { enableAutoPipelining: true })
    await using cache = new RedisCache({ client: pipelining })
    await cache.ping()
    await Promise.all([cache.set('key', 1), cache.delete('key'), cache.set('key', 2, { ttl: Infinity })])
    expect(await cache.get('key')).toBe(2)
    pipelining.disconnect()
  })

  it('makes no timer for a batch after another one as large', async () => {
    await using cache = new RedisCache({ client, commandTimeout: '10s' })
    const keys = ENTRIES.map(([key]) => key)
    await cache.getMany(keys)
    let timers = 0
    const hook = createHook({
      init: (_, type) => {
        if (type === 'Timeout') timers += 1
      },
    }).enable()
    await cache.getMany(keys)
    await cache.getMany(keys)
    hook.disable()
    expect(timers).toBe(0)
  })
})
