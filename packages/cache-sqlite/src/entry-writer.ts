import type { InvalidateFilter } from '@x/core'
import type { Database } from 'better-sqlite3'

import type { CategoryIds } from './category-ids.ts'
import { ClearedEntries } from './cleared-entries.ts'
import { Eviction, NO_ENTRY } from './eviction.ts'
import { Invalidation } from './invalidation.ts'
import { toKeyText } from './key-text.ts'
import { PageBudget } from './page-budget.ts'
import type { Recency } from './recency.ts'
import type { ResolvedOptions } from './sqlite-cache-options.ts'
import { setEntriesAside } from './sqlite-schema.ts'
import type { EntryRow, RemovedRow, Statements } from './sqlite-statements.ts'
import type { WalUpkeep } from './wal-upkeep.ts'
import { type Totals, WriteLedger } from './write-ledger.ts'

/** What one transaction stores at most, unless it is one value: the WAL holds it until it is brought into the file. */
const BYTES_PER_TRANSACTION = 4 * 1_024 * 1_024
/** How many entries one transaction removes at most, for the same reason. */
const REMOVED_PER_TRANSACTION = 1_000
/** What an entry takes besides its key, which is also in an index, and its value. */
const BYTES_PER_ENTRY = 256
/** What a removal may bring into the WAL: a page of entries, and pages of indexes. */
const BYTES_PER_REMOVAL = 8 * 1_024

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
  /** Their tags, each once. */
  readonly tags: readonly string[]
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

/** What a writer works with. */
export interface WriterParts {
  /** The open file. */
  readonly database: Database
  /** What it was prepared for. */
  readonly statements: Statements
  /** Its categories. */
  readonly ids: CategoryIds
  /** When entries were used. */
  readonly recency: Recency
  /** What bounds its WAL. */
  readonly walUpkeep: WalUpkeep
}

/** Writes entries: the totals and limits hold at the end of every transaction. */
export class EntryWriter {
  readonly #parts: WriterParts
  readonly #eviction: Eviction
  readonly #invalidation: Invalidation
  readonly #cleared: ClearedEntries
  readonly #pages: PageBudget
  /** Until it is noted in the file. */
  #limitToNote: number | undefined

  constructor(parts: WriterParts, limits: ResolvedOptions) {
    this.#parts = parts
    this.#eviction = new Eviction(parts.statements, parts.recency, limits)
    this.#limitToNote = limits.maxSizeBytes
    this.#invalidation = new Invalidation(parts.database)
    this.#cleared = new ClearedEntries(parts.database)
    this.#cleared.look()
    this.#pages = new PageBudget(parts.statements, { eviction: this.#eviction, cleared: this.#cleared, limits })
  }

  /** Stores entries: in one transaction, as far as their bytes allow. */
  store(entries: readonly EncodedEntry[], storing: Storing): Stored {
    const stored: EncodedEntry[] = []
    const evicted: EntryRow[] = []
    for (const [from, to, bytes] of chunksOf(entries)) {
      this.#transact(bytes, (ledger) => {
        const category = ledger.openCategory(storing.category)
        // An epoch that has not come yet is not one of this file.
        if ((storing.ifEpoch ?? 0) > ledger.store.stamp) return
        for (const row of this.#pages.keep(ledger, bytes)) evicted.push(row)
        this.#eviction.sweep(ledger, storing.now)
        this.#noteLimit()
        for (let index = from; index < to; index += 1) {
          const entry = entries[index]
          if (entry !== undefined && this.#storeOne(ledger, storing, { category, entry, evicted })) stored.push(entry)
        }
        // Last, so that what this call removes does not refuse the rest of it.
        if (storing.expiresAt <= storing.now && to === entries.length) category.barrier = ledger.nextStamp()
      })
    }
    return { stored, evicted }
  }

