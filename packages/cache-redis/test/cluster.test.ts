import { conformanceCases } from '@x/core/conformance'
import { findRedisServer, type RedisCluster, startRedisCluster } from '@x/redis-server'
import type { Cluster } from 'ioredis'
import { afterAll, beforeAll, describe, it } from 'vitest'

import { createRedisClient, RedisCache } from '../src/index.ts'
import { bringForward } from './bring-forward.ts'

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
})
