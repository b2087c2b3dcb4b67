import { AsyncLocalStorage, AsyncResource } from 'node:async_hooks'

import { ignoreRejection, rejection } from './rejection.ts'
import type { Waiter } from './waiter.ts'

/** A flight's code waits for another flight. An object of its own, since the same two may wait twice. */
export interface Wait {
  /** What is waited for. */
  readonly target: Flight
}

const NO_MANUAL_DESTROY = { requireManualDestroy: true } as const
const context = new AsyncLocalStorage<Flight>()

/** The flight whose function is running here, as far as it has not landed. */
export function currentFlight(): Flight | undefined {
  const flight = context.getStore()
  return flight === undefined || flight.landed ? undefined : flight
}

/**
 * One execution and what its callers share. Whoever removes it from a map compares identity.
 *
 * It is an `AsyncResource` for speed: `context.run()` copies the async context twice, once to enter and once to leave
 * (380 to 630 ns, Node 24, November 2026); leaving the scope of a resource restores the frame that it holds (275 to 350).
 */
export class Flight extends AsyncResource {
  readonly key: string
  /** What errors call it. */
  readonly names: readonly string[] | undefined
  /** Callers who have not left. Those without a signal or a timeout never leave. */
  waiters = 1
  /** Whether a second caller joined. */
  joined = false
  landed = false
  /** `fn` has answered with a value, so that nothing can hold it up any more. */
  certain = false
  /** Aborts the signal of `fn` when the last waiter leaves. */
  controller: AbortController | undefined
  #answer: Promise<unknown> | undefined
  #early: PromiseWithResolvers<unknown> | undefined
  #waits: Set<Wait> | undefined
  #leavers: Set<Waiter> | undefined

  constructor(key: string, controller?: AbortController, names?: readonly string[]) {
    super('SharedCall', NO_MANUAL_DESTROY)
    this.key = key
    this.names = names
    this.controller = controller
  }

  /** What the callers share. A call from inside the synchronous part of `fn` gets it before there is an answer. */
  get outcome(): Promise<unknown> {
    if (this.#answer !== undefined) return this.#answer
    if (this.#early === undefined) {
      this.#early = Promise.withResolvers()
      ignoreRejection(this.#early.promise)
    }
    return this.#early.promise
  }

  /** The flights that its code waits for now. */
  get waits(): Iterable<Wait> {
    return this.#waits !== undefined && !this.certain ? this.#waits : []
  }

  /** Runs `fn` in this flight's context; never throws. The answer is a native promise, with nothing subscribed yet. */
  takeOff(fn: (...args: never[]) => unknown, args: readonly unknown[]): Promise<unknown> {
    const answer = this.#run(fn, args)
    this.#answer = answer
    this.#early?.resolve(answer)
    return answer
  }

  /** Lets go of everything: a socket or timer made by `fn` may keep this flight through its async context. */
  land(): void {
    this.landed = true
    this.#answer = undefined
    this.#early = undefined
    this.#waits = undefined
    this.#leavers = undefined
    this.emitDestroy()
  }

  addWait(wait: Wait): void {
    this.#waits ??= new Set()
    this.#waits.add(wait)
  }

  removeWait(wait: Wait): void {
    this.#waits?.delete(wait)
  }

  /** Tells a waiter who may leave of the outcome. One subscription serves all, so that those who left are not kept. */
  tell(waiter: Waiter): void {
    if (this.#leavers === undefined) {
      const leavers = new Set<Waiter>()
      this.#leavers = leavers
      this.outcome.then(
        (value) => {
          for (const each of leavers) each.resolve(value)
        },
        (error: unknown) => {
          for (const each of leavers) each.reject(error)
        },
      )
    }
    this.#leavers.add(waiter)
  }

  untell(waiter: Waiter): void {
    this.#leavers?.delete(waiter)
  }

  #run(fn: (...args: never[]) => unknown, args: readonly unknown[]): Promise<unknown> {
    // What is asked of the answer is in here, too: it may be a revoked proxy.
    try {
      const answer = this.runInAsyncScope(enter, this, fn, args)
      if (answer instanceof Promise && answer.constructor === Promise) return answer
      this.certain = !(Object(answer) === answer && 'then' in (answer as object))
      // In the flight's context: a lazy thenable does its work, and a call that waits for itself is noticed, in `then`.
      return this.certain ? Promise.resolve(answer) : this.runInAsyncScope(toPromise, this, answer)
    } catch (error) {
      this.certain = true
      return rejection(error)
    }
  }
}

/** `enterWith` ends with the scope of the resource that it is called in. */
function enter(this: Flight, fn: (...args: readonly unknown[]) => unknown, args: readonly unknown[]): unknown {
  context.enterWith(this)
  return fn(...args)
}

function toPromise(this: Flight, answer: unknown): Promise<unknown> {
  context.enterWith(this)
  return Promise.resolve(answer)
}
