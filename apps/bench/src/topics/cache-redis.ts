import assert from 'node:assert/strict'

import { RedisCache } from '@x/cache-redis'
import { findRedisServer } from '@x/redis-server'
import { Redis } from 'ioredis'

import { type Benchmark, type Contestant, type Scale } from '../benchmark.ts'
import { joinServer, leaveServer } from '../redis/bench-server.ts'
import { goFirst } from '../redis/go-first.ts'
import { type PingWatch, watchPings } from '../redis/ping-watch.ts'
import { type OpenDriver, REDIS_DRIVERS } from '../redis/redis-driver.ts'
import { countText, decadesTo } from '../sizes.ts'
import { type Target } from '../target.ts'

const MOST_AT_ONCE = 1_000
const FIELDS = 20
/** The number of values that targets are about; they are asked for one by one as well. */
const AIMED_AT = 100
const CLEARED = 1_000_000
/** Long enough for the collections of what a contestant leaves. */
const ROUNDS = { rounds: 15, roundMs: 200 }
/** A round trip takes twice as long where the server's processor has gone to sleep, which is chance: more rounds even it out. */
const ONE_BY_ONE_ROUNDS = { rounds: 41, roundMs: 40 }

/** Keys, each with 2 KB as JSON. */
const ENTRIES = Array.from({ length: MOST_AT_ONCE }, (_, index) => [`issue-${index}`, valueOf(index)] as const)
const KEYS = ENTRIES.map(([key]) => key)
const VALUES = ENTRIES.map(([, value]) => value)

function valueOf(index: number): { index: number; fields: object[] } {
  const fields = Array.from({ length: FIELDS }, (_, field) => ({
    name: `field ${field}`,
    text: 'lorem ipsum dolor sit amet, consectetur adipiscing elit',
    weight: field * 1.5,
  }))
  return { index, fields }
}

/** Values of 2 KB in Redis, one at a time, many at a time, and in batches; from memory; and a million removed. */
export function cacheRedisBenchmarks(scale: Scale): readonly Benchmark[] {
  if (findRedisServer() === undefined) {
    process.stderr.write('cache-redis: there is no redis-server here, so nothing is measured.\n')
    return []
  }
  const sizes = decadesTo(MOST_AT_ONCE, scale)
  return [
    ...WORKS.flatMap((work) => sizes.map((size) => benchmark(work, size, ROUNDS))),
    ...ONE_BY_ONE_WORKS.map((work) => benchmark(work, AIMED_AT, ONE_BY_ONE_ROUNDS)),
    LOCAL_HIT,
    ...decadesTo(CLEARED, scale).map(clearing),
  ]
}

/** What is asked of Redis for so many values. */
interface Work {
  readonly name: string
  readonly targets: readonly Target[]
  readonly check: (answer: unknown, size: number) => void
  readonly run: (
    driver: OpenDriver,
    entries: readonly (readonly [string, unknown])[],
    keys: readonly string[],
  ) => Promise<unknown>
}

function aims(ofTheLimit: number): readonly Target[] {
  return [
    { against: 'the raw limit', ratio: ofTheLimit },
    { against: 'the best peer', ratio: 1 },
  ]
}

const WORKS: readonly Work[] = [
  {
    name: 'get, all at once',
    targets: aims(0.85),
    check: checkValues,
    run: (driver, _, keys) => Promise.all(keys.map((key) => driver.get(key))),
  },
  {
    name: 'set, all at once',
    targets: aims(0.85),
    check: checkCount,
    run: (driver, entries) => Promise.all(entries.map(([key, value]) => driver.set(key, value))),
  },
  { name: 'getMany', targets: aims(0.9), check: checkValues, run: (driver, _, keys) => driver.getMany(keys) },
  { name: 'setMany', targets: aims(0.85), check: () => undefined, run: (driver, entries) => driver.setMany(entries) },
]

const ONE_BY_ONE_WORKS: readonly Work[] = [
  {
    name: 'get, one by one',
    targets: aims(0.85),
    check: checkValues,
    run: (driver, _, keys) => inTurn(keys, (key) => driver.get(key)),
  },
  {
    name: 'set, one by one',
    targets: aims(0.85),
    check: checkCount,
    run: (driver, entries) => inTurn(entries, ([key, value]) => driver.set(key, value)),
  },
]

