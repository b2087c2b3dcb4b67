import type { Awaitable } from '@x/core'

/** What an instance has done since it was made or reset, and what it is doing. */
export interface SharedCallStats {
  /** Calls that joined an execution in progress. */
  readonly hits: number
  /** Calls that started one. */
  readonly misses: number
  /** Executions that failed, however many callers waited for them. */
  readonly errors: number
  /** Executions in progress, those that were forgotten included. */
  readonly active: number
  /** `hits / (hits + misses)`; 0 before the first call. */
  readonly hitRate: number
}

/** One execution and the promise that its callers share. Whoever removes it from the map compares identity. */
interface Flight {
  readonly promise: Promise<unknown>
}

/** Concurrent callers of one key share one execution. Nothing is kept once it has ended. */
export class AsyncSharedCall {
  readonly #flights = new Map<string, Flight>()
  #hits = 0
  #misses = 0
  #errors = 0
  #active = 0

  /**
   * Joins the execution of this key that is in progress, or starts one. All callers get the same value by reference, or
   * the same error object. `fn` runs before this method returns, and may call back with the same key: it then joins
   * itself, which can only complete where it does not wait for the answer.
   */
  call<Args extends readonly unknown[], Value>(
    key: string,
    fn: (...args: Args) => Awaitable<Value>,
    ...args: Args
  ): Promise<Value> {
    const current = this.#flights.get(key)
    if (current !== undefined) {
      this.#hits += 1
      return current.promise as Promise<Value>
    }
    this.#misses += 1
    this.#active += 1
    const { promise, resolve, reject } = Promise.withResolvers<Value>()
    const flight: Flight = { promise }
    // Before `fn` runs: a call back from inside it must find this flight.
    this.#flights.set(key, flight)
    const land = (): void => {
      this.#active -= 1
      if (this.#flights.get(key) === flight) this.#flights.delete(key)
    }
    const fail = (error: unknown): void => {
      land()
      this.#errors += 1
      // The caller's own error goes through as the same object, whatever it is.
      reject(error)
    }
    try {
      const answer = fn(...args)
      Promise.resolve(answer).then((value) => {
        land()
        resolve(value)
      }, fail)
    } catch (error) {
      fail(error)
    }
    return promise
  }

  /** The counters as they are now. */
  getStats(): SharedCallStats {
    const calls = this.#hits + this.#misses
    return {
      hits: this.#hits,
      misses: this.#misses,
      errors: this.#errors,
      active: this.#active,
      hitRate: calls === 0 ? 0 : this.#hits / calls,
    }
  }

  /** Sets the counters to zero, all but `active`, which counts what is in progress. */
  resetStats(): void {
    this.#hits = 0
    this.#misses = 0
    this.#errors = 0
  }

  /** Lets the next caller of a key start anew. Those who wait already get the result of the execution they joined. */
  forget(key: string): void {
    this.#flights.delete(key)
  }

  /** `forget` for every key. */
  forgetAll(): void {
    this.#flights.clear()
  }
}
