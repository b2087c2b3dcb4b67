import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

import { isCacheError } from '@x/core'
import { findRedisServer, type RedisServer, startRedisServer } from '@x/redis-server'
import { Redis } from 'ioredis'
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest'

import { createRedisClient, pingRedis, RedisCache, type RedisCacheOptions, redisUrlFromEnv } from '../src/index.ts'
import { LyingProxy } from './lying-proxy.ts'

const ERROR_REPLIES = [
  "OOM command not allowed when used memory > 'maxmemory'.",
  "READONLY You can't write against a read only replica.",
  'LOADING Redis is loading the dataset in memory',
  'MOVED 3999 127.0.0.1:6381',
  'MASTERDOWN Link with MASTER is down',
  'NOAUTH Authentication required.',
  'ERR max number of clients reached',
]

describe.skipIf(findRedisServer() === undefined)('RedisCache when Redis fails', () => {
  let server: RedisServer
  const opened: RedisCache[] = []

  beforeAll(async () => {
    server = await startRedisServer()
  })

  afterEach(async () => {
    for (const cache of opened.splice(0)) await cache.close()
  })

  afterAll(async () => {
    await server.stop()
  })

  function open(options: RedisCacheOptions = {}): RedisCache {
    const cache = new RedisCache({ url: server.url, commandTimeout: '10s', ...options })
    opened.push(cache)
    return cache
  }

  /** Everything that reads and writes answers as if nothing were there; everything that deletes or counts throws. */
  async function assertGone(cache: RedisCache): Promise<void> {
    expect(await cache.get('k')).toBeUndefined()
    expect(await cache.getMany(['k', 'l'])).toEqual(new Map())
    expect(await cache.set('k', 1)).toBe(false)
    expect(await cache.setMany([['k', 1]], { tags: ['t'] })).toBe(0)
    expect(await cache.has('k')).toBe(false)
    expect(await cache.getTtl('k')).toBeUndefined()
    expect(await cache.expire('k', '1m')).toBe(false)
    expect(await cache.set('k', 1, { ifEpoch: await cache.getEpoch('k') })).toBe(false)
    expect(await cache.getOrSet('k', () => 'loaded')).toBe('loaded')
    expect(await cache.ping()).toMatchObject({ ok: false, error: { code: 'STORE_UNAVAILABLE' } })
    expect(await cache.getStats()).toMatchObject({ entryCount: 0, misses: 4 })
    const removals = [
      () => cache.delete('k'),
      () => cache.deleteMany(['k']),
      () => cache.invalidate({ key: 'k', category: 'default' }),
      () => cache.invalidate({ pattern: '*' }),
      () => cache.invalidate({ tag: 't' }),
      () => cache.clear(),
      () => cache.set('k', 1, { ttl: 0 }),
      () => cache.expire('k', 0),
      () => cache.increment('k'),
      () => cache.decrement('k'),
    ]
    for (const remove of removals) await expect(remove()).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
    expect((await cache.getStats()).errors).toBeGreaterThanOrEqual(10)
  }

  /** So many failures in a row open the circuit. */
  async function openCircuit(cache: RedisCache): Promise<void> {
    await Promise.all([cache.get('k'), cache.get('k'), cache.get('k')])
  }

  /** Whether a call settles before the event loop turns: it asked nobody. */
  async function settlesAtOnce(call: () => Promise<unknown>): Promise<boolean> {
    const turned = new Promise((resolve) => setImmediate(resolve, 'turned'))
    return (await Promise.race([call(), turned])) !== 'turned'
  }

  it('is frozen: every call settles, at once while the circuit is open, and all is well when it goes on', async () => {
    const cache = open({ commandTimeout: 50 })
    await expect.poll(() => cache.set('kept', 1)).toBe(true)
    server.freeze()
    try {
      await openCircuit(cache)
      expect(await settlesAtOnce(() => cache.get('k'))).toBe(true)
      expect(await settlesAtOnce(() => cache.delete('k').catch(() => undefined))).toBe(true)
      await assertGone(open({ commandTimeout: 50 }))
    } finally {
      server.thaw()
    }
    await expect.poll(() => cache.get('kept')).toBe(1)
    await expect
      .poll(() =>
        cache.delete('kept').then(
          () => true,
          () => false,
        ),
      )
      .toBe(true)
  })

  it('is frozen, and the clock is set back meanwhile: it is used again all the same', async () => {
    const cache = open({ commandTimeout: 50 })
    await expect.poll(() => cache.set('kept', 1)).toBe(true)
    server.freeze()
    onTestFinished(() => void vi.useRealTimers())
    try {
      await openCircuit(cache)
      vi.useFakeTimers({ toFake: ['Date'], now: Date.now() - 3_600_000 })
    } finally {
      server.thaw()
    }
    await expect.poll(() => cache.get('kept')).toBe(1)
  })

  it('waits no longer than it may, by its own count and not by the client', async () => {
    const client = new Redis(server.url)
    const cache = open({ client, url: undefined, commandTimeout: 20, onFailure: 'throw' })
    await client.ping()
    server.freeze()
    const outcome = await cache.get('k').catch((error: unknown) => error)
    server.thaw()
    expect(outcome).toMatchObject({ code: 'STORE_UNAVAILABLE', details: { reason: 'timeout' } })
    client.disconnect()
  })

  it('answered in time, and it was this thread that was too busy to read it', async () => {
    const cache = open({ commandTimeout: 20 })
    await expect.poll(() => cache.set('k', 1)).toBe(true)
    const call = cache.get('k')
    const sent = Date.now()
    // Longer than the limit.
    while (Date.now() - sent < 500);
    expect(await call).toBe(1)
  })

  it('is killed and started again: calls fail at once, and it is used again by itself', async () => {
    const cache = open({ commandTimeout: 100 })
    await expect.poll(() => cache.set('k', 1)).toBe(true)
    await server.kill()
    try {
      await openCircuit(cache)
      expect(await settlesAtOnce(() => cache.get('k'))).toBe(true)
      expect(await cache.set('late', 1)).toBe(false)
    } finally {
      await server.restart()
    }
    await expect.poll(() => cache.set('k', 2)).toBe(true)
    await expect.poll(() => cache.get('k')).toBe(2)
    // What was refused while it was gone does not come later.
    expect(await cache.has('late')).toBe(false)
  })

  it('comes back for a client with the defaults of ioredis too, and nothing is sent late', async () => {
    const client = new Redis(server.url)
    client.on('error', () => undefined)
    const cache = open({ client, url: undefined, commandTimeout: 100 })
    await expect.poll(() => cache.set('k', 1)).toBe(true)
    const closed = once(client, 'close')
    await server.kill()
    await closed
    expect(await cache.set('late', 1)).toBe(false)
    await server.restart()
    await expect.poll(() => cache.set('k', 2)).toBe(true)
    expect(await cache.has('late')).toBe(false)
    client.disconnect()
  })

  it('is not there yet: the first call waits for it', async () => {
    await server.kill()
    const cache = open({ commandTimeout: '20s' })
    const calls = Promise.all(Array.from({ length: 50 }, (_, index) => cache.set(`k${index}`, 1)))
    await server.restart()
    expect(new Set(await calls)).toEqual(new Set([true]))
  })

  it('cuts the connection in the middle of a reply: a miss, and the next call is answered', async () => {
    await using proxy = await LyingProxy.start(server.socketPath)
    const cache = open({ url: proxy.url })
    await expect.poll(() => cache.set('k', 'x'.repeat(10_000))).toBe(true)
    for (const bytes of [0, 1, 3, 5_000]) {
      proxy.cutAfter = bytes
      expect(await cache.get('k')).toBeUndefined()
      await expect.poll(() => cache.get<string>('k')).toHaveLength(10_000)
    }
    proxy.cutAfter = 2
    await expect(cache.delete('k')).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
      details: { reason: 'connection' },
    })
  })

  it.each(ERROR_REPLIES)('answers -%s', async (reply) => {
    await using proxy = await LyingProxy.start(server.socketPath)
    const cache = open({ url: proxy.url })
    await expect.poll(() => cache.set('kept', 1)).toBe(true)
    proxy.answer = reply
    await assertGone(cache)
    proxy.answer = undefined
    await expect.poll(() => cache.get('kept')).toBe(1)
  })

  it('refuses writes for want of memory, and goes on to serve reads', async () => {
    const client = createRedisClient({ url: server.url })
    const cache = open({ client, url: undefined })
    await expect.poll(() => cache.set('kept', 1)).toBe(true)
    await client.config('SET', 'maxmemory', '1')
    for (let round = 0; round < 10; round += 1) expect(await cache.set('k', 'x'.repeat(10_000))).toBe(false)
    expect(await cache.get('kept')).toBe(1)
    expect((await cache.getStats()).errors).toBe(10)
    await client.config('SET', 'maxmemory', '0')
    expect(await cache.set('k', 1)).toBe(true)
    client.disconnect()
  })

  it('tells why when failures throw', async () => {
    const cache = open({ url: `unix://${server.folder}/nobody.sock`, commandTimeout: 30, onFailure: 'throw' })
    const unavailable = { code: 'STORE_UNAVAILABLE' }
    for (let round = 0; round < 5; round += 1) await expect(cache.get('k')).rejects.toMatchObject(unavailable)
    const error = await cache.set('k', 1).catch((caught: unknown) => caught)
    expect(isCacheError(error, 'STORE_UNAVAILABLE') && error.details).toEqual({ reason: 'circuit-open' })
    expect(String(error)).toContain('ENOENT')
    await expect(cache.getStats()).rejects.toMatchObject(unavailable)
    await expect(cache.getEpoch('k')).rejects.toMatchObject(unavailable)
  })

  it('wants another password: a miss that says so, and the right one is let in', async () => {
    const password = 'p@ss:w/rd?#%'
    await using guarded = await startRedisServer({ tcp: true, args: ['--requirepass', password] })
    const env = { REDIS_HOST: '127.0.0.1', REDIS_PORT: `${guarded.port}` }
    const wrong = open({ url: redisUrlFromEnv({ ...env, REDIS_PASSWORD: 'wrong' }), commandTimeout: 50 })
    const errors: unknown[] = []
    wrong.addEventListener({ onCacheError: (error) => errors.push(error) })
    const why = async (): Promise<string> => {
      expect(await wrong.get('k')).toBeUndefined()
      return String(errors.at(-1))
    }
    await expect.poll(why).toMatch(/WRONGPASS|NOAUTH/)
    const right = open({ url: redisUrlFromEnv({ ...env, REDIS_PASSWORD: password }) })
    expect(await right.set('k', 1)).toBe(true)
    expect(
      await pingRedis({ url: redisUrlFromEnv({ ...env, REDIS_PASSWORD: password }), timeout: '10s' }),
    ).toMatchObject({ ok: true })
    expect(await pingRedis({ url: redisUrlFromEnv(env), timeout: 50 })).toMatchObject({ ok: false })
  })

  it('is nowhere: a program that listens to no error ends by itself, silently, with 0', async () => {
    const program = fileURLToPath(new URL('unheard-errors.ts', import.meta.url))
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [program, `${server.folder}/nobody.sock`])
    expect(stderr).toBe('')
    expect(stdout).toBe('undefined false STORE_UNAVAILABLE loaded\n')
  })

  it('closes in the middle of calls: they settle', async () => {
    const cache = new RedisCache({ url: server.url })
    const calls = Array.from({ length: 10 }, (_, index) => cache.set(`k${index}`, 1))
    await cache.close()
    expect(await Promise.all(calls)).toEqual(calls.map(() => false))
  })
})
