/** Works on one cache file, as a process of its own: `node cache-worker.ts '{ "path": …, "seed": …, "operations": … }'`. */
import { statSync } from 'node:fs'

import { SqliteCache } from '../src/index.ts'

interface Work {
  readonly path: string
  readonly seed: number
  readonly operations: number
  readonly maxSizeBytes?: number
}

const { path, seed, operations, maxSizeBytes } = JSON.parse(process.argv[2] ?? '') as Work

/** The next number of a small, seeded generator (mulberry32), below a bound. */
let state = seed
function below(bound: number): number {
  state = (state + 0x6d2b79f5) | 0
  let mixed = Math.imul(state ^ (state >>> 15), state | 1)
  mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
  return ((mixed ^ (mixed >>> 14)) >>> 0) % bound
}

const cache = new SqliteCache({ path, maxSizeBytes, busyTimeout: '20s' })
process.stdout.write('open\n')
for (let count = 0; count < operations; count += 1) {
  const key = `key${below(300)}`
  const category = `category${below(3)}`
  const kind = below(20)
  if (kind < 9) cache.get(key, { category })
  else if (kind < 14)
    cache.set(key, 'x'.repeat(below(400)), {
      category,
      ttl: kind === 9 ? 5 : '1h',
      tags: ['even', 'odd'].slice(below(3)),
    })
  else if (kind < 16)
    cache.setMany(
      Array.from({ length: 5 }, (_, index) => [`${key}-${index}`, index] as const),
      { category },
    )
  else if (kind < 18) cache.delete(key, { category })
  else if (kind < 19) cache.getMany([key, 'key1', 'key2'], { category })
  else if (count % 40 === 0) cache.invalidate({ pattern: 'key1*', category })
  else cache.invalidate({ tag: 'odd', key })
  if (count % 10 === 0) cache.set(`${seed}-${count}`, count, { category: 'own' })
  if (statSync(`${path}-wal`).size > 16 * 1_024 * 1_024) throw new Error('The WAL is too large.')
  const { totalSizeBytes } = cache.getStats()
  if (maxSizeBytes !== undefined && totalSizeBytes > maxSizeBytes) throw new Error(`${totalSizeBytes} bytes`)
}
cache.close()
process.stdout.write('done\n')
