import { SqliteCache } from '@x/cache-sqlite'
import { RateLimitError } from '@x/core'
import { describe, expect, it } from 'vitest'

import {
  RateBudget,
  type RateBudgetOptions,
  type RateBucket,
  type RateReservation,
  type RateWait,
} from '../src/index.ts'
import { VirtualTime } from './virtual-time.ts'

/** A budget whose time passes only by waiting. */
function budgetInTime(
  options: RateBudgetOptions = {},
  time = new VirtualTime(),
): { budget: RateBudget; time: VirtualTime } {
  return { time, budget: new RateBudget({ clock: time.clock, delay: time.delay, ...options }) }
}

function headers(limit: number, remaining: number, resetInSeconds: number, resource?: string): Headers {
  return new Headers({
    'x-ratelimit-limit': String(limit),
    'x-ratelimit-remaining': String(remaining),
    'x-ratelimit-reset': String(1_000 + resetInSeconds),
    ...(resource === undefined ? {} : { 'x-ratelimit-resource': resource }),
  })
}

/** Sends a request that is answered at once. */
async function send(budget: RateBudget, bucket: RateBucket, answer?: Headers): Promise<void> {
  const reservation = await budget.reserve(bucket)
  if (answer !== undefined) reservation.answered(answer)
  reservation.end()
}

async function caught(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => undefined,
    (error: unknown) => error,
  )
}

