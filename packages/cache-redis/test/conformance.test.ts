import { conformanceCases, sharingCases } from '@x/core/conformance'
import { findRedisServer, type RedisServer, startRedisServer } from '@x/redis-server'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, it } from 'vitest'

import { RedisCache } from '../src/index.ts'
import { bringForward } from './bring-forward.ts'

describe.skipIf(findRedisServer() === undefined)('RedisCache keeps the contract of every store:', () => {
  let server: RedisServer
  let client: Redis
  let namespaces = 0

  beforeAll(async () => {
    server = await startRedisServer()
    client = new Redis(server.url)
  })

  afterAll(async () => {
    client.disconnect()
    await server.stop()
  })

  it.each(conformanceCases)('$name', async ({ run }) => {
    await run({
      create: (options) => {
        namespaces += 1
        return new RedisCache({ ...options, client, namespace: `test:${namespaces}`, commandTimeout: '10s' })
      },
      advance: (milliseconds) => bringForward([client], milliseconds),
      deadlineTolerance: 3_000,
    })
  })

  it.each(sharingCases)('$name', async ({ run }) => {
    await run({
      createPair: (options) => {
        namespaces += 1
        const place = { client, namespace: `test:${namespaces}`, commandTimeout: '10s' } as const
        return [new RedisCache({ ...options, ...place }), new RedisCache({ ...options, ...place })]
      },
    })
  })
})
