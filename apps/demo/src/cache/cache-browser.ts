import { type CategoryStats } from '@x/core'

export interface CacheEntryName {
  readonly category: string
  readonly key: string
}

/** Which entries; an absent condition restricts nothing. */
export interface CacheFilter {
  readonly category?: string | undefined
  readonly pattern?: string | undefined
}

export interface CacheStatus extends CategoryStats {
  readonly place: string
  /** The limit of its values; absent where it has none of its own. */
  readonly maxSizeBytes?: number | undefined
  /** Bytes on disk, or of the server's memory. */
  readonly usedBytes?: number | undefined
  readonly byCategory: Readonly<Record<string, CategoryStats>>
}

/** A cache to look into, wherever it lies. Only `clear` changes it. */
export interface CacheBrowser extends AsyncDisposable {
  readonly place: string
  status(): Promise<CacheStatus>
  keys(filter: CacheFilter): AsyncIterable<CacheEntryName> | Iterable<CacheEntryName>
  /** A value as JSON; `undefined`: it is not there. */
  text(name: CacheEntryName): Promise<string | undefined>
  /** Removes what a filter admits, without a condition everything: how many entries. */
  clear(filter: CacheFilter): Promise<number>
}
