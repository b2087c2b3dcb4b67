import { type BatchSize } from '../batch/batch-plan.ts'

/** Below this a batch may grow; GitHub gives up a query after about 10 seconds. */
const QUICK_ANSWER_MS = 4_000
const GROWTH = 1.25

/** How many things to ask for together: grows while the answers come quickly, is halved when one was too much. */
export class AdaptiveSize {
  #size = 0
  #most = Infinity

  get size(): number {
    return this.#size
  }

  /** Begins with the plan's size, and stays within it from then on. */
  follow({ first, most }: BatchSize): void {
    this.#most = most
    this.#size = this.#size === 0 ? first : Math.min(this.#size, most)
  }

  /** An answer came, so long after it was asked for. */
  answered(elapsedMs: number): void {
    if (elapsedMs < QUICK_ANSWER_MS) this.#size = Math.min(this.#most, Math.ceil(this.#size * GROWTH))
  }

  /** So many were too much. */
  refused(count: number): void {
    this.#size = Math.max(1, Math.min(this.#size, Math.floor(count / 2)))
  }
}
