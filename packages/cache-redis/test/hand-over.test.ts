import { findRedisServer, startRedisServer } from '@x/redis-server'
import { type Redis } from 'ioredis'
import { describe, expect, it } from 'vitest'

import { createRedisClient } from '../src/index.ts'

describe.skipIf(findRedisServer() === undefined)('createRedisClient()', () => {
  it('takes what arrives as it comes, and not out of the buffer of the stream', async () => {
    await using server = await startRedisServer()
    const client = createRedisClient({ url: server.url, redisOptions: { enableOfflineQueue: true } }) as Redis
    await client.ping()
    const { stream } = client
    const read = stream.read.bind(stream)
    const buffered: unknown[] = []
    stream.read = (size?: number): unknown => {
      const chunk: unknown = read(size)
      if (chunk !== null) buffered.push(chunk)
      return chunk
    }
    for (let turn = 0; turn < 5; turn += 1) await client.ping()
    expect(buffered).toEqual([])
    client.disconnect()
  })
})
