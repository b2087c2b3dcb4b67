import type { Clock } from '@x/core'

/** A clock that moves only when it is told to. */
export class ManualClock implements Clock {
  #now = 1_700_000_000_000

  now(): number {
    return this.#now
  }

  advance(milliseconds: number): void {
    this.#now += milliseconds
  }
}
