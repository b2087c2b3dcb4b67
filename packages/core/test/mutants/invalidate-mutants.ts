import { compileGlob, escapeGlob, type InvalidateFilter, type SetOptions } from '../../src/index.ts'
import { ReferenceCache, type ReferenceEntry } from '../reference-cache.ts'
import { breaking, type Mutant, type ReferenceCacheClass } from './mutant.ts'

type Entries = Iterable<readonly [key: string, value: unknown]>

export const invalidateMutants: readonly Mutant[] = [
  ...breaking('invalidate() by key removes the key from every category', {
    'only from the default one': filtering((filter) => ({ category: 'default', ...filter })),
    'a key is a pattern': filtering(({ key, ...filter }) => (key === undefined ? filter : { ...filter, pattern: key })),
  }),
  ...breaking('invalidate() by pattern removes matching keys from every category', {
    'only from the default one': filtering((filter) => ({ category: 'default', ...filter })),
    'only from the first one': filtering((filter) => ({ category: 'x', ...filter })),
  }),
  ...breaking('invalidate() by category removes all of it', {
    'a category is a pattern': class extends ReferenceCache {
      override invalidate({ category = '' }: InvalidateFilter): number {
        const glob = compileGlob(category)
        return this.remove((entry) => glob.matches(entry.category))
      }
    },
  }),
  ...breaking('invalidate() by tag removes what carries it', {
    'a tag is a pattern': class extends ReferenceCache {
      override invalidate({ tag = '' }: InvalidateFilter): number {
        const glob = compileGlob(tag)
        return this.remove((entry) => entry.tags.some((carried) => glob.matches(carried)))
      }
    },
    'only from one category': filtering((filter) => ({ category: 'x', ...filter })),
  }),
  ...breaking('the conditions of invalidate() combine with AND', {
    'they combine with OR': class extends ReferenceCache {
      override invalidate(filter: InvalidateFilter): number {
        const glob = filter.pattern === undefined ? undefined : compileGlob(filter.pattern)
        const isWanted = ({ key, category, tags }: ReferenceEntry) =>
          key === filter.key ||
          (glob?.matches(key) ?? false) ||
          category === filter.category ||
          (filter.tag !== undefined && tags.includes(filter.tag))
        return this.remove(isWanted)
      }
    },
    'a tag is enough': filtering((filter) => (filter.tag === undefined ? filter : { tag: filter.tag })),
    'a pattern beside a key is ignored': filtering((filter) =>
      filter.key === undefined ? filter : { ...filter, pattern: undefined },
    ),
    'an undefined condition is one': filtering((filter) =>
      'tag' in filter && filter.tag === undefined ? { ...filter, tag: '' } : filter,
    ),
  }),
  ...breaking('invalidate() without a condition is a TypeError and removes nothing', {
    'it removes everything': filtering((filter) => (isEmpty(filter) ? { pattern: '*' } : filter)),
    'it removes nothing, and says nothing': class extends ReferenceCache {
      override invalidate(filter: InvalidateFilter): number {
        return isEmpty(filter) ? 0 : super.invalidate(filter)
      }
    },
  }),
  ...breaking('invalidate() with an unknown condition is a TypeError and removes nothing', {
    'it is ignored': filtering(({ key, pattern = '*', category, tag }) => ({ key, pattern, category, tag })),
    'it is made a string': filtering((filter) =>
      Object.fromEntries(Object.entries(filter).map(([name, value]) => [name, String(value)])),
    ),
  }),
  ...breaking('a malformed glob is a RangeError and removes nothing', {
    'it stands for itself': class extends ReferenceCache {
      override invalidate(filter: InvalidateFilter): number {
        try {
          return super.invalidate(filter)
        } catch {
          return super.invalidate({ ...filter, pattern: escapeGlob(filter.pattern ?? '') })
        }
      }
    },
    'it matters only where there are entries': class extends ReferenceCache {
      override invalidate(filter: InvalidateFilter): number {
        return filter.category === 'none' ? 0 : super.invalidate(filter)
      }
    },
  }),
  ...breaking('patterns are anchored case-sensitive globs over code points', {
    'they match anywhere': matching((pattern, key) => compileGlob(`*${pattern}*`).matches(key)),
    'they match any beginning': matching((pattern, key) => compileGlob(`${pattern}*`).matches(key)),
    'case is lost': matching((pattern, key) => compileGlob(pattern.toLowerCase()).matches(key.toLowerCase())),
    '^ negates': matching((pattern, key) => compileGlob(pattern.replace('[^', '[!')).matches(key)),
    '! does not negate': matching((pattern, key) => compileGlob(pattern.replace('[!', '[\\!')).matches(key)),
    '? is a code unit': matching((pattern, key) => compileGlob(inUnits(pattern)).matches(inUnits(key))),
    '_ is any character': matching((pattern, key) => compileGlob(pattern.replace('_', '?')).matches(key)),
    '% is any run': matching((pattern, key) => compileGlob(pattern.replace('%', '*')).matches(key)),
    '? is not a newline': matching((pattern, key) => compileGlob(pattern).matches(key) && key !== 'a\nc'),
  }),
  ...breaking('an entry may carry many tags, and one twice', {
    'only the first': class extends ReferenceCache {
      override setMany(given: Entries, options?: SetOptions): number {
        return super.setMany(given, { ...options, tags: options?.tags?.slice(0, 1) })
      }
    },
    'not one twice': class extends ReferenceCache {
      override setMany(given: Entries, options?: SetOptions): number {
        const { tags = [] } = options ?? {}
        if (new Set(tags).size < tags.length) throw new Error('UNIQUE constraint failed')
        return super.setMany(given, options)
      }
    },
  }),
  ...breaking('overwriting an entry replaces its tags', { 'it adds to them': rememberingTags('entry') }),
  ...breaking('an entry that comes back after its removal has none of its old tags', {
    'it has all of them': rememberingTags('key'),
  }),
]

function filtering(change: (filter: InvalidateFilter) => InvalidateFilter): ReferenceCacheClass {
  return class extends ReferenceCache {
    override invalidate(filter: InvalidateFilter): number {
      return super.invalidate(change(filter))
    }
  }
}

function matching(matches: (pattern: string, key: string) => boolean): ReferenceCacheClass {
  return class extends ReferenceCache {
    override invalidate({ pattern = '' }: InvalidateFilter): number {
      return this.remove((entry) => matches(pattern, entry.key))
    }
  }
}

/** Tags stay with an entry that is overwritten, or with its key for ever. */
function rememberingTags(where: 'entry' | 'key'): ReferenceCacheClass {
  return class extends ReferenceCache {
    readonly #tags = new Map<string, readonly string[]>()

    override setMany(given: Entries, options?: SetOptions): number {
      const entries = [...given]
      const known = entries.flatMap(([key]) =>
        where === 'key' ? (this.#tags.get(key) ?? []) : (this.find(key, this.categoryOf(options ?? {}))?.tags ?? []),
      )
      const tags = [...known, ...(options?.tags ?? [])]
      for (const [key] of entries) this.#tags.set(key, tags)
      return super.setMany(entries, { ...options, tags })
    }
  }
}

function isEmpty(filter: InvalidateFilter): boolean {
  return Object.values(filter).every((condition) => condition === undefined)
}

/** Every code unit apart, as a matcher over UTF-16 sees them. */
function inUnits(text: string): string {
  return text.replaceAll('🙂', 'xy')
}
