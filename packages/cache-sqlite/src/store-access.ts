import { CacheError, isCacheError } from '@x/core'

import type { ResolvedOptions } from './sqlite-cache-options.ts'
import { toCacheError } from './sqlite-errors.ts'
import { isRecreatable, openStore, type StoreConnection } from './store-connection.ts'

/** How long a cache that fails open leaves a file alone that it could not open. */
const REOPEN_AFTER_MS = 1_000

/** The way to a file that may be replaced, damaged or not there for a while: what the options say of that is done here. */
export class StoreAccess {
  readonly #options: ResolvedOptions
  readonly #onError: (error: unknown) => void
  #connection: StoreConnection | undefined
  #closed = false
  /** Why the file of a cache that fails open could not be opened, and until when it is not tried again. */
  #outage: { readonly error: unknown; readonly until: number } | undefined

  /** Opens nothing yet. `onError` is told what was answered with something else. */
  constructor(options: ResolvedOptions, onError: (error: unknown) => void) {
    this.#options = options
    this.#onError = onError
  }

  /** What is open; `undefined`: nothing. */
  get connection(): StoreConnection | undefined {
    return this.#connection
  }

  /** @throws CacheError `STORE_CLOSED`. */
  assertOpen(): void {
    if (this.#closed) throw new CacheError('STORE_CLOSED', { details: { path: this.#options.path } })
  }

  /** In a cache that fails open, a file that cannot be used is counted, told, and answered with something else. */
  orElse<Result>(fallback: Result, work: (connection: StoreConnection) => Result): Result {
    try {
      return this.run(work)
    } catch (error) {
      const isOutage = isCacheError(error, 'STORE_UNAVAILABLE') || isCacheError(error, 'STORE_CORRUPT')
      if (!this.#options.failsOpen || !isOutage) throw error
      this.#onError(error)
      return fallback
    }
  }

  /** Does work on the open file: once more, on a new one, where it was damaged and the options say so, or was made anew. */
  run<Result>(work: (connection: StoreConnection) => Result): Result {
    const connection = this.#connect()
    try {
      return work(connection)
    } catch (cause) {
      // What was written before it failed is not known.
      connection.hot?.clear()
      if (connection.isMadeAnew(cause)) {
        this.#connection = undefined
        connection.abandon()
        return this.#runAgain(work)
      }
      const error = toCacheError(cause, this.#options)
      if (!isRecreatable(error, this.#options)) throw error
      this.#connection = undefined
      this.#replace(connection)
      this.#onError(error)
      return this.#runAgain(work)
    }
  }

  /** On the new file, which is not replaced once more. */
  #runAgain<Result>(work: (connection: StoreConnection) => Result): Result {
    const connection = this.#connect()
    try {
      return work(connection)
    } catch (error) {
      throw toCacheError(error, this.#options)
    }
  }

  #connect(): StoreConnection {
    this.assertOpen()
    if (this.#connection?.isReplaced() === false) return this.#connection
    const replaced = this.#connection
    this.#connection = undefined
    if (this.#outage !== undefined && performance.now() < this.#outage.until) throw this.#outage.error
    try {
      replaced?.abandon()
      this.#connection = openStore(this.#options)
      this.#outage = undefined
      return this.#connection
    } catch (error) {
      if (this.#options.failsOpen) this.#outage = { error, until: performance.now() + REOPEN_AFTER_MS }
      throw error
    }
  }

  #replace(damaged: StoreConnection): void {
    try {
      damaged.moveAside()
    } catch (error) {
      throw toCacheError(error, this.#options)
    }
  }

  /** Brings everything into the file and closes it. Idempotent. */
  close(): void {
    const connection = this.#connection
    this.#connection = undefined
    this.#closed = true
    try {
      connection?.close()
    } catch (error) {
      throw toCacheError(error, this.#options)
    }
  }
}
