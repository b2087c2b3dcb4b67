import { type Clock, type Codec, freezePlain } from '@x/core'

import type { Reading } from './entry-reader.ts'
import type { Recency, Use } from './recency.ts'
import { microsecondsAt } from './stamp-clock.ts'
import type { ValueRow } from './entry-statements.ts'
import type { Statements } from './sqlite-statements.ts'

/**
 * What readers of a cache with a hot tier get: `"frozen"`: one value, deeply frozen, the same for all; what freezing does not protect
 * (dates, maps, sets, bytes, which only `richCodec()` keeps) is read as with `"copy"`. `"copy"`: a copy of one's own, decoded by
 * each read. `"reference"`: one value, the same for all, unprotected: for those who never change what they read.
 */
export type HotValueMode = 'frozen' | 'copy' | 'reference'

/** The hot tier as it is worked with. */
export interface ResolvedHotOptions {
  /** For the encoded values in it. */
  readonly maxSizeBytes: number
  /** For how long it is not asked what other processes have written. */
  readonly maxStaleMs: number
  /** What readers get. */
  readonly values: HotValueMode
}

/** A value in memory. */
export interface HotEntry {
  /** Its latest use. */
  readonly use: Use
  /** Its category, as the caller gave it. */
  readonly category: string
  /** Its key, as the caller gave it. */
  readonly key: string
  /** Its deadline; `null`: none. */
  readonly expiresAt: number | null
  /** When its grace ends; `null`: never. */
  readonly keptUntil: number | null
  /** The length of its text. */
  readonly size: number
  /** The value, or the text that each read decodes. */
  readonly held: unknown
  /** Whether `held` is text. */
  readonly isText: boolean
  /** Whether it was read since the last search for room. */
  isWanted: boolean
}

/**
 * Values that were read lately, decoded and in memory. Before one is handed out, SQLite is asked whether another connection has
 * committed since the last time; if so, all of them go. What this connection writes is dropped one by one, by its caller.
 */
export class HotTier {
  readonly #options: ResolvedHotOptions
  readonly #codec: Codec
  readonly #recency: Recency
  readonly #dataVersion: Statements['dataVersion']
  readonly #categories = new Map<string, Map<string, HotEntry>>()
  /** In the order in which they are asked to make room. */
  readonly #entries = new Set<HotEntry>()
  #sizeBytes = 0
  #seenVersion: number | undefined
  #coherentUntil = -Infinity

  constructor(options: ResolvedHotOptions, codec: Codec, parts: { recency: Recency; statements: Statements }) {
    this.#options = options
    this.#codec = codec
    this.#recency = parts.recency
    this.#dataVersion = parts.statements.dataVersion
  }

  /**
   * The value of a key, which is so used, as far as memory alone may answer: within `maxStale` of the last time SQLite was asked.
   * `undefined`: ask `find`.
   */
  readUnasked({ category, key, allowStale }: Reading, clock: Clock): unknown {
    if (this.#coherentUntil === -Infinity) return undefined
    const time = performance.now()
    if (time >= this.#coherentUntil) return undefined
    const entry = this.peek(category, key)
    const end = allowStale ? entry?.keptUntil : entry?.expiresAt
    if (entry === undefined || (end !== null && end !== undefined && clock.now() >= end)) return undefined
    return this.read(entry, microsecondsAt(time))
  }

  /** What is in memory of a key, and coherent with the file. */
  find(category: string, key: string): HotEntry | undefined {
    const entry = this.peek(category, key)
    return entry === undefined || this.isCoherent() ? entry : undefined
  }

  /** What is in memory of a key. */
  peek(category: string, key: string): HotEntry | undefined {
    return this.#categories.get(category)?.get(key)
  }

  /**
   * Whether nobody else has written since the last call, so far as `maxStale` asks for it; if somebody has, everything is dropped.
   * Call before reading from the file what is then kept: a write that comes between shows in the next call.
   */
  isCoherent(): boolean {
    const { maxStaleMs } = this.#options
    if (maxStaleMs > 0) {
      const now = performance.now()
      if (now < this.#coherentUntil) return true
      this.#coherentUntil = now + maxStaleMs
    }
    const version = this.#dataVersion.get()
    if (version === this.#seenVersion) return true
    this.#seenVersion = version
    this.clear()
    return false
  }

  /** The value of an entry, which is so used. */
  read(entry: HotEntry, usedAt: number): unknown {
    entry.isWanted = true
    this.#recency.useAgain(entry.use, usedAt)
    return entry.isText ? this.#codec.decode(entry.held as string) : entry.held
  }

  /** Keeps what was read from the file, and answers its value. */
  keep(category: string, key: string, [version, expiresAt, keptUntil, text]: ValueRow): unknown {
    const value = this.#codec.decode(text)
    const { values, maxSizeBytes } = this.#options
    const isHeld = values === 'reference' || (values === 'frozen' && freezePlain(value))
    const size = text.length
    // Of a value that freezing does not protect, a part is frozen now.
    const answer = isHeld || values === 'copy' ? value : this.#codec.decode(text)
    if (size > maxSizeBytes) return answer
    this.drop(category, key)
    const entry: HotEntry = {
      ...{ use: { version, usedAt: 0, isNoted: false }, category, key, expiresAt, keptUntil, size },
      ...{ held: isHeld ? value : text, isText: !isHeld, isWanted: false },
    }
    const entries = this.#categories.get(category) ?? new Map<string, HotEntry>()
    this.#categories.set(category, entries.set(key, entry))
    this.#entries.add(entry)
    this.#sizeBytes += size
    this.#makeRoom()
    return answer
  }

  /** Forgets a key. */
  drop(category: string, key: string): void {
    const entry = this.#categories.get(category)?.get(key)
    if (entry !== undefined) this.#remove(entry)
  }

  /** Forgets everything. */
  clear(): void {
    this.#categories.clear()
    this.#entries.clear()
    this.#sizeBytes = 0
  }

  /** What was read since it was last passed over has another round. */
  #makeRoom(): void {
    for (const entry of this.#entries) {
      if (this.#sizeBytes <= this.#options.maxSizeBytes) return
      if (!entry.isWanted) this.#remove(entry)
      else {
        entry.isWanted = false
        this.#entries.delete(entry)
        this.#entries.add(entry)
      }
    }
  }

  #remove(entry: HotEntry): void {
    const entries = this.#categories.get(entry.category)
    entries?.delete(entry.key)
    if (entries?.size === 0) this.#categories.delete(entry.category)
    this.#entries.delete(entry)
    this.#sizeBytes -= entry.size
  }
}
