/** An item in its place: the highest rank comes first, and of equal ranks the first one added. */
interface Place<T> {
  readonly rank: number
  readonly sequence: number
  readonly item: T
}

/** Items in the order of their ranks: a binary heap. */
export class PriorityHeap<T> {
  readonly #places: Place<T>[] = []
  #sequence = 0

  push(item: T, rank: number): void {
    const place = { rank, sequence: (this.#sequence += 1), item }
    let index = this.#places.length
    this.#places.push(place)
    while (index > 0) {
      const parentIndex = (index - 1) >> 1
      const parent = this.#at(parentIndex)
      if (isBefore(parent, place)) break
      this.#places[index] = parent
      index = parentIndex
    }
    this.#places[index] = place
  }

  /** Takes the first one. */
  pop(): T | undefined {
    const [first] = this.#places
    const last = this.#places.pop()
    if (first === undefined || last === undefined) return undefined
    if (this.#places.length > 0) this.#sink(last)
    return first.item
  }

  /** Puts a place where it belongs, beginning at the top. */
  #sink(place: Place<T>): void {
    const { length } = this.#places
    let index = 0
    for (let child = 1; child < length; child = 2 * index + 1) {
      if (child + 1 < length && isBefore(this.#at(child + 1), this.#at(child))) child += 1
      if (isBefore(place, this.#at(child))) break
      this.#places[index] = this.#at(child)
      index = child
    }
    this.#places[index] = place
  }

  #at(index: number): Place<T> {
    // Only asked for indices within the heap.
    // eslint-disable-next-line @typescript-eslint/no-non-null-assertion
    return this.#places[index]!
  }
}

function isBefore(a: Place<unknown>, b: Place<unknown>): boolean {
  return a.rank === b.rank ? a.sequence < b.sequence : a.rank > b.rank
}
