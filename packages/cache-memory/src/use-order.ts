/** A map of a million rehashes in one step, which takes 100 ms; one of this size in 5 ms. */
const MOST_IN_FIRST = 65_536

/** How many maps share the index of what is more than that: none of them gets that large. */
const SHARDS = 64

/** What can be in an order of use, and in one alone. */
export interface Linked<Item> {
  /** Unique within the order. */
  readonly id: string
  /** The order's own: what was used next before it. */
  older: Item | undefined
  /** The order's own: what was used next after it. */
  newer: Item | undefined
}

/**
 * Items by id, in the order of their use. They are linked to each other: an order that is kept in arrays (as in `lru-cache`)
 * copies them when they grow.
 */
export class UseOrder<Item extends Linked<Item>> {
  readonly #mostInFirst: number
  readonly #first = new Map<string, Item>()
  #shards: (Map<string, Item> | undefined)[] = []
  #oldest: Item | undefined
  #newest: Item | undefined
  #size = 0

  /** Beyond `mostInFirst` items, what comes is spread over many maps, which costs each use a second look-up. */
  constructor(mostInFirst: number = MOST_IN_FIRST) {
    this.#mostInFirst = mostInFirst
  }

  get size(): number {
    return this.#size
  }

  /** The least recently used item; those after it by `newer`. */
  get oldest(): Item | undefined {
    return this.#oldest
  }

  /** An item, which is now the most recently used one. */
  get(id: string): Item | undefined {
    const item = this.peek(id)
    if (item !== undefined && item !== this.#newest) {
      this.#unlink(item)
      this.#link(item)
    }
    return item
  }

  /** An item, which is not thereby used. */
  peek(id: string): Item | undefined {
    const item = this.#first.get(id)
    return item === undefined && this.#shards.length > 0 ? this.#shards[shardOf(id)]?.get(id) : item
  }

  /** Adds an item, whose id is not there, as the most recently used one. */
  add(item: Item): void {
    if (this.#first.size < this.#mostInFirst) this.#first.set(item.id, item)
    else (this.#shards[shardOf(item.id)] ??= new Map<string, Item>()).set(item.id, item)
    this.#link(item)
    this.#size += 1
  }

  /** Removes an item, which is there. */
  remove(item: Item): void {
    if (!this.#first.delete(item.id)) this.#shards[shardOf(item.id)]?.delete(item.id)
    this.#unlink(item)
    this.#size -= 1
  }

  clear(): void {
    this.#first.clear()
    this.#shards = []
    this.#oldest = undefined
    this.#newest = undefined
    this.#size = 0
  }

  #link(item: Item): void {
    item.older = this.#newest
    item.newer = undefined
    if (this.#newest === undefined) this.#oldest = item
    else this.#newest.newer = item
    this.#newest = item
  }

  #unlink(item: Item): void {
    const { older, newer } = item
    if (older === undefined) this.#oldest = newer
    else older.newer = newer
    if (newer === undefined) this.#newest = older
    else newer.older = older
    item.older = undefined
    item.newer = undefined
  }
}

/** Of the characters that differ most often: the last ones, and one in the middle. One that is not there counts as 0. */
function shardOf(id: string): number {
  // What is no string is in none of them: its caller is told where keys are checked.
  if (typeof id !== 'string') return 0
  const { length } = id
  const last = id.charCodeAt(length - 1) ^ (id.charCodeAt(length - 2) << 2) ^ (id.charCodeAt(length - 3) << 4)
  return (last ^ (id.charCodeAt(length >> 1) * 5)) & (SHARDS - 1)
}
