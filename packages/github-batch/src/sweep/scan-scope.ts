import { compileGlob } from '@x/core'

import { assertKnownOptions } from '../known-options.ts'
import { assertRepositoryName, type SweptRepository } from '../repository.ts'

/** What to scan. */
export interface ScanScope {
  /** Organisations or users: all that the token can see of them. */
  readonly organizations?: readonly string[] | undefined
  /** Teams, as `org/team`: the repositories that they have access to. */
  readonly teams?: readonly string[] | undefined
  /** Single repositories, as `owner/name`. */
  readonly repositories?: readonly string[] | undefined
  /**
   * Of all these, only repositories whose `owner/name` one of these globs matches; letter case does not matter. The others
   * are not in the ledger.
   *
   * @defaultValue all
   */
  readonly include?: readonly string[] | undefined
  /**
   * Of these, not those whose `owner/name` one of these globs matches.
   *
   * @defaultValue none
   */
  readonly exclude?: readonly string[] | undefined
  /**
   * Scan archived repositories too, instead of counting them as skipped.
   *
   * @defaultValue `false`
   */
  readonly includeArchived?: boolean | undefined
  /**
   * Scan forks too, instead of counting them as skipped.
   *
   * @defaultValue `false`
   */
  readonly includeForks?: boolean | undefined
  /**
   * Read only the dependency files at the root of each repository, and list none of its folders. A repository that has others alone
   * counts as skipped.
   *
   * @defaultValue `false`
   */
  readonly rootFilesOnly?: boolean | undefined
}

const NAME = /^[\w.-]+$/
const PAIR = /^[\w.-]+\/[\w.-]+$/

/**
 * Refuses a scope that names nothing, or something that is no name, and what it does not know.
 *
 * @throws TypeError saying what is wrong; RangeError for a malformed glob.
 */
export function assertScanScope(scope: ScanScope): void {
  assertKnownOptions(scope, {
    organizations: true,
    teams: true,
    repositories: true,
    include: true,
    exclude: true,
    includeArchived: true,
    includeForks: true,
    rootFilesOnly: true,
  })
  const { organizations = [], teams = [], repositories = [], include = [], exclude = [] } = scope
  if (organizations.length + teams.length + repositories.length === 0) {
    throw new TypeError('Nothing to scan: name at least one organisation or repository.')
  }
  assertNames(organizations, NAME, (name) => `Not the name of an organisation: ${name}.`)
  assertNames(teams, PAIR, (name) => `Not a team: ${name}. Write ORG/TEAM.`)
  for (const repository of repositories) assertRepositoryName(repository)
  for (const pattern of [...include, ...exclude]) compileGlob(pattern)
}

function assertNames(names: readonly string[], form: RegExp, complaint: (name: string) => string): void {
  const wrong = names.find((name) => !form.test(name))
  if (wrong !== undefined) throw new TypeError(complaint(JSON.stringify(wrong)))
}

/** Why a repository of the scope is not read; `undefined`: it is. */
export function skipReason({ head, archived, fork }: SweptRepository, scope: ScanScope): string | undefined {
  if (head === undefined) return 'empty'
  if (archived && scope.includeArchived !== true) return 'archived'
  return fork && scope.includeForks !== true ? 'fork' : undefined
}
