import type { InvalidateFilter } from '@x/core'
import type { Database } from 'better-sqlite3'

import type { CategoryIds } from './category-ids.ts'
import { Eviction, type EvictionLimits, NO_ENTRY } from './eviction.ts'
import { Invalidation } from './invalidation.ts'
import { toKeyText } from './key-text.ts'
import type { Recency } from './recency.ts'
import type { EntryRow, Statements } from './sqlite-statements.ts'
import { type Totals, WriteLedger } from './write-ledger.ts'

/** How many uses that the file does not know one write brings into it. */
const FLUSHED_PER_WRITE = 64

/** Entries to store: all in one category, with one deadline. */
export interface Storing {
  /** Their category. */
  readonly category: string
  /** The limit of that category. */
  readonly categoryMaxSizeBytes: number
  /** Encoded values by key. */
  readonly texts: ReadonlyMap<string, string>
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
  /** How many were stored. */
  readonly count: number
  /** What had to go before its time. */
  readonly evicted: readonly EntryRow[]
}

/** Writes entries: each call is one transaction, and the totals and limits hold at the end of it. */
export class EntryWriter {
  readonly #database: Database
  readonly #statements: Statements
  readonly #ids: CategoryIds
  readonly #recency: Recency
  readonly #eviction: Eviction
  readonly #invalidation: Invalidation

  constructor(
    { database, statements, ids }: { database: Database; statements: Statements; ids: CategoryIds },
    recency: Recency,
    limits: EvictionLimits,
  ) {
    this.#database = database
    this.#statements = statements
    this.#ids = ids
    this.#recency = recency
    this.#eviction = new Eviction(statements, recency, limits)
    this.#invalidation = new Invalidation(database, ids, statements)
  }

