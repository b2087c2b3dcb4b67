import type { InvalidateFilter } from '@x/core'

import type { RemovedRow } from './entry-statements.ts'
import { Invalidation, type TaggedRow } from './invalidation.ts'
import { toKeyText } from './key-text.ts'
import { setEntriesAside } from './sqlite-schema.ts'
import type { CategoryTotals, WriteLedger } from './write-ledger.ts'
import type { WriterParts, WriteTransactions } from './write-transactions.ts'

/** How many entries one transaction removes at most: the WAL holds them until it is brought into the file. */
const REMOVED_PER_TRANSACTION = 1_000
/** What a removal may bring into the WAL: a page of entries, and pages of indexes. */
const BYTES_PER_REMOVAL = 8 * 1_024
/** What `clear()` removes at once: it is as soon done as setting it aside, after which every statement is prepared anew. */
const SMALL_ENTRIES = 1_000
const SMALL_BYTES = 4 * 1_024 * 1_024

/** Removes entries because somebody asked for it: no load that began before brings them back. */
export class EntryRemover {
  readonly #transactions: WriteTransactions
  readonly #parts: WriterParts
  readonly #invalidation: Invalidation

  constructor(transactions: WriteTransactions, parts: WriterParts) {
    this.#transactions = transactions
    this.#parts = parts
    this.#invalidation = new Invalidation(parts.database)
  }

  /** Removes entries by their keys, as key text; says which of them were live. */
  remove(categoryName: string, keys: readonly string[], now: number): string[] {
    const live: string[] = []
    let barrier = Infinity
    for (let from = 0; from < keys.length; from += REMOVED_PER_TRANSACTION) {
      const some = keys.slice(from, from + REMOVED_PER_TRANSACTION)
      this.#transactions.run(some.length * BYTES_PER_REMOVAL, (ledger) => {
        const category = ledger.openCategory(categoryName)
        // Even where there is nothing: a load that began before would bring back what the caller wants gone.
        if (from === 0) barrier = ledger.bar(category)
        for (const row of this.#removeKeys(ledger, category, { keys: some, before: barrier })) {
          if (isLive(row, now)) live.push(row[0])
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
    return filter.tag === undefined
      ? this.#invalidateKeys(filter, now)
      : this.#invalidateTagged(filter, filter.tag, now)
  }

  #invalidateKeys(filter: InvalidateFilter, now: number): number {
    const { statements } = this.#parts
    let live = 0
    let barrier = 0
    let after: string | undefined
    let categories: number[] = []
    do {
      this.#transactions.run(barrier === 0 ? 0 : REMOVED_PER_TRANSACTION * BYTES_PER_REMOVAL, (ledger) => {
        if (barrier === 0) {
          const category = this.#openCategoryOf(filter, ledger)
          barrier = ledger.bar(category)
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
            if (isLive(row, now)) live += 1
          }
        }
      })
    } while (categories.length > 0)
    return live
  }

  /** An entry that moves meanwhile gets a later id: none is missed. */
  #invalidateTagged(filter: InvalidateFilter, tag: string, now: number): number {
    const { remove, removeTags } = this.#parts.statements
    const limit = REMOVED_PER_TRANSACTION
    let live = 0
    let barrier = 0
    let after = 0
    let category: number | undefined
    let rows: readonly TaggedRow[] = []
    do {
      this.#transactions.run(barrier === 0 ? 0 : limit * BYTES_PER_REMOVAL, (ledger) => {
        if (barrier === 0) {
          const opened = this.#openCategoryOf(filter, ledger)
          barrier = ledger.bar(opened)
          category = opened?.id
        }
        rows = this.#invalidation.findTagged(filter, tag, { category, after, before: barrier, limit })
        for (const row of rows) {
          const [, id, size, , , categoryId] = row
          remove.run(id)
          removeTags.run(id)
          ledger.count(ledger.category(categoryId), -1, -size)
          if (isLive(row, now)) live += 1
          after = id
        }
      })
    } while (rows.length === limit)
    return live
  }

  #openCategoryOf({ category }: InvalidateFilter, ledger: WriteLedger): CategoryTotals | undefined {
    return category === undefined ? undefined : ledger.openCategory(toKeyText(category))
  }

  /** Removes every entry; how many live ones there were. */
  clear(now: number): number {
    const { statements, recency, database, cleared } = this.#parts
    return this.#transactions.run(0, (ledger) => {
      ledger.orderDeadlines()
      const expired = (statements.dueCount.get(now, now) ?? 0) + (statements.graceCount.get(now, now) ?? 0)
      const live = ledger.store.entry_count - expired
      const barrier = ledger.bar(undefined)
      const { entry_count, size_bytes } = ledger.store
      if (entry_count <= SMALL_ENTRIES && size_bytes <= SMALL_BYTES) statements.removeAll.run()
      else setEntriesAside(database, barrier)
      statements.removeAllTags.run()
      ledger.countAllOut()
      recency.clear()
      cleared.look()
      return live
    })
  }

  #removeKeys(ledger: WriteLedger, category: CategoryTotals, { keys, before }: KeysToRemove): RemovedRow[] {
    const { removeKeys, removeTags } = this.#parts.statements
    const removed = removeKeys.all(category.id, JSON.stringify(keys), before)
    for (const [, id, size, tagged] of removed) {
      if (tagged === 1) removeTags.run(id)
      ledger.count(category, -1, -size)
    }
    return removed
  }
}

interface KeysToRemove {
  readonly keys: readonly string[]
  /** Those that were stored at this stamp or later stay. */
  readonly before: number
}

function isLive([, , , , expiresAt]: RemovedRow | TaggedRow, now: number): boolean {
  return expiresAt === null || now < expiresAt
}
