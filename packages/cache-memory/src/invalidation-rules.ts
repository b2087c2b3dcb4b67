import { AsyncLocalStorage } from 'node:async_hooks'

import { CacheError } from '@x/core'

import type { KeyMatcher } from './key-matcher.ts'

/** Removes values by what is in them, as they are written. */
export interface InvalidationRule {
  /** The keys that it is about. */
  readonly matcher: KeyMatcher
  /** Whether a value must not be kept. */
  readonly condition: (data: unknown) => boolean
  /** Told of each key that went. What it throws, or its promise rejects with, is no caller's failure. */
  readonly onInvalidate: (key: string) => unknown
}

/** However long a chain of ever new keys is, it ends here. */
const LONGEST_CASCADE = 100

/** The keys that one write has led to, by `onInvalidate` functions that write, and so on. */
const cascade = new AsyncLocalStorage<ReadonlySet<string>>()

/** The rules of an optimizer. */
export class InvalidationRules {
  readonly #rules: InvalidationRule[] = []
  readonly #onFailure: (error: unknown) => void

  constructor(onFailure: (error: unknown) => void) {
    this.#onFailure = onFailure
  }

  add(rule: InvalidationRule): void {
    this.#rules.push(rule)
  }

  /** The rules that do not let a value be kept. One whose condition throws lets it. */
  against(key: string, value: unknown): readonly InvalidationRule[] {
    if (this.#rules.length === 0) return this.#rules
    return this.#rules.filter(({ matcher, condition }) => matcher.matches(key) && this.#attempt(() => condition(value)))
  }

  /** Tells the rules that the key has gone, unless this is an echo of the same key in one cascade, or that is too long. */
  tell(key: string, rules: readonly InvalidationRule[]): void {
    const earlier = cascade.getStore() ?? new Set()
    if (earlier.has(key)) return
    if (earlier.size >= LONGEST_CASCADE) {
      this.#onFailure(endlessCascade(key, rules))
      return
    }
    cascade.run(new Set([...earlier, key]), () => {
      for (const { onInvalidate } of rules) this.#attempt(() => onInvalidate(key))
    })
  }

  #attempt(work: () => unknown): unknown {
    try {
      const answer = work()
      if (answer instanceof Promise) answer.catch(this.#onFailure)
      return answer
    } catch (error) {
      this.#onFailure(error)
      return false
    }
  }
}

function endlessCascade(key: string, rules: readonly InvalidationRule[]): CacheError {
  const patterns = rules.map(({ matcher }) => matcher.pattern)
  const message = `onInvalidate functions wrote ${LONGEST_CASCADE} keys one after the other that are removed at once; that of ${JSON.stringify(key)} is not called any more. See to it that what onInvalidate of ${patterns.join(', ')} writes may stay.`
  return new CacheError('INVALID_CONFIGURATION', { message, details: { key, patterns } })
}