describe('RateBudget', () => {
  it.each([
    ['core', 900],
    ['graphql', 2_000],
    ['search', 30],
    ['code_search', 10],
  ] as const)('never sends more %s points in a minute than the secondary limit allows', async (bucket, perMinute) => {
    const { budget, time } = budgetInTime()
    const sent: number[] = []
    for (let taken = 0; taken < perMinute * 2; taken += 1) {
      await time.until(send(budget, bucket))
      sent.push(time.time)
    }
    // Any `perMinute + 1` requests in a row take longer than a minute.
    for (let last = perMinute; last < sent.length; last += 1) {
      expect((sent[last] ?? 0) - (sent[last - perMinute] ?? 0)).toBeGreaterThanOrEqual(60_000)
    }
  })

  it.each([
    ['core', 810],
    ['graphql', 1_800],
  ] as const)('sends a minute’s %s points as fast as they are wanted', async (bucket, points) => {
    const { budget, time } = budgetInTime()
    for (let sent = 0; sent < points; sent += 1) await send(budget, bucket)
    expect(time.waits).toEqual([])
    // Who comes next waits for the first to be a minute ago.
    expect(budget.status[bucket].readyAt - time.time).toBeGreaterThan(59_999)
  })

  it('does not make anybody wait for a clock that was set back', async () => {
    const { budget, time } = budgetInTime()
    for (let sent = 0; sent < 810; sent += 1) await send(budget, 'core')
    time.time -= 600_000
    await send(budget, 'core')
    expect(time.waits).toEqual([])
  })

  it('leaves the part of the hourly limit that rateLimitBuffer reserves, and goes on after the reset', async () => {
    const waiting: RateWait[] = []
    const { budget, time } = budgetInTime({ rateLimitBuffer: 0.8, onWait: (wait) => waiting.push(wait) })
    await send(budget, 'core', headers(100, 22, 50))
    await send(budget, 'core')
    await send(budget, 'core')
    expect(budget.status.core).toMatchObject({ limit: 100, remaining: 20, readyAt: 1_050_000 })
    await time.until(send(budget, 'core'))
    expect(time.waits).toEqual([50_000])
    expect(waiting).toEqual([{ bucket: 'core', until: 1_050_000, reason: 'spent' }])
  })

  it('believes the smallest number of answers that overtook each other, and a newer window', async () => {
    const { budget } = budgetInTime({ rateLimitBuffer: 1 })
    await send(budget, 'core', headers(100, 40, 50))
    await send(budget, 'core', headers(100, 45, 50))
    expect(budget.status.core.remaining).toBe(39)
    await send(budget, 'core', headers(100, 99, 3_650))
    expect(budget.status.core.remaining).toBe(99)
    await send(budget, 'core', headers(100, 3, 50))
    expect(budget.status.core.remaining).toBe(98)
  })

  it('counts an answer where its header says that it belongs', async () => {
    const { budget } = budgetInTime()
    await send(budget, 'core', headers(10, 4, 50, 'code_search'))
    expect(budget.status.code_search.remaining).toBe(4)
    expect(budget.status.core.remaining).toBeUndefined()
  })

  it('pauses one bucket for everybody, and not the other', async () => {
    const { budget, time } = budgetInTime()
    budget.pause('core', time.time + 7_000)
    budget.pause('core', time.time + 3_000)
    await send(budget, 'graphql')
    expect(time.waits).toEqual([])
    await time.until(Promise.all([send(budget, 'core'), send(budget, 'core')]))
    expect(time.time).toBe(1_007_000)
  })

  it('fails with the time of the reset rather than wait longer than maxWait, the request’s or its own', async () => {
    const { budget, time } = budgetInTime({ maxWait: '5s' })
    budget.pause('core', time.time + 5_001)
    const error = await caught(budget.reserve('core'))
    expect(error).toBeInstanceOf(RateLimitError)
    expect(error).toMatchObject({ resetTime: time.time + 5_001 })
    await time.until(budget.reserve('core', { maxWait: '6s' }))
    budget.pause('graphql', time.time + 1)
    expect(await caught(budget.reserve('graphql', { maxWait: 0 }))).toBeInstanceOf(RateLimitError)
  })

  it('fails those who wait already when the wait grows beyond what they allow', async () => {
    const { budget, time } = budgetInTime({ maxWait: '5s' })
    budget.pause('core', time.time + 4_000)
    const waiting = caught(budget.reserve('core'))
    budget.pause('core', time.time + 6_000)
    expect(await waiting).toBeInstanceOf(RateLimitError)
  })

  it('tells once that a bucket waits, however many requests wait in it', async () => {
    const waiting: RateWait[] = []
    const { budget, time } = budgetInTime({
      onWait: (wait) => {
        waiting.push(wait)
        throw new Error('in the listener')
      },
    })
    const heard: RateWait[] = []
    const stop = budget.listen((wait) => heard.push(wait))
    budget.pause('core', time.time + 1_000)
    await time.until(Promise.all([send(budget, 'core'), send(budget, 'core')]))
    stop()
    budget.pause('core', time.time + 2_000)
    await time.until(send(budget, 'core'))
    expect(waiting.map(({ until, reason }) => [until - 1_000_000, reason])).toEqual([
      [1_000, 'told'],
      [3_000, 'told'],
    ])
    expect(heard).toHaveLength(1)
  })

  it('names even a time that no date can hold', async () => {
    const { budget } = budgetInTime()
    budget.pause('core', 1e20)
    await expect(budget.reserve('core')).rejects.toThrow(RateLimitError)
  })

  it('ends a wait with the reason of the signal, and lets the process end', async () => {
    const budget = new RateBudget()
    budget.pause('graphql', Date.now() + 60_000)
    const controller = new AbortController()
    const waiting = budget.reserve('graphql', { signal: controller.signal })
    const reason = new Error('enough')
    controller.abort(reason)
    await expect(waiting).rejects.toBe(reason)
    expect(budget.status.graphql.waiting).toBe(0)
    await expect(budget.reserve('core', { signal: controller.signal })).rejects.toBe(reason)
  })

  it('lets no more requests at once than it may, of all buckets together', async () => {
    const { budget } = budgetInTime({ maxConcurrent: 2 })
    const begun: string[] = []
    const start = async (name: string, bucket: RateBucket): Promise<RateReservation> => {
      const reservation = await budget.reserve(bucket)
      begun.push(name)
      return reservation
    }
    const [first, second, third] = [start('a', 'core'), start('b', 'graphql'), start('c', 'graphql')]
    ;(await first).end()
    ;(await first).end()
    await second
    await third
    const fourth = start('d', 'core')
    expect(begun).toEqual(['a', 'b', 'c'])
    ;(await second).end()
    await fourth
    expect(begun).toEqual(['a', 'b', 'c', 'd'])
  })

  it('gives a freed slot to the oldest, whatever its bucket', async () => {
    const { budget, time } = budgetInTime({ maxConcurrent: 1 })
    const order: string[] = []
    const held = await budget.reserve('core')
    const graphql = budget.reserve('graphql').then((turn) => {
      order.push('graphql')
      turn.end()
    })
    time.time += 1
    const core = budget.reserve('core').then((turn) => {
      order.push('core')
      turn.end()
    })
    held.end()
    await Promise.all([core, graphql])
    expect(order).toEqual(['graphql', 'core'])
  })

  it('prefers what is important, and yet lets nobody wait for ever', async () => {
    const { budget, time } = budgetInTime({ maxConcurrent: 1 })
    const order: string[] = []
    let held = await budget.reserve('core')
    const join = (name: string, priority: number): void => {
      void budget.reserve('core', { priority }).then((turn) => {
        order.push(name)
        held = turn
      })
    }
    join('low', 0)
    // Important ones keep coming, one every five seconds: the sixth is no longer more urgent than who waited for 50 s.
    for (let index = 0; index < 20 && !order.includes('low'); index += 1) {
      join(`high ${index}`, 3)
      time.time += 5_000
      held.end()
      await new Promise((resolve) => setImmediate(resolve))
    }
    expect(order.indexOf('low')).toBeGreaterThan(3)
    expect(order.indexOf('low')).toBeLessThan(10)
  })

  it('asks no more of GitHub’s processors than it allows, by the time to its answers', async () => {
    const { budget, time } = budgetInTime()
    let worked = 0
    const start = time.time
    for (let index = 0; index < 200; index += 1) {
      const turn = await time.until(budget.reserve('graphql'))
      const work = index % 2 === 0 ? 100 : 4_100
      time.time += work
      turn.answered(new Headers())
      turn.end()
      worked += work - 100
    }
    // 60 seconds of work in 60 seconds are allowed; the first ones may come at once.
    expect(worked / (time.time - start)).toBeLessThan(0.6)
  })

  it.each([0, -0.1, 1.1, Number.NaN])('refuses a share of %s', (rateLimitBuffer) => {
    expect(() => new RateBudget({ rateLimitBuffer })).toThrow(
      new RangeError(`rateLimitBuffer must be above 0 and at most 1, not ${String(rateLimitBuffer)}.`),
    )
  })

  it.each([0, 101, 1.5])('refuses %s requests at once', (maxConcurrent) => {
    expect(() => new RateBudget({ maxConcurrent })).toThrow(
      new RangeError(`maxConcurrent must be a whole number from 1 to 100, not ${String(maxConcurrent)}.`),
    )
  })
})

