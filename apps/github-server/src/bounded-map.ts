/** A map that forgets what was used longest ago, so that the weights of its values stay under a limit. */
export class BoundedMap<V> {
  readonly #limit: number
  readonly #weigh: (value: V) => number
  readonly #values = new Map<string, V>()
  #weight = 0

  constructor(limit: number, weigh: (value: V) => number) {
    this.#limit = limit
    this.#weigh = weigh
  }

  get(key: string): V | undefined {
    const value = this.#values.get(key)
    if (value === undefined) return undefined
    this.#values.delete(key)
    this.#values.set(key, value)
    return value
  }

  /** Keeps the value, unless it alone would fill an eighth of the map. */
  set(key: string, value: V): void {
    this.#drop(key)
    if (this.#weigh(value) > this.#limit / 8) return
    this.#values.set(key, value)
    this.#weight += this.#weigh(value)
    for (const oldest of this.#values.keys()) {
      if (this.#weight <= this.#limit) return
      this.#drop(oldest)
    }
  }

  clear(): void {
    this.#values.clear()
    this.#weight = 0
  }

  #drop(key: string): void {
    const value = this.#values.get(key)
    if (value === undefined) return
    this.#values.delete(key)
    this.#weight -= this.#weigh(value)
  }
}
