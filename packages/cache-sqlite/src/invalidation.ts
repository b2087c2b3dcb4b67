import { compileGlob, escapeGlob, type Glob, type InvalidateFilter } from '@x/core'
import type { Database, Statement } from 'better-sqlite3'

import type { RemovedRow } from './entry-statements.ts'
import { fromKeyText, keyTextRange, toKeyText } from './key-text.ts'

/** A condition in SQL, with its parameters. */
type Condition = readonly [sql: string, ...parameters: (string | number)[]]

/** Finds the entries that filters name. */
export class Invalidation {
  readonly #database: Database
  /** By their text: one for each combination of conditions. */
  readonly #statements = new Map<string, Statement>()
  #glob: Glob | undefined

  constructor(database: Database) {
    this.#database = database
    // Deterministic within a statement, which is all that SQLite asks: the glob changes only between them.
    database.function('matches_glob', { deterministic: true, directOnly: true }, (key) =>
      this.#glob?.matches(fromKeyText(String(key))) === true ? 1 : 0,
    )
  }

  /** The first keys of a category after one of them that meet a filter's conditions of keys. */
  find(filter: InvalidateFilter, category: number, { after, limit }: FindOptions): string[] {
    const conditions = this.#keyConditions(filter)
    if (conditions === undefined) return []
    conditions.push(['category = ?', category])
    if (after !== undefined) conditions.push(['key > ?', after])
    const { where, parameters } = toSql(conditions)
    return this.#prepare<string>(`SELECT key FROM entries WHERE ${where} ORDER BY key LIMIT ?`, 'pluck').all(
      ...parameters,
      limit,
    )
  }

  /** The first entries with a tag after one of them, by their ids, that meet a filter's other conditions and were stored before a stamp. */
  findTagged(
    filter: InvalidateFilter,
    tag: string,
    { category, after, before, limit }: FindTaggedOptions,
  ): TaggedRow[] {
    const conditions = this.#keyConditions(filter)
    if (conditions === undefined) return []
    conditions.push(['tag = ?', toKeyText(tag)], ['entry_id > ?', after], ['version < ?', before])
    if (category !== undefined) conditions.push(['category = ?', category])
    const { where, parameters } = toSql(conditions)
    // The tags come first: they are few, and lie in the order of the ids.
    return this.#prepare<TaggedRow>(
      `SELECT key, id, size, tagged, expires_at, category FROM tags CROSS JOIN entries ON id = entry_id
       WHERE ${where} ORDER BY entry_id LIMIT ?`,
      'raw',
    ).all(...parameters, limit)
  }

  /** What a filter asks of keys; `undefined`: no key meets it. */
  #keyConditions({ key, pattern }: InvalidateFilter): Condition[] | undefined {
    const glob = pattern === undefined ? undefined : compileGlob(pattern)
    if (key !== undefined) return glob?.matches(key) === false ? undefined : [['key = ?', toKeyText(key)]]
    return glob === undefined || pattern === undefined ? [] : this.#globConditions(glob, pattern)
  }

  #globConditions(glob: Glob, pattern: string): Condition[] {
    if (glob.isLiteral) return [['key = ?', toKeyText(glob.literalPrefix)]]
    this.#glob = glob
    const { from, before } = keyTextRange(glob.literalPrefix)
    const conditions: Condition[] = [['key >= ?', from]]
    if (before !== undefined) conditions.push(['key < ?', before])
    const isRangeAlone = pattern === `${escapeGlob(glob.literalPrefix)}*` && toKeyText(glob.literalPrefix) === from
    if (!isRangeAlone) conditions.push(['matches_glob(key)'])
    return conditions
  }

  #prepare<Row>(sql: string, form: 'pluck' | 'raw'): Statement<unknown[], Row> {
    const known = this.#statements.get(sql)
    if (known !== undefined) return known as Statement<unknown[], Row>
    const statement = this.#database.prepare<unknown[], Row>(sql)[form]()
    this.#statements.set(sql, statement)
    return statement
  }
}

/** An entry with a tag. */
export type TaggedRow = readonly [...RemovedRow, category: number]

interface FindOptions {
  /** As key text; `undefined`: from the first on. */
  readonly after: string | undefined
  readonly limit: number
}

interface FindTaggedOptions {
  /** `undefined`: any. */
  readonly category: number | undefined
  /** An id. */
  readonly after: number
  /** A stamp. */
  readonly before: number
  readonly limit: number
}

function toSql(conditions: readonly Condition[]): { where: string; parameters: (string | number)[] } {
  return {
    where: conditions.map(([sql]) => sql).join(' AND '),
    parameters: conditions.flatMap(([, ...values]) => values),
  }
}
