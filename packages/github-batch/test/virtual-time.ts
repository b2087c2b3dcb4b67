import { type Delay } from '../src/client/delay.ts'

interface Timer {
  readonly at: number
  readonly fire: () => void
}

/** Time that passes only when it is told to, or when there is nothing to do but wait. */
export class VirtualTime {
  /** Milliseconds since the Unix epoch. */
  time = 1_000_000
  /** What was waited for, in order. */
  readonly waits: number[] = []
  readonly #timers = new Set<Timer>()

  readonly clock = { now: (): number => this.time }

  readonly delay: Delay = (milliseconds, signal) =>
    new Promise((resolve, reject) => {
      this.waits.push(milliseconds)
      const timer: Timer = { at: this.time + milliseconds, fire: resolve }
      this.#timers.add(timer)
      signal?.addEventListener('abort', () => {
        this.#timers.delete(timer)
        reject(signal.reason as Error)
      })
    })

  /** Lets everything that is ready happen, then moves to the next appointment, until the promise is settled. */
  async until<T>(promise: Promise<T>): Promise<T> {
    const outcome = { settled: false }
    const done = (): void => {
      outcome.settled = true
    }
    promise.then(done, done)
    for (;;) {
      for (let turn = 0; turn < 3; turn += 1) await new Promise((resolve) => setImmediate(resolve))
      if (outcome.settled) return promise
      const [next] = [...this.#timers].sort((a, b) => a.at - b.at)
      if (next === undefined) continue
      this.#timers.delete(next)
      this.time = Math.max(this.time, next.at)
      next.fire()
    }
  }
}
