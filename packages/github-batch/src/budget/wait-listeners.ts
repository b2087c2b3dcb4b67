import { type RateBucket } from './rate-bucket.ts'
import { type RateWait } from './rate-budget-options.ts'

/** Who is told of waits: once of each time that a bucket waits for. */
export class WaitListeners {
  readonly #listeners = new Set<(wait: RateWait) => void>()
  /** The latest time that was told. */
  readonly #announced = new Map<RateBucket, number>()

  /** Tells a listener of each wait as it begins, until the answer is called; what it throws is dropped. */
  listen(listener: (wait: RateWait) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  announce(wait: RateWait): void {
    if (wait.until <= (this.#announced.get(wait.bucket) ?? 0)) return
    this.#announced.set(wait.bucket, wait.until)
    for (const listener of this.#listeners) {
      try {
        listener(wait)
      } catch {
        // Who watches cannot stop a request.
      }
    }
  }
}
