interface Name {
  readonly category: string
  readonly key: string
}

interface Kept {
  readonly value: string
  readonly size: number
  readonly expiresAt: number
}

interface ModelLimits {
  readonly maxSizeBytes: number
  readonly maxEntries: number
  readonly categories: Readonly<Record<string, { readonly maxSizeBytes: number }>>
}

/** What a cache with limits does, in the plainest form: entries in the order of their last use. */
export class CacheModel {
  readonly names: readonly [category: string, key: string][] = ['x', 'y'].flatMap((category) =>
    ['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((key): [string, string] => [category, key]),
  )
  readonly #limits: ModelLimits
  #kept = new Map<string, Kept>()

  constructor(limits: ModelLimits) {
    this.#limits = limits
  }

  live(now: number): [category: string, key: string][] {
    this.#expire(now)
    return this.names.filter(([category, key]) => this.#kept.has(category + key))
  }

  get({ category, key }: Name, now: number): string | undefined {
    this.#expire(now)
    const kept = this.#kept.get(category + key)
    if (kept === undefined) return undefined
    this.#kept.delete(category + key)
    this.#kept.set(category + key, kept)
    return kept.value
  }

  set({ category, key }: Name, kept: Kept, now: number): void {
    this.#expire(now)
    this.#kept.delete(category + key)
    if (kept.expiresAt <= now) return
    const own = this.#limits.categories[category]?.maxSizeBytes ?? Infinity
    while (this.#size(category) + kept.size > own) this.#evict(category)
    while (this.#size('') + kept.size > this.#limits.maxSizeBytes || this.#kept.size >= this.#limits.maxEntries)
      this.#evict('')
    this.#kept.set(category + key, kept)
  }

  delete({ category, key }: Name, now: number): boolean {
    this.#expire(now)
    return this.#kept.delete(category + key)
  }

  invalidate(category: string, now: number): number {
    this.#expire(now)
    const doomed = [...this.#kept.keys()].filter((name) => name.startsWith(category))
    for (const name of doomed) this.#kept.delete(name)
    return doomed.length
  }

  #expire(now: number): void {
    for (const [name, { expiresAt }] of this.#kept) if (expiresAt <= now) this.#kept.delete(name)
  }

  #evict(prefix: string): void {
    this.#kept.delete([...this.#kept.keys()].find((name) => name.startsWith(prefix)) ?? '')
  }

  #size(prefix: string): number {
    return [...this.#kept].reduce((sum, [name, { size }]) => sum + (name.startsWith(prefix) ? size : 0), 0)
  }
}
