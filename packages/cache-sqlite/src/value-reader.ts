import type { Codec } from '@x/core'

import type { EntryReader, Reading } from './entry-reader.ts'
import type { HotEntry, HotTier } from './hot-tier.ts'
import { microseconds } from './stamp-clock.ts'
import type { KeyedValueRow } from './entry-statements.ts'

/** Keys of one category. */
export interface ReadingMany {
  /** The category. */
  readonly category: string
  /** Keys in it. */
  readonly keys: readonly string[]
}

/** Reads values: from memory, where there is a hot tier, and else from the file. */
export class ValueReader {
  readonly #entries: EntryReader
  readonly #hot: HotTier | undefined
  readonly #codec: Codec

  constructor(entries: EntryReader, hot: HotTier | undefined, codec: Codec) {
    this.#entries = entries
    this.#hot = hot
    this.#codec = codec
  }

  /** The value of a key, which counts as used. */
  read(reading: Reading, now: number): unknown {
    const hot = this.#hot
    const { category, key } = reading
    if (hot !== undefined) {
      const entry = hot.find(category, key)
      if (entry !== undefined) return isThere(entry, reading, now) ? hot.read(entry, microseconds()) : undefined
      hot.isCoherent()
    }
    const row = this.#entries.read(reading, now)
    if (row === undefined) return undefined
    return hot === undefined ? this.#codec.decode(row[3]) : hot.keep(category, key, row)
  }

  /** The live values among these keys, in the order of the keys; they count as used. */
  readMany({ category, keys }: ReadingMany, now: number): Map<string, unknown> {
    const hot = this.#hot
    hot?.isCoherent()
    const entries = hot === undefined ? [] : keys.map((key) => hot.peek(category, key))
    const cold = hot === undefined ? keys : keys.filter((_, index) => entries[index] === undefined)
    const rows = this.#entries.readMany(category, cold, now)
    const values = new Map<string, unknown>()
    let row = 0
    for (let index = 0; index < keys.length; index += 1) {
      const key = keys[index] ?? ''
      const entry = entries[index]
      const value = entry === undefined ? this.#take(category, key, rows[row++]) : this.#readHot(entry, now)
      if (value !== undefined) values.set(key, value)
    }
    return values
  }

  #readHot(entry: HotEntry, now: number): unknown {
    return isThere(entry, { allowStale: false }, now) ? this.#hot?.read(entry, microseconds()) : undefined
  }

  #take(category: string, key: string, row: KeyedValueRow | undefined): unknown {
    if (row === undefined) return undefined
    if (this.#hot === undefined) return this.#codec.decode(row[4])
    const [, ...value] = row
    return this.#hot.keep(category, key, value)
  }
}

function isThere(entry: HotEntry, { allowStale }: Pick<Reading, 'allowStale'>, now: number): boolean {
  const end = allowStale ? entry.keptUntil : entry.expiresAt
  return end === null || now < end
}