  /** Removes entries by their keys, as key text; says which of them were live. */
  remove(categoryName: string, keys: readonly string[], now: number): string[] {
    const live: string[] = []
    let barrier = Infinity
    for (let from = 0; from < keys.length; from += REMOVED_PER_TRANSACTION) {
      const some = keys.slice(from, from + REMOVED_PER_TRANSACTION)
      this.#transact(some.length * BYTES_PER_REMOVAL, (ledger) => {
        const category = ledger.openCategory(categoryName)
        // Even where there is nothing: a load that began before would bring back what the caller wants gone.
        if (from === 0) barrier = category.barrier = ledger.nextStamp()
        for (const row of this.#removeKeys(ledger, category, { keys: some, before: barrier })) {
          if (isLive(row[4], now)) live.push(row[0])
        }
      })
    }
    return live
  }

  /**
   * Removes what a filter names; how many live entries there were. What is stored meanwhile stays: only what was there when this
   * began goes, a thousand entries at a time.
   */
  invalidate(filter: InvalidateFilter, now: number): number {
    const { statements } = this.#parts
    let live = 0
    let barrier = 0
    let after: string | undefined
    let categories: number[] = []
    do {
      this.#transact(barrier === 0 ? 0 : REMOVED_PER_TRANSACTION * BYTES_PER_REMOVAL, (ledger) => {
        if (barrier === 0) {
          const category = filter.category === undefined ? undefined : ledger.openCategory(toKeyText(filter.category))
          barrier = ledger.nextStamp()
          const realm = category ?? ledger.store
          realm.barrier = barrier
          categories = category === undefined ? statements.filledCategories.all() : [category.id]
        }
        let room = REMOVED_PER_TRANSACTION
        for (let [id] = categories; id !== undefined && room > 0; [id] = categories) {
          const keys = this.#invalidation.find(filter, id, { after, limit: room })
          if (keys.length < room) categories.shift()
          after = keys.length < room ? undefined : keys.at(-1)
          room -= keys.length
          if (keys.length === 0) continue
          for (const row of this.#removeKeys(ledger, ledger.category(id), { keys, before: barrier })) {
            if (isLive(row[4], now)) live += 1
          }
        }
      })
    } while (categories.length > 0)
    return live
  }

  /** Removes every entry; how many live ones there were. */
  clear(now: number): number {
    const { statements, recency, database } = this.#parts
    return this.#transact(0, (ledger) => {
      const expired = (statements.dueCount.get(now, now) ?? 0) + (statements.graceCount.get(now, now) ?? 0)
      const live = ledger.store.entry_count - expired
      ledger.store.barrier = ledger.nextStamp()
      if (ledger.store.entry_count > 0) setEntriesAside(database, ledger.store.barrier)
      statements.removeAllTags.run()
      ledger.countAllOut()
      recency.clear()
      this.#cleared.look()
      return live
    })
  }

  /** Brings the latest uses into the file. */
  shareRecency(): void {
    this.#parts.recency.catchUp()
    if (this.#parts.recency.hasUnshared) this.#transact(0, () => undefined)
  }

  #noteLimit(): void {
    if (this.#limitToNote === undefined) return
    this.#parts.statements.saveLimit.run(this.#limitToNote === Infinity ? null : this.#limitToNote)
    this.#limitToNote = undefined
  }

  #storeOne(ledger: WriteLedger, storing: Storing, { category, entry, evicted }: Target): boolean {
    const { ifEpoch, expiresAt, now } = storing
    const existing = this.#parts.statements.find.get(category.id, entry.keyText)
    if (ifEpoch !== undefined) {
      const touched = Math.max(ledger.store.barrier, category.barrier, existing?.version ?? 0)
      if (touched > ifEpoch) return false
    }
    const isLeft = existing !== undefined && expiresAt > now && isLive(existing.expires_at, now)
    if (existing !== undefined && !isLeft) this.#eviction.remove(ledger, existing)
    if (expiresAt > now) {
      const overwritten = isLeft ? existing : undefined
      this.#put(ledger, storing, { category, entry, evicted, overwritten })
    }
    return true
  }

  #put(ledger: WriteLedger, storing: Storing, { category, entry, overwritten, evicted }: Putting): void {
    const { now, categoryMaxSizeBytes, tags } = storing
    const bytes = entry.size - (overwritten?.size ?? 0)
    const entries = overwritten === undefined ? 1 : 0
    const needed = { category, categoryMaxSizeBytes, bytes, entries, overwritten: overwritten?.id ?? NO_ENTRY } as const
    for (const row of this.#eviction.makeRoom(ledger, now, needed)) evicted.push(row)
    const stamp = ledger.nextStamp()
    const expiresAt = storing.expiresAt === Infinity ? null : storing.expiresAt
    const keptUntil = storing.keptUntil === Infinity ? null : storing.keptUntil
    if (keptUntil !== null) ledger.sweepBy(keptUntil)
    ledger.count(category, entries, bytes)
    const fields = { entry, stamp, tags, expiresAt, keptUntil }
    if (overwritten === undefined) this.#insert(category, fields)
    else this.#overwrite(overwritten, fields)
  }

  #insert({ id }: Totals, { entry, stamp, tags, expiresAt, keptUntil }: Fields): void {
    const { keyText, size, text } = entry
    const tagged = tags.length > 0 ? 1 : 0
    const { insert } = this.#parts.statements
    insert.run(stamp, id, keyText, size, stamp, tagged, expiresAt, keptUntil, keptUntil, text)
    this.#addTags(stamp, tags)
  }

  #overwrite({ id, tagged, sweep_at }: EntryRow, { entry, stamp, expiresAt, keptUntil, tags }: Fields): void {
    const { update, setSweep, removeTags } = this.#parts.statements
    update.run(entry.size, stamp, tags.length > 0 ? 1 : 0, expiresAt, keptUntil, entry.text, id)
    // A lower bound may stay when the deadline moves away, and so the index as it is.
    if (keptUntil !== null && (sweep_at === null || keptUntil < sweep_at)) setSweep.run(keptUntil, id)
    if (tagged === 1) removeTags.run(id)
    this.#addTags(id, tags)
  }

  #addTags(id: number, tags: readonly string[]): void {
    for (const tag of tags) this.#parts.statements.addTag.run(toKeyText(tag), id)
  }

  #removeKeys(ledger: WriteLedger, category: Totals, { keys, before }: KeysToRemove): RemovedRow[] {
    const { removeKeys, removeTags } = this.#parts.statements
    const removed = removeKeys.all(category.id, JSON.stringify(keys), before)
    for (const [, id, size, tagged] of removed) {
      if (tagged === 1) removeTags.run(id)
      ledger.count(category, -1, -size)
    }
    return removed
  }

  #transact<Result>(bytes: number, work: (ledger: WriteLedger) => Result): Result {
    const { database, statements, ids, recency, walUpkeep } = this.#parts
    this.#begin(bytes)
    let result: Result
    try {
      const ledger = new WriteLedger(statements, this.#parts)
      recency.catchUp()
      if (recency.isDue) recency.share()
      this.#cleared.removeSome()
      result = work(ledger)
      ledger.save()
      statements.commit.run()
    } catch (error) {
      ids.forget()
      this.#eviction.forget()
      // SQLite has already rolled back where the disk is full or fails.
      if (database.inTransaction) statements.rollback.run()
      throw error
    }
    walUpkeep.afterWrite(bytes)
    return result
  }

  #begin(bytes: number): void {
    const { statements, walUpkeep } = this.#parts
    for (statements.begin.run(); walUpkeep.isFull(bytes); statements.begin.run()) {
      statements.rollback.run()
      walUpkeep.cut()
    }
  }
}

