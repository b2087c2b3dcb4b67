import pLimit, { type LimitFunction } from 'p-limit'

import { type Endable, unwatchAbort, watchAbort } from './abort-watch.ts'
import { positiveInteger } from './option-bounds.ts'

/** How many tasks a limiter lets run. */
export interface LimiterOptions {
  /**
   * Tasks at the same time: a positive integer.
   *
   * @defaultValue 10
   */
  readonly maxConcurrent?: number | undefined
}

/** What a single task may bring. */
export interface LimiterRunOptions {
  /** Aborted while the task waits for its turn: it never starts. A task that runs must watch the signal itself. */
  readonly signal?: AbortSignal | undefined
}

/** One limit shared by everybody who holds it: tasks beyond it wait for their turn, first come, first served. */
export class Limiter {
  readonly #limit: LimitFunction

  /** @throws RangeError when `maxConcurrent` is no positive integer. */
  constructor({ maxConcurrent = 10 }: LimiterOptions = {}) {
    this.#limit = pLimit(positiveInteger('maxConcurrent', maxConcurrent))
  }

  /**
   * Runs a task in its turn. Its slot is taken until the task has really ended.
   *
   * @throws the signal's own reason, at once, when it aborts before the task has started.
   */
  run<T>(task: () => Promise<T>, { signal }: LimiterRunOptions = {}): Promise<T> {
    if (signal === undefined) return this.#limit(task)
    const waiting = new WaitingTask(task, signal)
    if (signal.aborted) waiting.end()
    else {
      watchAbort(signal, waiting)
      void this.#limit(() => waiting.start())
    }
    return waiting.promise
  }
}

/** A task that may leave before its turn. */
class WaitingTask<T> implements Endable {
  readonly promise: Promise<T>
  readonly #signal: AbortSignal
  readonly #resolve: (value: T) => void
  readonly #reject: (error: unknown) => void
  /** Absent once it has left: its turn, which stays in the queue, must not hold what the task holds. */
  #task: (() => Promise<T>) | undefined

  constructor(task: () => Promise<T>, signal: AbortSignal) {
    const { promise, resolve, reject } = Promise.withResolvers<T>()
    this.promise = promise
    this.#resolve = resolve
    this.#reject = reject
    this.#signal = signal
    this.#task = task
  }

  end(): void {
    this.#task = undefined
    this.#reject(this.#signal.reason)
  }

  /** Its turn has come. Never rejects. */
  async start(): Promise<void> {
    const task = this.#task
    if (task === undefined) return
    unwatchAbort(this.#signal, this)
    try {
      this.#resolve(await task())
    } catch (error) {
      // The task's own error, whatever it is, and a synchronous throw as well.
      this.#reject(error)
    }
  }
}