describe('a shared budget', () => {
  it('sends no more in a minute than one would, whoever sends', async () => {
    const store = new SqliteCache({ path: ':memory:' })
    const time = new VirtualTime()
    const budgets = [1, 2, 3].map(() => budgetInTime({ shared: { store, account: 'acme' } }, time).budget)
    const sent: number[] = []
    const work = async (budget: RateBudget): Promise<void> => {
      for (let taken = 0; taken < 500; taken += 1) {
        await send(budget, 'core')
        sent.push(time.time)
      }
    }
    await time.until(Promise.all(budgets.map(work)))
    sent.sort((a, b) => a - b)
    for (let last = 900; last < sent.length; last += 1) {
      expect((sent[last] ?? 0) - (sent[last - 900] ?? 0)).toBeGreaterThanOrEqual(60_000)
    }
  })

  it('is paused for all who share it, also for one that starts later', async () => {
    const store = new SqliteCache({ path: ':memory:' })
    const time = new VirtualTime()
    const first = budgetInTime({ shared: { store, account: 'acme' } }, time).budget
    await time.until(send(first, 'core', headers(5_000, 4_000, 3_000)))
    first.pause('core', time.time + 90_000)
    await time.until(send(first, 'graphql'))
    const later = budgetInTime({ shared: { store, account: 'acme' } }, time).budget
    const other = budgetInTime({ shared: { store, account: 'other' } }, time).budget
    await time.until(send(other, 'core'))
    expect(time.time).toBe(1_000_000)
    await time.until(send(later, 'core'))
    expect(time.time).toBeGreaterThanOrEqual(1_090_000)
    expect(later.status.core.remaining).toBe(3_999)
  })

  it('divides the requests at once among the processes that are there', async () => {
    const store = new SqliteCache({ path: ':memory:' })
    const time = new VirtualTime()
    const shared = { store, account: 'acme' }
    const [first, second] = [1, 2].map(() => budgetInTime({ shared, maxConcurrent: 4 }, time).budget)
    if (first === undefined || second === undefined) throw new Error('two')
    await time.until(send(first, 'core'))
    await time.until(send(second, 'core'))
    const turns = await time.until(Promise.all([second.reserve('core'), second.reserve('core')]))
    expect(turns).toHaveLength(2)
    const third = second.reserve('core')
    await new Promise((resolve) => setImmediate(resolve))
    expect(second.status.core.waiting).toBe(1)
    turns[0].end()
    await third
  })

  it('goes on alone where its store fails open, and so keeps nothing', async () => {
    using store = new SqliteCache({ path: '/dev/null/none.sqlite', onFailure: 'miss' })
    const { budget } = budgetInTime({ shared: { store, account: 'acme' } })
    const { end } = await budget.reserve('core')
    end()
  })

  it('goes on alone when its store fails', async () => {
    const store = new SqliteCache({ path: ':memory:' })
    const { budget, time } = budgetInTime({ shared: { store, account: 'acme' } })
    store.close()
    await time.until(send(budget, 'core'))
    expect(time.time).toBe(1_000_000)
  })

  it('remembers what all have sent within the minute when its store fails, and from then on takes its part', async () => {
    const store = new SqliteCache({ path: ':memory:' })
    const shared = { store, account: 'acme' }
    const { budget: first, time } = budgetInTime({ shared })
    const { budget: second } = budgetInTime({ shared }, time)
    const times: number[] = []
    const run = (budget: RateBudget, count: number): Promise<unknown> =>
      Promise.all(
        Array.from({ length: count }, async () => {
          await send(budget, 'core')
          times.push(time.time)
        }),
      )
    await time.until(Promise.all([run(first, 400), run(second, 400)]))
    store.close()
    await time.until(Promise.all([run(first, 1_200), run(second, 1_200)]))
    const mostInAMinute = Math.max(
      ...times.map((at) => times.filter((other) => other >= at && other < at + 60_000).length),
    )
    expect(mostInAMinute).toBeLessThanOrEqual(900)
  })

  it('lets those wait for the next hour who may use a smaller share, and others pass them', async () => {
    const { budget, time } = budgetInTime({ rateLimitBuffer: 1 })
    await send(budget, 'core', headers(100, 50, 600))
    const order: string[] = []
    const careful = budget.reserve('core', { rateLimitBuffer: 0.5, priority: 9 }).then((turn) => {
      order.push(`careful at ${time.time / 1_000 - 1_000} s`)
      turn.end()
    })
    const bold = budget.reserve('core').then((turn) => {
      order.push(`bold at ${time.time / 1_000 - 1_000} s`)
      turn.end()
    })
    await time.until(Promise.all([careful, bold]))
    expect(order).toEqual(['bold at 0 s', 'careful at 600 s'])
  })

  it('refuses those who may use a smaller share and cannot wait, and nobody else', async () => {
    const { budget } = budgetInTime({ rateLimitBuffer: 1 })
    await send(budget, 'core', headers(100, 50, 600))
    const error = await caught(budget.reserve('core', { rateLimitBuffer: 0.5, maxWait: '5m' }))
    expect(error).toBeInstanceOf(RateLimitError)
    await send(budget, 'core')
  })

  it('never lets a share exceed its own', async () => {
    const { budget } = budgetInTime({ rateLimitBuffer: 0.5, maxWait: 0 })
    await send(budget, 'core', headers(100, 50, 600))
    expect(await caught(budget.reserve('core', { rateLimitBuffer: 1 }))).toBeInstanceOf(RateLimitError)
  })

  it('waits for room behind every gate at once', async () => {
    const { budget } = budgetInTime()
    const own = { limit: 5, inUse: 0 }
    const narrow = { limit: 1, inUse: 0 }
    const first = await budget.reserve('core', { gates: [own, narrow] })
    let second: RateReservation | undefined
    const waiting = budget.reserve('core', { gates: [own, narrow] }).then((turn) => (second = turn))
    const free = await budget.reserve('core', { gates: [own] })
    expect([own.inUse, narrow.inUse, second]).toEqual([2, 1, undefined])
    first.end()
    await waiting
    second?.end()
    free.end()
    expect([own.inUse, narrow.inUse]).toEqual([0, 0])
  })
})
