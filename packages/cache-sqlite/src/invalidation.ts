import { compileGlob, escapeGlob, type Glob, type InvalidateFilter } from '@x/core'
import type { Database, Statement } from 'better-sqlite3'

import { fromKeyText, keyTextRange, toKeyText } from './key-text.ts'

/** A condition in SQL, with its parameters. */
type Condition = readonly [sql: string, ...parameters: (string | number)[]]

/** Finds the entries that filters name. */
export class Invalidation {
  readonly #database: Database
  /** By their text: one for each combination of conditions. */
  readonly #statements = new Map<string, Statement<unknown[], string>>()
  #glob: Glob | undefined

  constructor(database: Database) {
    this.#database = database
    // Deterministic within a statement, which is all that SQLite asks: the glob changes only between them.
    database.function('matches_glob', { deterministic: true, directOnly: true }, (key) =>
      this.#glob?.matches(fromKeyText(String(key))) === true ? 1 : 0,
    )
  }

  /** The first keys of a category after one of them that meet a filter's conditions but for that of the category. */
  find({ key, pattern, tag }: InvalidateFilter, category: number, { after, limit }: FindOptions): string[] {
    const glob = pattern === undefined ? undefined : compileGlob(pattern)
    if (key !== undefined && glob?.matches(key) === false) return []
    const conditions: Condition[] = [['category = ?', category]]
    if (key !== undefined) conditions.push(['key = ?', toKeyText(key)])
    else if (glob !== undefined && pattern !== undefined) conditions.push(...this.#globConditions(glob, pattern))
    if (tag !== undefined) conditions.push(['id IN (SELECT entry_id FROM tags WHERE tag = ?)', toKeyText(tag)])
    if (after !== undefined) conditions.push(['key > ?', after])
    // With the plus, SQLite begins with the few that carry the tag instead of going through the category.
    const where = conditions.map(([sql]) => (tag === undefined ? sql : sql.replace(/^(category|key) /, '+$1 ')))
    const parameters = conditions.flatMap(([, ...values]) => values)
    return this.#prepare(`SELECT key FROM entries WHERE ${where.join(' AND ')} ORDER BY key LIMIT ?`).all(
      ...parameters,
      limit,
    )
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

  #prepare(sql: string): Statement<unknown[], string> {
    const known = this.#statements.get(sql)
    if (known !== undefined) return known
    const statement = this.#database.prepare<unknown[], string>(sql).pluck()
    this.#statements.set(sql, statement)
    return statement
  }
}

interface FindOptions {
  /** As key text; `undefined`: from the first on. */
  readonly after: string | undefined
  readonly limit: number
}
