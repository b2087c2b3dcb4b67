import { findRedisServer, type RedisServer, startRedisServer } from '@x/redis-server'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { RedisCache, RedisLease } from '../src/index.ts'

describe.skipIf(findRedisServer() === undefined)('RedisLease', () => {
  let server: RedisServer
  let client: Redis
  let names = 0

  beforeAll(async () => {
    server = await startRedisServer()
    client = new Redis(server.url)
  })

  afterAll(async () => {
    client.disconnect()
    await server.stop()
  })

  function newLease(): { lease: RedisLease; namespace: string } {
    names += 1
    const namespace = `lease:${names}`
    return { lease: new RedisLease({ client, namespace, commandTimeout: '10s' }), namespace }
  }

  /** What happens when the time of a hold has passed. */
  async function expire(namespace: string, key: string): Promise<void> {
    expect(await client.hset(`${namespace}:%lease:${key}`, 'until', 1)).toBe(0)
  }

  it('gives a key to one at a time', async () => {
    const { lease, namespace } = newLease()
    const other = new RedisLease({ url: server.url, namespace })
    const held = await lease.acquire('k', '1m')
    expect(await other.acquire('k', '1m')).toBeUndefined()
    expect(await other.acquire('another', '1m')).toBeDefined()
    await held?.release()
    expect(await other.acquire('k', '1m')).toBeDefined()
    await other.close()
  })

  it('gives it to exactly one of many who ask at the same time', async () => {
    const { lease } = newLease()
    const asked = await Promise.all(Array.from({ length: 100 }, () => lease.acquire('k', '1m')))
    expect(asked.filter((held) => held !== undefined)).toHaveLength(1)
  })

  it('raises the fence with each acquisition, also where Redis has forgotten the last', async () => {
    const { lease } = newLease()
    const fences: number[] = []
    for (let round = 0; round < 20; round += 1) {
      const held = await lease.acquire('k', '1m')
      fences.push(held?.fence ?? 0)
      if (round % 2 === 0) await held?.release()
      else await client.flushdb()
    }
    expect(fences).toEqual([...new Set(fences)].sort((a, b) => a - b))
    expect(fences.every(Number.isSafeInteger)).toBe(true)
  })

  it('tells a holder whose time has passed, and does not let it release the hold of the next', async () => {
    const { lease, namespace } = newLease()
    const first = await lease.acquire('k', '1m')
    expect(await first?.renew('2m')).toBe(true)
    await expire(namespace, 'k')
    expect(await first?.renew('1m')).toBe(false)
    const second = await lease.acquire('k', '1m')
    await first?.release()
    expect(await first?.renew('1m')).toBe(false)
    expect(await lease.acquire('k', '1m')).toBeUndefined()
    expect(await second?.renew('1m')).toBe(true)
  })

  it('holds by the clock of the server, for as long as was said last', async () => {
    const { lease, namespace } = newLease()
    const held = await lease.acquire('k', '1m')
    const until = async (): Promise<number> => Number(await client.hget(`${namespace}:%lease:k`, 'until'))
    const [seconds] = (await client.time()).map(Number)
    expect(Math.abs((await until()) - (seconds ?? 0) * 1_000 - 60_000)).toBeLessThan(10_000)
    await held?.renew('1h')
    expect(Math.abs((await until()) - (seconds ?? 0) * 1_000 - 3_600_000)).toBeLessThan(10_000)
  })

  it('takes any string for a key', async () => {
    const { lease } = newLease()
    const keys = ['', ':', 'a:b', 'a%3Ab', '{a}', '\ud800', '\udc00', '*']
    const held = await Promise.all(keys.map((key) => lease.acquire(key, '1m')))
    expect(held).not.toContain(undefined)
  })

  it('is left alone by a cache of the same namespace', async () => {
    const { lease, namespace } = newLease()
    await using cache = new RedisCache({ client, namespace })
    await lease.acquire('k', '1m')
    expect(await cache.clear()).toBe(0)
    expect((await cache.getStats()).entryCount).toBe(0)
    expect(await lease.acquire('k', '1m')).toBeUndefined()
  })

  it('refuses a time that is none', async () => {
    const { lease } = newLease()
    const held = await lease.acquire('k', '1m')
    for (const ttl of [0, -1, Infinity, NaN]) {
      await expect(lease.acquire('other', ttl)).rejects.toThrow(RangeError)
      await expect(held?.renew(ttl)).rejects.toThrow(RangeError)
    }
  })

  it('says that it is closed, and that Redis does not answer', async () => {
    const { lease } = newLease()
    await lease.close()
    await lease.close()
    await expect(lease.acquire('k', '1m')).rejects.toMatchObject({ code: 'STORE_CLOSED' })
    await using nowhere = new RedisLease({ url: `unix://${server.folder}/nobody.sock`, commandTimeout: 50 })
    await expect(nowhere.acquire('k', '1m')).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
  })
})
