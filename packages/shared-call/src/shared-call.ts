import { randomUUID } from 'node:crypto'

import { CacheError } from '@x/core'

import type { SharedCallStats } from './call-stats.ts'
import { assertKey } from './group-function.ts'
import { type BlockingGrouper, type BlockingGroupOptions, createBlockingGrouper } from './shared-call-group.ts'
import { hashKey } from './shared-call-key-stack.ts'
import { assertHandle, assertMaxThreads, type SharedCallHandle } from './shared-call-memory.ts'
import { Participant } from './shared-call-participant.ts'

/** How a `SharedCall` is made. */
export interface SharedCallOptions {
  /**
   * How many threads may take part at the same time, the one that makes it included: an integer from 1 to 1,024. Each
   * reserves 64 MiB of address space, and uses what the keys of its calls in progress need.
   *
   * @defaultValue 64
   */
  readonly maxThreads?: number | undefined
}

/** Those that other threads know of. A thread joins each only once. */
const joined = new Map<string, SharedCall>()

/**
 * The blocking twin of `AsyncSharedCall`, for functions that block: threads that call with the same key at the same time
 * share one execution. One of them runs the function, the others block until it ends. Nothing is kept afterwards.
 *
 * `handle` goes to other threads, which join by `SharedCall.from(handle)`.
 */
export class SharedCall {
  readonly #id: string
  readonly #maxThreads: number
  #participant: Participant | undefined
  #closed = false

  /** @throws RangeError for `maxThreads` out of bounds. */
  constructor({ maxThreads = 64 }: SharedCallOptions = {}) {
    this.#id = randomUUID()
    this.#maxThreads = assertMaxThreads(maxThreads)
  }

  /**
   * Joins another thread's `SharedCall`. Joining again in the same thread gives the same object.
   *
   * @throws TypeError for what is no handle; CacheError `INVALID_CONFIGURATION` where `maxThreads` threads take part
   * already, or where no temporary file can be made.
   */
  static from(handle: SharedCallHandle): SharedCall {
    const { id, stacks } = assertHandle(handle)
    const known = joined.get(id)
    if (known !== undefined) return known
    const participant = Participant.join(handle)
    const shared = new SharedCall({ maxThreads: stacks.length })
    shared.#participant = participant
    joined.set(id, shared)
    return shared
  }

  /**
   * What other threads join by; the same for all of them, and as good as the object itself.
   *
   * @throws CacheError `INVALID_CONFIGURATION` where no temporary file can be made.
   */
  get handle(): SharedCallHandle {
    const handle = this.#open().publish()
    joined.set(handle.id, this)
    return handle
  }

  /**
   * Runs `fn(...args)` and returns its value, or throws its error; where another thread is running the same key, blocks until it
   * has, and returns a structured clone of its value, or throws an error with the same name, message, code, stack,
   * cause, `errors` and own properties. Where that thread dies, one of those who wait runs its own `fn`, and the others wait on.
   *
   * @throws ReentrantCallError where it would wait for itself: within an execution of the same key in this thread, or
   * through other threads that wait for this one. TypeError for a key that is no string, or where `fn` returns a promise.
   * CacheError `NOT_SERIALIZABLE` where another thread's value cannot be cloned, `STORE_CLOSED` after `close()`. RangeError where the
   * keys of this thread's calls in progress exceed 64 MiB.
   */
  call<Args extends readonly unknown[], Value>(key: string, fn: (...args: Args) => Value, ...args: Args): Value {
    return this.#open().call(assertKey(key), () => fn(...args)) as Value
  }

  /**
   * Makes a function share its concurrent calls: `const parse = shared.group({ key: (path: string) => path })(parseFile)`.
   * Without `key`, the function is known by its identity, which no other thread has.
   */
  group<KeyArgs extends readonly unknown[] = readonly unknown[]>({
    key,
  }: BlockingGroupOptions<KeyArgs> = {}): BlockingGrouper<KeyArgs> {
    return createBlockingGrouper(key, (own, run) => this.#open().call(own, run))
  }

  /** The counters as they are now, over all threads. A call that took over from a dead thread counts as a miss. */
  getStats(): SharedCallStats {
    return this.#open().readStats()
  }

  /** Sets the counters to zero for all threads, all but `active`, which counts what is in progress. */
  resetStats(): void {
    this.#open().table.resetStats()
  }

  /** Lets the next caller of a key start anew, in any thread. Those who wait get the result of the execution they joined. */
  forget(key: string): void {
    this.#open().table.forget(hashKey(assertKey(key)))
  }

  /** `forget` for every key. */
  forgetAll(): void {
    this.#open().table.forgetAll()
  }

  /**
   * Leaves, and makes room for another thread; the others go on. A thread that ends need not call it. May be repeated.
   *
   * @throws Error within a call.
   */
  close(): void {
    if (this.#closed) return
    if (this.#participant !== undefined && this.#participant.table.top > 0) {
      throw new Error('A SharedCall cannot be closed within one of its calls. Close it afterwards.')
    }
    this.#closed = true
    if (this.#participant === undefined) return
    joined.delete(this.#participant.handle.id)
    this.#participant.close()
  }

  /** `close()`. */
  [Symbol.dispose](): void {
    this.close()
  }

  #open(): Participant {
    if (this.#closed) {
      throw new CacheError('STORE_CLOSED', {
        message: 'This SharedCall is closed in this thread. Join again, or close later.',
      })
    }
    return (this.#participant ??= Participant.found(this.#id, this.#maxThreads))
  }
}
