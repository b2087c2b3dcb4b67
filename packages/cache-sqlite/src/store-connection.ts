import { type CacheError, isCacheError } from '@x/core'
import type { Database } from 'better-sqlite3'

import { CategoryIds } from './category-ids.ts'
import { ClearedEntries } from './cleared-entries.ts'
import { moveAside } from './damaged-file.ts'
import { EntryReader } from './entry-reader.ts'
import { EntryRemover } from './entry-remover.ts'
import { EntryWriter } from './entry-writer.ts'
import { Epochs } from './epochs.ts'
import { Eviction } from './eviction.ts'
import { fileIdentity, isReplaced } from './file-identity.ts'
import { HotTier } from './hot-tier.ts'
import { IN_MEMORY, openDatabase } from './open-database.ts'
import type { PreparedFile } from './prepare-file.ts'
import { realPath } from './real-path.ts'
import { Recency } from './recency.ts'
import type { ResolvedOptions } from './sqlite-cache-options.ts'
import { toCacheError } from './sqlite-errors.ts'
import { isOfOtherSchema } from './sqlite-schema.ts'
import { prepareStatements, type Statements } from './sqlite-statements.ts'
import type { CategoryRow } from './totals-statements.ts'
import { ValueReader } from './value-reader.ts'
import { WalUpkeep } from './wal-upkeep.ts'
import { WriteTransactions } from './write-transactions.ts'

/** How long a connection may go on with a file in whose place another one lies. */
const LOOK_EVERY_MS = 50

/** An open file, and everything that works on it. */
export class StoreConnection {
  /** Reads its values. */
  readonly values: ValueReader
  /** Reads its entries. */
  readonly reader: EntryReader
  /** Where the histories of its keys stand. */
  readonly epochs: Epochs
  /** Stores entries. */
  readonly writer: EntryWriter
  /** Removes them. */
  readonly remover: EntryRemover
  /** What was read lately; `undefined`: nothing is kept in memory. */
  readonly hot: HotTier | undefined
  readonly #walUpkeep: WalUpkeep
  readonly #database: Database
  readonly #statements: Statements
  readonly #path: string
  /** `undefined`: it lies in memory. */
  readonly #file: PreparedFile | undefined
  #lookAt = -Infinity

  constructor(options: ResolvedOptions) {
    const { database, file } = openDatabase(options)
    try {
      const statements = prepareStatements(database)
      const ids = new CategoryIds(statements)
      const recency = new Recency(statements)
      this.#walUpkeep = new WalUpkeep(database, { ...options, path: file?.realPath ?? IN_MEMORY })
      if (options.hot !== undefined) this.hot = new HotTier(options.hot, options.codec, { recency, statements })
      this.epochs = new Epochs(statements)
      this.reader = new EntryReader(statements, ids, recency)
      this.values = new ValueReader(this.reader, this.hot, options.codec)
      const parts = {
        ...{ database, statements, ids, epochs: this.epochs, recency, walUpkeep: this.#walUpkeep },
        eviction: new Eviction(statements, recency, options),
        cleared: new ClearedEntries(database),
      }
      const transactions = new WriteTransactions(parts)
      this.writer = new EntryWriter(transactions, parts, options)
      this.remover = new EntryRemover(transactions, parts)
      this.#database = database
      this.#statements = statements
      this.#path = options.path
      this.#file = file
    } catch (error) {
      database.close()
      throw error
    }
  }

  /** Whether another file lies in its place by now, or none: it was deleted, or moved aside by another process. */
  isReplaced(): boolean {
    if (this.#file === undefined) return false
    const now = performance.now()
    if (now < this.#lookAt) return false
    this.#lookAt = now + LOOK_EVERY_MS
    return isReplaced(this.#path, this.#file.identity)
  }

  /** Whether an error comes of what another version of this package has made of the file. */
  isMadeAnew(error: unknown): boolean {
    return isOfOtherSchema(error, this.#database, this.#path)
  }

  /** What its categories hold. */
  categories(): CategoryRow[] {
    return this.#statements.allCategories.all()
  }

  /** The name of a category, as key text. */
  categoryName(id: number): string {
    return this.#statements.category.get(id)?.name ?? ''
  }

  /** Saves recency, brings the WAL into the file, and closes it. */
  close(): void {
    try {
      this.#saveRecency()
      this.#walUpkeep.checkpoint()
    } finally {
      this.#database.close()
    }
  }

  /** Advice for a later eviction: not worth waiting for another process, and no reason to fail. */
  #saveRecency(): void {
    try {
      this.#database.pragma('busy_timeout = 0')
      this.writer.shareRecency()
    } catch {
      // It is lost: see above.
    }
  }

  /** Closes a file that is not to be written any more. */
  abandon(): void {
    // SQLite leaves alone what lies in its place.
    this.#database.close()
  }

  /** Closes a damaged file, and moves it aside. */
  moveAside(): void {
    this.abandon()
    if (this.#file !== undefined) moveAside(this.#file.realPath, this.#file.identity)
  }
}

/**
 * Opens the file; where it is damaged and the options say so, moves it aside and makes a new one.
 *
 * @throws CacheError `STORE_UNAVAILABLE` or `STORE_CORRUPT`.
 */
export function openStore(options: ResolvedOptions): StoreConnection {
  const identity = options.path === IN_MEMORY ? undefined : identityOf(options)
  try {
    return new StoreConnection(options)
  } catch (cause) {
    const error = toCacheError(cause, options)
    if (!isRecreatable(error, options)) throw error
  }
  try {
    moveAside(realPath(options.path), identity)
    return new StoreConnection(options)
  } catch (cause) {
    throw toCacheError(cause, options)
  }
}

/** Whether an error is damage that the options answer with a new file. Another program's database never is. */
export function isRecreatable(error: unknown, { recreates, path }: ResolvedOptions): error is CacheError {
  const isDamage = isCacheError(error, 'STORE_CORRUPT') && error.details['reason'] !== 'foreign'
  return recreates && path !== IN_MEMORY && isDamage
}

function identityOf(options: ResolvedOptions): string | undefined {
  try {
    return fileIdentity(options.path)
  } catch (error) {
    throw toCacheError(error, options)
  }
}
