import { NO_ENTRY, REMOVED_PER_TRANSACTION } from './eviction.ts'
import type { EntryRow, FoundRow } from './entry-statements.ts'
import { storedKeyBytes } from './key-bytes.ts'
import { PageBudget, type Removing } from './page-budget.ts'
import type { ResolvedOptions } from './sqlite-cache-options.ts'
import type { CategoryTotals, WriteLedger } from './write-ledger.ts'
import type { WriterParts, WriteTransactions } from './write-transactions.ts'

/** What one transaction stores at most, unless it is one value: the WAL holds it until it is brought into the file. */
const BYTES_PER_TRANSACTION = 4 * 1_024 * 1_024
/** How many entries: each may change a page of the index of keys, and twice as many are removed at a time, if need be. */
const ENTRIES_PER_TRANSACTION = 1_000
/** What it may bring into the WAL to remove as many entries as one transaction does: pages of entries, and of indexes. */
const TRIMMED_BYTES = REMOVED_PER_TRANSACTION * 8 * 1_024
/** What an entry takes besides its key, its tags and its value. */
const BYTES_PER_ENTRY = 256

/** A value to store. */
export interface EncodedEntry {
  /** As the caller gave it. */
  readonly key: string
  /** As key text. */
  readonly keyText: string
  /** The encoded value. */
  readonly text: string
  /** Its bytes. */
  readonly size: number
}

/** How entries are stored: all in one category, with one deadline. */
export interface Storing {
  /** Their category, as key text. */
  readonly category: string
  /** The limit of that category. */
  readonly categoryMaxSizeBytes: number
  /** When they expire, in milliseconds since the Unix epoch; `Infinity`: never. Not after now: they only remove what is there. */
  readonly expiresAt: number
  /** When their grace ends: `expiresAt` where there is none. */
  readonly keptUntil: number
  /** Their tags as key text, each once. */
  readonly tags: readonly string[]
  /** The bytes of these: see `tagBytesOf`. */
  readonly tagBytes: number
  /** Store only keys that nothing touched since. */
  readonly ifEpoch: number | undefined
  /** The time. */
  readonly now: number
}

/** What became of the entries to store. */
export interface Stored {
  /** Those that were stored. */
  readonly stored: readonly EncodedEntry[]
  /** What had to go before its time. */
  readonly evicted: readonly EntryRow[]
}

/** Stores entries: the limits hold at the end of every transaction. */
export class EntryWriter {
  readonly #transactions: WriteTransactions
  readonly #parts: WriterParts
  readonly #pages: PageBudget
  /** Until a transaction that noted it in the file has committed. */
  #limitToNote: number | undefined

  constructor(transactions: WriteTransactions, parts: WriterParts, limits: ResolvedOptions) {
    this.#transactions = transactions
    this.#parts = parts
    this.#pages = new PageBudget(parts, limits)
    this.#limitToNote = limits.maxSizeBytes
  }

