import assert from 'node:assert/strict'

import { RedisCache } from '@x/cache-redis'
import { findRedisServer } from '@x/redis-server'
import { Redis } from 'ioredis'

import { type Benchmark, type Contestant } from '../benchmark.ts'
import { joinServer, leaveServer } from '../redis/bench-server.ts'
import { type OpenDriver, REDIS_DRIVERS } from '../redis/redis-driver.ts'

const BATCH = 100
const KEYS = Array.from({ length: BATCH }, (_, index) => `issue-${index}`)
const CLEARED = 1_000_000

/** 2 KB as JSON. */
const VALUES = KEYS.map((key, index) => ({
  key,
  index,
  fields: Array.from({ length: 20 }, (_, field) => ({
    name: `field ${field}`,
    text: 'lorem ipsum dolor sit amet, consectetur adipiscing elit',
    weight: field * 1.5,
  })),
}))
const ENTRIES = KEYS.map((key, index) => [key, VALUES[index]] as const)

/** Values of 2 KB in Redis, one at a time, a hundred at a time, and in batches; from memory; and a million removed. */
export function cacheRedisBenchmarks(): readonly Benchmark[] {
  if (findRedisServer() === undefined) return []
  return [
    benchmark('get, 100 concurrent', checkValues, (driver) => Promise.all(KEYS.map((key) => driver.get(key)))),
    benchmark('get, one at a time', checkValues, (driver) => inTurn(KEYS, (key) => driver.get(key))),
    benchmark('set, 100 concurrent', checkCount, (driver) =>
      Promise.all(ENTRIES.map(([key, value]) => driver.set(key, value))),
    ),
    benchmark('set, one at a time', checkCount, (driver) => inTurn(ENTRIES, ([key, value]) => driver.set(key, value))),
    benchmark('getMany of 100', checkValues, (driver) => driver.getMany(KEYS)),
    benchmark(
      'setMany of 100',
      () => undefined,
      (driver) => driver.setMany(ENTRIES),
    ),
    LOCAL_HIT,
    CLEAR,
  ]
}

function benchmark(
  name: string,
  check: (answer: unknown) => void,
  work: (driver: OpenDriver) => Promise<unknown>,
): Benchmark {
  return {
    name: `cache-redis: ${name}`,
    unit: 'value',
    operations: BATCH,
    check,
    contestants: REDIS_DRIVERS.map(({ name: driverName, role, open }): Contestant => {
      let driver: OpenDriver | undefined
      return {
        name: driverName,
        role,
        open: async () => {
          driver = await open(await joinServer())
          await driver.setMany(ENTRIES)
        },
        run: () => (driver === undefined ? undefined : work(driver)),
        close: async () => {
          await driver?.close()
          await leaveServer()
        },
      }
    }),
  }
}

const HITS = 10_000

const LOCAL_HIT: Benchmark = {
  name: 'cache-redis: get from the local tier',
  unit: 'hit',
  operations: HITS,
  check: (answer) => {
    assert.deepEqual(answer, VALUES[0])
  },
  contestants: [localContestant(), mapContestant()],
}

function localContestant(): Contestant {
  let cache: RedisCache | undefined
  return {
    name: '@x/cache-redis, local',
    role: 'ours',
    open: async () => {
      const { url } = await joinServer()
      cache = new RedisCache({ url, namespace: 'local', local: true, commandTimeout: '10s' })
      await cache.set('k', VALUES[0])
      while (!cache.isLocalCoherent) await cache.ping()
    },
    run: async () => {
      let value: unknown
      for (let hit = 0; hit < HITS; hit += 1) value = await cache?.get('k')
      return value
    },
    close: async () => {
      await cache?.close()
      await leaveServer()
    },
  }
}

function mapContestant(): Contestant {
  const map = new Map([['k', VALUES[0]]])
  return {
    name: 'a Map behind a promise',
    role: 'limit',
    run: async () => {
      let value: unknown
      for (let hit = 0; hit < HITS; hit += 1) value = await Promise.resolve(map.get('k'))
      return value
    },
  }
}

const CLEAR: Benchmark = {
  name: `cache-redis: clear of ${CLEARED} keys`,
  unit: 'key',
  operations: CLEARED,
  repeats: 1,
  maxRounds: 3,
  check: (answer) => {
    assert.equal((answer as ClearAnswer).left, 0)
  },
  costs: (answer) => ({ 'longest PING, ms': (answer as ClearAnswer).longestPingMs }),
  contestants: [clearContestant()],
}

interface ClearAnswer {
  readonly left: number
  readonly longestPingMs: number
}

function clearContestant(): Contestant {
  let cache: RedisCache | undefined
  let other: Redis | undefined
  return {
    name: '@x/cache-redis',
    role: 'ours',
    open: async () => {
      const { url } = await joinServer()
      cache = new RedisCache({ url, namespace: 'cleared', commandTimeout: '10s' })
      other = new Redis(url)
    },
    reset: async () => {
      await other?.call('DEBUG', 'POPULATE', CLEARED, 'cleared:default', 100)
    },
    run: async () => {
      const state = { isDone: false }
      const clearing = cache?.clear().finally(() => {
        state.isDone = true
      })
      let longestPingMs = 0
      while (!state.isDone) {
        const began = performance.now()
        await other?.ping()
        longestPingMs = Math.max(longestPingMs, performance.now() - began)
      }
      await clearing
      const left = ((await other?.keys('cleared:default:*')) ?? []).length
      return { left, longestPingMs }
    },
    close: async () => {
      await cache?.close()
      other?.disconnect()
      await leaveServer()
    },
  }
}

async function inTurn<Item>(items: readonly Item[], work: (item: Item) => Promise<unknown>): Promise<unknown[]> {
  const answers: unknown[] = []
  for (const item of items) answers.push(await work(item))
  return answers
}

function checkValues(answer: unknown): void {
  assert.deepEqual(answer, VALUES)
}

function checkCount(answer: unknown): void {
  assert.equal((answer as readonly unknown[]).length, BATCH)
}
