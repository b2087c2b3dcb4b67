import { toKeyText } from './key-text.ts'
import type { CategoryIds } from './category-ids.ts'
import type { Recency } from './recency.ts'
import type { Statements } from './sqlite-statements.ts'

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

  /** The text of a live value, which counts as used. */
  read(category: string, key: string, now: number): string | undefined {
    const id = this.#ids.find(toKeyText(category))
    if (id === undefined) return undefined
    const row = this.#statements.value.get(id, toKeyText(key))
    if (row === undefined || !isLive(row[1], now)) return undefined
    this.#recency.touch(row[0])
    return row[2]
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
      if (row === undefined || !isLive(row[2], now) || texts.has(key)) continue
      this.#recency.touch(row[1])
      texts.set(key, row[3])
    }
    return texts
  }

  /** Whether a live value is there; that is no use of it. */
  has(category: string, key: string, now: number): boolean {
    const id = this.#ids.find(toKeyText(category))
    const row = id === undefined ? undefined : this.#statements.deadline.get(id, toKeyText(key))
    return row !== undefined && isLive(row.expires_at, now)
  }
}

function isLive(expiresAt: number | null, now: number): boolean {
  return expiresAt === null || now < expiresAt
}
