import { statSync } from 'node:fs'

import BetterSqlite3, { type Database } from 'better-sqlite3'

import { blockThread } from './block-thread.ts'
import type { StorePlace } from './sqlite-errors.ts'

/** What one page takes in the WAL. */
const FRAME_BYTES = 4_096 + 24
/** At this size SQLite itself brings the WAL into the file, and begins to use it anew if nobody reads it. */
const USUAL_WAL_BYTES = 12 * 1_024 * 1_024
/** Above this it is cut to nothing. */
const LARGE_WAL_BYTES = 13 * 1_024 * 1_024
/** Before a write would make it larger than this, it is cut. */
const FULL_WAL_BYTES = 18 * 1_024 * 1_024
/**
 * By this share of the limit for values, and by no more than so many bytes, all three are larger: at twice the size, what it costs to
 * bring a write into the file falls by a third.
 */
const SHARE_OF_LIMIT = 0.15
const MOST_OF_LIMIT_BYTES = 12 * 1_024 * 1_024
/** For a write that is large itself: others may have written since it was cut. */
const SMALL_WAL_BYTES = 1_024 * 1_024
/** After about so many bytes written by this process the WAL is looked at. */
const LOOK_EVERY_BYTES = 256 * 1_024
/** What a write brings into the WAL besides its values: pages of the entry, of indexes and of totals. */
const PAGES_PER_WRITE_BYTES = 16 * 1_024
/** How long one checkpoint waits for readers and writers. */
const LONGEST_WAIT_MS = 100
const PAUSE_MS = 5

/**
 * Keeps the write-ahead log bounded where SQLite's own checkpoints do not: those wait for nobody, so that the WAL is never cut
 * while several processes write. Here every writer that sees a large WAL pauses for it, and so one of them succeeds; and while
 * somebody reads for so long that none does, a full WAL takes no more.
 */
export class WalUpkeep {
  readonly #database: Database
  readonly #place: StorePlace
  readonly #roomBytes: number
  #bytesUntilLook = LOOK_EVERY_BYTES
  /** Doubled by every failure: somebody who reads for very long does not make every write wait. */
  #retryAfterBytes = PAGES_PER_WRITE_BYTES

  constructor(database: Database, place: StorePlace & { readonly maxSizeBytes: number }) {
    this.#database = database
    this.#place = place
    this.#roomBytes = Math.min(place.maxSizeBytes * SHARE_OF_LIMIT, MOST_OF_LIMIT_BYTES)
    database.pragma(`wal_autocheckpoint = ${Math.floor((USUAL_WAL_BYTES + this.#roomBytes) / FRAME_BYTES)}`)
  }

  /** Call after every write, with about the bytes that it wrote. */
  afterWrite(bytes: number): void {
    this.#bytesUntilLook -= bytes + PAGES_PER_WRITE_BYTES
    if (this.#bytesUntilLook > 0) return
    if (this.#walBytes() <= LARGE_WAL_BYTES + this.#roomBytes || this.checkpoint()) {
      this.#bytesUntilLook = LOOK_EVERY_BYTES
      this.#retryAfterBytes = PAGES_PER_WRITE_BYTES
    } else {
      this.#bytesUntilLook = this.#retryAfterBytes
      this.#retryAfterBytes = Math.min(this.#retryAfterBytes * 2, LOOK_EVERY_BYTES)
    }
  }

  /** Whether the WAL must be cut before so many bytes are written: asked in a write transaction, when nobody else adds to it. */
  isFull(bytes: number): boolean {
    if (bytes + PAGES_PER_WRITE_BYTES < this.#bytesUntilLook) return false
    return this.#walBytes() > Math.max(SMALL_WAL_BYTES, FULL_WAL_BYTES + this.#roomBytes - bytes)
  }

  /**
   * Cuts the WAL, for which it waits as long as for any other process.
   *
   * @throws SqliteError `SQLITE_BUSY` when somebody read for longer.
   */
  cut(): void {
    let leftMs = this.#place.busyTimeoutMs
    const deadline = performance.now() + leftMs
    while (!this.#truncate(Math.ceil(leftMs))) {
      leftMs = deadline - performance.now()
      if (leftMs <= 0) {
        throw new BetterSqlite3.SqliteError('The write-ahead log is full, and somebody reads from it.', 'SQLITE_BUSY')
      }
      // Where another process is at it, SQLite does not wait.
      blockThread(PAUSE_MS)
    }
  }

  /** Brings the WAL into the file and cuts it; `false` if others were using it for too long. */
  checkpoint(): boolean {
    try {
      return this.#truncate(Math.min(this.#place.busyTimeoutMs, LONGEST_WAIT_MS))
    } catch {
      // Every write is already safe in the WAL: what is wrong with the file shows, with its code, in the next call.
      return false
    }
  }

  #truncate(longestWaitMs: number): boolean {
    try {
      this.#database.pragma(`busy_timeout = ${longestWaitMs}`)
      const [answer] = this.#database.pragma('wal_checkpoint(TRUNCATE)') as [{ busy: number }]
      return answer.busy === 0
    } finally {
      this.#database.pragma(`busy_timeout = ${this.#place.busyTimeoutMs}`)
    }
  }

  #walBytes(): number {
    try {
      return statSync(`${this.#place.path}-wal`, { throwIfNoEntry: false })?.size ?? 0
    } catch {
      return 0
    }
  }
}
