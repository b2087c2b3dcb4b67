import type { CacheStore, StoreOptions } from '../../src/index.ts'
import type { ReferenceCache } from '../reference-cache.ts'

/** A store that breaks one promise. */
export interface Mutant {
  /** The case that must notice. */
  readonly caseName: string
  /** How it breaks the promise. */
  readonly how: string
  readonly open: (options: StoreOptions) => CacheStore
}

/** What a mutant's store is made by. */
export type ReferenceCacheClass = new (options: StoreOptions) => ReferenceCache

/** One store for each way to break the promise of a case. */
export function breaking(caseName: string, ways: Readonly<Record<string, ReferenceCacheClass>>): readonly Mutant[] {
  return Object.entries(ways).map(([how, Broken]) => ({ caseName, how, open: (options) => new Broken(options) }))
}
