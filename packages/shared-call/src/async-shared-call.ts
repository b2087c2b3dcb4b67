import type { Awaitable } from '@x/core'

import type { AnyCallOptions, CallContext, CallOptions, SharedResult } from './call-options.ts'
import { CallCounters, type SharedCallStats } from './call-stats.ts'
import { currentFlight, Flight } from './flight.ts'
import { assertKey, createGrouper, type Grouper, type GroupOptions } from './group-function.ts'
import { NestedCall } from './nested-call.ts'
import { ignoreRejection, rejection } from './rejection.ts'
import { planWait, Waiter } from './waiter.ts'
import { WideScope, type WideScopeOptions } from './wide-scope.ts'

export type { SharedCallStats } from './call-stats.ts'

/** Nothing: callers within this thread share. With `lease` and `store`: those of many processes or machines. */
export type AsyncSharedCallOptions = Partial<WideScopeOptions>

/** Any function: what is called with which arguments is checked where it comes in. */
type AnyFunction = (...args: never[]) => unknown

/** The arguments of a function that is called with options. A conditional type, so that `args` alone decide them. */
type WithContext<Args extends readonly unknown[]> = Args extends unknown ? [...Args, CallContext] : never

/** Concurrent callers of one key share one execution. Nothing is kept once it has ended. */
export class AsyncSharedCall {
  readonly #flights = new Map<string, Flight>()
  readonly #counters = new CallCounters()
  readonly #wide: WideScope | undefined

  /**
   * @throws TypeError for a lease without a store or a store without a lease; RangeError for a duration that is not
   * positive and finite.
   */
  constructor(options: AsyncSharedCallOptions = {}) {
    const { lease, store } = options
    if ((lease === undefined) !== (store === undefined)) {
      throw new TypeError('lease and store work together: the one decides who runs, the other carries the result.')
    }
    if (lease !== undefined && store !== undefined) this.#wide = new WideScope({ ...options, lease, store })
  }

  /**
   * Joins the execution of this key that is in progress, or starts one. All callers get the same value by reference, or
   * the same error object. `fn` starts before this method returns (with `lease` and `store`: once the lease is held).
   *
   * With options instead of a key, `fn` gets `{ signal }` after its arguments. Never throws: every failure rejects.
   *
   * @throws (rejects) what `fn` throws; ReentrantCallError where the code of `fn` waits for its own execution; TypeError
   * and RangeError for a key or an option that is none; `signal.reason`; CacheError `OPERATION_TIMEOUT`.
   */
  call<Args extends readonly unknown[], Value>(
    key: string,
    fn: (...args: Args) => Awaitable<Value>,
    ...args: Args
  ): Promise<Value>
  call<Args extends readonly unknown[], Value>(
    options: CallOptions<Value>,
    fn: (...args: WithContext<Args>) => Awaitable<Value>,
    ...args: Args
  ): Promise<Value>
  call(target: string | AnyCallOptions, fn: AnyFunction, ...args: readonly unknown[]): Promise<unknown> {
    if (typeof target !== 'string') return this.#callWith(target, { fn, args, present: sameOutcome })
    const flight = this.#join(target) ?? this.#start(new Flight(target), fn, args)
    return hand(flight, flight.outcome)
  }

  /**
   * `call`, with whether others have the value too.
   *
   * @throws (rejects) as `call` does.
   */
  callWithResult<Args extends readonly unknown[], Value>(
    key: string,
    fn: (...args: Args) => Awaitable<Value>,
    ...args: Args
  ): Promise<SharedResult<Value>>
  callWithResult<Args extends readonly unknown[], Value>(
    options: CallOptions<Value>,
    fn: (...args: WithContext<Args>) => Awaitable<Value>,
    ...args: Args
  ): Promise<SharedResult<Value>>
  callWithResult(target: string | AnyCallOptions, fn: AnyFunction, ...args: readonly unknown[]): Promise<unknown> {
    if (typeof target !== 'string') return this.#callWith(target, { fn, args, present: outcomeWithOrigin })
    const flight = this.#join(target) ?? this.#start(new Flight(target), fn, args)
    return hand(flight, outcomeWithOrigin(flight, flight.outcome))
  }

  /**
   * Makes a function share its concurrent calls: `const fetchUser = shared.group()(async (id: number) => …)`.
   *
   * @throws TypeError without `key` where `lease` and `store` are given. The function made rejects with a TypeError for
   * arguments without an identity (functions, symbols, instances of classes, structures that contain themselves).
   */
  group<KeyArgs extends readonly unknown[] = readonly unknown[]>({
    key,
  }: GroupOptions<KeyArgs> = {}): Grouper<KeyArgs> {
    if (key === undefined && this.#wide !== undefined) {
      throw new TypeError('group() needs a key function with lease and store: functions have no identity elsewhere.')
    }
    return createGrouper(key, (own, fn, args) => this.call<readonly never[], unknown>(own, fn, ...args))
  }

