import { toKeyText } from './key-text.ts'
import type { CategoryIds } from './category-ids.ts'
import type { Recency } from './recency.ts'
import type { KeyedValueRow, ValueRow } from './entry-statements.ts'
import type { Statements } from './sqlite-statements.ts'

/** What is read. */
export interface Reading {
  /** A category. */
  readonly category: string
  /** A key in it. */
  readonly key: string
  /** Whether an entry in its grace will do. */
  readonly allowStale: boolean
}

/** Reads entries: without a transaction of its own, and without writing. */
export class EntryReader {
  readonly #statements: Statements
  readonly #ids: CategoryIds
  readonly #recency: Recency

  constructor(statements: Statements, ids: CategoryIds, recency: Recency) {
    this.#statements = statements
    this.#ids = ids
    this.#recency = recency
  }

  /** A live value (or, where a stale one is allowed, one in its grace), which counts as used. */
  read({ category, key, allowStale }: Reading, now: number): ValueRow | undefined {
    const keyText = toKeyText(key)
    const row = this.#search(category, (id) => this.#statements.value.get(id, keyText))
    if (row === undefined || !isBefore(now, allowStale ? row[2] : row[1])) return undefined
    this.#recency.touch(row[0])
    return row
  }

  /** The live value of each of these keys, `undefined` where there is none; they count as used. */
  readMany(category: string, keys: readonly string[], now: number): (KeyedValueRow | undefined)[] {
    const keyTexts = keys.map(toKeyText)
    const rows = this.#search(category, (id) => {
      const all = this.#statements.values.all(id, JSON.stringify(keyTexts))
      return all.length === 0 ? undefined : all
    })
    const live = new Map<string, KeyedValueRow>()
    for (const row of rows ?? []) if (isBefore(now, row[2])) live.set(row[0], row)
    const found = keyTexts.map((keyText) => live.get(keyText))
    this.#recency.touchAll(found)
    return found
  }

  /** Whether a live value is there; that is no use of it. */
  has(category: string, key: string, now: number): boolean {
    const keyText = toKeyText(key)
    const row = this.#search(category, (id) => this.#statements.deadline.get(id, keyText))
    return row !== undefined && isBefore(now, row.expires_at)
  }

  /** Searches a category; where nothing is found, another process may have removed it and made it anew. */
  #search<Found>(category: string, search: (id: number) => Found | undefined): Found | undefined {
    const name = toKeyText(category)
    const id = this.#ids.find(name)
    const found = id === undefined ? undefined : search(id)
    if (found !== undefined || id === undefined) return found
    const current = this.#ids.look(name)
    return current === undefined || current === id ? undefined : search(current)
  }
}

function isBefore(now: number, end: number | null): boolean {
  return end === null || now < end
}
