import { CacheError, type Clock, type Duration, type HeldLease, type Lease, systemClock, toMilliseconds } from '@x/core'
import type { Database, Statement } from 'better-sqlite3'

import { isReplaced } from './file-identity.ts'
import { toKeyText } from './key-text.ts'
import { type OpenDatabase, openDatabase } from './open-database.ts'
import { resolveBusyTimeout, resolvePath } from './sqlite-cache-options.ts'
import { type StorePlace, toCacheError } from './sqlite-errors.ts'
import { isOfOtherSchema } from './sqlite-schema.ts'
import { latestMicroseconds, RESERVED_AHEAD } from './stamp-clock.ts'
import { transact } from './transact.ts'

/** How many holds that have run out one acquisition removes. */
const SWEPT_PER_ACQUISITION = 16

/** Where the leases lie. */
export interface SqliteLeaseOptions {
  /** The file, which may be that of a `SqliteCache`: made with its folder if missing, for this user alone. */
  readonly path: string
  /**
   * How long a call may wait (and block its thread) for other processes that write; from 0 to 2147483647 ms.
   *
   * @defaultValue `"2s"`
   */
  readonly busyTimeout?: Duration | undefined
  /**
   * What the ends of holds are compared with: the same for all who share the file.
   *
   * @defaultValue `systemClock`
   */
  readonly clock?: Clock | undefined
}

/**
 * Leases among the processes of one machine: rows of an SQLite file. Calls answer at once; every one throws `CacheError`
 * `STORE_UNAVAILABLE` or `STORE_CORRUPT` when the file cannot be used, and `STORE_CLOSED` after `close()`. Where the file is deleted or moved
 * aside, its holds are lost, and the next call goes to the new one.
 */
export class SqliteLease implements Lease {
  readonly #place: StorePlace
  readonly #clock: Clock
  /** `undefined`: it was left, and nobody has asked for it since. */
  #file: LeaseFile | undefined
  #isClosed = false

  /**
   * Opens the file, or makes it.
   *
   * @throws TypeError for what is no path; RangeError for a `busyTimeout` out of bounds.
   * @throws CacheError `STORE_UNAVAILABLE` when it cannot be opened, `STORE_CORRUPT` when it is damaged or another program's.
   */
  constructor({ path, busyTimeout = '2s', clock = systemClock }: SqliteLeaseOptions) {
    this.#place = { path: resolvePath(path), busyTimeoutMs: resolveBusyTimeout(busyTimeout) }
    this.#clock = clock
    try {
      this.#file = openLeaseFile(this.#place)
    } catch (error) {
      throw toCacheError(error, this.#place)
    }
  }

  /** See `Lease.acquire`. A key that is held is only read: who waits for it disturbs nobody. */
  acquire(key: string, ttl: Duration): HeldLease | undefined {
    const ttlMs = readTtl(ttl)
    const name = toKeyText(key)
    const fence = this.#run(({ database, statements }) => {
      if (this.#isHeld(statements, name)) return undefined
      return transact(database, () =>
        this.#isHeld(statements, name) ? undefined : this.#take(statements, name, ttlMs),
      )
    })
    return fence === undefined ? undefined : this.#held(name, fence)
  }

  /** Closes the file; what is held stays so until its time has passed. Idempotent. */
  close(): void {
    this.#isClosed = true
    this.#leave()
  }

  /** Closes it at the end of a `using` block. */
  [Symbol.dispose](): void {
    this.close()
  }

  /** Closes it at the end of an `await using` block. */
  [Symbol.asyncDispose](): Promise<void> {
    this.close()
    return Promise.resolve()
  }

