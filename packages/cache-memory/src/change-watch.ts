import type { KeyMatcher } from './key-matcher.ts'

/** Notes which keys change while somebody loads values whose keys are not known yet. */
export class ChangeWatch {
  readonly #written = new Set<string>()
  readonly #removals: KeyMatcher[] = []

  noteWrite(key: string): void {
    this.#written.add(key)
  }

  noteRemoval(matcher: KeyMatcher): void {
    this.#removals.push(matcher)
  }

  /** Whether the key was written or removed since the watch began. */
  hasChanged(key: string): boolean {
    return this.#written.has(key) || this.#removals.some(({ matches }) => matches(key))
  }
}
