/** A call that would have waited for itself, and so for ever. */
export class ReentrantCallError extends Error {
  override readonly name = 'ReentrantCallError'
  readonly code = 'REENTRANT_CALL'
  /** The keys that wait for each other, from the one that was called back to the one that called it. */
  readonly keys: readonly string[]

  constructor(keys: readonly string[]) {
    const path = [...keys, keys[0] ?? ''].map((key) => JSON.stringify(key)).join(' → ')
    super(
      `The call would wait for itself: ${path}. Await something else inside the function, or call it without sharing there.`,
    )
    this.keys = keys
  }
}

/** Whether an error is a `ReentrantCallError`, of this or another installed copy of the package. */
export function isReentrantCallError(error: unknown): error is ReentrantCallError {
  return error instanceof Error && 'code' in error && error.code === 'REENTRANT_CALL'
}
