import { describe, expect, it } from 'vitest'

import { Limiter } from '../src/index.ts'

describe('Limiter', () => {
  it('never runs more tasks than its limit, and all of them in the end', async () => {
    const limiter = new Limiter({ maxConcurrent: 3 })
    let running = 0
    let peak = 0
    const task = async (): Promise<void> => {
      running += 1
      peak = Math.max(peak, running)
      await new Promise((resolve) => setImmediate(resolve))
      running -= 1
    }
    await Promise.all(Array.from({ length: 50 }, () => limiter.run(task)))
    expect(peak).toBe(3)
    expect(running).toBe(0)
  })

  it('starts tasks in the order they came', async () => {
    const limiter = new Limiter({ maxConcurrent: 1 })
    const order: number[] = []
    await Promise.all([1, 2, 3].map((n) => limiter.run(() => Promise.resolve(order.push(n)))))
    expect(order).toEqual([1, 2, 3])
  })

  it('lets a waiting task leave at once when its signal aborts, with the reason itself, and never starts it', async () => {
    const limiter = new Limiter({ maxConcurrent: 1 })
    const gate = Promise.withResolvers<string>()
    const first = limiter.run(() => gate.promise)
    const controller = new AbortController()
    const reason = new Error('enough')
    let started = false
    const waiting = limiter.run(
      () => {
        started = true
        return Promise.resolve()
      },
      { signal: controller.signal },
    )
    controller.abort(reason)
    await expect(waiting).rejects.toBe(reason)
    gate.resolve('done')
    expect(await first).toBe('done')
    expect(await limiter.run(() => Promise.resolve('next'))).toBe('next')
    expect(started).toBe(false)
  })

  it('refuses a task whose signal is aborted already', async () => {
    const reason = new Error('before')
    await expect(new Limiter().run(() => Promise.resolve(), { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
  })

  it('passes on what a task rejects with, and goes on', async () => {
    const limiter = new Limiter({ maxConcurrent: 1 })
    const failure = new Error('task')
    const { signal } = new AbortController()
    await expect(limiter.run(() => Promise.reject(failure), { signal })).rejects.toBe(failure)
    expect(await limiter.run(() => Promise.resolve(1), { signal })).toBe(1)
  })

  it('passes on what a task throws before it has made a promise', async () => {
    const limiter = new Limiter({ maxConcurrent: 1 })
    const failure = new Error('at once')
    const task = (): never => {
      throw failure
    }
    await expect(limiter.run(task)).rejects.toBe(failure)
    await expect(limiter.run(task, { signal: new AbortController().signal })).rejects.toBe(failure)
    expect(await limiter.run(() => Promise.resolve(1))).toBe(1)
  })

  it.each([0, -1, 1.5, Number.NaN, Infinity])('refuses a limit of %s', (maxConcurrent) => {
    expect(() => new Limiter({ maxConcurrent })).toThrow(
      new RangeError(`maxConcurrent must be a positive integer, not ${String(maxConcurrent)}.`),
    )
  })
})
