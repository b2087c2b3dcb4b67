import {
  type Duration,
  type ScopeOptions,
  type SetOptions,
  type StoreOptions,
  toMilliseconds,
} from '../../src/index.ts'
import { ReferenceCache, type ReferenceEntry } from '../reference-cache.ts'
import { breaking, type Mutant, type ReferenceCacheClass } from './mutant.ts'

type Entries = Iterable<readonly [key: string, value: unknown]>

const CountsExpired = class extends ReferenceCache {
  override remove(isWanted: (entry: ReferenceEntry) => boolean): number {
    const before = this.entries.length
    super.remove(isWanted)
    return before - this.entries.length
  }
}

const IgnoresCategories = withOptions((options) => ({ ...options, categories: {} }))
const IgnoresTheCall = withTtl(() => undefined)

export const ttlMutants: readonly Mutant[] = [
  ...breaking('an entry lives before its deadline and is gone at it', {
    'it lives at it': class extends ReferenceCache {
      override isLive({ deadline }: ReferenceEntry): boolean {
        return this.clock.now() <= deadline
      }
    },
    'it goes a millisecond early': class extends ReferenceCache {
      override isLive({ deadline }: ReferenceEntry): boolean {
        return this.clock.now() < deadline - 1
      }
    },
  }),
  ...breaking('an expired entry is gone for every kind of read', {
    'has() does not look at the deadline': class extends ReferenceCache {
      override has(key: string): boolean {
        return this.entries.some((entry) => entry.key === key)
      }
    },
    'getMany() does not look at the deadline': class extends ReferenceCache {
      override getMany<T>(keys: readonly string[], options?: ScopeOptions): Map<string, T> {
        if (keys.length === 1) return super.getMany(keys, options)
        const wanted = this.entries.filter((entry) => keys.includes(entry.key))
        return new Map(wanted.map((entry) => [entry.key, this.codec.decode(entry.text) as T]))
      }
    },
  }),
  ...breaking('expired entries are not counted by what removes them', { 'they are': CountsExpired }),
  ...breaking('expired entries are not counted by an invalidation', { 'they are': CountsExpired }),
  ...breaking("the call's ttl wins over the category's, and that over the store's", {
    "the category's is ignored": IgnoresCategories,
    "the call's is ignored": IgnoresTheCall,
    "the store's is ignored": withOptions((options) => ({ ...options, defaultTtl: '1h' })),
  }),
  ...breaking("setMany() takes the call's ttl, else the category's, else the store's", {
    "the category's is ignored": IgnoresCategories,
    "the call's is ignored": IgnoresTheCall,
    "the store's is ignored": withOptions((options) => ({ ...options, defaultTtl: '1h' })),
  }),
  ...breaking('a ttl is milliseconds, or a number with a unit', {
    'a number is seconds': withTtl((ttl) => (typeof ttl === 'number' ? ttl * 1_000 : ttl)),
    'units are ignored': withTtl((ttl) => (ttl === undefined ? ttl : Number.parseFloat(String(ttl)))),
    'fractions are ignored': withTtl((ttl) => (typeof ttl === 'string' ? (ttl.replace(/\.\d+/, '') as Duration) : ttl)),
  }),
  ...breaking('an entry with a ttl of 0 or less is gone at once, and so is the one before it', {
    '0 is taken for none': withTtl((ttl) => (ttl === 0 ? undefined : ttl)),
    'less than 0 is taken for none': withTtl((ttl) => (toMilliseconds(ttl ?? 1) < 0 ? undefined : ttl)),
    'the one before it stays': class extends ReferenceCache {
      override setMany(given: Entries, options: SetOptions = {}): number {
        return toMilliseconds(options.ttl ?? 1) <= 0 ? 0 : super.setMany(given, options)
      }
    },
  }),
  ...breaking('a configured ttl of 0 is not taken for an absent one', {
    'it is': withOptions((options) => ({
      ...options,
      defaultTtl: options.defaultTtl === 0 ? '1h' : options.defaultTtl,
    })),
    'that of a category is': IgnoresCategories,
  }),
  ...breaking('an entry with a ttl of Infinity stays until it is removed', {
    "it is taken for none, and so for the store's": withTtl((ttl) =>
      ttl === Number.POSITIVE_INFINITY ? undefined : ttl,
    ),
    'that of a category is ignored': IgnoresCategories,
  }),
  ...breaking('overwriting an entry resets its deadline', {
    'the first deadline stays': class extends ReferenceCache {
      override setMany(given: Entries, options?: SetOptions): number {
        const earlier = new Map(this.entries.map(({ key, deadline }) => [key, deadline]))
        const stored = super.setMany(given, options)
        this.entries = this.entries.map((entry) => ({ ...entry, deadline: earlier.get(entry.key) ?? entry.deadline }))
        return stored
      }
    },
  }),
  ...breaking('reading an entry does not prolong its life', {
    'it does': class extends ReferenceCache {
      override getMany<T>(keys: readonly string[], options?: ScopeOptions): Map<string, T> {
        const found = super.getMany<T>(keys, options)
        const deadline = this.clock.now() + 10_000
        this.entries = this.entries.map((entry) => (found.has(entry.key) ? { ...entry, deadline } : entry))
        return found
      }
    },
  }),
  ...breaking('a ttl that is no duration is a RangeError and changes nothing', {
    'it is ignored': withTtl((ttl) => (isDuration(ttl) ? ttl : undefined)),
    'the earlier value goes first': class extends ReferenceCache {
      override set(key: string, value: unknown, options?: SetOptions): boolean {
        this.delete(key, options)
        return super.set(key, value, options)
      }
    },
  }),
  ...breaking('a configured ttl that is no duration is a RangeError when the store is made', {
    "the store's is ignored": withOptions((options) =>
      isDuration(options.defaultTtl) ? options : { ...options, defaultTtl: undefined },
    ),
    "a category's is not read before it is used": IgnoresCategories,
  }),
]

function withOptions(change: (options: StoreOptions) => StoreOptions): ReferenceCacheClass {
  return class extends ReferenceCache {
    constructor(options: StoreOptions) {
      super(change(options))
    }
  }
}

function withTtl(change: (ttl: Duration | undefined) => Duration | undefined): ReferenceCacheClass {
  return class extends ReferenceCache {
    override setMany(given: Entries, options: SetOptions = {}): number {
      return super.setMany(given, options.ttl === undefined ? options : { ...options, ttl: change(options.ttl) })
    }
  }
}

function isDuration(ttl: Duration | undefined): boolean {
  try {
    toMilliseconds(ttl ?? 0)
    return true
  } catch {
    return false
  }
}
