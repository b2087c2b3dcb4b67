import { type GitObject } from './git-object.ts'

/** The objects of a repository that lies in no folder. */
export interface ObjectDatabase {
  /** The commit at the tip of the default branch; absent when nothing was ever pushed. */
  readonly head: string | undefined
  object(oid: string): GitObject | undefined
}
