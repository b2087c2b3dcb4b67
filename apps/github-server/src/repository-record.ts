import { type ObjectDatabase } from './git/object-database.ts'

/** A repository that the server offers: where its git objects lie, and what GitHub would know about it besides. */
export interface RepositoryRecord {
  readonly owner: string
  readonly ownerType: 'Organization' | 'User'
  readonly name: string
  /** The bare repository's folder; not looked at where there are `objects`. */
  readonly gitDir: string
  /** Its objects as they are now, where they lie in no folder. */
  readonly objects?: (() => ObjectDatabase) | undefined
  readonly defaultBranch: string
  /** ISO 8601, the time of the last push. */
  readonly pushedAt: string
  readonly private: boolean
  readonly archived: boolean
  readonly fork: boolean
  /** The tokens that may see a private repository; to every other it does not exist. */
  readonly readableBy?: readonly string[] | undefined
  /** Slugs of the owner's teams that have access to it. */
  readonly teams?: readonly string[] | undefined
  /** Recursive trees of this repository are cut after this many entries, so that a small one can show what GitHub does at 100,000. */
  readonly treeEntryLimit?: number | undefined
  /** Former names (`owner/name`), from which REST redirects and GraphQL follows. */
  readonly movedFrom?: readonly string[] | undefined
}
