import { Redis } from 'ioredis'

import { goFirst } from './go-first.ts'

/** Short beside any pause that counts, and long enough to leave the processors to the others. */
const INTERVAL_MS = 1

const [, , url = ''] = process.argv
const redis = new Redis(url)
let longestMs = 0
goFirst(process.pid)

async function ping(): Promise<void> {
  const began = performance.now()
  await redis.ping()
  longestMs = Math.max(longestMs, performance.now() - began)
  setTimeout(() => void ping(), INTERVAL_MS)
}

process.once('message', () => process.send?.(longestMs, () => process.exit()))
await redis.ping()
await ping()
process.send?.('ready')
