import { findRedisServer, type RedisServer, startRedisServer } from '@x/redis-server'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { RedisCache } from '../src/index.ts'
import { LyingProxy } from './lying-proxy.ts'

/** 100,000 with LOCAL_HISTORY=100000. */
const OPERATIONS = Number(process.env['LOCAL_HISTORY'] ?? 5_000)
const ROUND = 500
const KEYS = 20

describe.skipIf(findRedisServer() === undefined)('two caches with local tiers', () => {
  let server: RedisServer

  beforeAll(async () => {
    server = await startRedisServer()
  })

  afterAll(async () => {
    await server.stop()
  })

  it(`read no value again that was overwritten, over ${OPERATIONS} operations and cut connections`, async () => {
    await using proxy = await LyingProxy.start(server.socketPath)
    const direct = new Redis(server.url)
    const open = (): RedisCache =>
      new RedisCache({ url: proxy.url, local: true, commandTimeout: '10s', onFailure: 'throw' })
    await using first = open()
    await using second = open()
    const history = new History([first, second])
    for (let done = 0; done < OPERATIONS; done += ROUND) {
      await history.coherent(true)
      for (let step = 0; step < ROUND; step += 1) await history.step()
      await history.settled()
      const fault = history.random(4)
      if (fault === 0) {
        proxy.cut()
        await history.coherent(false)
        // While nobody hears.
        const { key, value } = history.nextWrite()
        await direct.set(`cache:default:${key}`, `x1e:${'s'.repeat(17)}:${value}`)
        proxy.admit()
      } else if (fault === 1) {
        await direct.flushall()
        history.forget()
      }
      await history.coherent(true)
      await history.settled()
    }
    direct.disconnect()
  })
})

/** What two caches read and write of a few keys, whose values only grow. */
class History {
  readonly random = generator(20_261_125)
  readonly #caches: readonly RedisCache[]
  readonly #written = new Map<string, number>()
  /** By cache: what it has read or written last. */
  readonly #seen: readonly Map<string, number>[]
  #value = 0

  constructor(caches: readonly RedisCache[]) {
    this.#caches = caches
    this.#seen = caches.map(() => new Map())
  }

  /** One cache writes or reads: never less than it has written or read before. */
  async step(): Promise<void> {
    const index = this.random(2)
    const cache = this.#caches[index]
    const seen = this.#seen[index]
    if (this.random(10) === 0) {
      const { key, value } = this.nextWrite()
      await cache?.set(key, value)
      expect(await cache?.get(key)).toBe(value)
      seen?.set(key, value)
      return
    }
    const key = `k${this.random(KEYS)}`
    const value = await cache?.get<number>(key)
    if (value === undefined) return
    expect(value, key).toBeGreaterThanOrEqual(seen?.get(key) ?? 0)
    seen?.set(key, value)
  }

  nextWrite(): { key: string; value: number } {
    const key = `k${this.random(KEYS)}`
    this.#value += 1
    this.#written.set(key, this.#value)
    return { key, value: this.#value }
  }

  forget(): void {
    this.#written.clear()
    for (const seen of this.#seen) seen.clear()
  }

  /** Once the changes have been heard, and that is soon, every cache reads what was written last: one missed would stay for a minute. */
  async settled(): Promise<void> {
    for (const cache of this.#caches) {
      for (let key = 0; key < KEYS; key += 1) {
        await expect.poll(() => cache.get(`k${key}`)).toBe(this.#written.get(`k${key}`))
      }
    }
  }

  async coherent(is: boolean): Promise<void> {
    for (const cache of this.#caches) await expect.poll(() => cache.isLocalCoherent).toBe(is)
  }
}

/** Whole numbers below a bound, the same for the same seed. */
function generator(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}
