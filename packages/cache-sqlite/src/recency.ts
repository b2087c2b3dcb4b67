const MOST_KEPT = 65_536

/**
 * When entries were used, as far as the file does not yet know: reads and overwrites leave their stamps here. A stamp is the time in
 * microseconds, made strictly increasing, so that the stamps of several processes compare.
 */
export class Recency {
  #latest: number
  /** By entry id, the longest unused first. */
  readonly #uses = new Map<number, number>()

  /** Starts after the latest stamp in the file, for a clock that was set back since. */
  constructor(latest: number) {
    this.#latest = latest
  }

  /** A stamp for a use that happens now. */
  stamp(): number {
    const now = Math.floor((performance.timeOrigin + performance.now()) * 1_000)
    this.#latest = now > this.#latest ? now : this.#latest + 1
    return this.#latest
  }

  /** Notes a use of an entry. Beyond 65,536 entries the use that is longest ago is dropped. */
  touch(id: number): void {
    this.#uses.delete(id)
    this.#uses.set(id, this.stamp())
    if (this.#uses.size > MOST_KEPT) this.#uses.delete(this.#uses.keys().next().value ?? id)
  }

  /** The latest use of an entry that the file does not know. */
  usedAt(id: number): number | undefined {
    return this.#uses.get(id)
  }

  /** Forgets the use of an entry: it is in the file, or the entry is gone. */
  forget(id: number): void {
    this.#uses.delete(id)
  }

  /** The uses that are longest ago, at most so many. */
  first(limit: number): [id: number, usedAt: number][] {
    const first: [id: number, usedAt: number][] = []
    for (const use of this.#uses) {
      if (first.length >= limit) break
      first.push(use)
    }
    return first
  }

  /** Drops all but the latest uses. */
  keepLatest(limit: number): void {
    for (const id of this.#uses.keys()) {
      if (this.#uses.size <= limit) return
      this.#uses.delete(id)
    }
  }

  /** Forgets every use. */
  clear(): void {
    this.#uses.clear()
  }
}
