import type { RequestEnd } from './request-end.ts'
import { startTimer } from './timer.ts'

/** Ends requests when their time is over. Each has as long as the others, so that the first one is due first, and one timer does for all. */
export class Deadlines {
  readonly #timeoutMs: number
  readonly #ends = new Set<RequestEnd>()
  #timer: NodeJS.Timeout | undefined

  constructor(timeoutMs: number) {
    this.#timeoutMs = timeoutMs
  }

  /** Its time begins. */
  add(end: RequestEnd): void {
    if (this.#timeoutMs === Infinity) return
    end.dueAt = performance.now() + this.#timeoutMs
    this.#ends.add(end)
    this.#timer ??= startTimer(this.#onTimer, this.#timeoutMs)
  }

  delete(end: RequestEnd): void {
    if (!this.#ends.delete(end) || this.#ends.size > 0) return
    clearTimeout(this.#timer)
    this.#timer = undefined
  }

  readonly #onTimer = (): void => {
    this.#timer = undefined
    const now = performance.now()
    for (const end of this.#ends) {
      if (end.dueAt > now) {
        this.#timer ??= startTimer(this.#onTimer, Math.ceil(end.dueAt - now))
        return
      }
      this.#ends.delete(end)
      end.end('time')
    }
  }
}
