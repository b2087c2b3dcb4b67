import { microseconds } from './stamp-clock.ts'
import type { KeyedValueRow } from './entry-statements.ts'
import type { Statements } from './sqlite-statements.ts'

/** How many entries each of the two halves of the memory has at most. */
const HALF = 32_768
/** How many uses are kept for the file until they are shared. */
const MOST_UNSHARED = 1_024
/** How many uses one batch in the file has. */
const BATCH = 256
/** How many batches the file has. */
const BATCHES = 256
/** Between two batches of one process, unless one is full. */
const SHARE_EVERY_MICROSECONDS = 100_000

/** A use that is noted later: until then it costs nothing to use the entry again. It is held until then, so a value is no part of it. */
export interface Use {
  /** The version of the entry. */
  readonly version: number
  /** Its latest use. */
  usedAt: number
  /** Whether `Recency` will note it. */
  isNoted: boolean
}

/**
 * When entries were used, as far as their ids do not say so: a read leaves its stamp here, and writes nothing. A write takes what
 * was read since along, as a batch for the other processes, and so for those that open the file later.
 */
export class Recency {
  readonly #statements: Statements
  /** By version: an id may move, and an entry that was stored anew was used then. Uses move from the former half to the latter; a full one is dropped with all that was not used since. */
  #recent = new Map<number, number>()
  #former = new Map<number, number>()
  #unshared: number[] = []
  #later: Use[] = []
  #sharedAt = -Infinity
  #latest = 0
  #latestBatch = 0

  constructor(statements: Statements) {
    this.#statements = statements
  }

  /** Notes that an entry was used now. */
  touch(version: number): void {
    this.#noteOwn(version, this.stamp())
  }

  /** The time in microseconds, or what comes after the latest stamp given out here or after another one, if that is later. */
  stamp(after = 0): number {
    this.#latest = Math.max(microseconds(), this.#latest + 1, after + 1)
    return this.#latest
  }

  /** Notes that some entries were used now, one after the other. */
  touchAll(rows: Iterable<KeyedValueRow | undefined>): void {
    this.stamp()
    for (const row of rows) if (row !== undefined) this.#noteOwn(row[1], this.#latest++)
  }

  /**
   * Notes, not later than the next call of `catchUp`, that an entry was used at a time in microseconds that has just been. No more uses are
   * put off than are remembered: a process that only reads never catches up otherwise.
   */
  useAgain(use: Use, usedAt: number): void {
    use.usedAt = Math.max(usedAt, this.#latest)
    if (use.isNoted) return
    use.isNoted = true
    this.#later.push(use)
    if (this.#later.length >= HALF) this.catchUp()
  }

  /** Notes what was put off: call before anything is asked. */
  catchUp(): void {
    for (const use of this.#later) {
      use.isNoted = false
      this.#noteOwn(use.version, use.usedAt)
    }
    this.#later = []
  }

  /** The latest use of an entry that is known here; 0: none. */
  usedAt(version: number): number {
    return this.#recent.get(version) ?? this.#former.get(version) ?? 0
  }

  /** Forgets every use. */
  clear(): void {
    this.catchUp()
    this.#recent.clear()
    this.#former.clear()
    this.#unshared = []
  }

  /** Whether there are uses that the file does not have. */
  get hasUnshared(): boolean {
    return this.#unshared.length > 0
  }

  /** Whether there are uses to share, and it is time to. */
  get isDue(): boolean {
    const count = this.#unshared.length
    return count >= BATCH || (count > 0 && microseconds() - this.#sharedAt >= SHARE_EVERY_MICROSECONDS)
  }

  /** Writes the latest uses into the file, within a write transaction. */
  share(): void {
    const batch = new Map<number, number>()
    for (let index = this.#unshared.length - 1; index >= 0 && batch.size < BATCH; index -= 1) {
      const version = this.#unshared[index] ?? 0
      batch.set(version, this.usedAt(version))
    }
    this.#unshared = []
    this.#sharedAt = microseconds()
    if (batch.size === 0) return
    const { lastInsertRowid } = this.#statements.addUses.run(JSON.stringify([...batch].flat()))
    this.#statements.dropUses.run(Number(lastInsertRowid) - BATCHES)
  }

  /** Takes in what others have shared since it was last looked at. */
  learn(): void {
    for (const [id, batch] of this.#statements.usesAfter.all(this.#latestBatch)) {
      this.#latestBatch = id
      const numbers = JSON.parse(batch) as number[]
      for (let index = 0; index < numbers.length; index += 2) {
        const [version = 0, usedAt = 0] = numbers.slice(index, index + 2)
        if (usedAt > this.usedAt(version)) this.#note(version, usedAt)
      }
    }
  }

  #noteOwn(version: number, usedAt: number): void {
    this.#note(version, usedAt)
    this.#unshared.push(version)
    if (this.#unshared.length >= 2 * MOST_UNSHARED) this.#unshared = this.#unshared.slice(-MOST_UNSHARED)
  }

  #note(version: number, usedAt: number): void {
    this.#recent.set(version, usedAt)
    if (this.#recent.size <= HALF) return
    this.#former = this.#recent
    this.#recent = new Map()
  }
}
