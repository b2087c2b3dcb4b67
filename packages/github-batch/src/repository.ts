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
  /** The newest commit of the default branch; absent where nothing was ever pushed. */
  readonly head?: RepositoryHead | undefined
}

/** Where a branch stands. */
export interface RepositoryHead {
  /** The commit's object id. */
  readonly commit: string
  /** The object id of the commit's root tree. */
  readonly tree: string
}
