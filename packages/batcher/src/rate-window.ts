import { type Duration } from '@x/core'

import { positiveDuration, positiveInteger } from './option-bounds.ts'

/** How many requests may start in a length of time. */
export interface RateOptions {
  /** A positive integer. */
  readonly requests: number
  /** Longer than 0. */
  readonly per: Duration
}

/** Lets at most so many start in every window of the given length, wherever the window begins. */
export class RateWindow {
  readonly #perMs: number
  /** When the last starts were: a ring. */
  readonly #starts: number[]
  #oldest = 0

  /** @throws RangeError for a count or a time out of its bounds. */
  constructor({ requests, per }: RateOptions) {
    this.#starts = new Array<number>(positiveInteger('rate.requests', requests)).fill(-Infinity)
    this.#perMs = positiveDuration('rate.per', per)
  }

  /** When the next one may start; in the past where it may at once. */
  get nextAt(): number {
    return (this.#starts[this.#oldest] ?? -Infinity) + this.#perMs
  }

  /** One starts. */
  count(now: number): void {
    this.#starts[this.#oldest] = now
    this.#oldest = (this.#oldest + 1) % this.#starts.length
  }
}
