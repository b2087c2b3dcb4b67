import type { CacheStats } from '@x/core'

import { EntryGroup, type Limits } from './entry-group.ts'

/** What is counted of each category. One that is empty and has no limits is not kept: there may be any number of names. */
export class CategoryGroups {
  readonly #groups = new Map<string, EntryGroup>()

  constructor(limits: ReadonlyMap<string, Limits>) {
    for (const [category, limitsOfIt] of limits) {
      const group = new EntryGroup(category)
      group.limit(limitsOfIt, [])
      this.#groups.set(category, group)
    }
  }

  /** The group of a category, which is not kept before `entered`. */
  of(category: string): EntryGroup {
    return this.#groups.get(category) ?? new EntryGroup(category)
  }

  /** An entry has come into a group. Afterwards: the group's last entry may have made room for this one. */
  entered(group: EntryGroup): void {
    if (group.entryCount === 1) this.#groups.set(group.name, group)
  }

  /** An entry has left a group. */
  left(group: EntryGroup): void {
    if (group.isIdle) this.#groups.delete(group.name)
  }

  /** Forgets every entry. */
  clear(): void {
    for (const group of this.#groups.values()) {
      group.clear()
      this.left(group)
    }
  }

  /** See `CacheStats`. */
  get stats(): CacheStats['byCategory'] {
    const filled = [...this.#groups.values()].filter(({ entryCount }) => entryCount > 0)
    return Object.fromEntries(
      filled.map(({ name, entryCount, sizeBytes }) => [name, { entryCount, totalSizeBytes: sizeBytes }]),
    )
  }
}
