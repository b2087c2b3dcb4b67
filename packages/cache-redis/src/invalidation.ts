import { compileGlob, escapeGlob, type InvalidateFilter } from '@x/core'

import { scanKeys } from './entry-scan.ts'
import type { EntryStore } from './entry-store.ts'
import type { Epochs } from './epochs.ts'
import type { EntryName, KeySpace } from './key-space.ts'
import { toKeyText } from './key-text.ts'
import type { LocalTier } from './local-tier.ts'
import type { RedisLink } from './redis-link.ts'
import type { TagIndex } from './tag-index.ts'

/** What an `Invalidation` works with. */
export interface InvalidationParts {
  /** What is removed. */
  readonly entries: EntryStore
  /** Told that it is. */
  readonly epochs: Epochs
  /** Asked what carries a tag. */
  readonly tags: TagIndex
  /** Told that anything may be removed. */
  readonly local: LocalTier | undefined
}

/** Removes entries by what they are called or tagged, some at a time. */
export class Invalidation {
  readonly #link: RedisLink
  readonly #keys: KeySpace
  readonly #entries: EntryStore
  readonly #epochs: Epochs
  readonly #tags: TagIndex
  readonly #local: LocalTier | undefined

  constructor(link: RedisLink, keys: KeySpace, parts: InvalidationParts) {
    this.#link = link
    this.#keys = keys
    this.#entries = parts.entries
    this.#epochs = parts.epochs
    this.#tags = parts.tags
    this.#local = parts.local
  }

  /**
   * Removes what a filter names: how many live entries.
   *
   * @throws RangeError for a malformed glob.
   */
  async run(filter: InvalidateFilter): Promise<number> {
    const { key, pattern, category, tag } = filter
    const glob = pattern === undefined ? undefined : compileGlob(pattern)
    if (key !== undefined && glob?.matches(key) === false) return 0
    if (key !== undefined && category !== undefined && tag === undefined) {
      return (await this.#entries.remove([this.#keys.entry(category, key)])).length
    }
    const admits = (name: EntryName | undefined): boolean =>
      name !== undefined &&
      (category === undefined || name.category === category) &&
      (key === undefined || name.key === key) &&
      (glob === undefined || glob.matches(name.key))
    const literal = key === undefined ? glob : compileGlob(escapeGlob(key))
    return await this.#touching(category, () =>
      tag === undefined
        ? this.#removeScanned(this.#keys.scanPattern(category, literal), admits)
        : this.#removeTagged(tag, admits),
    )
  }

  /** Removes everything of the namespace: how many live entries. */
  async clear(): Promise<number> {
    const tags = new Set<string>()
    return await this.#touching(undefined, async () => {
      let count = await this.#removeScanned(this.#keys.scanAll(), (name) => name !== undefined, tags)
      for (const tag of tags) count += await this.#removeTagged(tag, () => true)
      return count
    })
  }

  /** Refuses loads that began before it, and those that began while it ran. */
  async #touching(category: string | undefined, remove: () => Promise<number>): Promise<number> {
    this.#local?.clear()
    try {
      await this.#epochs.touch(category)
      const count = await remove()
      await this.#epochs.touch(category)
      return count
    } finally {
      this.#local?.clear()
    }
  }

  async #removeScanned(
    pattern: string,
    admits: (name: EntryName | undefined) => boolean,
    tags?: Set<string>,
  ): Promise<number> {
    let count = 0
    for await (const redisKeys of scanKeys(this.#link, pattern)) {
      const named = redisKeys.filter((redisKey) => admits(this.#keys.parse(redisKey)))
      if (named.length > 0) count += (await this.#entries.remove(named)).length
      if (tags === undefined) continue
      for (const redisKey of redisKeys) {
        const tag = this.#keys.parseTag(redisKey)
        if (tag !== undefined) tags.add(tag)
      }
    }
    return count
  }

  async #removeTagged(tag: string, admits: (name: EntryName | undefined) => boolean): Promise<number> {
    let count = 0
    for await (const candidates of this.#tags.candidates(tag)) {
      const named = candidates.filter(({ local }) => admits(this.#keys.parseLocal(local)))
      if (named.length === 0) continue
      const redisKeys = named.map(({ local }) => this.#keys.fromLocal(local))
      count += (await this.#entries.remove(redisKeys, toKeyText(tag))).length
      await this.#tags.drop(tag, named)
    }
    return count
  }
}
