import { type Endable, unwatchAbort, watchAbort } from './abort-watch.ts'

/**
 * What a promise answers, unless the signal aborts first. What goes on then is not waited for, and how it ends is nobody's duty.
 *
 * @throws the signal's own reason, at once.
 */
export async function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return await promise
  const aborted = Promise.withResolvers<never>()
  const leaving: Endable = {
    end: () => {
      aborted.reject(signal.reason as Error)
    },
  }
  if (signal.aborted) leaving.end('signal')
  else watchAbort(signal, leaving)
  try {
    return await Promise.race([promise, aborted.promise])
  } finally {
    unwatchAbort(signal, leaving)
  }
}
