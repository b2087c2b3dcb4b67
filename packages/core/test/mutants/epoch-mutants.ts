import type { Epoch, InvalidateFilter, ScopeOptions, SetOptions } from '../../src/index.ts'
import { ReferenceCache } from '../reference-cache.ts'
import { breaking, type Mutant, type ReferenceCacheClass } from './mutant.ts'

type Entries = Iterable<readonly [key: string, value: unknown]>
type Touch = 'setMany' | 'deleteMany' | 'invalidate' | 'clear'

const BY_KEY = ['key']
const BY_PATTERN = ['pattern']

/** What must touch a key: the method that is made silent, and for `invalidate` the conditions for which it is. */
const TOUCHES: Readonly<Record<string, readonly [Touch, conditions?: readonly string[]]>> = {
  'set()': ['setMany'],
  'setMany()': ['setMany'],
  'set() of an entry that is gone at once': ['setMany'],
  'delete()': ['deleteMany'],
  'deleteMany()': ['deleteMany'],
  'invalidate() by key': ['invalidate', BY_KEY],
  'invalidate() by key and category': ['invalidate', [...BY_KEY, 'category']],
  'invalidate() by pattern': ['invalidate', BY_PATTERN],
  'invalidate() by pattern and category': ['invalidate', [...BY_PATTERN, 'category']],
  'invalidate() by category': ['invalidate', ['category']],
  'invalidate() by tag': ['invalidate', ['tag']],
  'invalidate() by tag and category': ['invalidate', ['tag', 'category']],
  'clear()': ['clear'],
}

/** An epoch counts only what removed something. */
const TouchesOnlyWhatIsThere = class extends ReferenceCache {
  override touch(category?: string): void {
    if (this.removed > 0) super.touch(category)
  }

  removed = 0

  override remove(isWanted: Parameters<ReferenceCache['remove']>[0]): number {
    return (this.removed = super.remove(isWanted))
  }
}

export const epochMutants: readonly Mutant[] = [
  ...breaking('a load that nothing overtook is stored', {
    'every load is refused': class extends ReferenceCache {
      override setMany(given: Entries, options?: SetOptions): number {
        return options?.ifEpoch === undefined ? super.setMany(given, options) : 0
      }
    },
    'reading touches': class extends ReferenceCache {
      override getMany<T>(keys: readonly string[], options: ScopeOptions = {}): Map<string, T> {
        this.touch(this.categoryOf(options))
        return super.getMany(keys, options)
      }
    },
  }),
  ...Object.entries(TOUCHES).flatMap(([how, [method, conditions]]) => [
    ...breaking(`a load that ${how} overtook is not stored over what was there`, {
      'it touches nothing': silencing(method, conditions),
    }),
    ...breaking(`a load of an absent key that ${how} overtook is not stored`, {
      'it touches nothing': silencing(method, conditions),
      'it touches only entries that are there': TouchesOnlyWhatIsThere,
    }),
  ]),
  ...breaking('of two loads from one epoch, the first to end is stored', {
    'a load touches nothing': class extends ReferenceCache {
      override setMany(given: Entries, options?: SetOptions): number {
        const epochs = [...this.epochs]
        const stored = super.setMany(given, options)
        this.epochs.clear()
        for (const [category, epoch] of epochs) this.epochs.set(category, epoch)
        return stored
      }
    },
  }),
  ...breaking('an epoch never comes back, whatever happens to the key', {
    'clear() clears epochs': class extends ReferenceCache {
      override clear(): number {
        const count = super.clear()
        this.epochs.clear()
        this.epochOfAll = 0
        return count
      }
    },
    'epochs are counted modulo 4': class extends ReferenceCache {
      override touch(category?: string): void {
        super.touch(category)
        this.epochOfAll %= 4
        for (const [name, epoch] of this.epochs) this.epochs.set(name, epoch % 4)
      }
    },
  }),
  ...breaking('a refused load leaves the newer value, its deadline and its tags', {
    'it replaces deadline and tags': class extends ReferenceCache {
      override setMany(given: Entries, options: SetOptions = {}): number {
        const entries = [...given]
        const stored = super.setMany(entries, options)
        const deadline = this.clock.now() + this.lifeOf(this.categoryOf(options), options.ttl)
        this.entries = this.entries.map((entry) =>
          stored === 0 ? { ...entry, deadline, tags: options.tags ?? [] } : entry,
        )
        return stored
      }
    },
    'it removes the newer value': class extends ReferenceCache {
      override setMany(given: Entries, options?: SetOptions): number {
        const entries = [...given]
        const stored = super.setMany(entries, options)
        if (stored === 0) this.remove((entry) => entries.some(([key]) => key === entry.key))
        return stored
      }
    },
  }),
  ...breaking('setMany() never stores a key that was touched since its epoch', {
    'of several entries it does not look at the epoch': class extends ReferenceCache {
      override setMany(given: Entries, options?: SetOptions): number {
        const entries = [...given]
        return super.setMany(entries, entries.length > 1 ? { ...options, ifEpoch: undefined } : options)
      }
    },
    'it counts what it does not store': class extends ReferenceCache {
      override setMany(given: Entries, options?: SetOptions): number {
        const entries = [...given]
        super.setMany(entries, options)
        return entries.length
      }
    },
  }),
  ...breaking('a write in another category overtakes nothing', {
    'the epoch is that of the whole store': class extends ReferenceCache {
      override touch(): void {
        super.touch()
      }
    },
  }),
  ...breaking('a value that is refused is refused before its epoch', {
    'the epoch comes first': class extends ReferenceCache {
      override setMany(given: Entries, options: SetOptions = {}): number {
        const isPassed = options.ifEpoch !== undefined && options.ifEpoch !== this.getEpoch('', options)
        return isPassed ? 0 : super.setMany(given, options)
      }
    },
  }),
  ...breaking('a load that nothing overtook is stored', {
    'an epoch is never the same twice': class extends ReferenceCache {
      #count = 0

      override getEpoch(): Epoch {
        this.#count += 1
        return this.#count as Epoch
      }
    },
  }),
]

/** A method, or `invalidate` with exactly these conditions, forgets to touch. */
function silencing(method: Touch, conditions?: readonly string[]): ReferenceCacheClass {
  return class extends ReferenceCache {
    #isSilent = false

    override touch(category?: string): void {
      if (!this.#isSilent) super.touch(category)
    }

    override setMany(given: Entries, options?: SetOptions): number {
      return this.#run(method === 'setMany', () => super.setMany(given, options))
    }

    override deleteMany(keys: readonly string[], options?: ScopeOptions): number {
      return this.#run(method === 'deleteMany', () => super.deleteMany(keys, options))
    }

    override invalidate(filter: InvalidateFilter): number {
      const isMeant = Object.keys(filter).toSorted().join() === conditions?.toSorted().join()
      return this.#run(method === 'invalidate' && isMeant, () => super.invalidate(filter))
    }

    override clear(): number {
      return this.#run(method === 'clear', () => super.clear())
    }

    #run(isSilent: boolean, call: () => number): number {
      this.#isSilent = isSilent
      const answer = call()
      this.#isSilent = false
      return answer
    }
  }
}
