import { type CacheStats, type InvalidateFilter, type ScopeOptions, type SetOptions } from '../../src/index.ts'
import { ReferenceCache, type ReferenceEntry } from '../reference-cache.ts'
import { breaking, type Mutant, type ReferenceCacheClass } from './mutant.ts'

type Entries = Iterable<readonly [key: string, value: unknown]>

export const keyMutants: readonly Mutant[] = [
  ...breaking('any string is a key, and none is taken for another', {
    'case is lost': rewritingKeys((key) => key.toLowerCase()),
    'spaces are trimmed': rewritingKeys((key) => key.trim()),
    'lone surrogates are replaced': rewritingKeys((key) => key.toWellFormed()),
    'letters are composed': rewritingKeys((key) => key.normalize()),
    'long keys are cut': rewritingKeys((key) => key.slice(0, 255)),
    'keys end at NUL': rewritingKeys((key) => key.split('\0', 1).join('')),
    'colons are percent-escaped and percent signs are not': rewritingKeys((key) => key.replaceAll(':', '%3A')),
    'the answer of getMany() was a plain object': class extends ReferenceCache {
      override getMany<T>(keys: readonly string[], options?: ScopeOptions): Map<string, T> {
        const found: Record<string, T> = {}
        for (const [key, value] of super.getMany<T>(keys, options)) found[key] = value
        return new Map(Object.entries(found))
      }
    },
  }),
  ...breaking('delete() removes the entry of exactly its key, whatever the string', {
    'case is lost': class extends ReferenceCache {
      override delete(key: string): boolean {
        return this.remove((entry) => entry.key.toLowerCase() === key.toLowerCase()) > 0
      }
    },
    'an empty key is not there': class extends ReferenceCache {
      override delete(key: string, options?: ScopeOptions): boolean {
        return key !== '' && super.delete(key, options)
      }
    },
  }),
  ...breaking('any string is a category, and none is taken for another', {
    'case is lost': rewritingCategories((category) => category.toLowerCase()),
    'the empty one is the default one': rewritingCategories((category) => category || 'default'),
    'lone surrogates are replaced': rewritingCategories((category) => category.toWellFormed()),
    'statistics are collected in a plain object': class extends ReferenceCache {
      override getStats(): CacheStats {
        const { byCategory, ...stats } = super.getStats()
        const collected: Record<string, CacheStats['byCategory'][string]> = {}
        for (const [category, held] of Object.entries(byCategory)) collected[category] = held
        return { ...stats, byCategory: collected }
      }
    },
  }),
  ...breaking('any string is a tag, and none is taken for another', {
    'tags are joined by commas': class extends ReferenceCache {
      override invalidate({ tag = '' }: InvalidateFilter): number {
        return this.remove((entry) => entry.tags.join(',').includes(tag))
      }
    },
    'lone surrogates are replaced': class extends ReferenceCache {
      override invalidate({ tag = '' }: InvalidateFilter): number {
        return this.remove((entry) => entry.tags.some((carried) => carried.toWellFormed() === tag.toWellFormed()))
      }
    },
  }),
  ...breaking('category and key are never joined ambiguously', {
    'they are joined by a colon': joiningBy(':'),
    'they are joined by nothing': joiningBy(''),
    'they are joined by a slash': joiningBy('/'),
    'they are joined by NUL': joiningBy('\0'),
    'they are joined by quotes': joiningBy('""'),
  }),
  ...breaking('categories never leak into each other', {
    'a category is a prefix': class extends ReferenceCache {
      override find(key: string, category: string): ReferenceEntry | undefined {
        return this.entries.find((entry) => entry.key === key && entry.category.startsWith(category))
      }
    },
    'no category is any category': class extends ReferenceCache {
      override deleteMany(keys: readonly string[], options: ScopeOptions = {}): number {
        if (options.category !== undefined) return super.deleteMany(keys, options)
        return this.remove((entry) => keys.includes(entry.key))
      }
    },
  }),
  ...breaking('a call without a category is about the category "default"', {
    'it has another name': class extends ReferenceCache {
      override categoryOf({ category = 'main' }: ScopeOptions): string {
        return category
      }
    },
  }),
  ...breaking('a key or a category that is no string is a TypeError and changes nothing', {
    'whatever is given is made a string': class extends ReferenceCache {
      override get<T>(key: string, options?: ScopeOptions): T | undefined {
        return super.get<T>([key].join(), options)
      }
    },
    'categories are not looked at': class extends ReferenceCache {
      override categoryOf({ category = 'default' }: ScopeOptions): string {
        return category
      }
    },
  }),
  ...breaking('an escaped key is a pattern that matches exactly it', {
    'escapes are ignored': class extends ReferenceCache {
      override invalidate({ pattern = '' }: InvalidateFilter): number {
        return super.invalidate({ pattern: pattern.replaceAll('\\', '') })
      }
    },
    'escapes are kept': class extends ReferenceCache {
      override invalidate({ pattern = '' }: InvalidateFilter): number {
        return super.invalidate({ pattern: pattern.replaceAll('\\', '\\\\') })
      }
    },
  }),
]

function rewritingKeys(rewrite: (key: string) => string): ReferenceCacheClass {
  return class extends ReferenceCache {
    override find(key: string, category: string): ReferenceEntry | undefined {
      return super.find(rewrite(key), category)
    }

    override setMany(given: Entries, options?: SetOptions): number {
      return super.setMany(
        [...given].map(([key, value]) => [rewrite(key), value]),
        options,
      )
    }
  }
}

function rewritingCategories(rewrite: (category: string) => string): ReferenceCacheClass {
  return class extends ReferenceCache {
    override categoryOf(options: ScopeOptions): string {
      return rewrite(super.categoryOf(options))
    }
  }
}

function joiningBy(separator: string): ReferenceCacheClass {
  return class extends ReferenceCache {
    override find(key: string, category: string): ReferenceEntry | undefined {
      return super.find(category + separator + key, '')
    }

    override setMany(given: Entries, options: SetOptions = {}): number {
      return super.setMany(
        [...given].map(([key, value]) => [this.categoryOf(options) + separator + key, value]),
        { ...options, category: '' },
      )
    }
  }
}
