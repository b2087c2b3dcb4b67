import { type Linked, UseOrder } from './use-order.ts'

/** What a group needs to know of an entry. */
export interface GroupedEntry {
  /** Identifies the entry in its table. */
  readonly id: string
  /** What it counts. */
  readonly sizeBytes: number
}

/** How much may be kept; `Infinity`: no limit. */
export interface Limits {
  /** The most entries. */
  readonly maxEntries: number
  /** The most bytes of encoded values. */
  readonly maxSizeBytes: number
}

/** Keeps everything. */
export const NO_LIMITS: Limits = { maxEntries: Infinity, maxSizeBytes: Infinity }

type Member = Linked<Member>

/** Entries that are counted together: a category, or a service. With limits of its own it knows who was used last. */
export class EntryGroup {
  readonly name: string
  entryCount = 0
  sizeBytes = 0
  hits = 0
  misses = 0
  evictions = 0
  #limits = NO_LIMITS
  /** The ids of its entries, by when they were used; only where it has limits. */
  #order: UseOrder<Member> | undefined

  constructor(name: string) {
    this.name = name
  }

  get limits(): Limits {
    return this.#limits
  }

  /** Whether it has limits, and so must be told of every use. */
  get isLimited(): boolean {
    return this.#order !== undefined
  }

  /** Whether it can be forgotten: nothing is in it, and nothing was said about it. */
  get isIdle(): boolean {
    return this.entryCount === 0 && this.#order === undefined
  }

  /** Whether it keeps within its limits. */
  get isWithinLimits(): boolean {
    return this.entryCount <= this.#limits.maxEntries && this.sizeBytes <= this.#limits.maxSizeBytes
  }

  /** Its least recently used entry; known only where it has limits. */
  get oldestId(): string | undefined {
    return this.#order?.oldest?.id
  }

  /** Sets its limits; `ids` are those of its entries, the least recently used first. */
  limit(limits: Limits, ids: Iterable<string>): void {
    this.#limits = limits
    this.#order = new UseOrder()
    for (const id of ids) this.#order.add(memberOf(id))
  }

  /** Whether another entry of this size fits. */
  hasRoomFor(sizeBytes: number): boolean {
    return this.entryCount < this.#limits.maxEntries && this.sizeBytes + sizeBytes <= this.#limits.maxSizeBytes
  }

  add({ id, sizeBytes }: GroupedEntry): void {
    this.entryCount += 1
    this.sizeBytes += sizeBytes
    this.#order?.add(memberOf(id))
  }

  remove({ id, sizeBytes }: GroupedEntry): void {
    this.entryCount -= 1
    this.sizeBytes -= sizeBytes
    const member = this.#order?.peek(id)
    if (member !== undefined) this.#order?.remove(member)
  }

  /** Notes that an entry was used. */
  touch(id: string): void {
    this.#order?.get(id)
  }

  /** Forgets its entries, and not what it has counted. */
  clear(): void {
    this.entryCount = 0
    this.sizeBytes = 0
    this.#order?.clear()
  }
}

function memberOf(id: string): Member {
  return { id, older: undefined, newer: undefined }
}
