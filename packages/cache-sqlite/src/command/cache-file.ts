import { statSync } from 'node:fs'

import { CacheError, type CategoryStats, compileGlob, type InvalidateFilter } from '@x/core'
import BetterSqlite3, { type Database } from 'better-sqlite3'

import { fromKeyText, toKeyText } from '../key-text.ts'
import { realPath } from '../real-path.ts'
import { assertPath } from '../sqlite-cache-options.ts'
import { toCacheError } from '../sqlite-errors.ts'
import { assertSupportedRuntime } from '../sqlite-runtime.ts'
import { readSchemaState } from '../sqlite-schema.ts'

const BUSY_TIMEOUT_MS = 2_000

/** What a cache file holds. */
export interface CacheFileStatus extends CategoryStats {
  /** Where it lies. */
  readonly path: string
  /** The limit of whoever stored last; `null`: none, or nobody has stored. */
  readonly maxSizeBytes: number | null
  /** Bytes of the file. */
  readonly fileBytes: number
  /** Bytes of its write-ahead log. */
  readonly walBytes: number
  /** By category. */
  readonly byCategory: Readonly<Record<string, CategoryStats>>
}

/** An entry in a cache file. */
export interface CacheFileKey {
  /** Its category. */
  readonly category: string
  /** Its key. */
  readonly key: string
}

/** A cache file to look into: it is neither made, nor emptied, nor written. */
export class CacheFile implements Disposable {
  readonly #path: string
  readonly #database: Database

  /**
   * Opens a file.
   *
   * @throws TypeError for what is no path.
   * @throws CacheError `STORE_UNAVAILABLE` where there is none that can be read, `STORE_CORRUPT` for one that is damaged or no cache.
   */
  constructor(path: string) {
    this.#path = path
    assertPath(path)
    assertSupportedRuntime()
    this.#database = this.#attempt(() => openForReading(path))
  }

