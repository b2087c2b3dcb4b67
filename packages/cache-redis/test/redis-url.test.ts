import { describe, expect, it } from 'vitest'

import { createRedisClient, pingRedis, RedisCache, RedisLease, redisUrlFromEnv } from '../src/index.ts'

describe('redisUrlFromEnv()', () => {
  it.each([
    [{}, 'redis://localhost:6379/0'],
    [{ REDIS_URL: 'rediss://example.com' }, 'rediss://example.com'],
    [{ REDIS_URL: 'redis://a', REDIS_HOST: 'b' }, 'redis://a'],
    [{ REDIS_URL: '', REDIS_HOST: 'b' }, 'redis://b:6379/0'],
    [{ REDIS_HOST: 'b', REDIS_PORT: '7000', REDIS_DB: '3' }, 'redis://b:7000/3'],
    [{ REDIS_HOST: '::1', REDIS_PORT: '' }, 'redis://[::1]:6379/0'],
    [{ REDIS_PASSWORD: 'p@ss:w/rd?#%' }, 'redis://:p%40ss%3Aw%2Frd%3F%23%25@localhost:6379/0'],
  ])('makes of %j %s', (env, url) => {
    expect(redisUrlFromEnv(env)).toBe(url)
  })

  it('refuses a port and a database that are none', () => {
    expect(() => redisUrlFromEnv({ REDIS_PORT: '65536' })).toThrow(
      new RangeError('Not a value of REDIS_PORT: "65536". Give an integer from 0 to 65535.'),
    )
    for (const text of ['x', '-1', '1.5', ' 1']) expect(() => redisUrlFromEnv({ REDIS_DB: text })).toThrow(RangeError)
  })
})

it('pingRedis() refuses a timeout that is none', async () => {
  for (const timeout of [0, -1, Infinity, NaN, 2 ** 31])
    await expect(pingRedis({ timeout })).rejects.toThrow(RangeError)
})

describe('an address that is none of Redis', () => {
  const refusal = new TypeError(
    'Not the URL of a Redis. Give redis://[user:password@]host[:port][/db], rediss://… for TLS, or unix:///path.',
  )

  it.each(['http://:secret@localhost:6379', 'localhost:6379', 'localhost', '', 'redis://localhost:99999'])(
    'is refused, and not told: %j',
    async (url) => {
      expect(() => createRedisClient({ url })).toThrow(refusal)
      expect(() => new RedisCache({ url })).toThrow(refusal)
      expect(() => new RedisLease({ url })).toThrow(refusal)
      await expect(pingRedis({ url })).rejects.toThrow(refusal)
    },
  )
})
