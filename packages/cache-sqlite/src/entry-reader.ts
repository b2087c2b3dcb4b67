import { toKeyText } from './key-text.ts'
import type { CategoryIds } from './category-ids.ts'
import type { Recency } from './recency.ts'
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

  /** The text of a live value (or, where a stale one is allowed, of one in its grace), which counts as used. */
  read({ category, key, allowStale }: Reading, now: number): string | undefined {
    const id = this.#ids.find(toKeyText(category))
    if (id === undefined) return undefined
    const row = this.#statements.value.get(id, toKeyText(key))
    if (row === undefined || !isBefore(now, allowStale ? row[2] : row[1])) return undefined
    this.#recency.touch(row[0])
    return row[3]
  }

  /** The texts of the live values among these keys, in the order of the keys; they count as used. */
  readMany(category: string, keys: readonly string[], now: number): Map<string, string> {
    const texts = new Map<string, string>()
    const id = this.#ids.find(toKeyText(category))
    if (id === undefined || keys.length === 0) return texts
    const keyTexts = keys.map(toKeyText)
    const rows = this.#statements.values.all(id, JSON.stringify(keyTexts))
    const byKeyText = new Map(rows.map((row) => [row[0], row]))
    for (const [index, key] of keys.entries()) {
      const row = byKeyText.get(keyTexts[index] ?? '')
      if (row === undefined || !isBefore(now, row[2]) || texts.has(key)) continue
      this.#recency.touch(row[1])
      texts.set(key, row[4])
    }
    return texts
  }

  /** Whether a live value is there; that is no use of it. */
  has(category: string, key: string, now: number): boolean {
    const id = this.#ids.find(toKeyText(category))
    const row = id === undefined ? undefined : this.#statements.deadline.get(id, toKeyText(key))
    return row !== undefined && isBefore(now, row.expires_at)
  }
}

function isBefore(now: number, end: number | null): boolean {
  return end === null || now < end
}
