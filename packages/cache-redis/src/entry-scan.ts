import type { Redis } from 'ioredis'

import type { RedisLink } from './redis-link.ts'

/** Keys that a server looks at in one step of a scan, and then is asked to remove by one script: less than a millisecond of its time each. */
const SCAN_COUNT = 250

/**
 * Goes through the keys of every master that match a Redis glob, some at a time; a key may come more than once. What is there
 * from begin to end comes at least once.
 */
export async function* scanKeys(link: RedisLink, pattern: string): AsyncGenerator<string[]> {
  // Known once there is a connection.
  const masters = await link.run(() => Promise.resolve(link.masters))
  for (const master of masters) yield* scanMaster(link, master, pattern)
}

async function* scanMaster(link: RedisLink, master: Redis, pattern: string): AsyncGenerator<string[]> {
  let cursor = '0'
  do {
    const [next, keys] = await link.run(() => master.scan(cursor, 'MATCH', pattern, 'COUNT', SCAN_COUNT))
    if (keys.length > 0) yield keys
    cursor = next
  } while (cursor !== '0')
}
