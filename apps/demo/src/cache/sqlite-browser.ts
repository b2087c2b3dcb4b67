import { CacheFile, SqliteCache } from '@x/cache-sqlite'

import { type CacheBrowser, type CacheEntryName, type CacheFilter, type CacheStatus } from './cache-browser.ts'
import { readable } from './open-cache.ts'

/** Looks into a file, which must be there. */
export class SqliteBrowser implements CacheBrowser {
  readonly place: string
  readonly #file: CacheFile

  /** @throws CacheError where there is no cache that can be read. */
  constructor(path: string) {
    this.place = path
    this.#file = readable(path, () => new CacheFile(path))
  }

  status(): Promise<CacheStatus> {
    const { entryCount, totalSizeBytes, maxSizeBytes, fileBytes, walBytes, byCategory } = this.#file.status()
    return Promise.resolve({
      place: this.place,
      entryCount,
      totalSizeBytes,
      maxSizeBytes: maxSizeBytes ?? undefined,
      usedBytes: fileBytes + walBytes,
      byCategory,
    })
  }

  keys(filter: CacheFilter): Iterable<CacheEntryName> {
    return this.#file.keys(filter)
  }

  text(name: CacheEntryName): Promise<string | undefined> {
    return Promise.resolve(this.#file.text(name))
  }

  clear({ category, pattern }: CacheFilter): Promise<number> {
    const cache = new SqliteCache({ path: this.place, maxSizeBytes: Infinity })
    try {
      const isEverything = category === undefined && pattern === undefined
      return Promise.resolve(isEverything ? cache.clear() : cache.invalidate({ category, pattern }))
    } finally {
      cache.close()
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#file[Symbol.dispose]()
    return Promise.resolve()
  }
}
