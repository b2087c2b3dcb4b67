/** Who is passed over so long gains one step of priority: nobody waits for ever. */
const AGING_MS = 10_000

/** Something that only so many requests may hold at the same time. */
export interface RateGate {
  /** How many; who lowers it waits until enough have ended. */
  limit: number
  /** How many do. */
  inUse: number
}

/** A request that waits for its turn in a bucket. */
export interface RateWaiter {
  /** Higher goes first. */
  readonly priority: number
  /** When it came. */
  readonly since: number
  /** The longest wait for a limit, in milliseconds. */
  readonly maxWaitMs: number
  /** What else it needs, all of it at once. */
  readonly gates: readonly RateGate[]
  /** The share of the hourly limit that it may use. */
  readonly share: number
  /** It is its turn. */
  readonly grant: () => void
  /** It ends without a turn. */
  readonly refuse: (error: unknown) => void
}

/** The requests that wait in a bucket: the most important first, equal ones in their order, older ones gaining with time. */
export class RateQueue {
  readonly #waiters: RateWaiter[] = []

  get size(): number {
    return this.#waiters.length
  }

  add(waiter: RateWaiter): void {
    this.#waiters.push(waiter)
  }

  remove(waiter: RateWaiter): void {
    const index = this.#waiters.indexOf(waiter)
    if (index >= 0) this.#waiters.splice(index, 1)
  }

  /** The next whose gates have room, and which may go by another rule as well; it stays until it is removed. */
  next(now: number, mayGo: (waiter: RateWaiter) => boolean = () => true): RateWaiter | undefined {
    let best: RateWaiter | undefined
    for (const waiter of this.#waiters) {
      if (waiter.gates.some(({ inUse, limit }) => inUse >= limit) || !mayGo(waiter)) continue
      if (best === undefined || rank(waiter, now) > rank(best, now)) best = waiter
    }
    return best
  }

  /** How important and old the next one is. */
  urgency(now: number): number {
    const next = this.next(now)
    return next === undefined ? -Infinity : rank(next, now)
  }

  /** The least of a number that each waiter has; `Infinity` where nobody waits. */
  least(numberOf: (waiter: RateWaiter) => number): number {
    return this.#waiters.reduce((least, waiter) => Math.min(least, numberOf(waiter)), Infinity)
  }

  /** Takes out those that cannot wait so long. */
  takeImpatient(waitMs: (waiter: RateWaiter) => number): RateWaiter[] {
    const impatient = this.#waiters.filter((waiter) => waitMs(waiter) > waiter.maxWaitMs)
    for (const waiter of impatient) this.remove(waiter)
    return impatient
  }
}

function rank({ priority, since }: RateWaiter, now: number): number {
  return priority + (now - since) / AGING_MS
}
