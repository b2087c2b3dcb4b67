import { RateLimitError } from '@x/core'
import { describe, expect, it } from 'vitest'

import { RateBudget, type RateBudgetOptions, type RateWait } from '../src/index.ts'

/** A budget whose time passes only by waiting. */
function budgetInTime(options: RateBudgetOptions = {}): {
  budget: RateBudget
  waits: number[]
  clock: { time: number }
} {
  const clock = { time: 1_000_000 }
  const waits: number[] = []
  const budget = new RateBudget({
    clock: { now: () => clock.time },
    delay: (milliseconds) => {
      waits.push(milliseconds)
      clock.time += milliseconds
      return Promise.resolve()
    },
    ...options,
  })
  return { budget, waits, clock }
}

function headers(limit: number, remaining: number, resetInSeconds: number): Headers {
  return new Headers({
    'x-ratelimit-limit': String(limit),
    'x-ratelimit-remaining': String(remaining),
    'x-ratelimit-reset': String(1_000 + resetInSeconds),
  })
}

async function take(budget: RateBudget, bucket: 'core' | 'graphql', times: number): Promise<void> {
  for (let taken = 0; taken < times;) {
    await budget.whenReady(bucket)
    if (budget.tryReserve(bucket)) taken += 1
  }
}

describe('RateBudget', () => {
  it.each([
    ['core', 900],
    ['graphql', 2_000],
  ] as const)('never sends more %s points in a minute than the secondary limit allows', async (bucket, perMinute) => {
    const { budget, clock } = budgetInTime()
    const sent: number[] = []
    for (let taken = 0; taken < perMinute * 3; taken += 1) {
      await take(budget, bucket, 1)
      sent.push(clock.time)
    }
    // Any `perMinute + 1` requests in a row take longer than a minute.
    for (let last = perMinute; last < sent.length; last += 1) {
      expect((sent[last] ?? 0) - (sent[last - perMinute] ?? 0)).toBeGreaterThanOrEqual(60_000)
    }
  })

  it('leaves the part of the hourly limit that rateLimitBuffer reserves, and goes on after the reset', async () => {
    const waiting: RateWait[] = []
    const { budget, waits, clock } = budgetInTime({ rateLimitBuffer: 0.8, onWait: (wait) => waiting.push(wait) })
    budget.observe('core', headers(100, 22, 50))
    await take(budget, 'core', 2)
    expect(budget.tryReserve('core')).toBe(false)
    await take(budget, 'core', 1)
    expect(waits).toEqual([50_000])
    expect(waiting).toEqual([{ bucket: 'core', until: 1_050_000, reason: 'spent' }])
    expect(clock.time).toBe(1_050_000)
  })

  it('believes the smallest number of answers that overtook each other', () => {
    const { budget } = budgetInTime({ rateLimitBuffer: 1 })
    budget.observe('core', headers(100, 1, 50))
    budget.observe('core', headers(100, 5, 50))
    expect(budget.tryReserve('core')).toBe(true)
    expect(budget.tryReserve('core')).toBe(false)
  })

  it('pauses one bucket for everybody, and not the other', async () => {
    const { budget, clock, waits } = budgetInTime()
    budget.pause('core', clock.time + 7_000)
    budget.pause('core', clock.time + 3_000)
    expect(budget.tryReserve('core')).toBe(false)
    expect(budget.tryReserve('graphql')).toBe(true)
    await budget.whenReady('core')
    expect(waits).toEqual([7_000])
  })

  it('fails with the time of the reset rather than wait longer than maxWait', async () => {
    const { budget, clock } = budgetInTime({ maxWait: '5s' })
    budget.pause('core', clock.time + 5_001)
    const error: unknown = await budget.whenReady('core').catch((caught: unknown) => caught)
    expect(error).toBeInstanceOf(RateLimitError)
    expect(error).toMatchObject({ resetTime: clock.time + 5_001 })
  })

  it('tells once that a bucket waits, however many requests wait in it', async () => {
    const waiting: RateWait[] = []
    const { budget, clock } = budgetInTime({ onWait: (wait) => waiting.push(wait), delay: () => Promise.resolve() })
    budget.pause('core', clock.time + 1_000)
    await Promise.all([budget.whenReady('core'), budget.whenReady('core')])
    budget.pause('core', clock.time + 2_000)
    await budget.whenReady('core')
    expect(waiting.map(({ until, reason }) => [until - clock.time, reason])).toEqual([
      [1_000, 'told'],
      [2_000, 'told'],
    ])
  })

  it('names even a time that no date can hold', async () => {
    const { budget } = budgetInTime()
    budget.pause('core', 1e20)
    await expect(budget.whenReady('core')).rejects.toThrow(RateLimitError)
  })

  it('ends a wait with the reason of the signal', async () => {
    const budget = new RateBudget()
    budget.pause('graphql', Date.now() + 60_000)
    const controller = new AbortController()
    const waiting = budget.whenReady('graphql', controller.signal)
    const reason = new Error('enough')
    controller.abort(reason)
    await expect(waiting).rejects.toBe(reason)
  })

  it.each([0, -0.1, 1.1, Number.NaN])('refuses a share of %s', (rateLimitBuffer) => {
    expect(() => new RateBudget({ rateLimitBuffer })).toThrow(
      new RangeError(`rateLimitBuffer must be above 0 and at most 1, not ${String(rateLimitBuffer)}.`),
    )
  })
})
