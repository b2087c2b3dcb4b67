/** What a signal can end. */
export interface Endable {
  /** Called once at most, when the signal aborts; must not throw. */
  end(by: 'signal'): void
}

interface Watch {
  readonly ends: Set<Endable>
  readonly listener: () => void
}

const watches = new WeakMap<AbortSignal, Watch>()

/**
 * Ends something when a signal aborts. However many have the same signal, it carries one listener, and none once the last is
 * unwatched: `addEventListener` walks the listeners that are there, so that 10,000 of them take seconds.
 */
export function watchAbort(signal: AbortSignal, end: Endable): void {
  let watch = watches.get(signal)
  if (watch === undefined) {
    const ends = new Set<Endable>()
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
export function unwatchAbort(signal: AbortSignal, end: Endable): void {
  const watch = watches.get(signal)
  if (watch?.ends.delete(end) !== true || watch.ends.size > 0) return
  watches.delete(signal)
  signal.removeEventListener('abort', watch.listener)
}
