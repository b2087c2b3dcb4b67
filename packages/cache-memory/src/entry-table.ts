import type { EntryGroup, GroupedEntry, Limits } from './entry-group.ts'
import { type Linked, UseOrder } from './use-order.ts'

/** What a table keeps. */
export interface TableEntry<Entry> extends GroupedEntry, Linked<Entry> {
  /** What it is counted with. */
  readonly group: EntryGroup
}

/** Entries by id, in the order of their use, within limits that hold at every moment: room is made before an entry comes in. */
export class EntryTable<Entry extends TableEntry<Entry>> {
  readonly #order = new UseOrder<Entry>()
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

  /** The least recently used entry; those after it by `newer`. */
  get oldest(): Entry | undefined {
    return this.#order.oldest
  }

  /** The entries that are there now, the least recently used first. */
  entries(): readonly Entry[] {
    const entries: Entry[] = []
    for (let entry = this.oldest; entry !== undefined; entry = entry.newer) entries.push(entry)
    return entries
  }

  /** Whether an entry of this size could be kept at all. */
  canHold(group: EntryGroup, sizeBytes: number): boolean {
    return sizeBytes <= this.#limits.maxSizeBytes && sizeBytes <= group.limits.maxSizeBytes
  }

  /** Keeps an entry that `canHold`, in the place of one with its id; answers those that had to go for it. */
  put(entry: Entry): readonly Entry[] {
    this.remove(this.#order.peek(entry.id))
    return this.add(entry)
  }

  /** `put` of an entry whose id is not there. */
  add(entry: Entry): readonly Entry[] {
    const evicted: Entry[] = []
    const { group, sizeBytes } = entry
    while (!group.hasRoomFor(sizeBytes)) this.#evict(this.#oldestOf(group), evicted)
    while (!this.#hasRoomFor(sizeBytes)) this.#evict(this.oldest, evicted)
    this.#order.add(entry)
    group.add(entry)
    this.#sizeBytes += sizeBytes
    if (this.#sizeBytes > this.#peakSizeBytes) this.#peakSizeBytes = this.#sizeBytes
    return evicted
  }

  /** Removes an entry, if there is one. */
  remove(entry: Entry | undefined): void {
    if (entry === undefined) return
    this.#order.remove(entry)
    entry.group.remove(entry)
    this.#sizeBytes -= entry.sizeBytes
    this.#onLeave(entry)
  }

  /** Sets the limits; answers the entries that had to go. */
  limit(limits: Limits): readonly Entry[] {
    this.#limits = limits
    const evicted: Entry[] = []
    while (!this.#isWithinLimits) this.#evict(this.oldest, evicted)
    return evicted
  }

  /** Sets the limits of a group; answers the entries that had to go. */
  limitGroup(group: EntryGroup, limits: Limits): readonly Entry[] {
    const members = this.entries().filter((entry) => entry.group === group)
    group.limit(
      limits,
      members.map(({ id }) => id),
    )
    const evicted: Entry[] = []
    while (!group.isWithinLimits) this.#evict(this.#oldestOf(group), evicted)
    return evicted
  }

  /** Removes every entry, telling nobody; the groups are cleared by who has them. */
  clear(): void {
    this.#order.clear()
    this.#sizeBytes = 0
  }

  get #isWithinLimits(): boolean {
    return this.#order.size <= this.#limits.maxEntries && this.#sizeBytes <= this.#limits.maxSizeBytes
  }

  #hasRoomFor(sizeBytes: number): boolean {
    return this.#order.size < this.#limits.maxEntries && this.#sizeBytes + sizeBytes <= this.#limits.maxSizeBytes
  }

  #oldestOf({ oldestId }: EntryGroup): Entry | undefined {
    return oldestId === undefined ? undefined : this.#order.peek(oldestId)
  }

  #evict(entry: Entry | undefined, evicted: Entry[]): void {
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