  /** Stores entries. */
  store(storing: Storing): Stored {
    const categoryName = toKeyText(storing.category)
    return this.#transact((ledger) => {
      this.#eviction.sweep(ledger, storing.now)
      const category = ledger.openCategory(categoryName)
      const evicted: EntryRow[] = []
      let count = 0
      let removes = false
      // An epoch that has not come yet is not one of this file.
      if ((storing.ifEpoch ?? 0) > ledger.store.sequence) return { count, evicted }
      for (const [key, text] of storing.texts) {
        const keyText = toKeyText(key)
        const existing = this.#statements.find.get(category.id, keyText)
        const touched = Math.max(ledger.store.barrier, category.barrier, existing?.version ?? 0)
        if (storing.ifEpoch !== undefined && touched > storing.ifEpoch) continue
        if (storing.expiresAt > storing.now) {
          evicted.push(...this.#put(ledger, storing, { category, key: keyText, text, existing }))
        } else {
          if (existing !== undefined) this.#eviction.remove(ledger, existing)
          removes = true
        }
        count += 1
      }
      // Last, so that what this call removes does not refuse the rest of it.
      if (removes) category.barrier = ledger.nextSequence()
      return { count, evicted }
    }, categoryName)
  }

  /** Removes entries by their keys; says which of them were live. */
  remove(categoryName: string, keys: ReadonlySet<string>, now: number): string[] {
    const name = toKeyText(categoryName)
    return this.#transact((ledger) => {
      const live: string[] = []
      const category = ledger.openCategory(name)
      for (const key of keys) {
        const row = this.#statements.find.get(category.id, toKeyText(key))
        if (row === undefined) continue
        this.#eviction.remove(ledger, row)
        if (isLive(row, now)) live.push(key)
      }
      // Even where there was nothing: a load that began before would bring back what the caller wants gone.
      category.barrier = ledger.nextSequence()
      return live
    }, name)
  }

  /** Removes what a filter names; how many live entries there were. */
  invalidate(filter: InvalidateFilter, now: number): number {
    return this.#transact((ledger) => {
      let live = 0
      for (const found of this.#invalidation.run(filter, now)) {
        ledger.count(ledger.category(found.category), -found.entries, -found.bytes)
        live += found.live
      }
      const realm = filter.category === undefined ? ledger.store : ledger.openCategory(toKeyText(filter.category))
      realm.barrier = ledger.nextSequence()
      return live
    })
  }

  /** Removes every entry; how many live ones there were. */
  clear(now: number): number {
    return this.#transact((ledger) => {
      const live = ledger.store.entry_count - (this.#statements.expiredCount.get(now) ?? 0)
      this.#statements.removeAll.run()
      this.#statements.removeAllTags.run()
      this.#statements.clearTotals.run()
      this.#recency.clear()
      ledger.store.entry_count = 0
      ledger.store.size_bytes = 0
      ledger.store.barrier = ledger.nextSequence()
      return live
    })
  }

  /** Brings the latest uses into the file, at most so many. */
  flushRecency(limit: number): void {
    this.#recency.keepLatest(limit)
    if (this.#recency.first(1).length > 0)
      this.#transact(() => {
        this.#flush(limit)
      })
  }

  #put(ledger: WriteLedger, storing: Storing, { category, key, text, existing }: Putting): EntryRow[] {
    const overwritten = existing !== undefined && isLive(existing, storing.now) ? existing : undefined
    if (existing !== undefined && overwritten === undefined) this.#eviction.remove(ledger, existing)
    const size = Buffer.byteLength(text)
    const growth = { bytes: size - (overwritten?.size ?? 0), entries: overwritten === undefined ? 1 : 0 } as const
    const evicted = this.#eviction.makeRoom(ledger, storing.now, {
      ...growth,
      category,
      categoryMaxSizeBytes: storing.categoryMaxSizeBytes,
      overwritten: overwritten?.id ?? NO_ENTRY,
    })
    const fields = this.#fields(ledger, storing, { size, value: text })
    if (fields.keptUntil !== null) ledger.sweepBy(fields.keptUntil)
    if (overwritten === undefined) this.#insert(category, key, { fields, tags: storing.tags })
    else this.#overwrite(overwritten, fields, storing.tags)
    ledger.count(category, growth.entries, growth.bytes)
    return evicted
  }

  #fields(
    ledger: WriteLedger,
    { tags, expiresAt, keptUntil }: Storing,
    encoded: { size: number; value: string },
  ): Fields {
    return {
      ...encoded,
      version: ledger.nextSequence(),
      tagged: tags.length > 0 ? 1 : 0,
      usedAt: this.#recency.stamp(),
      expiresAt: expiresAt === Infinity ? null : expiresAt,
      keptUntil: keptUntil === Infinity ? null : keptUntil,
    }
  }

  #insert(category: Totals, key: string, { fields, tags }: { fields: Fields; tags: readonly string[] }): void {
    const { size, version, tagged, usedAt, expiresAt, keptUntil, value } = fields
    const { lastInsertRowid } = this.#statements.insert.run(
      ...([category.id, key, size, version, tagged] as const),
      ...([usedAt, usedAt, expiresAt, keptUntil, keptUntil, value] as const),
    )
    // The id may have been that of an entry which another process removed.
    this.#recency.forget(Number(lastInsertRowid))
    for (const tag of tags) this.#statements.addTag.run(toKeyText(tag), Number(lastInsertRowid))
  }

  #overwrite(
    row: EntryRow,
    { size, version, tagged, usedAt, expiresAt, keptUntil, value }: Fields,
    tags: readonly string[],
  ): void {
    this.#statements.update.run(size, version, tagged, usedAt, expiresAt, keptUntil, value, row.id)
    this.#recency.forget(row.id)
    // A lower bound may stay when the deadline moves away, and so the index as it is.
    const mustMove = keptUntil !== null && (row.sweep_at === null || keptUntil < row.sweep_at)
    if (mustMove) this.#statements.setSweep.run(keptUntil, row.id)
    if (row.tagged === 1) this.#statements.removeTags.run(row.id)
    for (const tag of tags) this.#statements.addTag.run(toKeyText(tag), row.id)
  }

  #flush(limit: number): void {
    for (const [id, usedAt] of this.#recency.first(limit)) {
      this.#statements.touch.run({ id, usedAt })
      this.#recency.forget(id)
    }
  }

  #transact<Result>(work: (ledger: WriteLedger) => Result, category?: string): Result {
    const known = category === undefined ? undefined : this.#ids.find(category)
    this.#statements.begin.run()
    try {
      const ledger = new WriteLedger(this.#statements, this.#ids, known)
      this.#flush(FLUSHED_PER_WRITE)
      const result = work(ledger)
      ledger.save()
      this.#statements.commit.run()
      return result
    } catch (error) {
      this.#ids.forget()
      // SQLite has already rolled back where the disk is full or fails.
      if (this.#database.inTransaction) this.#statements.rollback.run()
      throw error
    }
  }
}

interface Putting {
  readonly category: Totals
  readonly key: string
  readonly text: string
  readonly existing: EntryRow | undefined
}

interface Fields {
  readonly size: number
  readonly version: number
  readonly tagged: number
  readonly usedAt: number
  readonly expiresAt: number | null
  readonly keptUntil: number | null
  readonly value: string
}

function isLive({ expires_at }: EntryRow, now: number): boolean {
  return expires_at === null || now < expires_at
}