  /** How much there is, by the file's own counts. */
  status(): CacheFileStatus {
    return this.#attempt(() => {
      const categories = this.#database
        .prepare<[], CategoryStats & { name: string }>(
          'SELECT name, entry_count AS entryCount, size_bytes AS totalSizeBytes FROM counts WHERE entry_count > 0 ORDER BY name',
        )
        .all()
      return {
        path: this.#path,
        entryCount: categories.reduce((sum, { entryCount }) => sum + entryCount, 0),
        totalSizeBytes: categories.reduce((sum, { totalSizeBytes }) => sum + totalSizeBytes, 0),
        maxSizeBytes: this.#database.prepare<[], number>('SELECT max_size_bytes FROM limits').pluck().get() ?? null,
        fileBytes: sizeOf(this.#path),
        walBytes: sizeOf(`${realPath(this.#path)}-wal`),
        byCategory: Object.fromEntries(
          categories.map(({ name, entryCount, totalSizeBytes }) => [fromKeyText(name), { entryCount, totalSizeBytes }]),
        ),
      }
    })
  }

  /** The entries that a filter names, those that have expired and still lie there included; without a condition: all. */
  *keys({ key, pattern, category }: Omit<InvalidateFilter, 'tag'> = {}): Iterable<CacheFileKey> {
    const glob = pattern === undefined ? undefined : compileGlob(pattern)
    try {
      const rows = this.#database
        .prepare<unknown[], { name: string; key: string }>(
          `SELECT name, key FROM totals CROSS JOIN entries ON category = totals.id
           WHERE (? IS NULL OR name = ?) AND (? IS NULL OR key = ?) ORDER BY name, key`,
        )
        .iterate(...twice(category), ...twice(key))
      for (const row of rows) {
        const found = { category: fromKeyText(row.name), key: fromKeyText(row.key) }
        if (glob === undefined || glob.matches(found.key)) yield found
      }
    } catch (error) {
      throw this.#explained(error)
    }
  }

  /** The text of a value as the codec wrote it, also of one that has expired and still lies there. */
  text({ category, key }: CacheFileKey): string | undefined {
    return this.#attempt(() =>
      this.#database
        .prepare<[string, string], string>(
          'SELECT value FROM entries WHERE category = (SELECT id FROM totals WHERE name = ?) AND key = ?',
        )
        .pluck()
        .get(toKeyText(category), toKeyText(key)),
    )
  }

  /** What is wrong with the file, a sentence each: with its pages, its counts, its tags, its deadlines. */
  problems(): string[] {
    return this.#attempt(() => [
      ...this.#damagedPages(),
      ...this.#wrongCounts(),
      ...this.#wrongSums(),
      ...this.#stray('tags', 'entry_id NOT IN (SELECT id FROM entries WHERE tagged = 1)'),
      ...this.#stray(
        'deadlines',
        '(sweep_at, id) NOT IN (SELECT sweep_at, id FROM entries WHERE sweep_at IS NOT NULL)',
      ),
    ])
  }

  [Symbol.dispose](): void {
    this.#database.close()
  }

  #damagedPages(): string[] {
    const answers = this.#database.pragma('integrity_check') as { integrity_check: string }[]
    return answers.map(({ integrity_check: answer }) => answer).filter((answer) => answer !== 'ok')
  }

  #wrongCounts(): string[] {
    const rows = this.#database
      .prepare<[], { name: string | null; counted: string; found: string }>(
        `WITH found AS (
           SELECT category AS id, count(*) AS entries, sum(length(CAST(value AS BLOB))) AS bytes, sum(size) AS noted
           FROM entries GROUP BY category
         )
         SELECT name, ifnull(entry_count, 0) || ' entries of ' || ifnull(size_bytes, 0) || ' bytes' AS counted,
           ifnull(entries, 0) || ' entries of ' || ifnull(bytes, 0) || ' bytes' AS found
         FROM counts FULL JOIN found USING (id)
         WHERE entry_count IS NOT ifnull(entries, 0) OR size_bytes IS NOT ifnull(bytes, 0) OR bytes <> noted`,
      )
      .all()
    return rows.map(
      ({ name, counted, found }) =>
        `${name === null ? 'A category that is not listed' : `The category ${JSON.stringify(fromKeyText(name))}`} counts ${counted}, and has ${found}.`,
    )
  }

  #wrongSums(): string[] {
    const isWrong = this.#database
      .prepare<[], number>(
        `SELECT (entry_count, size_bytes) <> (SELECT total(entry_count), total(size_bytes) FROM totals WHERE id > 0)
         FROM totals WHERE id = 0`,
      )
      .pluck()
      .get()
    return isWrong === 0 ? [] : ['The totals of the cache are not the sums of those of its categories.']
  }

  #stray(table: string, condition: string): string[] {
    const count = this.#database.prepare<[], number>(`SELECT count(*) FROM ${table} WHERE ${condition}`).pluck().get()
    return count === undefined || count === 0 ? [] : [`${count} ${table} belong to no entry.`]
  }

  #attempt<Result>(work: () => Result): Result {
    try {
      return work()
    } catch (error) {
      throw this.#explained(error)
    }
  }

  #explained(error: unknown): unknown {
    return toCacheError(error, { path: this.#path, busyTimeoutMs: BUSY_TIMEOUT_MS })
  }
}

function openForReading(path: string): Database {
  if (statSync(path, { throwIfNoEntry: false })?.isFile() !== true) {
    throw new CacheError('STORE_UNAVAILABLE', { message: `There is no file ${path}.`, details: { path } })
  }
  const database = new BetterSqlite3(path, { readonly: true, fileMustExist: true, timeout: BUSY_TIMEOUT_MS })
  try {
    const state = readSchemaState(database, path)
    if (state === 'current') return database
    throw new CacheError('STORE_UNAVAILABLE', {
      message:
        state === 'empty'
          ? `The file ${path} is empty.`
          : `The cache ${path} was written by an older version of @x/cache-sqlite, which empties it when it is next used.`,
      details: { path },
    })
  } catch (error) {
    database.close()
    throw error
  }
}

function twice(text: string | undefined): [string | null, string | null] {
  const keyText = text === undefined ? null : toKeyText(text)
  return [keyText, keyText]
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0
}
