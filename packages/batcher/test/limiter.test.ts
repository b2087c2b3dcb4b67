import { getEventListeners } from 'node:events'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

import { describe, expect, it } from 'vitest'

import { Limiter } from '../src/index.ts'

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

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

  it('lets go of a task that has left, though its turn has not come', async () => {
    const limiter = new Limiter({ maxConcurrent: 1 })
    const gate = Promise.withResolvers<string>()
    const first = limiter.run(() => gate.promise)
    const controller = new AbortController()
    const { held, waiting } = waitHolding(limiter, controller.signal)
    controller.abort(new Error('enough'))
    await expect(waiting).rejects.toThrow('enough')
    await new Promise((resolve) => setImmediate(resolve))
    collectGarbage()
    expect(held.deref()).toBeUndefined()
    gate.resolve('done')
    expect(await first).toBe('done')
  })

  it('puts one listener on a signal for all that have it, and none once each has started or left', async () => {
    const limiter = new Limiter({ maxConcurrent: 1 })
    const gate = Promise.withResolvers<undefined>()
    const { signal } = new AbortController()
    const listeners = (): number => getEventListeners(signal, 'abort').length
    const running = Array.from({ length: 100 }, () => limiter.run(() => gate.promise, { signal }))
    expect(listeners()).toBe(1)
    gate.resolve(undefined)
    await Promise.all(running)
    expect(listeners()).toBe(0)
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

/** In a function of its own, so that nobody else holds what the task holds. */
function waitHolding(
  limiter: Limiter,
  signal: AbortSignal,
): { readonly held: WeakRef<object>; readonly waiting: Promise<unknown> } {
  const value = { large: true }
  return { held: new WeakRef(value), waiting: limiter.run(() => Promise.resolve(value), { signal }) }
}
