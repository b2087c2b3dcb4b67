import { type Finding, type ScanResult } from '../scan/scan-result.ts'
import { type Listing } from '../scan/scan-journal.ts'
import { type Repository } from '../repository.ts'
import { type ScanScope } from '../sweep/scan-scope.ts'

/** Repositories that are scanned because they were asked for, by names that GitHub may write in another way now. */
export class AskedRepositories {
  readonly #repositories: readonly Repository[]
  /** Their names as they are now, by those asked for. */
  #names: ReadonlyMap<string, string> = new Map()

  constructor(repositories: readonly Repository[]) {
    this.#repositories = repositories
  }

  /** Archived ones and forks too. */
  get scope(): ScanScope {
    const repositories = this.#repositories.map(({ fullName }) => fullName)
    return { repositories, includeArchived: true, includeForks: true }
  }

  /**
   * Notes what they were found to be.
   *
   * @throws TypeError where one names another branch than its default branch, which is the one that is scanned.
   */
  follow({ repositories, names = new Map() }: Listing): void {
    this.#names = names
    const byName = new Map(repositories.map((found) => [found.fullName, found]))
    for (const { fullName, defaultBranch: asked } of this.#repositories) {
      const found = byName.get(names.get(fullName) ?? fullName)
      // Where nothing was ever pushed there is no branch yet.
      if (found?.head === undefined || asked === 'HEAD' || asked === '' || asked === found.defaultBranch) continue
      throw new TypeError(
        `${fullName} is scanned at its default branch, ${found.defaultBranch}, not at ${asked}. ` +
          `Leave defaultBranch out, or read files of ${asked} by processFilesBatch.`,
      )
    }
  }

  /** The findings of each, by the name that was asked for. */
  findingsOf({ findings }: ScanResult): Map<string, Finding[]> {
    const found = Map.groupBy(findings, ({ repository }) => repository)
    return new Map(
      this.#repositories.map(({ fullName }) => [
        fullName,
        [...(found.get(this.#names.get(fullName) ?? fullName) ?? [])],
      ]),
    )
  }
}
