interface Watch {
  readonly callbacks: Set<() => void>
  readonly listener: () => void
}

const watches = new WeakMap<AbortSignal, Watch>()

/**
 * Calls back when a signal aborts. However many watch a signal, it carries one listener, and none once the last has
 * gone: `addEventListener` walks the listeners that are there, so that 10,000 callers with one signal take seconds. What a
 * callback throws is an uncaught exception, as of an event listener: the others hear of the abort all the same.
 */
export function watchAbort(signal: AbortSignal, callback: () => void): void {
  let watch = watches.get(signal)
  if (watch === undefined) {
    const callbacks = new Set<() => void>()
    const listener = (): void => {
      watches.delete(signal)
      for (const each of callbacks) tell(each)
    }
    watch = { callbacks, listener }
    watches.set(signal, watch)
    signal.addEventListener('abort', listener, { once: true })
  }
  watch.callbacks.add(callback)
}

/** Ends what `watchAbort` began. */
export function unwatchAbort(signal: AbortSignal, callback: () => void): void {
  const watch = watches.get(signal)
  if (watch?.callbacks.delete(callback) !== true || watch.callbacks.size > 0) return
  watches.delete(signal)
  signal.removeEventListener('abort', watch.listener)
}

function tell(callback: () => void): void {
  try {
    callback()
  } catch (error) {
    queueMicrotask(() => {
      throw error
    })
  }
}
