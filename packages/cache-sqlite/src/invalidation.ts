import { compileGlob, escapeGlob, type Glob, type InvalidateFilter } from '@x/core'
import type { Database, Statement } from 'better-sqlite3'

import type { CategoryIds } from './category-ids.ts'
import { fromKeyText, keyTextRange, toKeyText } from './key-text.ts'
import type { Statements } from './sqlite-statements.ts'

/** What a filter finds in one category. */
export interface FoundRow {
  /** The id of the category. */
  readonly category: number
  /** How many entries. */
  readonly entries: number
  /** Bytes of their values. */
  readonly bytes: number
  /** How many of them live. */
  readonly live: number
  /** How many of them have tags. */
  readonly tagged: number
}

/** No category has this id. */
const NO_CATEGORY = -1

type Parameters = readonly (string | number)[]

/** Finds and removes the entries that a filter names, within a write transaction and without counting them out. */
export class Invalidation {
  readonly #database: Database
  readonly #ids: CategoryIds
  readonly #removeTags: Statement<[id: number]>
  /** By their text: one for each combination of conditions. */
  readonly #statements = new Map<string, Statement<unknown[], FoundRow>>()
  #glob: Glob | undefined

  constructor(database: Database, ids: CategoryIds, { removeTags }: Pick<Statements, 'removeTags'>) {
    this.#database = database
    this.#ids = ids
    this.#removeTags = removeTags
    // Deterministic within a statement, which is all that SQLite asks: the glob changes only between them.
    database.function('matches_glob', { deterministic: true, directOnly: true }, (key) =>
      this.#glob?.matches(fromKeyText(String(key))) === true ? 1 : 0,
    )
  }

  /** Removes them, and says by category what they were. */
  run(filter: InvalidateFilter, now: number): FoundRow[] {
    const conditions = this.#conditions(filter)
    if (conditions === undefined) return []
    const [where, parameters] = conditions
    const found = this.#prepare(
      `SELECT category, count(*) AS entries, sum(size) AS bytes, sum(tagged) AS tagged,
         sum(expires_at IS NULL OR expires_at > ?) AS live FROM entries WHERE ${where} GROUP BY category`,
    ).all(now, ...parameters)
    if (found.length === 0) return []
    const removal = `DELETE FROM entries WHERE ${where}`
    if (found.every(({ tagged }) => tagged === 0)) this.#prepare(removal).run(...parameters)
    else {
      const ids = this.#prepare(`${removal} RETURNING id`)
        .pluck()
        .all(...parameters) as unknown as number[]
      for (const id of ids) this.#removeTags.run(id)
    }
    return found
  }

  #conditions({ key, pattern, category, tag }: InvalidateFilter): [where: string, parameters: Parameters] | undefined {
    const glob = pattern === undefined ? undefined : compileGlob(pattern)
    if (key !== undefined && glob?.matches(key) === false) return undefined
    const wheres: [string, ...Parameters][] = []
    if (category === undefined) wheres.push(['category IN (SELECT id FROM totals WHERE entry_count > 0)'])
    else wheres.push(['category = ?', this.#ids.find(toKeyText(category)) ?? NO_CATEGORY])
    if (key !== undefined) wheres.push(['key = ?', toKeyText(key)])
    else if (glob !== undefined && pattern !== undefined) wheres.push(...this.#globConditions(glob, pattern))
    if (tag !== undefined) wheres.push(['id IN (SELECT entry_id FROM tags WHERE tag = ?)', toKeyText(tag)])
    return [wheres.map(([where]) => where).join(' AND '), wheres.flatMap(([, ...parameters]) => parameters)]
  }

  #globConditions(glob: Glob, pattern: string): [string, ...Parameters][] {
    if (glob.isLiteral) return [['key = ?', toKeyText(glob.literalPrefix)]]
    this.#glob = glob
    const { from, before } = keyTextRange(glob.literalPrefix)
    const wheres: [string, ...Parameters][] = [['key >= ?', from]]
    if (before !== undefined) wheres.push(['key < ?', before])
    const isRangeAlone = pattern === `${escapeGlob(glob.literalPrefix)}*` && toKeyText(glob.literalPrefix) === from
    if (!isRangeAlone) wheres.push(['matches_glob(key)'])
    return wheres
  }

  #prepare(sql: string): Statement<unknown[], FoundRow> {
    const known = this.#statements.get(sql)
    if (known !== undefined) return known
    const statement = this.#database.prepare<unknown[], FoundRow>(sql)
    this.#statements.set(sql, statement)
    return statement
  }
}
