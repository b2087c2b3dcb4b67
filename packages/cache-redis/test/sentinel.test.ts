import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import { findRedisServer, type RedisServer, startRedisServer } from '@x/redis-server'
import { Redis } from 'ioredis'
import { describe, expect, it } from 'vitest'

import { createRedisClient, RedisCache } from '../src/index.ts'

const NAME = 'main'

/** A Sentinel of one that watches a master. */
async function startSentinel(master: RedisServer): Promise<RedisServer> {
  const config = join(master.folder, 'sentinel.conf')
  await writeFile(
    config,
    `sentinel monitor ${NAME} 127.0.0.1 ${master.port} 1\nsentinel down-after-milliseconds ${NAME} 60000\n`,
  )
  return await startRedisServer({ tcp: true, args: [config, '--sentinel'] })
}

describe.skipIf(findRedisServer() === undefined)('RedisCache behind a Sentinel', () => {
  it('is led to the new master by a failover, and its local tier is emptied', async () => {
    await using first = await startRedisServer({ tcp: true, args: ['--repl-diskless-sync-delay', '0'] })
    await using second = await startRedisServer({ tcp: true, args: ['--replicaof', '127.0.0.1', `${first.port}`] })
    const [master, replica] = [new Redis(first.url), new Redis(second.url)]
    // A Sentinel asks the master for its replicas when it starts, and then only every ten seconds.
    await expect.poll(() => replica.info('replication')).toContain('master_link_status:up')
    await expect.poll(() => master.info('replication')).toContain('state=online')
    await using sentinel = await startSentinel(first)
    const watcher = new Redis(sentinel.url)
    await expect.poll(() => watcher.call('SENTINEL', 'REPLICAS', NAME)).toHaveLength(1)

    const client = createRedisClient({ sentinels: { name: NAME, nodes: [{ host: '127.0.0.1', port: sentinel.port }] } })
    await using cache = new RedisCache({ client, local: true, commandTimeout: '10s' })
    expect(await cache.set('k', 'before')).toBe(true)
    await expect.poll(() => cache.isLocalCoherent).toBe(true)
    expect(await cache.get('k')).toBe('before')
    expect(await master.wait(1, 10_000)).toBe(1)

    const gap = once(client, 'close')
    // It refuses (NOGOODSLAVE) until it has heard from the replica itself.
    const failOver = (): Promise<unknown> => watcher.call('SENTINEL', 'FAILOVER', NAME).catch(String)
    await expect.poll(failOver).toBe('OK')
    await gap
    // It was not sent away by the old master, which does not know yet.
    expect(await master.info('replication')).toContain('role:master')
    // By somebody who is there already.
    await expect.poll(() => replica.info('replication')).toContain('role:master')
    await replica.set(cache.qualify('k'), `x1e:${'s'.repeat(17)}:"after"`)
    await expect.poll(() => cache.isLocalCoherent).toBe(true)
    expect(await cache.get('k')).toBe('after')
    await expect.poll(() => cache.set('k', 'late')).toBe(true)
    expect(await replica.get(cache.qualify('k'))).toContain('"late"')

    client.disconnect()
    for (const connection of [master, replica, watcher]) connection.disconnect()
  })
})
