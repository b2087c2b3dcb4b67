import { type CacheStore, CacheError, type ScopeOptions, type SetOptions } from '../../src/index.ts'
import { ReferenceCache } from '../reference-cache.ts'
import { breaking, type Mutant } from './mutant.ts'

type Entries = Iterable<readonly [key: string, value: unknown]>

const StoresOneByOne = class extends ReferenceCache {
  override setMany(given: Entries, options?: SetOptions): number {
    let stored = 0
    for (const entry of given) stored += super.setMany([entry], options)
    return stored
  }
}

export const batchMutants: readonly Mutant[] = [
  ...breaking('getMany() gives what is there, in the order asked for', {
    'in the order of the store': class extends ReferenceCache {
      override getMany<T>(keys: readonly string[], options?: ScopeOptions): Map<string, T> {
        return super.getMany(keys.toSorted(), options)
      }
    },
    'absent ones are undefined': class extends ReferenceCache {
      override getMany<T>(keys: readonly string[], options?: ScopeOptions): Map<string, T> {
        const found = super.getMany<T | undefined>(keys, options)
        return new Map(keys.map((key) => [key, found.get(key)])) as Map<string, T>
      }
    },
  }),
  ...breaking('getMany() gives a key asked for twice once', {
    'in the place it was asked for last': class extends ReferenceCache {
      override getMany<T>(keys: readonly string[], options?: ScopeOptions): Map<string, T> {
        return super.getMany(keys.toReversed(), options)
      }
    },
    'it refuses': class extends ReferenceCache {
      override getMany<T>(keys: readonly string[], options?: ScopeOptions): Map<string, T> {
        if (new Set(keys).size < keys.length) throw new TypeError('Asked for twice.')
        return super.getMany(keys, options)
      }
    },
  }),
  ...breaking('setMany() stores every entry of any iterable and counts them', {
    'the iterable is read twice': class extends ReferenceCache {
      override setMany(given: Entries, options?: SetOptions): number {
        return Array.from(given).length === 0 ? 0 : super.setMany(given, options)
      }
    },
    'it says only whether': class extends ReferenceCache {
      override setMany(given: Entries, options?: SetOptions): number {
        return Math.sign(super.setMany(given, options))
      }
    },
  }),
  ...breaking('setMany() stores into its category with its tags', {
    'options are ignored': class extends ReferenceCache {
      override setMany(given: Entries): number {
        return super.setMany(given)
      }
    },
    'tags are ignored': class extends ReferenceCache {
      override setMany(given: Entries, options?: SetOptions): number {
        return super.setMany(given, { ...options, tags: [] })
      }
    },
  }),
  ...breaking('setMany() stores the last of equal keys', {
    'the first stays': class extends ReferenceCache {
      override setMany(given: Entries, options?: SetOptions): number {
        return super.setMany([...given].reverse(), options)
      }
    },
  }),
  ...breaking('setMany() stores nothing when one value is refused', { 'it stores what came before': StoresOneByOne }),
  ...breaking('setMany() stores nothing when its iterable throws, and gives the same error', {
    'it stores what came before': StoresOneByOne,
    'it gives another error': class extends ReferenceCache {
      override setMany(given: Entries, options?: SetOptions): number {
        try {
          return super.setMany(given, options)
        } catch (cause) {
          throw new CacheError('OPERATION_TIMEOUT', { cause })
        }
      }
    },
  }),
  ...breaking('deleteMany() counts the entries that were there', {
    'it counts the keys': class extends ReferenceCache {
      override deleteMany(keys: readonly string[], options?: ScopeOptions): number {
        super.deleteMany(keys, options)
        return keys.length
      }
    },
    'it stops at an absent one': class extends ReferenceCache {
      override deleteMany(keys: readonly string[], options?: ScopeOptions): number {
        const absent = keys.findIndex((key) => !this.has(key, options))
        return super.deleteMany(absent === -1 ? keys : keys.slice(0, absent), options)
      }
    },
  }),
  ...breaking('delete() says whether an entry was there', {
    'it always says so': class extends ReferenceCache {
      override delete(key: string, options?: ScopeOptions): boolean {
        super.delete(key, options)
        return true
      }
    },
    'it leaves the entry': class extends ReferenceCache {
      override delete(key: string, options?: ScopeOptions): boolean {
        return this.has(key, options)
      }
    },
  }),
  ...breaking('an empty batch is no error', {
    'it is for getMany()': class extends ReferenceCache {
      override getMany<T>(keys: readonly string[], options?: ScopeOptions): Map<string, T> {
        if (keys.length === 0) throw new TypeError('Wrong number of arguments.')
        return super.getMany(keys, options)
      }
    },
    'no keys are all keys': class extends ReferenceCache {
      override deleteMany(keys: readonly string[], options?: ScopeOptions): number {
        return keys.length === 0 ? this.clear() : super.deleteMany(keys, options)
      }
    },
  }),
  ...breaking('a batch may hold 3000 entries', {
    'what is beyond 1,000 is cut': class extends ReferenceCache {
      override setMany(given: Entries, options?: SetOptions): number {
        return super.setMany([...given].slice(0, 1_000), options)
      }
    },
    'getMany() takes 1,000 parameters': class extends ReferenceCache {
      override getMany<T>(keys: readonly string[], options?: ScopeOptions): Map<string, T> {
        if (keys.length > 1_000) throw new RangeError('Too many parameters.')
        return super.getMany(keys, options)
      }
    },
  }),
  {
    caseName: 'a hundred concurrent set() of different keys are all stored',
    how: 'each writes back what it read at its beginning',
    open(options): CacheStore {
      const store = new ReferenceCache(options)
      return Object.assign(store, {
        async set(key: string, value: unknown): Promise<boolean> {
          const read = store.entries
          await Promise.resolve()
          store.entries = read
          return store.setMany([[key, value]]) === 1
        },
      })
    },
  },
  ...breaking('clear() removes everything and counts it', {
    'only of one category': class extends ReferenceCache {
      override clear(): number {
        return this.remove(({ category }) => category === 'default')
      }
    },
    'without counting': class extends ReferenceCache {
      override clear(): number {
        super.clear()
        return 0
      }
    },
    'only by marking the store': class extends ReferenceCache {
      override clear(): number {
        const count = super.clear()
        this.setMany = () => 0
        return count
      }
    },
  }),
]
