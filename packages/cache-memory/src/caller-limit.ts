import { CacheError } from '@x/core'
import { unwatchAbort, watchAbort } from '@x/shared-call'

import type { CallPlan } from './optimization-options.ts'

/** What ends the wait of one caller: its own signal, or `timeout.hard`. */
export class CallerLimit {
  readonly #controller = new AbortController()
  #followed: AbortSignal | undefined
  readonly #timer: ReturnType<typeof setTimeout> | undefined

  constructor(key: string, { signal, hardMs }: CallPlan) {
    this.#follow(signal)
    if (hardMs === Infinity) return
    this.#timer = setTimeout(() => {
      const message = `The operation for ${JSON.stringify(key)} did not end within ${hardMs} ms. Raise timeout.hard, or try again later.`
      this.#controller.abort(new CacheError('OPERATION_TIMEOUT', { message, details: { key, timeoutMs: hardMs } }))
    }, hardMs)
  }

  /** Aborts when the wait ends. */
  get signal(): AbortSignal {
    return this.#controller.signal
  }

  /** The caller has its answer; what runs goes on for the cache until that is closed, and keeps no process alive. */
  detach(closing: AbortSignal): void {
    this.#follow(closing)
    this.#timer?.unref()
  }

  /** Nobody waits any more. */
  end(): void {
    this.#follow(undefined)
    clearTimeout(this.#timer)
  }

  #follow(signal: AbortSignal | undefined): void {
    if (this.#followed !== undefined) unwatchAbort(this.#followed, this.#onAbort)
    this.#followed = signal
    if (signal !== undefined) watchAbort(signal, this.#onAbort)
  }

  readonly #onAbort = (): void => {
    this.#controller.abort(this.#followed?.reason)
  }
}
