import { type Awaitable, BatchProcessingError, type Duration, toMilliseconds } from '@x/core'

import { AgingQueue } from './aging-queue.ts'
import { BatchEntry, ignorable } from './batch-entry.ts'
import { nonNegative, positiveDuration, positiveInteger } from './option-bounds.ts'
import { startTimer } from './timer.ts'

/** When a processor runs what waits, and how. */
export interface BatchProcessorOptions {
  /**
   * How many waiting operations make a batch, and how many run at the same time: a positive integer.
   *
   * @defaultValue 100
   */
  readonly size?: number | undefined
  /**
   * The longest time until what waits is a batch, however little it is, from when the first of it was added. 0: at the next turn of
   * the event loop. `Infinity`: only `size` and `processBatch()` make batches.
   *
   * @defaultValue `"1s"`
   */
  readonly interval?: Duration | undefined
  /**
   * How often an operation that failed is run again, each time after a longer pause; 0: never.
   *
   * @defaultValue 3
   */
  readonly retryAttempts?: number | undefined
  /**
   * How long an operation waits to count as one priority higher. Longer than 0. `Infinity`: priorities are strict, and low
   * ones may wait for ever.
   *
   * @defaultValue `"1s"`
   */
  readonly aging?: Duration | undefined
}

/** Something to do, together with others. */
export interface BatchOperation<T = unknown> {
  /** While an operation waits, a later one of its key takes its place. Those of one key never run at the same time. */
  readonly key: string
  /** What to do. */
  readonly operation: () => Awaitable<T>
  /**
   * The higher, the earlier: from -1,000,000 to 1,000,000.
   *
   * @defaultValue 0
   */
  readonly priority?: number | undefined
}

/** How a processor ends. */
export interface CloseOptions {
  /**
   * Whether what waits is still run; otherwise it rejects with `BatchProcessingError`.
   *
   * @defaultValue `true`
   */
  readonly drain?: boolean | undefined
}

/** With more, a second of waiting would be lost in rounding. */
const HIGHEST_PRIORITY = 1_000_000

/**
 * Runs operations in batches: as soon as enough of them wait, or have waited long enough. The highest priority goes
 * first; who waits rises, so that nobody waits for ever: an operation is never overtaken by one that was added later than it by more than
 * `aging` × the difference of their priorities.
 */
export class BatchProcessor implements AsyncDisposable {
  readonly #retryAttempts: number
  /** Of each key the last one: it waits, or runs. */
  readonly #entries = new Map<string, BatchEntry>()
  readonly #queue: AgingQueue<BatchEntry>
  #running = 0
  #size: number
  #intervalMs: number
  /** How many are in the queue, and how many of them may start as soon as there is room. */
  #queued = 0
  #released = 0
  /** Since when there has been one that may not. */
  #waitingSince = 0
  #timer: NodeJS.Timeout | undefined
  #closed = false

  /** @throws RangeError for a number out of its bounds. */
  constructor({ size = 100, interval = '1s', retryAttempts = 3, aging = '1s' }: BatchProcessorOptions = {}) {
    this.#size = positiveInteger('size', size)
    this.#intervalMs = nonNegative('interval', toMilliseconds(interval))
    this.#retryAttempts = nonNegative('retryAttempts', retryAttempts)
    this.#queue = new AgingQueue(positiveDuration('aging', aging))
  }

