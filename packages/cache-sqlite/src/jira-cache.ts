import { join } from 'node:path'

import { type CategoryOptions, type Duration, encodeKey } from '@x/core'

import { SqliteCache } from './sqlite-cache.ts'
import type { SqliteCacheOptions } from './sqlite-cache-options.ts'
import { userCacheFolder } from './user-cache-folder.ts'

/** How long each kind of Jira data lives unless `set` or an option says otherwise; every other category: five minutes. */
export const JIRA_TTLS: Readonly<Record<'issue' | 'project' | 'user' | 'field' | 'search', Duration>> = {
  issue: '5m',
  project: '1h',
  user: '1h',
  field: '1d',
  search: '1m',
}

const DEFAULT_TTL = '5m'

/** Those of `SqliteCache`, each with a default. */
export interface JiraCacheOptions extends Partial<SqliteCacheOptions> {
  /**
   * The file, or `":memory:"`.
   *
   * @defaultValue `x/jira.sqlite` in the folder that the platform has for caches (`$XDG_CACHE_HOME` or `~/.cache`, `~/Library/Caches`,
   * `%LOCALAPPDATA%`)
   */
  readonly path?: string
  /** Lifetimes and limits of categories; what one leaves out is Jira's: see `JIRA_TTLS`. */
  readonly categories?: Readonly<Record<string, CategoryOptions>> | undefined
  /**
   * How long entries of other categories live.
   *
   * @defaultValue `"5m"`
   */
  readonly defaultTtl?: Duration | undefined
}

/** A `SqliteCache` with Jira's categories and their lifetimes, in a file of its own under the user's cache folder. */
export class JiraCache extends SqliteCache {
  /**
   * Opens the file, or makes it.
   *
   * @throws what `new SqliteCache()` throws.
   */
  constructor({ path = defaultPath(), categories = {}, defaultTtl = DEFAULT_TTL, ...options }: JiraCacheOptions = {}) {
    super({ ...options, path, defaultTtl, categories: withJiraTtls(categories) })
  }

  /**
   * One key for a category and any data, such as the parameters of a search: two keys are equal exactly when the category
   * and the data are (see `encodeKey` of `@x/core`).
   *
   * @throws TypeError for data without an identity, such as a function.
   */
  generateKey(category: string, ...parts: readonly unknown[]): string {
    return encodeKey(category, ...parts)
  }
}

function defaultPath(): string {
  return join(userCacheFolder(), 'x', 'jira.sqlite')
}

function withJiraTtls(categories: Readonly<Record<string, CategoryOptions>>): Record<string, CategoryOptions> {
  const merged: Record<string, CategoryOptions> = { ...categories }
  for (const [name, ttl] of Object.entries(JIRA_TTLS)) {
    const given = categories[name] ?? {}
    merged[name] = { ...given, ttl: given.ttl ?? ttl }
  }
  return merged
}
