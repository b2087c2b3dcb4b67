import { type Repository, revisionOf } from '../repository.ts'

/** One file to read. */
export interface BatchRequest {
  /** The repository that has it. */
  readonly repo: Repository
  /** From the root of the repository. */
  readonly filePath: string
  /**
   * What is more is read first.
   *
   * @defaultValue 0
   */
  readonly priority?: number | undefined
  /**
   * Bytes, as far as is known; 0: not known.
   *
   * @defaultValue 0
   */
  readonly estimatedSize?: number | undefined
  /**
   * Under which the cache remembers what this path holds. Give the same only for what never changes, such as a path of
   * one commit; absent: GitHub is asked what the path holds now.
   */
  readonly cacheKey?: string | undefined
}

/** The same for requests of the same file: a path of one repository at one revision. */
export function identityOf({ repo, filePath }: BatchRequest): string {
  return JSON.stringify([repo.fullName, revisionOf(repo), filePath])
}
