import { CacheError, type Clock, type Codec } from '@x/core'

import { EntryGroup, type Limits, NO_LIMITS } from './entry-group.ts'
import { EntryTable, type TableEntry } from './entry-table.ts'
import { encodedSizeOf, type HeldValue, privateHolder, referenceHolder, type ValueHolder } from './held-value.ts'
import type { KeyMatcher } from './key-matcher.ts'
import type { ResolvedConfig } from './service-optimizer-config.ts'
import { serviceOf } from './service-name.ts'

const DEFAULT_ESTIMATED_SIZE_BYTES = 1_024

/** When a value expires, and until when it is kept; when it never does, `Infinity`. */
export interface Life {
  /** Milliseconds since the Unix epoch. */
  readonly expiresAt: number
  /** The same; not before `expiresAt`. */
  readonly keptUntil: number
  /** How long it took to load. */
  readonly loadMs: number
}

/** A value that comes into memory. */
export interface Arrival {
  /** What callers ask for. */
  readonly key: string
  /** The value itself. */
  readonly value: unknown
  /** How long it is fresh, and kept. */
  readonly life: Life
  /** What the clock says. */
  readonly now: number
}

/** A value in memory. */
export interface OptimizerEntry extends TableEntry<OptimizerEntry>, HeldValue, Life {}

/** What an optimizer holds in memory, its services and limits. */
export class MemoryTier {
  readonly #table: EntryTable<OptimizerEntry>
  readonly #clock: Clock
  readonly #codec: Codec
  readonly #onEvict: (key: string) => void
  readonly #holdsReferences: boolean
  readonly #services = new Map<string, EntryGroup>()
  /** Of all keys whose service was never configured. */
  readonly #others = new EntryGroup('')
  #holder: ValueHolder
  /** Where the next sweep goes on; from the oldest one, if that has gone. */
  #sweepFrom: string | undefined

  constructor({ maxSize, values, codec, clock }: ResolvedConfig, onEvict: (key: string) => void) {
    this.#table = new EntryTable({ ...NO_LIMITS, maxEntries: maxSize })
    this.#clock = clock
    this.#codec = codec
    this.#onEvict = onEvict
    this.#holder =
      values === 'reference' ? referenceHolder(() => DEFAULT_ESTIMATED_SIZE_BYTES) : privateHolder(codec, values)
    this.#holdsReferences = values === 'reference'
  }

  get table(): Pick<EntryTable<OptimizerEntry>, 'entryCount' | 'sizeBytes' | 'peakSizeBytes' | 'evictions'> {
    return this.#table
  }

  /** The services that have a limit. */
  get services(): Iterable<EntryGroup> {
    return this.#services.values()
  }

