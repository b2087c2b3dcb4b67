/** Who is passed over so long gains one step of priority: nobody waits for ever. */
const AGING_MS = 10_000

/** Something that only so many requests may hold at the same time. */
export interface RateGate {
  /** How many. */
  readonly limit: number
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
  /** What else it needs. */
  readonly gate: RateGate | undefined
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

  /** The next whose gate has room; it stays until it is removed. */
  next(now: number): RateWaiter | undefined {
    let best: RateWaiter | undefined
    for (const waiter of this.#waiters) {
      if (waiter.gate !== undefined && waiter.gate.inUse >= waiter.gate.limit) continue
      if (best === undefined || rank(waiter, now) > rank(best, now)) best = waiter
    }
    return best
  }

  /** How important and old the next one is. */
  urgency(now: number): number {
    const next = this.next(now)
    return next === undefined ? -Infinity : rank(next, now)
  }

  /** Takes out those that cannot wait so long. */
  takeImpatient(waitMs: number): RateWaiter[] {
    const impatient = this.#waiters.filter(({ maxWaitMs }) => waitMs > maxWaitMs)
    for (const waiter of impatient) this.remove(waiter)
    return impatient
  }
}

function rank({ priority, since }: RateWaiter, now: number): number {
  return priority + (now - since) / AGING_MS
}
