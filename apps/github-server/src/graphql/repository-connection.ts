import { type Repository } from '../repository-registry.ts'
import { githubError } from './github-error.ts'
import { type GraphQLNode } from './graphql-context.ts'
import { repositoryNode } from './repository-node.ts'

/** Arguments of `repositories` that make a difference here; affiliations do not. */
export interface RepositoriesArguments {
  readonly first?: number | null
  readonly last?: number | null
  readonly after?: string | null
  readonly before?: string | null
  readonly isFork?: boolean | null
  readonly isArchived?: boolean | null
  readonly isLocked?: boolean | null
  readonly privacy?: 'PUBLIC' | 'PRIVATE' | null
  readonly visibility?: 'PUBLIC' | 'PRIVATE' | 'INTERNAL' | null
  readonly orderBy?: { readonly field: string; readonly direction: 'ASC' | 'DESC' } | null
}

const LARGEST_PAGE = 100

/** One page of repositories. */
export function repositoryConnection(all: readonly Repository[], args: RepositoriesArguments): GraphQLNode {
  refuseBounds(args)
  const { first, last, after, before } = args
  const listed = ordered(filtered(all, args), args.orderBy)
  const start = after == null ? 0 : positionOf(listed, after) + 1
  const end = before == null ? listed.length : positionOf(listed, before)
  const from = first == null ? Math.max(start, end - (last ?? 0)) : start
  const to = first == null ? end : Math.min(end, start + first)
  const page = listed.slice(from, to)
  const [firstOne, lastOne] = [page[0], page.at(-1)]
  return {
    __typename: 'RepositoryConnection',
    totalCount: listed.length,
    nodes: () => page.map(repositoryNode),
    edges: () => page.map((item) => ({ cursor: cursorOf(item), node: repositoryNode(item) })),
    pageInfo: {
      startCursor: firstOne === undefined ? null : cursorOf(firstOne),
      endCursor: lastOne === undefined ? null : cursorOf(lastOne),
      hasNextPage: to < listed.length,
      hasPreviousPage: from > 0,
    },
  }
}

function refuseBounds({ first, last }: RepositoriesArguments): void {
  if (first == null && last == null) {
    throw githubError(
      'MISSING_PAGINATION_BOUNDARIES',
      'You must provide a `first` or `last` value to properly paginate the `repositories` connection.',
    )
  }
  const [name, wanted] = first == null ? (['last', last ?? 0] as const) : (['first', first] as const)
  const connection = `\`${String(wanted)}\` on the \`repositories\` connection`
  if (wanted < 0) throw githubError('INVALID_PAGINATION', `${connection} is negative.`)
  if (wanted <= LARGEST_PAGE) return
  throw githubError(
    'EXCESSIVE_PAGINATION',
    `Requesting ${wanted} records on the \`repositories\` connection exceeds the \`${name}\` limit of ${LARGEST_PAGE} records.`,
  )
}

function filtered(all: readonly Repository[], args: RepositoriesArguments): Repository[] {
  const { isFork, isArchived, isLocked } = args
  const visibility = args.visibility ?? args.privacy
  return all.filter(
    ({ record }) =>
      (isFork == null || record.fork === isFork) &&
      (isArchived == null || record.archived === isArchived) &&
      isLocked !== true &&
      (visibility == null || (record.private ? 'PRIVATE' : 'PUBLIC') === visibility),
  )
}

/** By name or time of the last push; by any other field in the order of the records. */
function ordered(all: Repository[], orderBy: RepositoriesArguments['orderBy']): Repository[] {
  if (orderBy == null) return all
  const { field, direction } = orderBy
  const keyOf = ({ record }: Repository): string => {
    if (field === 'NAME') return record.name.toLowerCase()
    return field.endsWith('_AT') ? record.pushedAt : ''
  }
  const sign = direction === 'ASC' ? 1 : -1
  return all
    .map((repository) => ({ repository, key: keyOf(repository) }))
    .sort((a, b) => (a.key === b.key ? 0 : a.key < b.key ? -sign : sign))
    .map(({ repository }) => repository)
}

/** Names a repository, not a position: what is added meanwhile shifts no page. */
function cursorOf({ fullName }: Repository): string {
  return Buffer.from(`cursor:v2:${fullName}`).toString('base64')
}

function positionOf(all: readonly Repository[], cursor: string): number {
  const text = Buffer.from(cursor, 'base64').toString()
  const position = all.findIndex(({ fullName }) => `cursor:v2:${fullName}` === text)
  if (position >= 0) return position
  throw githubError('INVALID_CURSOR_ARGUMENTS', `\`${cursor}\` does not appear to be a valid cursor.`)
}
