import { conformanceCases } from '@x/core/conformance'
import { findRedisServer, type RedisCluster, startRedisCluster } from '@x/redis-server'
import { Cluster } from 'ioredis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { createRedisClient, RedisCache } from '../src/index.ts'
import { bringForward } from './bring-forward.ts'
import { countWrites } from './count-writes.ts'

describe.skipIf(findRedisServer() === undefined)('RedisCache keeps the contract of every store in a cluster:', () => {
  let cluster: RedisCluster
  let client: Cluster
  let namespaces = 0

  beforeAll(async () => {
    cluster = await startRedisCluster()
    client = createRedisClient({ cluster: cluster.nodes }) as Cluster
  })

  afterAll(async () => {
    client.disconnect()
    await cluster.stop()
  })

  it.each(conformanceCases)('$name', async ({ run }) => {
    await run({
      create: (options) => {
        namespaces += 1
        return new RedisCache({ ...options, client, namespace: `test:${namespaces}`, commandTimeout: '10s' })
      },
      advance: (milliseconds) => bringForward(client.nodes('master'), milliseconds),
      deadlineTolerance: 3_000,
    })
  })

  it('names and counts its entries over a client that has not connected yet, and says so where nobody answers', async () => {
    await new RedisCache({ client, namespace: 'fresh', commandTimeout: '10s' }).setMany([
      ['a', 1],
      ['b', 2],
      ['c', 3],
    ])
    const fresh = createRedisClient({ cluster: cluster.nodes }) as Cluster
    const cache = new RedisCache({ client: fresh, namespace: 'fresh', commandTimeout: '10s' })
    expect((await cache.getStats()).entryCount).toBe(3)
    fresh.disconnect()
    const nobody = createRedisClient({ cluster: [{ host: '127.0.0.1', port: 1 }] }) as Cluster
    const nowhere = new RedisCache({ client: nobody, commandTimeout: 100 })
    await expect(nowhere.keys().next()).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
    nobody.disconnect()
  })

  it('finds an entry by its tag whose index lies elsewhere, also after it was invalidated while it was stored', async () => {
    const options = { namespace: 'tags', commandTimeout: '10s' } as const
    const other = new RedisCache({ client, ...options })
    // Connects to a node with the first command to it, so that the entry goes later than what is noted of it.
    for (let round = 0; round < 20; round += 1) {
      const fresh = createRedisClient({ cluster: cluster.nodes }) as Cluster
      const cache = new RedisCache({ client: fresh, ...options })
      // Slots 15495 and 3300.
      const [tag, near, far] = [`{a}${round}`, `{a}near`, `{b}${round}`]
      await cache.set(near, 1)
      const storing = cache.set(far, 'v', { tags: [tag] })
      const stored = storing.then(() => 'stored')
      while ((await Promise.race([stored, other.invalidate({ tag })])) !== 'stored');
      await other.invalidate({ tag })
      expect(await other.get(far)).toBeUndefined()
      fresh.disconnect()
    }
  })

  it('does not forget what is noted after an entry without a deadline with what was noted before it', async () => {
    const connect = (): Cluster => createRedisClient({ cluster: cluster.nodes }) as Cluster
    const [one, two] = [connect(), connect()]
    const open = (own: Cluster): RedisCache => new RedisCache({ client: own, namespace: 'n', commandTimeout: '10s' })
    const [writer, remover] = [open(one), open(two)]
    await remover.get('connect')
    type Script = (...args: unknown[]) => Promise<unknown>
    const [adding, dropping] = [one, two] as unknown as [{ xCacheTagAdd1: Script }, { xCacheTagDrop1: Script }]
    const { xCacheTagAdd1: add } = adding
    const { xCacheTagDrop1: drop } = dropping
    const [found, noted] = [Promise.withResolvers<undefined>(), Promise.withResolvers<undefined>()]
    let first: Promise<number> | undefined
    adding.xCacheTagAdd1 = async (...args) => {
      const added = await add.apply(one, args)
      // Noted, and not there yet: it is found, removed, and forgotten only when it has been noted once more.
      if (first === undefined) {
        first = remover.invalidate({ tag: 't' })
        await found.promise
      } else noted.resolve(undefined)
      return added
    }
    dropping.xCacheTagDrop1 = async (...args) => {
      found.resolve(undefined)
      await noted.promise
      return await drop.apply(two, args)
    }
    await writer.set('k', 1, { tags: ['t'], ttl: Infinity })
    await first
    expect(await remover.invalidate({ tag: 't' })).toBe(1)
    one.disconnect()
    two.disconnect()
  })

  it('refuses a client that sends scripts to any node', () => {
    const pipelining = new Cluster([...cluster.nodes], { enableAutoPipelining: true, lazyConnect: true })
    expect(() => new RedisCache({ client: pipelining })).toThrow(TypeError)
  })

  describe('with 10,000 keys', () => {
    const entries = Array.from({ length: 10_000 }, (_, index) => [`key ${index}`, index] as const)
    const keys = entries.map(([key]) => key)

    const writesOf = (work: () => Promise<unknown>): Promise<number[]> => countWrites(client.nodes('master'), work)

    it('reads and writes one batch for each node, also with ttls of many lengths', async () => {
      const cache = new RedisCache({ client, namespace: 'many', commandTimeout: '10s' })
      // The connection to a node is made with the first command to it.
      await cache.setMany(entries.slice(0, 100))
      expect(await writesOf(() => cache.setMany(entries))).toEqual([1, 1, 1])
      let found = new Map()
      const read = async (): Promise<void> => {
        found = await cache.getMany(keys)
      }
      expect(await writesOf(read)).toEqual([1, 1, 1])
      expect([...found]).toEqual(entries)
      const sets = (): Promise<unknown> =>
        Promise.all(entries.map(([key, value]) => cache.set(key, value, { ttl: 60_000 + value })))
      // The first twelve are sent at once, all others in one write to each node.
      expect((await writesOf(sets)).reduce((sum, writes) => sum + writes)).toBe(12 + 3)
    })

    it('finds the others where one is of another type', async () => {
      const cache = new RedisCache({ client, namespace: 'types', commandTimeout: '10s' })
      await cache.setMany(entries.slice(0, 10))
      await client.del(cache.qualify('key 3'))
      await client.rpush(cache.qualify('key 3'), 'a')
      expect((await cache.getMany(keys)).size).toBe(9)
    })
  })
})
