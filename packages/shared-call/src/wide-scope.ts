import { type CacheStore, type Duration, type HeldLease, type Lease, toMilliseconds } from '@x/core'

import { type Delay, timerDelay } from './delay.ts'
import { describeError, type PublishedResult, valueOf } from './published-result.ts'
import { ignoreRejection } from './rejection.ts'

/** How often a result is offered to a store that refuses because its category was touched meanwhile. */
const PUBLISH_ATTEMPTS = 10

/** What makes processes or machines share executions. All that share use the same values. */
export interface WideScopeOptions {
  /** Decides who runs. */
  readonly lease: Lease
  /** Where the one that ran leaves the result for the others. Its codec must take the values. */
  readonly store: CacheStore
  /**
   * For how long a leader that died is waited for; a living one renews three times as often, and at least each 24.8 days
   * (2³¹ − 1 ms), the longest that a timer waits. Positive and finite.
   *
   * @defaultValue `"10s"`
   */
  readonly leaseTtl?: Duration | undefined
  /**
   * How long a result stays in the store for those who were waiting when it came. Longer than `pollInterval`; later
   * callers do not take it.
   *
   * @defaultValue `leaseTtl`
   */
  readonly resultTtl?: Duration | undefined
  /**
   * The store's category for the results.
   *
   * @defaultValue `"shared-call"`
   */
  readonly category?: string | undefined
  /**
   * The time between two looks of a follower: each one attempt at the lease and one read. Positive and finite. There is
   * no last look: a caller that wants one gives a `timeout` or a `signal`.
   *
   * @defaultValue `50`
   */
  readonly pollInterval?: Duration | undefined
  /**
   * How a follower waits between two looks, and a leader between two renewals.
   *
   * @defaultValue the platform's timer
   */
  readonly delay?: Delay | undefined
  /**
   * Told when a result could not be published. The leader's callers have it; the others run the function themselves. What it
   * throws, or its promise rejects with, is dropped.
   */
  readonly onPublishError?: ((error: unknown, key: string) => unknown) | undefined
}

/** One execution of a key: how it runs here, and what to do when somebody else's is taken. */
export interface WideExecution {
  /** What the lease and the result are about. */
  readonly key: string
  /** Aborts when nobody here waits any more. */
  readonly signal: AbortSignal
  /** Runs the function. */
  readonly run: () => Promise<unknown>
  /** Called before the result of another one is taken. */
  readonly onFollow: () => void
}

/** Runs a function once among all who share the lease and the store. */
export class WideScope {
  readonly #lease: Lease
  readonly #store: CacheStore
  readonly #leaseTtlMs: number
  readonly #resultTtlMs: number
  readonly #pollIntervalMs: number
  readonly #category: string
  readonly #delay: Delay
  readonly #onPublishError: ((error: unknown, key: string) => unknown) | undefined

  constructor({
    lease,
    store,
    leaseTtl = '10s',
    resultTtl = leaseTtl,
    category = 'shared-call',
    pollInterval = 50,
    delay = timerDelay,
    onPublishError,
  }: WideScopeOptions) {
    this.#lease = lease
    this.#store = store
    this.#leaseTtlMs = readPositive('leaseTtl', leaseTtl)
    this.#resultTtlMs = readPositive('resultTtl', resultTtl)
    this.#pollIntervalMs = readPositive('pollInterval', pollInterval)
    if (this.#resultTtlMs <= this.#pollIntervalMs) {
      throw new RangeError(`resultTtl must be longer than pollInterval: ${resultTtl}, ${pollInterval}.`)
    }
    this.#category = category
    this.#delay = delay
    this.#onPublishError = onPublishError
  }

