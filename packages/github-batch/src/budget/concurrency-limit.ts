import { type RateGate } from './rate-queue.ts'

/**
 * How many requests a processor sends at the same time: all that it may while the quota is full, fewer as it ends, and fewer for a
 * while after GitHub had too much.
 */
export class ConcurrencyLimit {
  /** What requests pass through. */
  readonly gate: RateGate
  readonly #most: number
  #share = 1
  #factor = 1

  constructor(most: number) {
    this.#most = most
    this.gate = { limit: most, inUse: 0 }
  }

  /** Follows the points that are left: all from 500, half from 200, a quarter from 50, then one. */
  follow(rateLimitRemaining: number): void {
    if (rateLimitRemaining < 50) this.#share = 0
    else if (rateLimitRemaining < 200) this.#share = 0.25
    else this.#share = rateLimitRemaining < 500 ? 0.5 : 1
    this.#apply()
  }

  /** Multiplies what is left by a factor, until `recover`. */
  reduce(factor: number): void {
    this.#factor *= factor
    this.#apply()
  }

  /** Forgets what was reduced. */
  recover(): void {
    this.#factor = 1
    this.#apply()
  }

  #apply(): void {
    this.gate.limit = Math.max(1, Math.floor(this.#most * this.#share * this.#factor))
  }
}
