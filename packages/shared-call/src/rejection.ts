/** A promise that rejects with this very object, whatever it is. */
export function rejection(error: unknown): Promise<never> {
  // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors
  const rejected = Promise.reject(error)
  ignoreRejection(rejected)
  return rejected
}

/** Marks a promise as handled: whoever waits for it, or for what is derived from it, still gets the rejection. */
export function ignoreRejection(promise: Promise<unknown>): void {
  promise.then(undefined, () => undefined)
}