function benchmark(
  { name, targets, check, run }: Work,
  size: number,
  rounds: Pick<Benchmark, 'rounds' | 'roundMs'>,
): Benchmark {
  const [entries, keys] = [ENTRIES.slice(0, size), KEYS.slice(0, size)]
  return {
    name: `${name}, ${countText(size)} values`,
    unit: 'value',
    operations: size,
    series: { name: `${name}, by values`, size },
    ...(size === AIMED_AT ? { targets } : {}),
    ...rounds,
    check: (answer) => {
      check(answer, size)
    },
    contestants: REDIS_DRIVERS.map(({ name: driverName, role, open }): Contestant => {
      let driver: OpenDriver | undefined
      return {
        name: driverName,
        role,
        open: async () => {
          driver = await open(await joinServer())
          await driver.setMany(entries)
        },
        run: () => (driver === undefined ? undefined : run(driver, entries, keys)),
        close: async () => {
          await driver?.close()
          await leaveServer()
        },
      }
    }),
  }
}

const HITS = 10_000
const LONGEST_PING = 'longest PING, ms'
/** As the server's own latency monitor says, in whole milliseconds. */
const LONGEST_COMMAND = 'longest command, ms'

const LOCAL_HIT: Benchmark = {
  name: 'get from the local tier',
  unit: 'hit',
  operations: HITS,
  targets: [{ leastPerSecond: 2e6 }],
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

function clearing(keys: number): Benchmark {
  return {
    name: `clear of ${countText(keys)} keys`,
    unit: 'key',
    operations: keys,
    repeats: 1,
    series: { name: 'the longest PING during clear, by keys', size: keys },
    targets: [{ cost: LONGEST_PING, most: 10 }],
    check: (answer) => {
      assert.equal((answer as ClearAnswer).left, 0)
    },
    costs: (answer) => {
      const { longestPingMs, longestCommandMs } = answer as ClearAnswer
      return { [LONGEST_PING]: longestPingMs, [LONGEST_COMMAND]: longestCommandMs }
    },
    contestants: [clearContestant(keys)],
  }
}

/** A line of `LATENCY LATEST`: the last and the longest of its kind, milliseconds. */
type LatencyEvent = readonly [name: string, at: number, last: number, most: number]

interface ClearAnswer {
  readonly left: number
  readonly longestPingMs: number
  readonly longestCommandMs: number
}

function clearContestant(keys: number): Contestant {
  let cache: RedisCache | undefined
  let other: Redis | undefined
  let serverUrl = ''
  let watch: PingWatch | undefined
  return {
    name: '@x/cache-redis',
    role: 'ours',
    open: async () => {
      const { url, pid } = await joinServer()
      goFirst(pid)
      serverUrl = url
      cache = new RedisCache({ url, namespace: 'cleared', commandTimeout: '10s' })
      other = new Redis(url)
      await other.config('SET', 'latency-monitor-threshold', 1)
    },
    reset: async () => {
      await other?.call('DEBUG', 'POPULATE', keys, 'cleared:default', 100)
      await other?.latency('RESET')
      watch = await watchPings(serverUrl)
    },
    run: async () => {
      await cache?.clear()
      const longestPingMs = (await watch?.stop()) ?? Number.NaN
      const longestCommandMs = Math.max(
        1,
        ...((await other?.latency('LATEST')) as LatencyEvent[]).map(([, , , most]) => most),
      )
      const left = ((await other?.keys('cleared:default:*')) ?? []).length
      return { left, longestPingMs, longestCommandMs }
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

/** Every value in its place; all of one of them, as comparing them all would take longer than the work. */
function checkValues(answer: unknown, size: number): void {
  const values = answer as typeof VALUES
  assert.equal(values.length, size)
  values.forEach(({ index, fields }, place) => {
    assert.equal(index, place)
    assert.equal(fields.length, FIELDS)
  })
  assert.deepEqual(values.at(-1), VALUES[size - 1])
}

function checkCount(answer: unknown, size: number): void {
  assert.equal((answer as readonly unknown[]).length, size)
}
