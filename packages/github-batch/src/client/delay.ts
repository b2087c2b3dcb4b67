/** Waits, or ends early with the signal's reason. Injected where something waits, so that tests need not. */
export type Delay = (milliseconds: number, signal?: AbortSignal) => Promise<void>

/** The longest time that a timer can wait, in milliseconds; a longer one fires at once. */
export const LONGEST_TIMER: number = 2 ** 31 - 1

/** Waits on a real timer, which keeps the process alive: somebody waits for what comes afterwards. */
export const delay: Delay = (milliseconds, signal) =>
  new Promise((resolve, reject) => {
    const abort = (): void => {
      clearTimeout(timer)
      reject(signal?.reason as Error)
    }
    const timer = setTimeout(
      () => {
        signal?.removeEventListener('abort', abort)
        resolve()
      },
      Math.min(milliseconds, LONGEST_TIMER),
    )
    if (signal?.aborted === true) abort()
    else signal?.addEventListener('abort', abort, { once: true })
  })
