import KeyvRedis from '@keyv/redis'
import { RedisCache } from '@x/cache-redis'
import { type RedisServer } from '@x/redis-server'
import { BentoCache, bentostore } from 'bentocache'
import { redisDriver } from 'bentocache/drivers/redis'
import { createCache } from 'cache-manager'
import { Redis } from 'ioredis'
import { Keyv } from 'keyv'
import { createClient } from 'redis'

import { type Contestant } from '../benchmark.ts'

const TTL_MS = 3_600_000

/** One way to keep values in Redis. */
export interface RedisDriver {
  readonly name: string
  readonly role: Contestant['role']
  readonly open: (server: RedisServer) => Promise<OpenDriver>
}

/** It, connected. */
export interface OpenDriver {
  readonly get: (key: string) => Promise<unknown>
  readonly set: (key: string, value: unknown) => Promise<unknown>
  /** In the order of the keys. */
  readonly getMany: (keys: readonly string[]) => Promise<readonly unknown[]>
  readonly setMany: (entries: readonly (readonly [string, unknown])[]) => Promise<unknown>
  readonly close: () => Promise<unknown>
}

/** Ours, the raw client in both modes, and the peers. */
export const REDIS_DRIVERS: readonly RedisDriver[] = [
  { name: '@x/cache-redis', role: 'ours', open: openOurs },
  { name: 'ioredis + JSON', role: 'limit', open: (server) => openIoredis(server, false) },
  { name: 'ioredis + JSON, auto-pipelining', role: 'limit', open: (server) => openIoredis(server, true) },
  { name: 'redis + JSON', role: 'peer', open: openNodeRedis },
  { name: 'keyv + @keyv/redis', role: 'peer', open: openKeyv },
  { name: 'bentocache, L2 alone', role: 'peer', open: openBentocache },
  { name: 'cache-manager + @keyv/redis', role: 'peer', open: openCacheManager },
]

async function openOurs(server: RedisServer): Promise<OpenDriver> {
  const cache = new RedisCache({ url: server.url, namespace: 'ours', commandTimeout: '10s', onFailure: 'throw' })
  await cache.ping()
  return {
    get: (key) => cache.get(key),
    set: (key, value) => cache.set(key, value),
    getMany: async (keys) => [...(await cache.getMany(keys)).values()],
    setMany: (entries) => cache.setMany(entries),
    close: () => cache.close(),
  }
}

async function openIoredis(server: RedisServer, enableAutoPipelining: boolean): Promise<OpenDriver> {
  const client = new Redis(server.url, { enableAutoPipelining })
  await client.ping()
  return {
    get: async (key) => parse(await client.get(`raw:${key}`)),
    set: (key, value) => client.set(`raw:${key}`, JSON.stringify(value), 'PX', TTL_MS),
    getMany: async (keys) => (await client.mget(keys.map((key) => `raw:${key}`))).map(parse),
    setMany: (entries) => {
      const pipeline = client.pipeline()
      for (const [key, value] of entries) pipeline.set(`raw:${key}`, JSON.stringify(value), 'PX', TTL_MS)
      return pipeline.exec()
    },
    close: () => client.quit(),
  }
}

async function openNodeRedis(server: RedisServer): Promise<OpenDriver> {
  const client = createClient({ socket: { path: server.socketPath, tls: false } })
  await client.connect()
  return {
    get: async (key) => parse(await client.get(`node:${key}`)),
    set: (key, value) => client.set(`node:${key}`, JSON.stringify(value), { PX: TTL_MS }),
    getMany: async (keys) => (await client.mGet(keys.map((key) => `node:${key}`))).map(parse),
    setMany: (entries) =>
      Promise.all(entries.map(([key, value]) => client.set(`node:${key}`, JSON.stringify(value), { PX: TTL_MS }))),
    close: () => client.close(),
  }
}

function keyvOn(server: RedisServer, namespace: string): Keyv {
  const store = new KeyvRedis({ socket: { path: server.socketPath, tls: false } })
  return new Keyv({ store, namespace, ttl: TTL_MS })
}

async function openKeyv(server: RedisServer): Promise<OpenDriver> {
  const keyv = keyvOn(server, 'keyv')
  await keyv.get('connect')
  return {
    get: (key) => keyv.get(key),
    set: (key, value) => keyv.set(key, value),
    getMany: (keys) => keyv.getMany([...keys]),
    setMany: (entries) => keyv.setMany(entries.map(([key, value]) => ({ key, value }))),
    close: () => keyv.disconnect(),
  }
}

async function openCacheManager(server: RedisServer): Promise<OpenDriver> {
  // Its types are those of keyv 5, which serves the same.
  const cache = createCache({ stores: [keyvOn(server, 'manager') as never] })
  await cache.get('connect')
  return {
    get: (key) => cache.get(key),
    set: (key, value) => cache.set(key, value),
    getMany: (keys) => cache.mget([...keys]),
    setMany: (entries) => cache.mset(entries.map(([key, value]) => ({ key, value }))),
    close: () => cache.disconnect(),
  }
}

async function openBentocache(server: RedisServer): Promise<OpenDriver> {
  const connection = new Redis(server.url, { enableAutoPipelining: true })
  const store = bentostore().useL2Layer(redisDriver({ connection }))
  const bento = new BentoCache({ default: 'redis', prefix: 'bento', ttl: TTL_MS, stores: { redis: store } })
  await connection.ping()
  return {
    get: (key) => bento.get({ key }),
    set: (key, value) => bento.set({ key, value }),
    // It has no batches of its own.
    getMany: (keys) => Promise.all(keys.map((key) => bento.get<unknown>({ key }))),
    setMany: (entries) => Promise.all(entries.map(([key, value]) => bento.set({ key, value }))),
    close: () => bento.disconnectAll(),
  }
}

function parse(text: string | null): unknown {
  return text === null ? undefined : JSON.parse(text)
}