interface Target {
  readonly category: Totals
  readonly entry: EncodedEntry
  readonly evicted: EntryRow[]
}

interface Putting extends Target {
  readonly overwritten: EntryRow | undefined
}

interface Fields {
  readonly entry: EncodedEntry
  readonly stamp: number
  readonly expiresAt: number | null
  readonly keptUntil: number | null
  readonly tags: readonly string[]
}

interface KeysToRemove {
  readonly keys: readonly string[]
  /** Those that were stored at this stamp or later stay. */
  readonly before: number
}

/** The parts that one transaction each stores, with their bytes. */
function chunksOf(entries: readonly EncodedEntry[]): [from: number, to: number, bytes: number][] {
  const chunks: [number, number, number][] = []
  let [from, bytes] = [0, 0]
  for (const [index, { keyText, size }] of entries.entries()) {
    if (bytes > 0 && bytes + size > BYTES_PER_TRANSACTION) {
      chunks.push([from, index, bytes])
      ;[from, bytes] = [index, 0]
    }
    bytes += size + 2 * keyText.length + BYTES_PER_ENTRY
  }
  chunks.push([from, entries.length, bytes])
  return chunks
}

function isLive(expiresAt: number | null, now: number): boolean {
  return expiresAt === null || now < expiresAt
}
