/**
 * One of several that count on from what they read, each under an epoch: `node counting-worker.ts '{ "path": …, "worker": …, "operations": … }'`.
 * Prints how many of its counts were stored.
 */
import { SqliteCache } from '../src/index.ts'

interface Work {
  readonly path: string
  readonly worker: number
  readonly operations: number
}

const { path, worker, operations } = JSON.parse(process.argv[2] ?? '') as Work

// No two processes need agree on the time.
const now = performance.now.bind(performance)
performance.now = () => now() - 900 * worker

/** All values have the same size, so that overwriting changes no total. */
const textOf = (count: number): string => String(count).padStart(8, '0')

using cache = new SqliteCache({ path, busyTimeout: '20s', hot: worker % 2 === 0 ? false : {} })
let counted = 0
for (let index = 0; index < operations; index += 1) {
  const key = `key${index % 3}`
  const epoch = cache.getEpoch(key)
  const count = Number(cache.get<string>(key) ?? 0)
  for (let other = 0; other < index % 4; other += 1) cache.set(`own${worker}`, textOf(index + other))
  if (cache.set(key, textOf(count + 1), { ifEpoch: epoch })) counted += 1
}
process.stdout.write(String(counted))
