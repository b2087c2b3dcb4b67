import type { RequestEnd } from './request-end.ts'

interface Watch {
  readonly ends: Set<RequestEnd>
  readonly listener: () => void
}

const watches = new WeakMap<AbortSignal, Watch>()

/** Ends a request when a signal aborts. However many have the same signal, it carries one listener, and none once the last has ended. */
export function watchAbort(signal: AbortSignal, end: RequestEnd): void {
  let watch = watches.get(signal)
  if (watch === undefined) {
    const ends = new Set<RequestEnd>()
    const listener = (): void => {
      watches.delete(signal)
      for (const each of ends) each.end('signal')
    }
    watch = { ends, listener }
    watches.set(signal, watch)
    signal.addEventListener('abort', listener, { once: true })
  }
  watch.ends.add(end)
}

/** Ends what `watchAbort` began. */
export function unwatchAbort(signal: AbortSignal, end: RequestEnd): void {
  const watch = watches.get(signal)
  if (watch?.ends.delete(end) !== true || watch.ends.size > 0) return
  watches.delete(signal)
  signal.removeEventListener('abort', watch.listener)
}
