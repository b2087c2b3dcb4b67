import type { CacheStore } from '@x/core'
import { RedisCache } from '@x/cache-redis'
import { SqliteCache } from '@x/cache-sqlite'
import { findRedisServer, startRedisServer } from '@x/redis-server'
import { Redis } from 'ioredis'
import { describe, expect, it } from 'vitest'

import { MemoryCache, type OptimizationOptions, ServiceOptimizer } from '../src/index.ts'
import { ManualClock } from './manual-clock.ts'
import { seededRandom } from './seeded-random.ts'
import { settled } from './settled.ts'

/** How many histories of each kind. 100,000 take some minutes each (Redis: half an hour). */
const HISTORIES = Number(process.env['X_HISTORIES'] ?? 0)

const STEPS = 14
const OPTIONS: readonly (OptimizationOptions | undefined)[] = [
  undefined,
  undefined,
  { staleWhileRevalidate: 60 },
  { staleIfError: 60 },
  { forceRefresh: true },
  { ttl: 0 },
  { refreshAhead: 5 },
]

/** What an operation answers: what the source said when it began. */
interface Answer {
  readonly version: number
}

interface Gate {
  readonly version: number
  readonly settle: PromiseWithResolvers<Answer>
}

/**
 * One random history of loads, failures, invalidations and time. The source has a version that grows with each invalidation; a
 * read that starts after an invalidation has finished never answers with an older one.
 */
class History {
  readonly #optimizer: ServiceOptimizer
  readonly #clock: ManualClock
  readonly #random: () => number
  readonly #keys: readonly string[]
  readonly #gates: Gate[] = []
  readonly #pending: Promise<unknown>[] = []
  readonly #finished = new Map<string, number>()
  readonly log: string[] = []
  #version = 1

  constructor(seed: number, prefix: string, clock: ManualClock, store: CacheStore | undefined) {
    this.#random = seededRandom(seed)
    this.#clock = clock
    this.#keys = ['a', 'b'].map((key) => `${prefix}:${key}`)
    this.#optimizer = new ServiceOptimizer({ ttl: 100, maxSize: 2, clock, store, random: this.#random })
  }

  async run(): Promise<void> {
    for (let step = 0; step < STEPS; step += 1) await this.#step()
    await this.#drain()
    for (const key of this.#keys) this.#read(key, undefined)
    await this.#drain()
    this.#optimizer.close()
  }

  /** Lets every load end, those included that begin meanwhile, until nobody waits. */
  async #drain(): Promise<void> {
    const state = { isWaiting: true }
    const all = Promise.all(this.#pending.splice(0)).finally(() => {
      state.isWaiting = false
    })
    while (state.isWaiting) {
      for (const gate of this.#gates.splice(0)) gate.settle.resolve({ version: gate.version })
      await settled()
    }
    await all
  }

  async #step(): Promise<void> {
    const choice = this.#random()
    const key = this.#pick(this.#keys)
    if (choice < 0.4) this.#read(key, this.#pick(OPTIONS))
    else if (choice < 0.65) this.#settleOne()
    else if (choice < 0.8) this.#invalidate(key, this.#random() < 0.5 ? key : `${key.slice(0, -1)}*`)
    else if (choice < 0.9) this.#clock.advance(this.#pick([1, 60, 100]))
    else await settled()
  }

  #read(key: string, options: OptimizationOptions | undefined): void {
    const floor = this.#finished.get(key) ?? 0
    const own: Gate[] = []
    const operation = (): Promise<Answer> => {
      const gate = { version: this.#version, settle: Promise.withResolvers<Answer>() }
      own.push(gate)
      this.#gates.push(gate)
      return gate.settle.promise
    }
    const line = `read ${key} ${JSON.stringify(options)} not before ${floor}`
    this.log.push(line)
    const isPlain = options === undefined
    const check = ({ version }: Answer): void => {
      this.log.push(`${line}: ${version}`)
      if (version < floor) throw new Error(`${line} answered ${version}`)
      if (isPlain && own[0] !== undefined && own[0].version !== version) {
        throw new Error(`${line} loaded ${own[0].version} and answered ${version}`)
      }
    }
    this.#pending.push(
      this.#optimizer
        .withOptimization(key, operation, options)
        .catch(toVersionless)
        .then((answer) => {
          if (answer !== undefined) check(answer)
        }),
    )
  }

  #settleOne(): void {
    const [gate] = this.#gates.splice(Math.floor(this.#random() * this.#gates.length), 1)
    if (gate === undefined) return
    const isFailing = this.#random() < 0.25
    this.log.push(`${isFailing ? 'fail' : 'end'} the load of ${gate.version}`)
    if (isFailing) gate.settle.reject(new LoadFailure())
    else gate.settle.resolve({ version: gate.version })
  }

  #invalidate(key: string, pattern: string): void {
    this.#version += 1
    const version = this.#version
    this.log.push(`invalidate ${pattern}: now ${version}`)
    const touched = pattern === key ? [key] : this.#keys
    const finish = (): void => {
      this.log.push(`invalidated ${pattern}, not before ${version}`)
      for (const each of touched) this.#finished.set(each, Math.max(version, this.#finished.get(each) ?? 0))
    }
    const count = this.#optimizer.invalidateCache(pattern)
    if (typeof count === 'number') finish()
    else this.#pending.push(count.then(finish))
  }

  #pick<T>(choices: readonly T[]): T {
    return choices[Math.floor(this.#random() * choices.length)] as T
  }
}

class LoadFailure extends Error {}

function toVersionless(error: unknown): undefined {
  if (!(error instanceof LoadFailure)) throw error
  return undefined
}

interface Tier {
  readonly store: CacheStore | undefined
  readonly close: () => Promise<void>
}

async function runHistories(count: number, open: (clock: ManualClock) => Promise<Tier>): Promise<void> {
  const clock = new ManualClock()
  const { store, close } = await open(clock)
  try {
    for (let seed = 0; seed < count; seed += 1) {
      const history = new History(seed, String(seed), clock, store)
      try {
        await history.run()
      } catch (error) {
        expect.unreachable(`seed ${seed}: ${String(error)}\n${history.log.join('\n')}`)
      }
    }
  } finally {
    await close()
  }
}

const nothing = (): Promise<void> => Promise.resolve()

describe('no read that starts after an invalidation has finished sees an older value', { timeout: 3_600_000 }, () => {
  it('without a second tier', async () => {
    await runHistories(HISTORIES || 3_000, () => Promise.resolve({ store: undefined, close: nothing }))
  })

  it('over a MemoryCache', async () => {
    await runHistories(HISTORIES || 1_000, (clock) =>
      Promise.resolve({ store: new MemoryCache({ clock, maxEntries: 100 }), close: nothing }),
    )
  })

  it('over a SqliteCache', async () => {
    await runHistories(HISTORIES || 500, (clock) => {
      const store = new SqliteCache({ path: ':memory:', clock, maxEntries: 100 })
      return Promise.resolve({
        store,
        close: async () => {
          await Promise.resolve()
          store.close()
        },
      })
    })
  })

  it.skipIf(findRedisServer() === undefined)('over a RedisCache', async () => {
    await runHistories(HISTORIES || 150, async () => {
      const server = await startRedisServer()
      const client = new Redis(server.url)
      const store = new RedisCache({ client, namespace: 'history', commandTimeout: '10s' })
      return {
        store,
        close: async () => {
          await store.close()
          client.disconnect()
          await server.stop()
        },
      }
    })
  })
})
