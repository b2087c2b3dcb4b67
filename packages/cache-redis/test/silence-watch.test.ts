import { once } from 'node:events'

import { findRedisServer, type RedisServer, startRedisCluster, startRedisServer } from '@x/redis-server'
import { type Cluster, type Redis } from 'ioredis'
import { describe, expect, it } from 'vitest'

import { createRedisClient } from '../src/index.ts'

/** On a busy machine an answer may come too late; then the connection is made anew. */
async function answered(client: Redis): Promise<void> {
  await expect.poll(() => client.ping().catch(() => undefined)).toBe('PONG')
}

/** Until the connection of a client to a frozen server is given up, which goes on then. */
async function freezeUntilCut(server: RedisServer, client: Redis): Promise<void> {
  await answered(client)
  const { stream } = client
  server.freeze()
  const closed = new Promise((resolve) => stream.on('close', resolve))
  const unanswered = client.ping().catch((error: unknown) => error)
  await closed
  server.thaw()
  expect(await unanswered).toBeInstanceOf(Error)
}

describe.skipIf(findRedisServer() === undefined)('createRedisClient({ socketTimeout })', () => {
  it('gives up the connection to a server that owes an answer', async () => {
    await using server = await startRedisServer()
    const client = createRedisClient({ url: server.url, socketTimeout: 40 }) as Redis
    await once(client, 'ready')
    await freezeUntilCut(server, client)
    await answered(client)
    client.disconnect()
  })

  it('gives up one whose beginning is not answered', async () => {
    await using server = await startRedisServer()
    server.freeze()
    const client = createRedisClient({ url: server.url, socketTimeout: 40 }) as Redis
    await new Promise((resolve) => client.once('close', resolve))
    server.thaw()
    await expect.poll(() => client.status).toBe('ready')
    client.disconnect()
  })

  it('leaves one alone on which nothing is asked', async () => {
    await using server = await startRedisServer()
    const client = createRedisClient({ url: server.url, socketTimeout: 4 }) as Redis
    await answered(client)
    const { stream } = client
    let looks = 0
    // The clock that it looks at is this one's.
    await new Promise<void>((resolve) => {
      const timer = setInterval(() => {
        looks += 1
        if (looks < 20) return
        clearInterval(timer)
        resolve()
      }, 4)
    })
    expect(client.stream).toBe(stream)
    expect(stream.destroyed).toBe(false)
    client.disconnect()
  })

  it('does so for each node of a cluster', async () => {
    await using cluster = await startRedisCluster()
    const client = createRedisClient({ cluster: cluster.nodes, socketTimeout: 40 }) as Cluster
    await once(client, 'ready')
    const [server] = cluster.servers
    const node = client.nodes('master').find(({ options }) => options.port === server?.port)
    if (server === undefined || node === undefined) throw new Error('There is no such node.')
    await freezeUntilCut(server, node)
    // In a slot of the first of three.
    await expect.poll(() => client.set('b', '1').catch(() => undefined)).toBe('OK')
    client.disconnect()
  })
})
