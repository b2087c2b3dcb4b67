/** The items of one priority, first come, first served. */
interface Level<T> {
  readonly priority: number
  readonly items: T[]
  /** When each came. */
  readonly times: number[]
  /** Where the first one is that has not been taken. */
  next: number
}

/** With so many taken, and half of all, the room that they took is given back. */
const COMPACT_AT = 1_024

/**
 * Items by priority, each of which rises by one for every `aging` that it waits. As all rise alike, the order of any two
 * never changes, and within a priority it is that of coming: only the first of each priority has to be compared.
 */
export class AgingQueue<T> {
  readonly #agingMs: number
  readonly #levels = new Map<number, Level<T>>()
  /** The levels that have items: a binary heap, in the order of their first ones. */
  readonly #heap: Level<T>[] = []

  constructor(agingMs: number) {
    this.#agingMs = agingMs
  }

  /** Adds an item that comes now; `now` must never go back. */
  push(item: T, priority: number, now: number): void {
    const level = this.#levels.get(priority)
    if (level !== undefined) {
      level.items.push(item)
      level.times.push(now)
      return
    }
    const fresh = { priority, items: [item], times: [now], next: 0 }
    this.#levels.set(priority, fresh)
    this.#heap.push(fresh)
    this.#rise(fresh)
  }

  /** Takes the first one. */
  pop(): T | undefined {
    const [level] = this.#heap
    if (level === undefined) return undefined
    const item = level.items[level.next]
    level.next += 1
    if (level.next < level.items.length) {
      compact(level)
      this.#sink(level)
      return item
    }
    this.#levels.delete(level.priority)
    const last = this.#heap.pop()
    if (last !== undefined && last !== level) this.#sink(last)
    return item
  }

  /** Puts a level that is at the end of the heap where it belongs. */
  #rise(level: Level<T>): void {
    const heap = this.#heap
    let index = heap.length - 1
    while (index > 0) {
      const parentIndex = (index - 1) >> 1
      const parent = heap[parentIndex]
      if (parent === undefined || !this.#isBefore(level, parent)) break
      heap[index] = parent
      index = parentIndex
    }
    heap[index] = level
  }

  /** Puts a level where it belongs, beginning at the top. */
  #sink(level: Level<T>): void {
    const heap = this.#heap
    let index = 0
    for (let child = 1; child < heap.length; child = 2 * index + 1) {
      let first = heap[child]
      const second = heap[child + 1]
      if (first !== undefined && second !== undefined && this.#isBefore(second, first)) {
        first = second
        child += 1
      }
      if (first === undefined || !this.#isBefore(first, level)) break
      heap[index] = first
      index = child
    }
    heap[index] = level
  }

  #isBefore(a: Level<T>, b: Level<T>): boolean {
    const difference = this.#rankOf(a) - this.#rankOf(b)
    // Of two that have risen to the same, the one that came first, from further below.
    return difference === 0 ? a.priority < b.priority : difference > 0
  }

  /** Priority now, less what all have risen by since the beginning of time. */
  #rankOf({ priority, times, next }: Level<T>): number {
    return priority - (times[next] ?? 0) / this.#agingMs
  }
}

function compact<T>(level: Level<T>): void {
  if (level.next < COMPACT_AT || level.next * 2 < level.items.length) return
  level.items.splice(0, level.next)
  level.times.splice(0, level.next)
  level.next = 0
}