  /**
   * Leads or follows. A result counts only if it was published after this began: a coalescer is no cache.
   *
   * @throws what the function, the lease or the store throws, or `signal.reason`.
   */
  async execute(execution: WideExecution): Promise<unknown> {
    const { key, signal } = execution
    const before = (await this.#read(key))?.fence ?? -Infinity
    for (;;) {
      signal.throwIfAborted()
      const held = await this.#lease.acquire(key, this.#leaseTtlMs)
      if (held === undefined) await this.#delay(this.#pollIntervalMs, signal)
      // Also with the lease in hand: a leader that has just ended published before it released.
      const result = await this.#readOrRelease(key, held)
      if (result !== undefined && result.fence > before) {
        await release(held)
        execution.onFollow()
        return valueOf(result)
      }
      if (held === undefined) continue
      if (signal.aborted) await release(held)
      signal.throwIfAborted()
      return await this.#lead(held, execution)
    }
  }

  async #lead(held: HeldLease, { key, signal, run }: WideExecution): Promise<unknown> {
    const stop = new AbortController()
    const renewing = this.#keepRenewing(held, stop.signal)
    // Everybody has left: who comes next must not wait for a function that does not heed its signal.
    const abandon = (): void => {
      stop.abort()
      void release(held)
    }
    signal.addEventListener('abort', abandon, { once: true })
    try {
      const value = await run()
      await this.#publish(key, held, { fence: held.fence, value })
      return value
    } catch (error) {
      // Given up here, it is nobody else's failure: a follower succeeds it.
      if (!signal.aborted) await this.#publish(key, held, { fence: held.fence, error: describeError(error) })
      throw error
    } finally {
      signal.removeEventListener('abort', abandon)
      stop.abort()
      await renewing
      await release(held)
    }
  }

  async #keepRenewing(held: HeldLease, stop: AbortSignal): Promise<void> {
    const intervalMs = this.#leaseTtlMs / 3
    const waited = async (): Promise<boolean> => {
      try {
        await this.#delay(intervalMs, stop)
        return !stop.aborted
      } catch {
        return false
      }
    }
    while (await waited()) {
      try {
        if (!(await held.renew(this.#leaseTtlMs))) return
      } catch {
        // Tried again: whether it is still held is asked once more before anything is published.
      }
    }
  }

  /** Never throws: whoever waits for the function has its result whether or not it could be published. */
  async #publish(key: string, held: HeldLease, result: PublishedResult): Promise<void> {
    try {
      await this.#offer(key, held, result)
    } catch (error) {
      try {
        const answer = this.#onPublishError?.(error, key)
        if (answer instanceof Promise) ignoreRejection(answer)
      } catch {
        // A listener that throws breaks nothing.
      }
    }
  }

  /** Sets the result unless the lease is lost or a newer result is there: compared and set by the store's epoch. */
  async #offer(key: string, held: HeldLease, result: PublishedResult): Promise<void> {
    const scope = { category: this.#category }
    for (let attempt = 0; attempt < PUBLISH_ATTEMPTS; attempt += 1) {
      const ifEpoch = await this.#store.getEpoch(key, scope)
      const current = await this.#read(key)
      if (current !== undefined && current.fence > held.fence) return
      if (!(await held.renew(this.#leaseTtlMs))) return
      if (await this.#store.set(key, result, { ...scope, ttl: this.#resultTtlMs, ifEpoch })) return
    }
  }

  async #readOrRelease(key: string, held: HeldLease | undefined): Promise<PublishedResult | undefined> {
    try {
      return await this.#read(key)
    } catch (error) {
      await release(held)
      throw error
    }
  }

  async #read(key: string): Promise<PublishedResult | undefined> {
    return await this.#store.get<PublishedResult>(key, { category: this.#category })
  }
}

/** A lease that cannot be given back ends by itself. */
async function release(held: HeldLease | undefined): Promise<void> {
  try {
    await held?.release()
  } catch {
    return
  }
}

function readPositive(name: string, duration: Duration): number {
  const ms = toMilliseconds(duration)
  if (ms > 0 && ms !== Infinity) return ms
  throw new RangeError(`Not a ${name}: ${duration}. Give a positive, finite duration.`)
}
