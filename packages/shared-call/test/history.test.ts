import { describe, expect, it } from 'vitest'

import { AsyncSharedCall, type CallContext } from '../src/index.ts'
import { seededRandom } from '../../../scripts/seeded-random.ts'
import { settled } from './settled.ts'

const KEYS = ['a', 'b', 'c', 'd', 'e']

/** What the model knows of an execution. */
interface Run {
  readonly id: number
  readonly key: string
  readonly callers: Set<Caller>
  abandoned: boolean
  readonly resolve: (value: string) => void
  readonly reject: (error: Error) => void
  /** Absent where it was started without options. */
  signal?: AbortSignal
}

interface Caller {
  readonly run: Run
  readonly abort: AbortController | undefined
  expected: string
  actual: string
}

/** The coalescer as a few lines over sets, beside the real one. */
class Histories {
  readonly shared = new AsyncSharedCall()
  readonly random: () => number
  readonly joinable = new Map<string, Run>()
  readonly running = new Set<Run>()
  readonly callers: Caller[] = []
  readonly stats = { hits: 0, misses: 0, errors: 0 }
  readonly started: Run[] = []

  constructor(seed: number) {
    this.random = seededRandom(seed)
  }

  pick<T>(from: Iterable<T>): T | undefined {
    const items = [...from]
    return items[Math.floor(this.random() * items.length)]
  }

  call(withSignal: boolean): void {
    const key = this.pick(KEYS) ?? ''
    const known = this.joinable.get(key)
    const before = this.started.length
    const abort = withSignal ? new AbortController() : undefined
    const fn = (context?: CallContext): Promise<string> => {
      const { promise, resolve, reject } = Promise.withResolvers<string>()
      const run: Run = { id: before, key, callers: new Set(), abandoned: false, resolve, reject }
      if (context !== undefined) run.signal = context.signal
      this.started.push(run)
      return promise
    }
    const promise =
      abort === undefined ? this.shared.call(key, fn) : this.shared.call({ key, signal: abort.signal }, fn)
    const run = known ?? this.started[before]
    if (run === undefined) throw new Error('not started')
    expect(this.started.length).toBe(known === undefined ? before + 1 : before)
    this.stats[known === undefined ? 'misses' : 'hits'] += 1
    this.joinable.set(key, run)
    this.running.add(run)
    const caller: Caller = { run, abort, expected: 'pending', actual: 'pending' }
    run.callers.add(caller)
    this.callers.push(caller)
    promise.then(
      (value) => (caller.actual = value),
      (error: unknown) => (caller.actual = error instanceof Error ? error.message : String(error)),
    )
  }

  abort(): void {
    const waiting = [...this.running].flatMap((run) => [...run.callers]).filter(({ abort }) => abort !== undefined)
    const caller = this.pick(waiting)
    if (caller === undefined) return
    const { run } = caller
    caller.expected = `aborted ${this.callers.indexOf(caller)}`
    run.callers.delete(caller)
    if (run.callers.size === 0) {
      run.abandoned = true
      if (this.joinable.get(run.key) === run) this.joinable.delete(run.key)
    }
    caller.abort?.abort(caller.expected)
    expect(run.signal?.aborted ?? false).toBe(run.abandoned && run.signal !== undefined)
  }

  end(failing: boolean): Promise<void> | undefined {
    const run = this.pick(this.running)
    if (run === undefined) return undefined
    const outcome = `${failing ? 'error' : 'value'} of ${run.id}`
    for (const caller of run.callers) caller.expected = outcome
    this.running.delete(run)
    if (this.joinable.get(run.key) === run) this.joinable.delete(run.key)
    if (failing && run.callers.size > 0) this.stats.errors += 1
    if (failing) run.reject(new Error(outcome))
    else run.resolve(outcome)
    return settled()
  }

  forget(): void {
    const key = this.pick(KEYS) ?? ''
    this.joinable.delete(key)
    this.shared.forget(key)
  }

  forgetAll(): void {
    this.joinable.clear()
    this.shared.forgetAll()
  }

  resetStats(): void {
    Object.assign(this.stats, { hits: 0, misses: 0, errors: 0 })
    this.shared.resetStats()
  }

  check(): void {
    expect(this.shared.getStats()).toMatchObject({ ...this.stats, active: this.running.size })
    const wrong = this.callers.filter(({ expected, actual }) => expected !== actual)
    expect(wrong.map(({ run, expected, actual }) => ({ run: run.id, expected, actual }))).toEqual([])
  }
}

describe('AsyncSharedCall', () => {
  it.each([1, 2, 3, 4])('behaves as its model over 25,000 operations in random order (seed %i)', async (seed) => {
    const histories = new Histories(seed)
    for (let operation = 0; operation < 25_000; operation += 1) {
      const dice = histories.random()
      if (dice < 0.25) histories.call(false)
      else if (dice < 0.6) histories.call(true)
      else if (dice < 0.8) histories.abort()
      else if (dice < 0.9) await histories.end(false)
      else if (dice < 0.96) await histories.end(true)
      else if (dice < 0.99) histories.forget()
      else if (dice < 0.995) histories.forgetAll()
      else histories.resetStats()
      if (operation % 500 !== 0) continue
      await settled()
      histories.check()
      histories.callers.length = 0
      for (const run of histories.running) histories.callers.push(...run.callers)
    }
    while (histories.running.size > 0) await histories.end(false)
    histories.check()
    expect(histories.shared.getStats().active).toBe(0)
  })
})
