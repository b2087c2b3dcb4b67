import { RedisCache } from '@x/cache-redis'

import { type CacheBrowser, type CacheEntryName, type CacheFilter, type CacheStatus } from './cache-browser.ts'

/** Whoever looks can wait longer than whoever works. */
const COMMAND_TIMEOUT = '5s'

/** Looks into a namespace of Redis. */
export class RedisBrowser implements CacheBrowser {
  readonly place: string
  readonly #cache: RedisCache

  constructor({ url, namespace, place }: { readonly url: string; readonly namespace: string; readonly place: string }) {
    this.place = `${place} (${namespace})`
    this.#cache = new RedisCache({ url, namespace, onFailure: 'throw', commandTimeout: COMMAND_TIMEOUT })
  }

  async status(): Promise<CacheStatus> {
    const { entryCount, totalSizeBytes, byCategory } = await this.#cache.getStats()
    const { usedMemoryBytes, maxMemoryBytes } = await this.#cache.getServerStats()
    return {
      place: this.place,
      entryCount,
      totalSizeBytes,
      maxSizeBytes: maxMemoryBytes === 0 ? undefined : maxMemoryBytes,
      usedBytes: usedMemoryBytes,
      byCategory,
    }
  }

  keys(filter: CacheFilter): AsyncIterable<CacheEntryName> {
    return this.#cache.keys(filter)
  }

  async text({ category, key }: CacheEntryName): Promise<string | undefined> {
    const value = await this.#cache.get(key, { category })
    return value === undefined ? undefined : JSON.stringify(value)
  }

  clear({ category, pattern }: CacheFilter): Promise<number> {
    const isEverything = category === undefined && pattern === undefined
    return isEverything ? this.#cache.clear() : this.#cache.invalidate({ category, pattern })
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#cache.close()
  }
}
