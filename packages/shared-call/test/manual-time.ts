import type { Clock } from '@x/core'

import type { Delay } from '../src/index.ts'
import { settled } from './settled.ts'

interface Sleeper {
  readonly wakesAt: number
  readonly wake: () => void
}

/** A clock that stands until it is moved, and the waiting that goes by it. */
export class ManualTime implements Clock {
  #now = 0
  readonly #sleepers = new Set<Sleeper>()

  now(): number {
    return this.#now
  }

  /** How many wait. */
  get sleepers(): number {
    return this.#sleepers.size
  }

  readonly delay: Delay = (ms, signal) =>
    new Promise((resolve, reject) => {
      const sleeper = { wakesAt: this.#now + ms, wake: resolve }
      this.#sleepers.add(sleeper)
      const abort = (): void => {
        this.#sleepers.delete(sleeper)
        reject(signal.reason as Error)
      }
      if (signal.aborted) abort()
      else signal.addEventListener('abort', abort, { once: true })
    })

  /** Moves on, waking each sleeper at its time and letting it run until it sleeps again. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms
    for (;;) {
      const next = [...this.#sleepers].sort((a, b) => a.wakesAt - b.wakesAt)[0]
      if (next === undefined || next.wakesAt > end) break
      this.#now = next.wakesAt
      this.#sleepers.delete(next)
      next.wake()
      await settled()
    }
    this.#now = end
    await settled()
  }
}
