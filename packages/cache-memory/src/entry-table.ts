import { LRUCache } from 'lru-cache'

import type { EntryGroup, GroupedEntry, Limits } from './entry-group.ts'
import { COUNTED_AS_ONE, UNBOUNDED } from './unbounded-order.ts'

/** What a table keeps. */
export interface TableEntry extends GroupedEntry {
  /** What it is counted with. */
  readonly group: EntryGroup
}

/**
 * Entries by id, in the order of their use, within limits that hold at every moment: room is made before an entry comes in.
 * The only index is that of `LRUCache`, since growing a second one would double the longest pause.
 */
export class EntryTable<Entry extends TableEntry> {
  readonly #order = new LRUCache<string, Entry>(UNBOUNDED)
  readonly #onLeave: (entry: Entry) => void
  #limits: Limits
  #sizeBytes = 0
  #peakSizeBytes = 0
  #evictions = 0

  /** `onLeave` is told of every entry that goes, for whatever reason, but by `clear`. */
  constructor(limits: Limits, onLeave: (entry: Entry) => void = nothing) {
    this.#limits = limits
    this.#onLeave = onLeave
  }

  get entryCount(): number {
    return this.#order.size
  }

  get sizeBytes(): number {
    return this.#sizeBytes
  }

  /** The most that `sizeBytes` has been. */
  get peakSizeBytes(): number {
    return this.#peakSizeBytes
  }

  /** How many entries were removed to keep a limit. */
  get evictions(): number {
    return this.#evictions
  }

  get limits(): Limits {
    return this.#limits
  }

  /** An entry, which is now the most recently used one. */
  get(id: string): Entry | undefined {
    const entry = this.#order.get(id)
    if (entry?.group.isLimited === true) entry.group.touch(id)
    return entry
  }

  /** An entry, which is not thereby used. */
  peek(id: string): Entry | undefined {
    return this.#order.peek(id)
  }

  /** The entries, the least recently used first. */
  entries(): Iterable<Entry> {
    // What may be undefined is the value of a fetch in progress, which there is none of here.
    return this.#order.rvalues() as Generator<Entry>
  }

  /** Whether an entry of this size could be kept at all. */
  canHold(group: EntryGroup, sizeBytes: number): boolean {
    return sizeBytes <= this.#limits.maxSizeBytes && sizeBytes <= group.limits.maxSizeBytes
  }

  /** Keeps an entry that `canHold`, in the place of one with its id; answers those that had to go for it. */
  put(entry: Entry): readonly Entry[] {
    this.remove(this.#order.peek(entry.id))
    const evicted: Entry[] = []
    const { group, sizeBytes } = entry
    while (!group.hasRoomFor(sizeBytes)) this.#evict(group.oldestId, evicted)
    while (!this.#hasRoomFor(sizeBytes)) this.#evict(this.#oldestId, evicted)
    this.#order.set(entry.id, entry, COUNTED_AS_ONE)
    group.add(entry)
    this.#sizeBytes += sizeBytes
    if (this.#sizeBytes > this.#peakSizeBytes) this.#peakSizeBytes = this.#sizeBytes
    return evicted
  }

  /** Removes an entry, if there is one. */
  remove(entry: Entry | undefined): void {
    if (entry === undefined) return
    this.#order.delete(entry.id)
    entry.group.remove(entry)
    this.#sizeBytes -= entry.sizeBytes
    this.#onLeave(entry)
  }

  /** Sets the limits; answers the entries that had to go. */
  limit(limits: Limits): readonly Entry[] {
    this.#limits = limits
    const evicted: Entry[] = []
    while (!this.#isWithinLimits) this.#evict(this.#oldestId, evicted)
    return evicted
  }

  /** Sets the limits of a group; answers the entries that had to go. */
  limitGroup(group: EntryGroup, limits: Limits): readonly Entry[] {
    const members = [...this.entries()].filter((entry) => entry.group === group)
    group.limit(
      limits,
      members.map(({ id }) => id),
    )
    const evicted: Entry[] = []
    while (!group.isWithinLimits) this.#evict(group.oldestId, evicted)
    return evicted
  }

  /** Removes every entry, telling nobody; the groups are cleared by who has them. */
  clear(): void {
    this.#order.clear()
    this.#sizeBytes = 0
  }

  get #oldestId(): string | undefined {
    const next = this.#order.rkeys().next()
    return next.done === true ? undefined : next.value
  }

  get #isWithinLimits(): boolean {
    return this.#order.size <= this.#limits.maxEntries && this.#sizeBytes <= this.#limits.maxSizeBytes
  }

  #hasRoomFor(sizeBytes: number): boolean {
    return this.#order.size < this.#limits.maxEntries && this.#sizeBytes + sizeBytes <= this.#limits.maxSizeBytes
  }

  #evict(id: string | undefined, evicted: Entry[]): void {
    const entry = id === undefined ? undefined : this.#order.peek(id)
    // A limit that an empty table exceeds would be a loop without end.
    if (entry === undefined) throw new Error('There is nothing left to evict, and no room: the counts are wrong.')
    this.remove(entry)
    this.#evictions += 1
    entry.group.evictions += 1
    evicted.push(entry)
  }
}

function nothing(): void {
  // Nobody wants to know.
}