  #isHeld(statements: LeaseStatements, name: string): boolean {
    const expiresAt = statements.expiresAt.get(name)
    return expiresAt !== undefined && this.#clock.now() < expiresAt
  }

  #take(statements: LeaseStatements, name: string, ttlMs: number): number {
    const now = this.#clock.now()
    statements.sweep.run(now, SWEPT_PER_ACQUISITION)
    // The time as well: after a power failure the file may have forgotten the latest fences, and a new one does not know those of the one
    // before it. All that was given out there was reserved no further ahead.
    const fence = statements.nextFence.get(latestMicroseconds() + RESERVED_AHEAD) ?? 0
    statements.take.run(name, fence, now + ttlMs)
    return fence
  }

  #held(name: string, fence: number): HeldLease {
    return {
      fence,
      renew: (ttl) => {
        const ttlMs = readTtl(ttl)
        const now = this.#clock.now()
        const renewed = this.#runHeld(({ statements }) => statements.renew.run(now + ttlMs, name, fence, now))
        return renewed?.changes === 1
      },
      release: () => {
        this.#runHeld(({ statements }) => statements.release.run(name, fence))
      },
    }
  }

  #run<Result>(work: (file: LeaseFile) => Result): Result {
    return this.#attempt(() => {
      for (;;) {
        this.#file ??= openLeaseFile(this.#place)
        const outcome = this.#runOn(this.#file, work)
        if (outcome !== undefined) return outcome.result
        this.#leave()
      }
    })
  }

  /** For who holds a key: `undefined` where the file is left, and what was held in it with it. None is made for that. */
  #runHeld<Result>(work: (file: LeaseFile) => Result): Result | undefined {
    return this.#attempt(() => {
      if (this.#file === undefined) return undefined
      const outcome = this.#runOn(this.#file, work)
      if (outcome === undefined) this.#leave()
      return outcome?.result
    })
  }

  #attempt<Result>(work: () => Result): Result {
    if (this.#isClosed) throw new CacheError('STORE_CLOSED', { details: { path: this.#place.path } })
    try {
      return work()
    } catch (error) {
      throw toCacheError(error, this.#place)
    }
  }

  /**
   * Does work, and answers `undefined` where it must be done again on another file. That is asked after it: what came out of a file that
   * still lies in its place was true in it, and is known to whoever opens it.
   */
  #runOn<Result>(file: LeaseFile, work: (file: LeaseFile) => Result): { result: Result } | undefined {
    const { database, file: opened } = file
    const isLeft = (): boolean => opened !== undefined && isReplaced(this.#place.path, opened.identity)
    try {
      const result = work(file)
      return isLeft() ? undefined : { result }
    } catch (error) {
      if (isLeft() || isOfOtherSchema(error, database, this.#place.path)) return undefined
      throw error
    }
  }

  #leave(): void {
    this.#file?.database.close()
    this.#file = undefined
  }
}

/** An open file, and what is asked of it. */
interface LeaseFile extends OpenDatabase {
  readonly statements: LeaseStatements
}

function openLeaseFile(place: StorePlace): LeaseFile {
  const file = openDatabase(place)
  return { ...file, statements: prepareLeaseStatements(file.database) }
}

interface LeaseStatements {
  readonly expiresAt: Statement<[name: string], number>
  readonly nextFence: Statement<[atLeast: number], number>
  readonly take: Statement<[name: string, fence: number, expiresAt: number]>
  readonly renew: Statement<[expiresAt: number, name: string, fence: number, now: number]>
  readonly release: Statement<[name: string, fence: number]>
  readonly sweep: Statement<[now: number, limit: number]>
}

/** A fence is a number in the order of all changes to the file: it grows also when the row of its key was removed. */
function prepareLeaseStatements(database: Database): LeaseStatements {
  return {
    expiresAt: database.prepare<[string], number>('SELECT expires_at FROM leases WHERE key = ?').pluck(),
    nextFence: database
      .prepare<[number], number>(
        `UPDATE totals SET reserved_to = max(?, 1 + reserved_to, 1 + ifnull((SELECT max(id) FROM entries), 0)) WHERE id = 0
         RETURNING reserved_to`,
      )
      .pluck(),
    take: database.prepare('INSERT OR REPLACE INTO leases (key, fence, expires_at) VALUES (?, ?, ?)'),
    renew: database.prepare('UPDATE leases SET expires_at = ? WHERE key = ? AND fence = ? AND expires_at > ?'),
    release: database.prepare('DELETE FROM leases WHERE key = ? AND fence = ?'),
    sweep: database.prepare(
      'DELETE FROM leases WHERE key IN (SELECT key FROM leases WHERE expires_at <= ? ORDER BY expires_at LIMIT ?)',
    ),
  }
}

function readTtl(ttl: Duration): number {
  const milliseconds = toMilliseconds(ttl)
  if (milliseconds > 0 && milliseconds < Infinity) return milliseconds
  throw new RangeError(`Not a time to hold a key: ${String(ttl)}. Give a positive, finite duration.`)
}
