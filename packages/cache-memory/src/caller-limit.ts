import { CacheError } from '@x/core'

import type { CallPlan } from './optimization-options.ts'

/** What ends the wait of one caller: its own signal, or `timeout.hard`. */
export class CallerLimit {
  readonly #controller = new AbortController()
  readonly #theirs: AbortSignal | undefined
  readonly #timer: ReturnType<typeof setTimeout> | undefined

  constructor(key: string, { signal, hardMs }: CallPlan) {
    this.#theirs = signal
    signal?.addEventListener('abort', this.#onAbort, { once: true })
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

  /** The caller has its answer; what runs goes on for the cache, and keeps no process alive. */
  detach(): void {
    this.#theirs?.removeEventListener('abort', this.#onAbort)
    this.#timer?.unref()
  }

  /** Nobody waits any more. */
  end(): void {
    this.detach()
    clearTimeout(this.#timer)
  }

  readonly #onAbort = (): void => {
    this.#controller.abort(this.#theirs?.reason)
  }
}
