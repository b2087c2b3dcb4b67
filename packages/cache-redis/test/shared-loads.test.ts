import { findRedisServer, type RedisServer, startRedisServer } from '@x/redis-server'
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
