import { currentFlight, type Flight, type Wait } from './flight.ts'
import { ReentrantCallError } from './reentrant-call-error.ts'
import { ignoreRejection } from './rejection.ts'

/**
 * What a call made inside a flight returns. Calling is harmless; waiting is what can hang. So the question whether the
 * waiter waits for itself is put when somebody subscribes, and who subscribes is known from the async context.
 * `await`, `Promise.all` and `return` in an async function all subscribe by `then`, since this is no plain `Promise`.
 */
export class NestedCall<Value> extends Promise<Value> {
  readonly #flight: Flight
  readonly #outcome: Promise<Value>

  /** What `then` derives are plain promises. */
  static override get [Symbol.species](): PromiseConstructor {
    return Promise
  }

  constructor(flight: Flight, outcome: Promise<Value>) {
    // Settled too, for those who reach it by other ways than `then`.
    super((resolve) => {
      resolve(outcome)
    })
    this.#flight = flight
    this.#outcome = outcome
    super.then(undefined, () => undefined)
  }

  override then<Fulfilled = Value, Rejected = never>(
    onFulfilled?: ((value: Value) => Fulfilled | PromiseLike<Fulfilled>) | null,
    onRejected?: ((reason: unknown) => Rejected | PromiseLike<Rejected>) | null,
  ): Promise<Fulfilled | Rejected> {
    const waiting = currentFlight()
    const outcome = waiting === undefined ? this.#outcome : waitInside(waiting, this.#flight, this.#outcome)
    return outcome.then(onFulfilled, onRejected)
  }
}

/**
 * The outcome of `target` for the code of `waiting`, or `ReentrantCallError` where that closes a circle.
 *
 * The wait is noted now and judged a microtask later. By then a function that runs synchronously has answered, and
 * where `a` calls `b` and `b` calls `a`, both are noted and the inner one, which was first, is refused.
 */
function waitInside<Value>(waiting: Flight, target: Flight, outcome: Promise<Value>): Promise<Value> {
  const wait: Wait = { target }
  waiting.addWait(wait)
  const judged = Promise.resolve().then(() => {
    const keys = waiting.landed || waiting.certain ? undefined : pathBetween(target, waiting)
    if (keys === undefined) return outcome
    // At once: the others of the circle are judged next, and one of them is enough.
    waiting.removeWait(wait)
    throw new ReentrantCallError(keys)
  })
  const end = (): void => {
    waiting.removeWait(wait)
  }
  judged.then(end, end)
  ignoreRejection(judged)
  return judged
}

/** The keys from one flight to another along what they wait for, or `undefined` where there is no way. */
function pathBetween(from: Flight, to: Flight): readonly string[] | undefined {
  const cameFrom = new Map<Flight, Flight | undefined>([[from, undefined]])
  // A map is walked in insertion order, what is added meanwhile included.
  for (const flight of cameFrom.keys()) {
    if (flight === to) return keysBack(flight, cameFrom)
    for (const { target } of flight.waits) {
      if (!target.landed && !cameFrom.has(target)) cameFrom.set(target, flight)
    }
  }
  return undefined
}

function keysBack(last: Flight, cameFrom: ReadonlyMap<Flight, Flight | undefined>): readonly string[] {
  const keys: string[] = []
  for (let flight: Flight | undefined = last; flight !== undefined; flight = cameFrom.get(flight)) {
    keys.unshift(...(flight.names ?? [flight.key]))
  }
  return keys
}
