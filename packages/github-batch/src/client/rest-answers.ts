import type { components } from '@octokit/openapi-types'

type Schemas = components['schemas']

/** What GitHub answers for a commit, by its own description (`@octokit/openapi-types`); that it does is for the reader to check. */
export type CommitAnswer = Partial<Pick<Schemas['commit'], 'sha' | 'commit'>>

/** What GitHub answers for each repository of an owner. */
export type RepositoryAnswer = Partial<
  Pick<
    Schemas['minimal-repository'],
    'name' | 'full_name' | 'owner' | 'default_branch' | 'private' | 'archived' | 'fork' | 'pushed_at'
  >
>

/** What GitHub answers for a tree. */
export type TreeAnswer = Partial<Pick<Schemas['git-tree'], 'tree' | 'truncated'>>
