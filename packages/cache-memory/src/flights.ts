import { isCacheError } from '@x/core'
import { AsyncSharedCall, type CallContext } from '@x/shared-call'

import type { KeyMatcher } from './key-matcher.ts'

/** One run for all who wait for a key. */
export interface Flight {
  /** Something changed the key, or a newer run began: what this one brings is for those who wait, and is not kept. */
  isOvertaken: boolean
  /** It was too slow for one of its callers: nobody joins it any more. */
  isTooSlow: boolean
  /** Its signal aborts when all of its callers have left. */
  readonly context: CallContext
}

/** What runs. It says itself, by `land`, when it has ended: a function around it that does would cost a promise for each run. */
type Run<Value> = (flight: Flight) => Promise<Value>

/** The runs in progress, by key. */
export class Flights {
  readonly #shared = new AsyncSharedCall()
  /** The latest of each key, as long as it runs, joined or not: an invalidation must find it. */
  readonly #latest = new Map<string, Flight>()

  /** How many run. */
  get active(): number {
    return this.#shared.getStats().active
  }

  /** Whether a run of this key is in progress that a caller could join. */
  has(key: string): boolean {
    const flight = this.#latest.get(key)
    return flight !== undefined && !flight.isTooSlow && !flight.context.signal.aborted
  }

  /** Joins the run of a key, or starts one. A caller whose time is up takes the run along: nobody joins it any more. */
  join<Value>(key: string, signal: AbortSignal | undefined, run: Run<Value>): Promise<Value> {
    if (signal !== undefined) return this.#joinUntil(signal, key, run)
    return this.#shared.call(key, this.#start<Value>, key, run)
  }

  async #joinUntil<Value>(signal: AbortSignal, key: string, run: Run<Value>): Promise<Value> {
    const outcome = this.#shared.call({ key, signal }, this.#start<Value>, key, run)
    const joined = this.#latest.get(key)
    try {
      return await outcome
    } catch (error) {
      const isOutOfTime = error === signal.reason && isCacheError(error, 'OPERATION_TIMEOUT')
      if (isOutOfTime && joined !== undefined && this.#latest.get(key) === joined) {
        joined.isTooSlow = true
        this.#shared.forget(key)
      }
      throw error
    }
  }

  /** Has the next caller start anew. The run in progress is overtaken once that begins. */
  supersede(key: string): void {
    this.#shared.forget(key)
  }

  /** Has the next callers of these keys start anew: what runs is overtaken now. */
  overtake({ literal, matches }: KeyMatcher): void {
    if (this.#latest.size === 0) return
    const keys = literal === undefined ? [...this.#latest.keys()].filter(matches) : [literal]
    for (const key of keys) {
      const flight = this.#latest.get(key)
      if (flight !== undefined) flight.isOvertaken = true
      this.#latest.delete(key)
      this.#shared.forget(key)
    }
  }

  /** The run has ended, and what it brought is kept. Nobody joins it any more: no invalidation would find it. */
  land(key: string, flight: Flight): void {
    // Otherwise it is the latest: a newer one would have overtaken it.
    if (flight.isOvertaken) return
    this.#latest.delete(key)
    this.#shared.forget(key)
  }

  readonly #start = <Value>(
    key: string,
    run: Run<Value>,
    context: CallContext = new LastingContext(),
  ): Promise<Value> => {
    const flight: Flight = { isOvertaken: false, isTooSlow: false, context }
    const earlier = this.#latest.get(key)
    if (earlier !== undefined) earlier.isOvertaken = true
    this.#latest.set(key, flight)
    return run(flight)
  }
}

/** Of a run whose first caller never leaves: only an operation that asks for the signal pays for an `AbortController`. */
class LastingContext implements CallContext {
  #signal: AbortSignal | undefined

  get signal(): AbortSignal {
    this.#signal ??= new AbortController().signal
    return this.#signal
  }
}
