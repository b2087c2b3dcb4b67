import { CacheError, type Clock, type Duration, type HeldLease, type Lease, systemClock, toMilliseconds } from '@x/core'
import type { Database, Statement } from 'better-sqlite3'

import { toKeyText } from './key-text.ts'
import { openDatabase } from './open-database.ts'
import { resolveBusyTimeout, resolvePath } from './sqlite-cache-options.ts'
import { type StorePlace, toCacheError } from './sqlite-errors.ts'
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
 * `STORE_UNAVAILABLE` or `STORE_CORRUPT` when the file cannot be used, and `STORE_CLOSED` after `close()`.
 */
export class SqliteLease implements Lease {
  readonly #place: StorePlace
  readonly #clock: Clock
  readonly #statements: LeaseStatements
  #database: Database | undefined

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
      this.#database = openDatabase(this.#place).database
      this.#statements = prepareLeaseStatements(this.#database)
    } catch (error) {
      throw toCacheError(error, this.#place)
    }
  }

  /** See `Lease.acquire`. A key that is held is only read: who waits for it disturbs nobody. */
  acquire(key: string, ttl: Duration): HeldLease | undefined {
    const ttlMs = readTtl(ttl)
    const name = toKeyText(key)
    const fence = this.#run((database) => {
      if (this.#isHeld(name)) return undefined
      return transact(database, () => (this.#isHeld(name) ? undefined : this.#take(name, ttlMs)))
    })
    return fence === undefined ? undefined : this.#held(name, fence)
  }

  /** Closes the file; what is held stays so until its time has passed. Idempotent. */
  close(): void {
    this.#database?.close()
    this.#database = undefined
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

  #isHeld(name: string): boolean {
    const expiresAt = this.#statements.expiresAt.get(name)
    return expiresAt !== undefined && this.#clock.now() < expiresAt
  }

  #take(name: string, ttlMs: number): number {
    const now = this.#clock.now()
    this.#statements.sweep.run(now, SWEPT_PER_ACQUISITION)
    // The time as well: after a power failure the file may have forgotten the latest fences.
    const fence = this.#statements.nextFence.get(Date.now() * 1_000) ?? 0
    this.#statements.take.run(name, fence, now + ttlMs)
    return fence
  }

  #held(name: string, fence: number): HeldLease {
    return {
      fence,
      renew: (ttl) => {
        const ttlMs = readTtl(ttl)
        const now = this.#clock.now()
        return this.#run(() => this.#statements.renew.run(now + ttlMs, name, fence, now).changes === 1)
      },
      release: () => {
        this.#run(() => this.#statements.release.run(name, fence))
      },
    }
  }

  #run<Result>(work: (database: Database) => Result): Result {
    if (this.#database === undefined) throw new CacheError('STORE_CLOSED', { details: { path: this.#place.path } })
    try {
      return work(this.#database)
    } catch (error) {
      throw toCacheError(error, this.#place)
    }
  }
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
