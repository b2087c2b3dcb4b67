import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

import { findRedisServer, startRedisServer } from '@x/redis-server'
import { describe, expect, it } from 'vitest'

import { RedisCache } from '../src/index.ts'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as (options?: { type: 'minor' }) => void

const ENTRIES = Array.from({ length: 100 }, (_, index) => [`key-${index}`, 'x'.repeat(10_000)] as const)
const KEYS = ENTRIES.map(([key]) => key)
const ROUNDS = 10
const MOVED_BYTES = ROUNDS * ENTRIES.length * 10_000

const USES: Readonly<Record<string, (cache: RedisCache) => Promise<unknown>>> = {
  get: (cache) => Promise.all(KEYS.map((key) => cache.get(key))),
  getMany: (cache) => cache.getMany(KEYS),
  set: (cache) => Promise.all(ENTRIES.map(([key, value]) => cache.set(key, value))),
  setMany: (cache) => cache.setMany(ENTRIES),
}

describe.skipIf(findRedisServer() === undefined)('RedisCache', () => {
  it.each(Object.entries(USES))('leaves what %s has moved to the collection of young objects', async (_, use) => {
    await using server = await startRedisServer()
    await using cache = new RedisCache({ url: server.url, namespace: 'garbage', commandTimeout: '10s' })
    await cache.setMany(ENTRIES)
    await use(cache)
    collect()
    const before = bytesAfterYoung()
    // One is always under way, and the first one becomes old.
    let latest = use(cache)
    bytesAfterYoung()
    for (let round = 0; round < ROUNDS; round += 1) {
      const next = use(cache)
      await latest
      latest = next
    }
    await latest
    expect(bytesAfterYoung() - before).toBeLessThan(MOVED_BYTES / 2)
  })
})

/** What is in use once the young objects have been collected. */
function bytesAfterYoung(): number {
  collect({ type: 'minor' })
  collect({ type: 'minor' })
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return heapUsed + arrayBuffers
}
