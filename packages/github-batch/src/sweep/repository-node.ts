import { type GraphqlError } from '../client/graphql-answer.ts'
import { type SweptRepository } from '../repository.ts'

/** A repository as GraphQL answers `REPOSITORY_FIELDS`. */
export interface RepositoryNode {
  /** Within its owner. */
  readonly name: string
  /** `owner/name` as it is now, whatever it was asked for by. */
  readonly nameWithOwner: string
  /** Whose it is. */
  readonly owner: { readonly login: string }
  /** Whether only some may see it. */
  readonly isPrivate: boolean
  /** Whether it is closed for changes. */
  readonly isArchived: boolean
  /** Whether it was forked. */
  readonly isFork: boolean
  /** Whether nothing was ever pushed. */
  readonly isEmpty: boolean
  /** The time of the last push, to any branch. */
  readonly pushedAt: string | null
  /** Absent where nothing was pushed, or it cannot be seen. */
  readonly defaultBranchRef: {
    readonly name: string
    readonly target: { readonly oid: string; readonly tree?: { readonly oid: string } } | null
  } | null
}

/** What a sweep asks of every repository. */
export const REPOSITORY_FIELDS = `fragment R on Repository {
  name nameWithOwner owner { login } isPrivate isArchived isFork isEmpty pushedAt
  defaultBranchRef { name target { oid ... on Commit { tree { oid } } } }
}`

/** The repository, or why it cannot be scanned: a branch that cannot be seen must not look like one that was never made. */
export function readRepository(node: RepositoryNode): SweptRepository | string {
  const { defaultBranchRef: branch } = node
  const target = branch?.target
  const tree = target?.tree?.oid
  if (!node.isEmpty && (target == null || tree === undefined)) return 'its default branch cannot be read'
  return {
    name: node.name,
    fullName: node.nameWithOwner,
    owner: node.owner.login,
    defaultBranch: branch?.name ?? '',
    private: node.isPrivate,
    archived: node.isArchived,
    fork: node.isFork,
    pushedAt: node.pushedAt ?? undefined,
    head: target == null || tree === undefined ? undefined : { commit: target.oid, tree },
  }
}

/** What went wrong, in GitHub's words. */
export function wordsOf(errors: readonly GraphqlError[]): string {
  return errors.map(({ message }) => message).join('; ')
}
