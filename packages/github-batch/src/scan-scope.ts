import { type BatchPlan } from './batch-plan.ts'
import { type GitHubCallOptions } from './github-client.ts'
import { assertRepositoryName } from './repository.ts'
import { type Finding } from './scan-result.ts'

/** What to scan. */
export interface ScanScope {
  /** Organisations or users: all that the token can see of them. */
  readonly organizations?: readonly string[] | undefined
  /** Single repositories, as `owner/name`. */
  readonly repositories?: readonly string[] | undefined
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
}

/** How far a scan is. */
export interface ScanProgress {
  /** How many repositories there are; 0 until the sweep is done. */
  readonly repositoriesTotal: number
  /** Of them, how many have been searched for dependency files. */
  readonly repositoriesSearched: number
  /** Of them, how many are scanned, skipped or failed. */
  readonly repositoriesDone: number
  /** Dependency files that were read so far. */
  readonly filesDone: number
  /** The findings so far. */
  readonly findings: readonly Finding[]
}

/** How to run a scan. */
export interface ScanOptions extends Pick<GitHubCallOptions, 'signal'> {
  /**
   * How much at once and together; a function is asked again before each group of repositories.
   *
   * @defaultValue `DEFAULT_BATCH_PLAN`
   */
  readonly plan?: BatchPlan | (() => BatchPlan) | undefined
  /**
   * Points, REST and GraphQL together, to stop before: 1 or more. What was not read then is named as failed.
   *
   * @defaultValue `Infinity`
   */
  readonly maxPoints?: number | undefined
  /** Called whenever something was done; what it throws is dropped. */
  readonly onProgress?: ((progress: ScanProgress) => void) | undefined
}

/**
 * Refuses a scope that names nothing, or something that is no repository's name.
 *
 * @throws TypeError saying what is wrong.
 */
export function assertScanScope({ organizations = [], repositories = [] }: ScanScope): void {
  if (organizations.length + repositories.length === 0) {
    throw new TypeError('Nothing to scan: name at least one organisation or repository.')
  }
  for (const organization of organizations) {
    if (!/^[\w.-]+$/.test(organization))
      throw new TypeError(`Not the name of an organisation: ${JSON.stringify(organization)}.`)
  }
  for (const repository of repositories) assertRepositoryName(repository)
}