  /** The counters as they are now. */
  getStats(): SharedCallStats {
    return this.#counters.read()
  }

  /** Sets the counters to zero, all but `active`, which counts what is in progress. */
  resetStats(): void {
    this.#counters.reset()
  }

  /**
   * Lets the next caller of a key start anew. Those who wait already get the result of the execution they joined.
   * With `lease` and `store` it is about the executions of this instance: one that holds the lease is still waited for.
   */
  forget(key: string): void {
    this.#flights.delete(key)
  }

  /** `forget` for every key. */
  forgetAll(): void {
    this.#flights.clear()
  }

  #callWith(options: AnyCallOptions, { fn, args, present }: Order): Promise<unknown> {
    try {
      const key = assertKey((options as AnyCallOptions | undefined)?.key)
      const plan = planWait(options)
      if (plan.signal?.aborted === true) {
        const refused = rejection(plan.signal.reason)
        ignoreRejection(refused)
        return refused
      }
      const flight = this.#join(key) ?? this.#startWithSignal(options, fn, args)
      const outcome = plan.isPlain ? flight.outcome : new Waiter(flight, plan, this.#leave).promise
      return hand(flight, present(flight, outcome))
    } catch (error) {
      return rejection(error)
    }
  }

  #join(key: string): Flight | undefined {
    const flight = this.#flights.get(key)
    if (flight === undefined) return undefined
    this.#counters.hits += 1
    flight.joined = true
    flight.waiters += 1
    return flight
  }

  #startWithSignal({ key, names }: AnyCallOptions, fn: AnyFunction, args: readonly unknown[]): Flight {
    const controller = new AbortController()
    const context: CallContext = { signal: controller.signal }
    return this.#start(new Flight(key, controller, names), fn, [...args, context])
  }

  #start(flight: Flight, fn: AnyFunction, args: readonly unknown[]): Flight {
    // Before `fn` runs: a call back from inside it must find this flight.
    this.#flights.set(flight.key, flight)
    this.#counters.active += 1
    const answer = this.#wide === undefined ? this.#takeOff(flight, fn, args) : this.#takeOffWide(flight, fn, args)
    // Before a caller subscribes: the flight has landed when they go on. No `finally`: its own promise would reject too.
    answer.then(
      () => {
        this.#land(flight)
      },
      () => {
        this.#land(flight)
        if (flight.waiters > 0) this.#counters.errors += 1
      },
    )
    return flight
  }

  #takeOff(flight: Flight, fn: AnyFunction, args: readonly unknown[]): Promise<unknown> {
    this.#counters.misses += 1
    return flight.takeOff(fn, args)
  }

  /** Whether the first caller started an execution or joined one elsewhere is known only later. */
  #takeOffWide(flight: Flight, fn: AnyFunction, args: readonly unknown[]): Promise<unknown> {
    flight.controller ??= new AbortController()
    const { signal } = flight.controller
    const run = async (): Promise<unknown> => {
      this.#counters.misses += 1
      return await Reflect.apply(fn, undefined, args)
    }
    const onFollow = (): void => {
      this.#counters.hits += 1
      flight.joined = true
    }
    return flight.takeOff(() => this.#wide?.execute({ key: flight.key, signal, run, onFollow }), [])
  }

  #land(flight: Flight): void {
    flight.land()
    this.#counters.active -= 1
    this.#drop(flight)
  }

  #drop(flight: Flight): void {
    if (this.#flights.get(flight.key) === flight) this.#flights.delete(flight.key)
  }

  readonly #leave = (flight: Flight, reason: unknown): void => {
    flight.waiters -= 1
    if (flight.waiters > 0 || flight.landed) return
    // Before the abort, whose listeners may call the same key: nobody joins a dying flight.
    this.#drop(flight)
    flight.controller?.abort(reason)
  }
}

/** What to run, and how its outcome is given to this caller. */
interface Order {
  readonly fn: AnyFunction
  readonly args: readonly unknown[]
  readonly present: (flight: Flight, outcome: Promise<unknown>) => Promise<unknown>
}

function sameOutcome(_flight: Flight, outcome: Promise<unknown>): Promise<unknown> {
  return outcome
}

function outcomeWithOrigin(flight: Flight, outcome: Promise<unknown>): Promise<unknown> {
  const result = outcome.then((value) => ({ value, shared: flight.joined }))
  ignoreRejection(result)
  return result
}

/** To code that runs in a flight, a promise that notices when that code waits for itself. */
function hand(flight: Flight, outcome: Promise<unknown>): Promise<unknown> {
  return currentFlight() === undefined ? outcome : new NestedCall(flight, outcome)
}
