/**
 * One of two that write in turn, each when it has seen the other's latest: `node hot-worker.ts '{ "path": …, "name": …, "rounds": … }'`.
 * Exits with 1 when it reads something older than it has read before, or older than its partner says it has written.
 */
import { SqliteCache } from '../src/index.ts'

interface Work {
  readonly path: string
  readonly name: 'ping' | 'pong'
  readonly rounds: number
}

const { path, name, rounds } = JSON.parse(process.argv[2] ?? '') as Work
const partner = name === 'ping' ? 'pong' : 'ping'
const cache = new SqliteCache({ path, hot: {}, busyTimeout: '20s' })
let seen = 0
for (let round = 1; round <= rounds; round += 1) {
  // First the value, then the turn: whoever sees the turn must see the value.
  cache.set(`${name}-value`, round)
  cache.set(name, round)
  for (;;) {
    const turn = cache.get<number>(partner) ?? 0
    const value = cache.get<number>(`${partner}-value`) ?? 0
    if (value < turn) throw new Error(`Read ${value} after the turn ${turn}.`)
    if (turn < seen) throw new Error(`Read the turn ${turn} after ${seen}.`)
    if (cache.get(name) !== round) throw new Error('Lost its own write.')
    seen = turn
    if (turn >= round) break
  }
}
cache.close()
