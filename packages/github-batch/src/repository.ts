/** A repository, as far as reading it needs. */
export interface Repository {
  /** Its name within its owner. */
  readonly name: string
  /** `owner/name`. */
  readonly fullName: string
  /** The organisation or user it belongs to. */
  readonly owner: string
  /** The branch that is read. */
  readonly defaultBranch: string
  /** Whether only some may see it. */
  readonly private: boolean
}

/** A repository as a sweep found it. */
export interface SweptRepository extends Repository {
  /** Whether its owner has closed it for changes. */
  readonly archived: boolean
  /** Whether it was forked from another repository. */
  readonly fork: boolean
  /** The time of the last push to any branch, as GitHub writes it. */
  readonly pushedAt?: string | undefined
  /** The newest commit of the default branch; absent where nothing was ever pushed. */
  readonly head?: RepositoryHead | undefined
}

/** What there is to read of a repository. */
export interface RootTree {
  /** `owner/name`. */
  readonly fullName: string
  /** The object id of its root tree. */
  readonly tree: string
}

/** Where a branch stands. */
export interface RepositoryHead {
  /** The commit's object id. */
  readonly commit: string
  /** The object id of the commit's root tree. */
  readonly tree: string
}

/** What is known of a repository besides its name. */
export interface RepositoryTraits {
  /**
   * The branch to read.
   *
   * @defaultValue `"HEAD"`: the default branch, whatever its name
   */
  readonly defaultBranch?: string | undefined
  /**
   * Whether only some may see it.
   *
   * @defaultValue `false`
   */
  readonly private?: boolean | undefined
}

/**
 * A repository by its `owner/name`.
 *
 * @throws TypeError for what is no such name.
 */
export function createRepository(fullName: string, traits: RepositoryTraits = {}): Repository {
  assertRepositoryName(fullName)
  return repositoryOf(fullName, traits)
}

/** As `createRepository`, of a name that GitHub has given. */
export function repositoryOf(
  fullName: string,
  { defaultBranch = 'HEAD', private: isPrivate = false }: RepositoryTraits = {},
): Repository {
  const [owner = '', name = ''] = fullName.split('/')
  return { name, fullName, owner, defaultBranch, private: isPrivate }
}

/** @throws TypeError for what is no `owner/name`. */
export function assertRepositoryName(fullName: string): void {
  if (!/^[\w.-]+\/[\w.-]+$/.test(fullName)) {
    throw new TypeError(`Not a repository: ${JSON.stringify(fullName)}. Write OWNER/NAME.`)
  }
}

/** What to read of a repository: the commit that a sweep has found, else its branch as it stands. */
export function revisionOf(repository: Repository | SweptRepository): string {
  const { defaultBranch } = repository
  if ('head' in repository && repository.head !== undefined) return repository.head.commit
  return defaultBranch === 'HEAD' || defaultBranch === '' ? 'HEAD' : `refs/heads/${defaultBranch}`
}