  /** Stores entries: in one transaction, as far as their bytes allow. */
  store(entries: readonly EncodedEntry[], storing: Storing): Stored {
    const stored: EncodedEntry[] = []
    const evicted: EntryRow[] = []
    const { now, categoryMaxSizeBytes } = storing
    const removing = { now, categoryMaxSizeBytes, evicted }
    for (const [from, to, bytes] of chunksOf(entries, storing.tagBytes)) {
      const storeChunk = (ledger: WriteLedger): boolean => {
        this.#noteLimit()
        const category = ledger.openCategory(storing.category)
        // An epoch that has not come yet is not one of this file.
        if ((storing.ifEpoch ?? 0) > ledger.store.stamp) return true
        if (!this.#pages.keep(ledger, bytes, removing) || this.#trim(ledger, category, removing)) return false
        this.#parts.eviction.sweep(ledger, now)
        for (let index = from; index < to; index += 1) {
          const entry = entries[index]
          if (entry !== undefined && this.#storeOne(ledger, storing, { category, entry, evicted })) stored.push(entry)
        }
        // Last, so that what this call removes does not refuse the rest of it.
        if (storing.expiresAt <= now && to === entries.length) ledger.bar(category)
        return true
      }
      let isDone = this.#transactions.run(bytes, storeChunk, to - from)
      // Where a limit was lowered, others may write before all has gone that is to go.
      while (!isDone) isDone = this.#transactions.run(Math.max(bytes, TRIMMED_BYTES), storeChunk)
      this.#limitToNote = undefined
    }
    return { stored, evicted }
  }

  /** Brings the latest uses into the file. */
  shareRecency(): void {
    this.#parts.recency.catchUp()
    if (this.#parts.recency.hasUnshared) this.#transactions.run(0, () => undefined)
  }

  #noteLimit(): void {
    if (this.#limitToNote === undefined) return
    this.#parts.statements.saveLimit.run(this.#limitToNote === Infinity ? null : this.#limitToNote)
  }

  /** Removes some of what there is beyond the limits. Says whether there is still more than they allow. */
  #trim(ledger: WriteLedger, category: CategoryTotals, { now, categoryMaxSizeBytes, evicted }: Trimming): boolean {
    const { eviction } = this.#parts
    if (!eviction.isOver(ledger, category, categoryMaxSizeBytes)) return false
    const before = ledger.store.entry_count
    const needed = { category, categoryMaxSizeBytes, bytes: 0, entries: 0, overwritten: NO_ENTRY } as const
    evicted.push(...eviction.makeRoom(ledger, now, { ...needed, most: REMOVED_PER_TRANSACTION }))
    return ledger.store.entry_count < before && eviction.isOver(ledger, category, categoryMaxSizeBytes)
  }

  #storeOne(ledger: WriteLedger, storing: Storing, { category, entry, evicted }: Target): boolean {
    const { ifEpoch, expiresAt, now } = storing
    const found = this.#parts.statements.find.get(category.id, entry.keyText)
    if (ifEpoch !== undefined) {
      const touchedAt = Math.max(ledger.store.barrier, category.barrier, found?.[2] ?? 0)
      if (touchedAt > this.#parts.epochs.boundOf(storing.category, entry.keyText, ifEpoch)) return false
    }
    const overwritten = found !== undefined && expiresAt > now && isLive(found[4], now) ? found : undefined
    if (found !== undefined && overwritten === undefined) this.#remove(ledger, category, found)
    if (expiresAt > now) this.#put(ledger, storing, { category, entry, evicted, overwritten })
    return true
  }

  #remove(ledger: WriteLedger, category: CategoryTotals, [id, size, version, tagged]: FoundRow): void {
    this.#parts.eviction.remove(ledger, { id, category: category.id, size, version, tagged })
  }

  #put(ledger: WriteLedger, storing: Storing, { category, entry, overwritten, evicted }: Putting): void {
    const { now, categoryMaxSizeBytes, tags } = storing
    const bytes = entry.size - (overwritten?.[1] ?? 0)
    const entries = overwritten === undefined ? 1 : 0
    const needed = {
      category,
      categoryMaxSizeBytes,
      bytes,
      entries,
      overwritten: overwritten?.[0] ?? NO_ENTRY,
      most: Infinity,
    } as const
    for (const row of this.#parts.eviction.makeRoom(ledger, now, needed)) evicted.push(row)
    const stamp = ledger.nextStamp()
    const expiresAt = storing.expiresAt === Infinity ? null : storing.expiresAt
    const keptUntil = storing.keptUntil === Infinity ? null : storing.keptUntil
    if (keptUntil !== null) ledger.sweepBy(keptUntil)
    const fields = { entry, stamp, tags, expiresAt, keptUntil }
    if (overwritten === undefined) {
      ledger.countIn(category, bytes)
      this.#insert(category, fields)
    } else {
      ledger.count(category, 0, bytes)
      this.#overwrite(overwritten, fields)
    }
  }

  #insert(category: CategoryTotals, { entry, stamp, tags, expiresAt, keptUntil }: Fields): void {
    const { keyText, size, text } = entry
    const tagged = tags.length > 0 ? 1 : 0
    this.#parts.statements.insert.run(
      ...([stamp, category.id, keyText, size, stamp, tagged, expiresAt, keptUntil, keptUntil] as const),
      ...([category.entry_count, category.size_bytes, text] as const),
    )
    this.#addTags(stamp, tags)
  }

  #overwrite([id, , , tagged, , sweepAt]: FoundRow, { entry, stamp, expiresAt, keptUntil, tags }: Fields): void {
    const { update, setSweep, removeTags } = this.#parts.statements
    update.run(entry.size, stamp, tags.length > 0 ? 1 : 0, expiresAt, keptUntil, entry.text, id)
    // A lower bound may stay when the deadline moves away, and so the index as it is.
    if (keptUntil !== null && (sweepAt === null || keptUntil < sweepAt)) setSweep.run(keptUntil, id)
    if (tagged === 1) removeTags.run(id)
    this.#addTags(id, tags)
  }

  #addTags(id: number, tags: readonly string[]): void {
    for (const tag of tags) this.#parts.statements.addTag.run(tag, id)
  }
}

interface Trimming extends Removing {
  readonly categoryMaxSizeBytes: number
}

interface Target {
  readonly category: CategoryTotals
  readonly entry: EncodedEntry
  readonly evicted: EntryRow[]
}

interface Putting extends Target {
  /** A live entry in whose place the value is put. */
  readonly overwritten: FoundRow | undefined
}

interface Fields {
  readonly entry: EncodedEntry
  readonly stamp: number
  readonly expiresAt: number | null
  readonly keptUntil: number | null
  readonly tags: readonly string[]
}

/** The parts that one transaction each stores, with their bytes. */
function chunksOf(entries: readonly EncodedEntry[], tagBytes: number): [from: number, to: number, bytes: number][] {
  const chunks: [number, number, number][] = []
  let [from, bytes] = [0, 0]
  for (const [index, { keyText, size }] of entries.entries()) {
    const entryBytes = size + storedKeyBytes(keyText, tagBytes) + BYTES_PER_ENTRY
    if (index - from === ENTRIES_PER_TRANSACTION || (bytes > 0 && bytes + entryBytes > BYTES_PER_TRANSACTION)) {
      chunks.push([from, index, bytes])
      ;[from, bytes] = [index, 0]
    }
    bytes += entryBytes
  }
  chunks.push([from, entries.length, bytes])
  return chunks
}

function isLive(expiresAt: number | null, now: number): boolean {
  return expiresAt === null || now < expiresAt
}