  /** Every group that counts reads. */
  get groups(): readonly EntryGroup[] {
    return [this.#others, ...this.#services.values()]
  }

  /** What the reads of a key are counted with. */
  groupOf(key: string): EntryGroup {
    if (this.#services.size === 0) return this.#others
    return this.#services.get(serviceOf(key)) ?? this.#others
  }

  /** A value that is fresh, or still kept; it is now the most recently used one. */
  get(key: string): OptimizerEntry | undefined {
    const entry = this.#table.get(key)
    if (entry === undefined || this.#clock.now() < entry.keptUntil) return entry
    this.#table.remove(entry)
    return undefined
  }

  /** A value that is fresh; it is now the most recently used one. Asks the clock once, which takes as long as all the rest. */
  getFresh(key: string): OptimizerEntry | undefined {
    const entry = this.#table.get(key)
    if (entry === undefined) return undefined
    const now = this.#clock.now()
    if (now < entry.expiresAt) return entry
    if (now >= entry.keptUntil) this.#table.remove(entry)
    return undefined
  }

  /** Whether a fresh value is there. */
  has(key: string): boolean {
    const entry = this.#table.peek(key)
    return entry !== undefined && this.#clock.now() < entry.expiresAt
  }

  /** What a caller gets. */
  read(entry: OptimizerEntry): unknown {
    return this.#holder.read(entry)
  }

  /**
   * Keeps a value in the place of an earlier one.
   *
   * @throws CacheError `MEMORY_LIMIT_EXCEEDED` for one that is larger than a limit, `NOT_SERIALIZABLE` for one that cannot be
   * copied. The earlier one is gone then: it would outlive its successor.
   */
  put({ key, value, life, now }: Arrival): void {
    this.#table.remove(this.#table.peek(key))
    if (life.keptUntil <= now) return
    const { held, isText, sizeBytes } = this.#holder.hold(value)
    const group = this.groupOf(key)
    if (!this.#table.canHold(group, sizeBytes)) throw tooLarge(key, sizeBytes, this.#table.limits)
    const { expiresAt, keptUntil, loadMs } = life
    const entry: OptimizerEntry = {
      id: key,
      group,
      held,
      isText,
      sizeBytes,
      expiresAt,
      keptUntil,
      loadMs,
      older: undefined,
      newer: undefined,
    }
    this.#tell(this.#table.add(entry))
  }

  /** Removes a key; `true` when its value was fresh. */
  remove(key: string): boolean {
    const entry = this.#table.peek(key)
    if (entry === undefined) return false
    this.#table.remove(entry)
    return this.#clock.now() < entry.expiresAt
  }

  /** Removes what matches; how many were fresh. */
  removeWhere({ literal, matches }: KeyMatcher): number {
    if (literal !== undefined) return this.remove(literal) ? 1 : 0
    const meant = this.#table.entries().filter(({ id }) => matches(id))
    return meant.filter(({ id }) => this.remove(id)).length
  }

  /** Looks at the next entries and removes those past keeping. A whole round takes as many calls as the size asks for. */
  removeExpired(most: number): void {
    const now = this.#clock.now()
    const next = this.#sweepFrom === undefined ? undefined : this.#table.peek(this.#sweepFrom)
    let entry = next ?? this.#table.oldest
    for (let looked = 0; looked < most && entry !== undefined; looked += 1) {
      const { newer } = entry
      if (now >= entry.keptUntil) this.#table.remove(entry)
      entry = newer
    }
    this.#sweepFrom = entry?.id
  }

  /** Limits the bytes, measures what is there, and from now on what comes; makes room at once. */
  limitBytes(maxSizeBytes: number, estimatedSizeBytes: number): void {
    const { maxEntries } = this.#table.limits
    this.#table.limit({ maxEntries, maxSizeBytes: Infinity })
    if (this.#holdsReferences) this.#measure(estimatedSizeBytes)
    this.#tell(this.#table.limit({ maxEntries, maxSizeBytes }))
  }

  /** Limits the entries of a service; makes room at once. */
  limitService(service: string, maxEntries: number): void {
    let group = this.#services.get(service)
    if (group === undefined) {
      group = new EntryGroup(service)
      this.#services.set(service, group)
      this.#moveInto(group)
    }
    this.#tell(this.#table.limitGroup(group, { ...NO_LIMITS, maxEntries }))
  }

  /** Lets go of everything. */
  clear(): void {
    this.#table.clear()
    for (const group of this.groups) group.clear()
  }

  #measure(estimatedSizeBytes: number): void {
    const sizeOf = encodedSizeOf(this.#codec, estimatedSizeBytes)
    this.#holder = referenceHolder(sizeOf)
    for (const entry of this.#table.entries()) this.#table.put({ ...entry, sizeBytes: sizeOf(entry.held) })
  }

  #moveInto(group: EntryGroup): void {
    // All of them, so that their order stays.
    for (const entry of this.#table.entries()) {
      this.#table.put(serviceOf(entry.id) === group.name ? { ...entry, group } : entry)
    }
  }

  #tell(evicted: readonly OptimizerEntry[]): void {
    for (const { id } of evicted) this.#onEvict(id)
  }
}

function tooLarge(key: string, sizeBytes: number, { maxSizeBytes }: Limits): CacheError {
  return new CacheError('MEMORY_LIMIT_EXCEEDED', {
    message: `The value of ${JSON.stringify(key)} has ${sizeBytes} bytes, more than the limit of ${maxSizeBytes}: it is not kept in memory. Raise maxMemoryUsage, or cache less.`,
    details: { key, bytes: sizeBytes, limit: maxSizeBytes },
  })
}
