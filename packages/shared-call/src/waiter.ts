import { CacheError, type Duration, toMilliseconds } from '@x/core'

import { unwatchAbort, watchAbort } from './abort-watch.ts'
import type { AnyWaitOptions } from './call-options.ts'
import { LONGEST_TIMER_MS } from './delay.ts'
import type { Flight } from './flight.ts'
import { freezeDeep } from './freeze-deep.ts'
import { ignoreRejection } from './rejection.ts'

/** A caller who may leave before the flight lands, or who wants a copy. Settles once; nothing of it is left then. */
export class Waiter {
  readonly promise: Promise<unknown>
  readonly #flight: Flight
  readonly #signal: AbortSignal | undefined
  readonly #onLeave: (flight: Flight, reason: unknown) => void
  readonly #settle: PromiseWithResolvers<unknown>
  #timer: ReturnType<typeof setTimeout> | undefined
  #settled = false

  constructor(flight: Flight, plan: WaitPlan, onLeave: (flight: Flight, reason: unknown) => void) {
    this.#flight = flight
    this.#signal = plan.signal
    this.#onLeave = onLeave
    this.#settle = Promise.withResolvers()
    // A derived promise, so that a clone function runs in its caller's async context.
    this.promise = plan.clone === undefined ? this.#settle.promise : this.#settle.promise.then(plan.clone)
    ignoreRejection(this.promise)
    flight.tell(this)
    if (plan.signal?.aborted === true) this.#leave(plan.signal.reason)
    else this.#watch(plan)
  }

  resolve(value: unknown): void {
    if (this.#end()) this.#settle.resolve(value)
  }

  reject(error: unknown): void {
    if (this.#end()) this.#settle.reject(error)
  }

  #watch({ timeoutMs }: WaitPlan): void {
    if (this.#signal !== undefined) watchAbort(this.#signal, this.#onAbort)
    if (timeoutMs === Infinity) return
    this.#timer = setTimeout(() => {
      const message = `The shared call ${JSON.stringify(this.#flight.key)} did not end within ${timeoutMs} ms. Raise timeout, or try again later.`
      this.#leave(new CacheError('OPERATION_TIMEOUT', { message, details: { key: this.#flight.key, timeoutMs } }))
    }, timeoutMs)
  }

  readonly #onAbort = (): void => {
    this.#leave(this.#signal?.reason)
  }

  #leave(reason: unknown): void {
    if (!this.#end()) return
    this.#flight.untell(this)
    this.#settle.reject(reason)
    this.#onLeave(this.#flight, reason)
  }

  #end(): boolean {
    if (this.#settled) return false
    this.#settled = true
    clearTimeout(this.#timer)
    if (this.#signal !== undefined) unwatchAbort(this.#signal, this.#onAbort)
    return true
  }
}

/** A caller's options, checked and read. */
export interface WaitPlan {
  /** Checked, and not yet asked whether it is aborted. */
  readonly signal: AbortSignal | undefined
  /** Milliseconds from 0, exclusive, to the longest timer; or Infinity. */
  readonly timeoutMs: number
  /** Makes this caller's copy. */
  readonly clone: ((value: unknown) => unknown) | undefined
  /** Neither leaves nor clones: what everybody gets will do. */
  readonly isPlain: boolean
}

/**
 * Reads a caller's options.
 *
 * @throws TypeError for a signal or a clone mode that is none; RangeError for a timeout that is no positive duration.
 */
export function planWait({ signal, timeout = Infinity, clone }: AnyWaitOptions): WaitPlan {
  // By its shape: a signal may come from another realm.
  if (signal !== undefined && typeof (signal as Partial<AbortSignal> | null)?.aborted !== 'boolean') {
    throw new TypeError(`Not an AbortSignal: ${typeof signal}. Give the signal of an AbortController.`)
  }
  const timeoutMs = readTimeout(timeout)
  const cloner = clonerOf(clone)
  const isPlain = signal === undefined && timeoutMs === Infinity && cloner === undefined
  return { signal, timeoutMs, clone: cloner, isPlain }
}

function readTimeout(timeout: Duration): number {
  const timeoutMs = toMilliseconds(timeout)
  if (timeoutMs > 0) return timeoutMs === Infinity ? Infinity : Math.min(timeoutMs, LONGEST_TIMER_MS)
  throw new RangeError(`Not a timeout: ${timeout}. Give a positive duration, or Infinity for none.`)
}

function clonerOf(clone: unknown): WaitPlan['clone'] {
  if (clone === undefined) return undefined
  if (clone === 'structured') return (value) => structuredClone(value)
  if (clone === 'freeze') return freezeDeep
  if (typeof clone === 'function') return clone as (value: unknown) => unknown
  throw new TypeError(`Not a way to clone: ${JSON.stringify(clone)}. Give "structured", "freeze" or a function.`)
}
