import { GitHubAPIError } from '@x/core'

import { type Repository } from '../repository.ts'
import { type RepositoryAnswer } from './rest-answers.ts'

/** A repository as the list of its owner has it. */
export interface ListedRepository extends Repository {
  /** Whether its owner has closed it for changes. */
  readonly archived: boolean
  /** Whether it was forked from another repository. */
  readonly fork: boolean
  /** When something was last pushed, ISO 8601; absent where nothing ever was. */
  readonly pushedAt?: string | undefined
}

/** @throws GitHubAPIError for an answer that lacks what a repository must have. */
export function readListedRepository(answer: RepositoryAnswer): ListedRepository {
  const { name, full_name: fullName, owner, default_branch: defaultBranch } = answer
  if (name === undefined || fullName === undefined || owner?.login === undefined || answer.private === undefined) {
    throw new GitHubAPIError('A repository in the list lacks its name, its owner, or whether it is private.', 200)
  }
  return {
    name,
    fullName,
    owner: owner.login,
    defaultBranch: defaultBranch ?? 'HEAD',
    private: answer.private,
    archived: answer.archived === true,
    fork: answer.fork === true,
    pushedAt: answer.pushed_at ?? undefined,
  }
}

/**
 * Where the next page is (`Link: <…>; rel="next"`); never on another server, which would get the token.
 *
 * @throws GitHubAPIError for one that is.
 */
export function nextPage(link: string | null, url: string): string | undefined {
  const [, next] = /<([^>]*)>\s*;[^,]*\brel="?next\b/.exec(link ?? '') ?? []
  if (next === undefined) return undefined
  const target = URL.parse(next, url)
  if (target?.origin === new URL(url).origin) return target.href
  throw new GitHubAPIError(`GET ${url}: the next page is said to be on another server`, 200)
}
