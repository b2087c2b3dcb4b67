import type { Clock } from '@x/core'
import { LRUCache } from 'lru-cache'

import type { KeyMatcher } from './key-matcher.ts'

/** Errors are small, but whoever asks for ever new keys that fail must not fill the memory. */
const MOST_REMEMBERED = 1_000

interface RememberedError {
  readonly error: unknown
  readonly until: number
}

/** Why loads failed lately, so that they need not fail again at once. */
export class RememberedErrors {
  readonly #errors = new LRUCache<string, RememberedError>({ max: MOST_REMEMBERED })
  readonly #clock: Clock

  constructor(clock: Clock) {
    this.#clock = clock
  }

  remember(key: string, error: unknown, ttlMs: number): void {
    if (ttlMs > 0) this.#errors.set(key, { error, until: this.#clock.now() + ttlMs })
  }

  get(key: string): { readonly error: unknown } | undefined {
    if (this.#errors.size === 0) return undefined
    const remembered = this.#errors.get(key)
    return remembered !== undefined && this.#clock.now() < remembered.until ? remembered : undefined
  }

  forget(key: string): void {
    if (this.#errors.size > 0) this.#errors.delete(key)
  }

  forgetWhere({ matches }: KeyMatcher): void {
    for (const key of [...this.#errors.keys()]) if (matches(key)) this.#errors.delete(key)
  }
}
