import type { Awaitable } from '../awaitable.ts'
import type { CacheStore } from '../cache-store.ts'
import type { StoreOptions } from '../store-options.ts'

/** What the kit needs to know of a store in order to try it. */
export interface StoreHarness {
  /**
   * Opens an empty store that shares nothing with an earlier one, with the options given. A store whose deadlines are
   * a server's own may ignore `clock`: see `advance`.
   */
  create(options: StoreOptions): Awaitable<CacheStore>
  /**
   * Lets this much time pass for the deadlines of the stores made here, by milliseconds: the injected clock is moved, or
   * where deadlines are a server's, real time passes.
   */
  advance(milliseconds: number): Awaitable<void>
}

/** One promise of the contract. */
export interface ConformanceCase {
  /** The promise, as a sentence. */
  readonly name: string
  /** Resolves when the store keeps the promise; rejects with an `AssertionError` when it does not. */
  run(harness: StoreHarness): Promise<void>
}
