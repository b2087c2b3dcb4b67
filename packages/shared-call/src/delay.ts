/**
 * Waits. Must reject with `signal.reason` when the signal aborts, and leave no timer behind.
 *
 * @param ms - How long, in milliseconds.
 */
export type Delay = (ms: number, signal: AbortSignal) => Promise<void>

/** Waits by the platform's timer. */
export const timerDelay: Delay = (ms, signal) =>
  new Promise((resolve, reject) => {
    const abort = (): void => {
      clearTimeout(timer)
      // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors
      reject(signal.reason)
    }
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', abort)
      resolve()
    }, ms)
    if (signal.aborted) abort()
    else signal.addEventListener('abort', abort, { once: true })
  })
