/**
 * Works on one cache file, as a process of its own: `node cache-worker.ts '{ "path": …, "seed": …, "operations": … }'`. With a number of
 * `workers` (whose seeds are 0 to that number), it also reads what the others say that they have written.
 */
import { closeSync, constants, openSync, readSync, statSync, writeSync } from 'node:fs'

import { SqliteCache } from '../src/index.ts'
import { seededRandom } from './seeded-random.ts'

interface Work {
  readonly path: string
  readonly seed: number
  readonly operations: number
  readonly maxSizeBytes?: number
  readonly workers?: number
}

const { path, seed, operations, maxSizeBytes, workers = 0 } = JSON.parse(process.argv[2] ?? '') as Work

const below = seededRandom(seed)
const hot = seed % 2 === 1 ? {} : false
const cache = new SqliteCache({ path, maxSizeBytes, hot, busyTimeout: '20s' })
/** Where each worker notes, once a write has ended, what it wrote. */
const board = openSync(`${path}.notes`, constants.O_RDWR | constants.O_CREAT)

function writeTurn(count: number): void {
  cache.set(`turn${seed}`, count, { category: 'turns' })
  writeSync(board, new Float64Array([count]), 0, 8, seed * 8)
}

/** What has been noted must be read: it or something later, or nothing where it may have been evicted. */
function readTurn(worker: number): void {
  const noted = new Float64Array(1)
  readSync(board, noted, 0, 8, worker * 8)
  const turn = cache.get<number>(`turn${worker}`, { category: 'turns' }) ?? (maxSizeBytes === undefined ? 0 : Infinity)
  if (turn < (noted[0] ?? 0)) throw new Error(`Read ${turn} of worker ${worker} after it had written ${noted[0]}.`)
}

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
  if (workers > 0 && count % 5 === 0) writeTurn(count)
  if (workers > 0) readTurn(below(workers))
  const mostMebibytes = maxSizeBytes === undefined ? 32 : 20
  if (statSync(`${path}-wal`).size > mostMebibytes * 1_024 * 1_024) throw new Error('The WAL is too large.')
  const { totalSizeBytes } = cache.getStats()
  if (maxSizeBytes !== undefined && totalSizeBytes > maxSizeBytes) throw new Error(`${totalSizeBytes} bytes`)
}
cache.close()
closeSync(board)
process.stdout.write('done\n')
