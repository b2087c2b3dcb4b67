import { AsyncLocalStorage, AsyncResource } from 'node:async_hooks'

import { backOff } from './back-off.ts'
import { startTimer } from './timer.ts'

const RETRY_DELAY_MS = 100
const MAX_RETRY_DELAY_MS = 30_000

/**
 * One operation of a processor, from when it was added to its end, and the async context of whoever added it. Thousands may wait: all
 * that only running needs is made when it starts.
 */
export class BatchEntry extends AsyncResource {
  readonly key: string
  /** Changed by its processor, as are the fields below. */
  priority: number
  /** Settles with the last operation given for it. */
  readonly promise: Promise<unknown>
  /** Whether it is in the queue. It may have two places there: the second is ignored once it has left. */
  queued = false
  running = false
  /** The one of its key that runs, and must end before this one starts; and the other way round. */
  predecessor: BatchEntry | undefined
  successor: BatchEntry | undefined
  #operation: () => unknown
  #resolve!: (value: unknown) => void
  #reject!: (error: unknown) => void

  constructor(key: string, operation: () => unknown, priority: number) {
    super('BatchOperation')
    this.key = key
    this.#operation = operation
    this.priority = priority
    this.promise = new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
  }

  /** Has another operation run in its place, in the async context of whoever calls. */
  replace(operation: () => unknown): void {
    const inContext = AsyncLocalStorage.snapshot()
    this.#operation = () => inContext(operation)
  }

  /** Runs the operation, in its context, until it succeeds or has failed once more than `retryAttempts` times. */
  start(retryAttempts: number, onEnd: (entry: this) => void): void {
    this.running = true
    void this.runInAsyncScope(this.#run, this, retryAttempts, onEnd)
  }

  /** Settles it with an error. Nothing happens when nobody heeds that. */
  fail(error: unknown): void {
    void ignorable(this.promise)
    this.#reject(error)
  }

  /** Never rejects. */
  async #run(retryAttempts: number, onEnd: (entry: this) => void): Promise<void> {
    // Nobody's operation runs within somebody's addToBatch().
    await Promise.resolve()
    try {
      for (let failures = 0; ; failures += 1) {
        try {
          this.#resolve(await this.#operation())
          return
        } catch (error) {
          if (failures >= retryAttempts || isAbort(error)) throw error
          const wait = backOff(failures, RETRY_DELAY_MS, MAX_RETRY_DELAY_MS)
          await new Promise<void>((resolve) => startTimer(resolve, wait))
        }
      }
    } catch (error) {
      this.fail(error)
    } finally {
      onEnd(this)
    }
  }
}

/** A promise whose rejection is nobody's duty. */
export function ignorable<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined)
  return promise
}

function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError'
}
