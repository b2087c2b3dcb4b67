/**
 * What a promise answers, unless the signal aborts first. What goes on then is not waited for, and how it ends is nobody's duty.
 *
 * @throws the signal's own reason, at once.
 */
export async function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return await promise
  const aborted = Promise.withResolvers<never>()
  const leave = (): void => {
    aborted.reject(signal.reason as Error)
  }
  if (signal.aborted) leave()
  signal.addEventListener('abort', leave, { once: true })
  try {
    return await Promise.race([promise, aborted.promise])
  } finally {
    signal.removeEventListener('abort', leave)
  }
}
