import { CacheError, type CacheStore, type Duration } from '@x/core'

import { type Shape } from './value-shape.ts'

/** Where and how long something is kept. */
export interface Shelf {
  /** The store's category. */
  readonly category: string
  /** What is found by its content or its scan never goes stale, whatever the store's own default. */
  readonly ttl: Duration
  /** What lies there: anything else that the store answers with is nobody's, and a miss. */
  readonly shape: Shape
}

/** Keys with their values. */
export type Entries = readonly (readonly [key: string, value: unknown])[]

/** Others who change the same entry at the same moment; a store that fails open says no for ever. */
const MOST_ATTEMPTS = 20

/** A store whose failures cost calls, never the scan: a failed read is a miss, a failed write is dropped, both are told. */
export class ForgivingStore {
  readonly #store: CacheStore
  readonly #onError: (error: unknown) => void

  constructor(store: CacheStore, onError: (error: unknown) => void) {
    this.#store = store
    this.#onError = (error) => {
      try {
        onError(error)
      } catch {
        // Who listens cannot stop the scan.
      }
    }
  }

  async get<T>(key: string, shelf: Shelf): Promise<T | undefined> {
    return (await this.getMany<T>([key], shelf)).get(key)
  }

  async getMany<T>(keys: readonly string[], shelf: Shelf): Promise<ReadonlyMap<string, T>> {
    if (keys.length === 0) return new Map()
    try {
      const { category } = shelf
      const found = [...(await this.#store.getMany<T>(keys, { category }))]
      return new Map(found.filter(([key, value]) => this.#belongs(key, value, shelf)))
    } catch (error) {
      this.#onError(error)
      return new Map()
    }
  }

  async setMany(entries: Entries, { category, ttl }: Shelf, tag?: string): Promise<void> {
    if (entries.length === 0) return
    try {
      await this.#store.setMany(entries, { category, ttl, tags: tag === undefined ? undefined : [tag] })
    } catch (error) {
      this.#onError(error)
    }
  }

  /** Changes one entry, also where others change it at the same time. */
  async update<T>(key: string, shelf: Shelf, change: (old: T | undefined) => T): Promise<void> {
    const { category, ttl } = shelf
    try {
      for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt += 1) {
        const ifEpoch = await this.#store.getEpoch(key, { category })
        const old = await this.#store.get<T>(key, { category })
        const known = old !== undefined && this.#belongs(key, old, shelf) ? old : undefined
        if (await this.#store.set(key, change(known), { category, ttl, ifEpoch })) return
      }
    } catch (error) {
      this.#onError(error)
    }
  }

  async deleteMany(keys: readonly string[], { category }: Pick<Shelf, 'category'>): Promise<void> {
    try {
      await this.#store.deleteMany(keys, { category })
    } catch (error) {
      this.#onError(error)
    }
  }

  /** Removes what carries a tag. */
  async drop(tag: string, { category }: Pick<Shelf, 'category'>): Promise<void> {
    try {
      await this.#store.invalidate({ tag, category })
    } catch (error) {
      this.#onError(error)
    }
  }

  #belongs(key: string, value: unknown, { category, shape }: Shelf): boolean {
    if (shape(value)) return true
    const what = `for ${JSON.stringify(key)} of ${JSON.stringify(category)}`
    this.#onError(new CacheError('STORE_CORRUPT', { message: `The cache answers something of another shape ${what}.` }))
    return false
  }
}
