/** The longest that a timer can wait; beyond it, it would fire at once. */
export const LONGEST_TIMER_MS: number = 2 ** 31 - 1

/**
 * Waits. Must reject with `signal.reason` when the signal aborts, and leave no timer behind.
 *
 * @param ms - How long, in milliseconds.
 */
export type Delay = (ms: number, signal: AbortSignal) => Promise<void>

/** Waits by the platform's timer, and so at most 2³¹ − 1 ms (24.8 days). */
export const timerDelay: Delay = (ms, signal) =>
  new Promise((resolve, reject) => {
    const abort = (): void => {
      clearTimeout(timer)
      // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors
      reject(signal.reason)
    }
    const timer = setTimeout(
      () => {
        signal.removeEventListener('abort', abort)
        resolve()
      },
      Math.min(ms, LONGEST_TIMER_MS),
    )
    if (signal.aborted) abort()
    else signal.addEventListener('abort', abort, { once: true })
  })
