import type { Awaitable } from '../awaitable.ts'
import type { CacheStore } from '../cache-store.ts'
import type { StoreOptions } from '../store-options.ts'

/** The options that a case sets; the clock is the harness's own. */
export type ConformanceOptions = Omit<StoreOptions, 'clock'>

/** What the kit needs to know of a store in order to try it. */
export interface StoreHarness {
  /**
   * Opens an empty store that shares nothing with an earlier one. What an option leaves out is the store's own default,
   * but `defaultTtl` must not be shorter than a minute then.
   *
   * @throws what the store throws for options that it refuses.
   */
  create(options: ConformanceOptions): Awaitable<CacheStore>
  /**
   * Lets this much time pass for every store made here: the clock that `create` injected is moved, or, where deadlines
   * are a server's, they are brought forward or real time passes.
   *
   * @param milliseconds - Positive, at most a minute.
   */
  advance(milliseconds: number): Awaitable<void>
  /**
   * How far a deadline may be off, in milliseconds: more than 1 only where real time runs on beside `advance`.
   *
   * @defaultValue 1: a deadline is kept to the millisecond
   */
  readonly deadlineTolerance?: number | undefined
}

/** What the kit needs to know of stores that share what they hold. */
export interface SharingHarness {
  /**
   * Opens two stores on one place that is empty: as two processes would, each with a connection and memory of its own.
   *
   * @throws what the stores throw for options that they refuse.
   */
  createPair(options: ConformanceOptions): Awaitable<readonly [CacheStore, CacheStore]>
}

/** One promise of the contract. */
export interface ConformanceCase<Harness = StoreHarness> {
  /** The promise, as a sentence. */
  readonly name: string
  /** Resolves when the store keeps the promise; rejects, mostly with an `AssertionError`, when it does not. */
  readonly run: (harness: Harness) => Promise<void>
}