  /**
   * Adds an operation to the next batch. While one of its key waits, this one takes its place in the queue; a
   * higher priority makes it rise from now on; both callers get its result. It runs in the async context of its caller.
   *
   * @returns a promise of what the operation answers. Nothing happens when nobody heeds it. While the operation waits for its
   * batch, neither it nor whoever awaits it keeps the process alive: `processBatch()` and `close()` run it.
   * @throws TypeError for a key that is no text or an operation that is no function; RangeError for a priority out of its
   * bounds. The promise rejects with the operation's own error, or with BatchProcessingError once the processor is closed.
   */
  addToBatch<T>({ key, operation, priority = 0 }: BatchOperation<T>): Promise<T> {
    assertOperation(key, operation, priority)
    if (this.#closed) return ignorable(Promise.reject(closedError()))
    const last = this.#entries.get(key)
    if (last?.running === false) {
      this.#replace(last, operation, priority)
      return last.promise as Promise<T>
    }
    const entry = new BatchEntry(key, operation, priority)
    if (last !== undefined) {
      entry.predecessor = last
      last.successor = entry
    }
    this.#entries.set(key, entry)
    this.#enqueue(entry)
    this.#proceed()
    return entry.promise as Promise<T>
  }

  /** Runs everything that waits now; settles, without an error, when all of it has ended. */
  async processBatch(): Promise<void> {
    const waiting = this.#waiting()
    this.#released = this.#queued
    this.#proceed()
    await allEnded(waiting)
  }

  /** Changes `size`, at once. */
  setBatchSize(size: number): void {
    this.#size = positiveInteger('size', size)
    this.#proceed()
  }

  /** Changes `interval`, at once: what has waited that long already runs. */
  setProcessInterval(interval: Duration): void {
    this.#intervalMs = nonNegative('interval', toMilliseconds(interval))
    this.#stopTimer()
    this.#proceed()
  }

  /**
   * Takes nothing more, runs what waits or gives it up, and settles when everything has ended. It may be called again, also to give up
   * what is still waiting. `await using` calls it.
   */
  async close({ drain = true }: CloseOptions = {}): Promise<void> {
    this.#closed = true
    const all = [...this.#entries.values()].flatMap((entry) => [entry, entry.predecessor ?? entry])
    if (drain) this.#released = this.#queued
    else for (const entry of this.#waiting()) this.#cancel(entry)
    this.#proceed()
    await allEnded(all)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  #waiting(): BatchEntry[] {
    return [...this.#entries.values()].filter(({ running }) => !running)
  }

  #replace(entry: BatchEntry, operation: () => unknown, priority: number): void {
    entry.replace(operation)
    if (priority <= entry.priority) return
    entry.priority = priority
    // Its old place stays: it may come up earlier.
    if (entry.queued) this.#queue.push(entry, priority, performance.now())
  }

  #enqueue(entry: BatchEntry): void {
    const now = performance.now()
    if (this.#queued === this.#released) this.#waitingSince = now
    entry.queued = true
    this.#queued += 1
    this.#queue.push(entry, entry.priority, now)
  }

  /** Releases full batches, starts what there is room for, and sees to the timer. */
  #proceed(): void {
    while (this.#queued - this.#released >= this.#size) {
      this.#released += this.#size
    }
    while (this.#released > 0 && this.#running < this.#size) this.#startNext()
    if (this.#queued === this.#released) this.#stopTimer()
    else if (this.#timer === undefined && this.#intervalMs < Infinity) {
      const elapsed = performance.now() - this.#waitingSince
      this.#timer = startTimer(this.#onTimer, Math.max(0, this.#intervalMs - elapsed))
      // Whoever wants what waits to run before the program ends calls `processBatch()`, or closes the processor.
      this.#timer.unref()
    }
  }

  readonly #onTimer = (): void => {
    this.#timer = undefined
    if (performance.now() - this.#waitingSince >= this.#intervalMs) this.#released = this.#queued
    this.#proceed()
  }

  #stopTimer(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
  }

  #startNext(): void {
    const entry = this.#queue.pop()
    if (entry?.queued !== true) return
    entry.queued = false
    this.#queued -= 1
    this.#released -= 1
    if (entry.predecessor === undefined) this.#start(entry)
  }

  #start(entry: BatchEntry): void {
    this.#running += 1
    entry.start(this.#retryAttempts, this.#onEnd)
  }

  /** Makes room for others. */
  readonly #onEnd = ({ key, successor }: BatchEntry): void => {
    this.#running -= 1
    if (successor === undefined) this.#entries.delete(key)
    else {
      successor.predecessor = undefined
      // Its turn has come before.
      if (!successor.queued) this.#start(successor)
    }
    this.#proceed()
  }

  /** One that waits. */
  #cancel(entry: BatchEntry): void {
    const { key, predecessor } = entry
    if (predecessor === undefined) this.#entries.delete(key)
    else {
      predecessor.successor = undefined
      this.#entries.set(key, predecessor)
    }
    if (entry.queued) {
      entry.queued = false
      this.#queued -= 1
      this.#released = Math.min(this.#released, this.#queued)
    }
    entry.fail(closedError())
  }
}

function assertOperation(key: unknown, operation: unknown, priority: unknown): void {
  if (typeof key !== 'string') throw new TypeError(`The key must be a string, not ${typeof key}.`)
  if (typeof operation !== 'function') throw new TypeError(`The operation must be a function, not ${typeof operation}.`)
  if (typeof priority === 'number' && Math.abs(priority) <= HIGHEST_PRIORITY) return
  throw new RangeError(`The priority must be from -1,000,000 to 1,000,000, not ${String(priority)}.`)
}

/** One after the other, whatever became of them: `Promise.allSettled` would keep an object for each of thousands. */
async function allEnded(entries: readonly BatchEntry[]): Promise<void> {
  for (const { promise } of entries) {
    try {
      await promise
    } catch {
      // Its own caller is told.
    }
  }
}

function closedError(): BatchProcessingError {
  return new BatchProcessingError('The batch processor is closed. Make a new one, or close it later.')
}
