/** Something that may take only so long. */
export interface Pending {
  /** When it is due, by `performance.now()`. */
  readonly at: number
  /** Called if it is not settled by then. */
  readonly onTimeout: () => void
  /** In time or not. */
  settled: boolean
  /** Due at the same time or later. */
  next: Pending | undefined
}

/**
 * One limit for many things at a time, with one timer for all: they are due in the order in which they began, so that
 * beginning and settling cost no more than a link in a list.
 */
export class Deadlines {
  /** From begin to timeout, milliseconds. */
  readonly limitMs: number
  #head: Pending | undefined
  #tail: Pending | undefined
  #timer: ReturnType<typeof setTimeout> | undefined
  #waiting = 0

  constructor(limitMs: number) {
    this.limitMs = limitMs
  }

  /** How many things are waited for. */
  get waiting(): number {
    return this.#waiting
  }

  /** Calls back, once, unless it is settled within the limit. */
  begin(onTimeout: () => void): Pending {
    const pending: Pending = { at: performance.now() + this.limitMs, onTimeout, settled: false, next: undefined }
    if (this.#tail === undefined) {
      this.#head = pending
      this.#arm(this.limitMs)
    } else this.#tail.next = pending
    this.#tail = pending
    this.#waiting += 1
    return pending
  }

  /** Whether it was in time; from then on it is no more waited for. */
  settle(pending: Pending): boolean {
    if (pending.settled) return false
    pending.settled = true
    this.#waiting -= 1
    this.#forgetSettled()
    return true
  }

  #forgetSettled(): void {
    while (this.#head?.settled === true) {
      const { next } = this.#head
      // One that has become an old object would keep all that come after it, and their answers, from being collected while young.
      this.#head.next = undefined
      this.#head = next
    }
    if (this.#head === undefined) {
      this.#tail = undefined
      // Kept for the next one: making a timer costs more than letting one fire in vain.
      this.#timer?.unref()
    }
  }

  #arm(delayMs: number): void {
    if (this.#timer === undefined) this.#timer = setTimeout(this.#onTimer, delayMs)
    else this.#timer.ref()
  }

  /** A thread that was busy finds its timer due and the answers unread: they are read first. */
  readonly #onTimer = (): void => {
    setImmediate(this.#check)
  }

  readonly #check = (): void => {
    this.#timer = undefined
    const now = performance.now()
    // Timers round down to whole milliseconds.
    while (this.#head !== undefined && this.#head.at <= now + 1) {
      const { onTimeout } = this.#head
      this.settle(this.#head)
      onTimeout()
    }
    if (this.#head !== undefined) this.#arm(Math.max(1, this.#head.at - now))
  }
}
