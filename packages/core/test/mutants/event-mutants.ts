import { CacheEventEmitter, type CacheEventListener, type ScopeOptions } from '../../src/index.ts'
import { ReferenceCache } from '../reference-cache.ts'
import { breaking, type Mutant, type ReferenceCacheClass } from './mutant.ts'

type Emit = (name: keyof CacheEventListener, event: unknown) => void

export const eventMutants: readonly Mutant[] = [
  ...breaking('listeners hear of hits and misses, one by one', {
    'misses are silent': emitting((name, event, emit) => {
      if (name !== 'onCacheMiss') emit(name, event)
    }),
    'the category is always the default one': emitting((name, event, emit) => {
      emit(name, { ...event, category: 'default' })
    }),
    'has() is heard': class extends ReferenceCache {
      override has(key: string, options: ScopeOptions = {}): boolean {
        this.events.emit('onCacheHit', { key, category: this.categoryOf(options) })
        return super.has(key, options)
      }
    },
  }),
  ...breaking('listeners hear what was invalidated, and how much', {
    'nothing is heard': emitting((name, event, emit) => {
      if (name !== 'onCacheInvalidate') emit(name, event)
    }),
    'it is heard without a count': emitting((name, event, emit) => {
      emit(name, { ...event, count: 0 })
    }),
    'clear() is silent': class extends ReferenceCache {
      override clear(): number {
        return this.remove(() => true)
      }
    },
  }),
  ...breaking('a listener that throws breaks neither the cache nor the other listeners', {
    'it breaks the cache': withEmitter((listeners, name, event) => {
      for (const listener of listeners) tell(listener, name, event)
    }),
    'those after it hear nothing': withEmitter((listeners, name, event) => {
      try {
        for (const listener of listeners) tell(listener, name, event)
      } catch {
        // Too late for the others.
      }
    }),
  }),
  ...breaking('a listener is told once, and not at all once it is removed', {
    'it is told as often as it was added': class extends ReferenceCache {
      override addEventListener(listener: CacheEventListener): void {
        super.addEventListener({ ...bound(listener) })
      }
    },
    'it is not removed': class extends ReferenceCache {
      override removeEventListener(): void {
        // Forgotten.
      }
    },
    'all are removed': class extends ReferenceCache {
      readonly #added: CacheEventListener[] = []

      override addEventListener(listener: CacheEventListener): void {
        this.#added.push(listener)
        super.addEventListener(listener)
      }

      override removeEventListener(): void {
        for (const listener of this.#added) super.removeEventListener(listener)
      }
    },
  }),
  ...breaking('a listener need not listen to everything', {
    'it must': withEmitter((listeners, name, event) => {
      for (const listener of listeners) (listener[name] as (event: unknown) => void).call(listener, event)
    }),
  }),
]

function emitting(change: (name: keyof CacheEventListener, event: object, emit: Emit) => void): ReferenceCacheClass {
  const ChangingEmitter = class extends CacheEventEmitter {
    override emit(name: keyof CacheEventListener, event: unknown): void {
      change(name, event as object, (changedName, changed) => {
        super.emit(changedName, changed)
      })
    }
  }
  return class extends ReferenceCache {
    override readonly events = new ChangingEmitter()
  }
}

function withEmitter(
  emit: (listeners: readonly CacheEventListener[], name: keyof CacheEventListener, event: unknown) => void,
): ReferenceCacheClass {
  const OwnEmitter = class extends CacheEventEmitter {
    readonly #listeners: CacheEventListener[] = []

    override add(listener: CacheEventListener): void {
      this.#listeners.push(listener)
    }

    override emit(name: keyof CacheEventListener, event: unknown): void {
      emit(this.#listeners, name, event)
    }
  }
  return class extends ReferenceCache {
    override readonly events = new OwnEmitter()
  }
}

function tell(listener: CacheEventListener, name: keyof CacheEventListener, event: unknown): void {
  ;(listener[name] as ((event: unknown) => void) | undefined)?.call(listener, event)
}

/** Another listener that does the same. */
function bound(listener: CacheEventListener): CacheEventListener {
  return {
    onCacheHit: (event) => listener.onCacheHit?.(event),
    onCacheMiss: (event) => listener.onCacheMiss?.(event),
  }
}
