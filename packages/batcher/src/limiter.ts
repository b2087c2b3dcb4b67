import pLimit, { type LimitFunction } from 'p-limit'

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
    const { promise, resolve, reject } = Promise.withResolvers<T>()
    const leave = (): void => {
      reject(signal.reason as Error)
    }
    if (signal.aborted) leave()
    else signal.addEventListener('abort', leave, { once: true })
    const turn = async (): Promise<void> => {
      signal.removeEventListener('abort', leave)
      if (signal.aborted) return
      try {
        resolve(await task())
      } catch (error) {
        // The task's own error, whatever it is, and a synchronous throw as well.
        reject(error)
      }
    }
    if (!signal.aborted) void this.#limit(turn)
    return promise
  }
}
