/** Which entries carry a tag. */
export class TagIndex<Entry extends { readonly tags: readonly string[] }> {
  readonly #byTag = new Map<string, Set<Entry>>()

  add(entry: Entry): void {
    for (const tag of entry.tags) {
      const tagged = this.#byTag.get(tag)
      if (tagged === undefined) this.#byTag.set(tag, new Set([entry]))
      else tagged.add(entry)
    }
  }

  remove(entry: Entry): void {
    for (const tag of entry.tags) {
      const tagged = this.#byTag.get(tag)
      if (tagged?.delete(entry) === true && tagged.size === 0) this.#byTag.delete(tag)
    }
  }

  /** The entries that carry it. */
  get(tag: string): Iterable<Entry> {
    return this.#byTag.get(tag) ?? []
  }

  clear(): void {
    this.#byTag.clear()
  }
}
