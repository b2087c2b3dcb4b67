import { isGitHubAPIError } from '@x/core'

import { type GitHubCallOptions } from '../client/call-options.ts'
import { type GitHubClient } from '../client/github-client.ts'
import { type GraphqlAnswer, type GraphqlError } from '../client/graphql-answer.ts'
import { type RepositoryList, type RepositoryListData } from './repository-list.ts'
import { readRepository, REPOSITORY_FIELDS, type RepositoryNode, wordsOf } from './repository-node.ts'
import { type SweptRepository } from '../repository.ts'
import { mayBeTooMuch } from '../parallel/too-much.ts'

/** Something that a sweep was asked for and could not see. */
export interface SweepGap {
  /** `owner/name`, or `owner/*` where it is not known which repositories are missing. */
  readonly repository: string
  /** Why. */
  readonly why: string
}

/** What a sweep found, and what it could not. */
export interface Sweep {
  /** In the order of their names, or as asked for. */
  readonly repositories: readonly SweptRepository[]
  /** Empty when everything was seen. */
  readonly gaps: readonly SweepGap[]
  /** Of those that were asked for by name: each name that was found → the one that GitHub gives it now. */
  readonly names?: ReadonlyMap<string, string> | undefined
}

/** What a sweep works with. */
export interface SweepTools {
  /** Asks GitHub. */
  readonly client: GitHubClient
  /** What each request brings. */
  readonly call: GitHubCallOptions
  /** Answers a page that an earlier run of the same scan has read whole, or else the one that is read now. */
  readonly page: <T>(key: string, read: () => Promise<T>, isWhole: (page: T) => boolean) => Promise<T>
  /** Pages that are not whole together, so that no later run takes them for it. */
  readonly forget: (keys: readonly string[]) => Promise<void>
}

/** The order of a list. */
export interface ListOrder {
  /** By name for a full sweep, by time for an incremental one. */
  readonly field: 'NAME' | 'PUSHED_AT'
  /** First to last, or newest to oldest. */
  readonly direction: 'ASC' | 'DESC'
}

/** Where a page is in a list. */
interface PagePlace {
  readonly after: string | null
  readonly order: ListOrder
}

/** The most that GitHub lists on a page; asked for by name, as many aliases cost one point as well. */
const PAGE_SIZE = 100
const SMALLEST_PAGE = 25
const BY_NAME: ListOrder = { field: 'NAME', direction: 'ASC' }

/**
 * Lists the repositories of an owner or a team with the commit and tree of their default branch: one GraphQL point per
 * 100 repositories. Whatever GitHub says there is and does not list is a gap.
 *
 * @throws what the client throws, as long as no page was read; afterwards it is a gap.
 */
export async function sweepList(tools: SweepTools, list: RepositoryList): Promise<Sweep> {
  const found: Found = { repositories: [], gaps: [] }
  const keys: string[] = []
  let listed = 0
  let after: string | null = null
  for (;;) {
    let page: GraphqlAnswer<RepositoryListData>
    try {
      keys.push(pageKey(list, { after, order: BY_NAME }))
      page = await readPage(tools, list, { after, order: BY_NAME })
    } catch (error) {
      tools.call.signal?.throwIfAborted()
      if (after === null) throw error
      addGap(found, list, `only the first ${listed} were listed: ${(error as Error).message}`)
      return found
    }
    const connection = list.connectionOf(page.data)
    if (connection === undefined) {
      addGap(found, list, wordsOf(page.errors) || 'no such owner or team, or not visible to this token')
      return found
    }
    listed += addPage(found, list, { nodes: connection.nodes ?? [], errors: page.errors })
    const { pageInfo, totalCount } = connection
    if (pageInfo.hasNextPage && pageInfo.endCursor !== null) after = pageInfo.endCursor
    else {
      const shortfall = shortfallReason(listed, totalCount)
      if (shortfall === undefined) return found
      addGap(found, list, shortfall)
      await tools.forget(keys)
      return found
    }
  }
}

/**
 * Reads one page of a list; one that is too much for GitHub at once is asked for in smaller pieces.
 *
 * @throws what the client throws.
 */
export function readPage(
  { client, call, page }: SweepTools,
  list: RepositoryList,
  place: PagePlace,
): Promise<GraphqlAnswer<RepositoryListData>> {
  const { query, variables, connectionOf } = list
  const { after, order } = place
  const read = async (): Promise<GraphqlAnswer<RepositoryListData>> => {
    for (let first = PAGE_SIZE; ; first = Math.floor(first / 2)) {
      try {
        return await client.graphql<RepositoryListData>(query, { ...variables, ...order, after, first }, call)
      } catch (error) {
        if (!mayBeTooMuch(error) || first <= SMALLEST_PAGE) throw error
      }
    }
  }
  // An owner who is not there, or shows nothing, may be seen the next time, and GitHub calls neither an error.
  const isWhole = ({ data, errors }: GraphqlAnswer<RepositoryListData>): boolean =>
    errors.length === 0 && (connectionOf(data)?.totalCount ?? 0) > 0
  return page(pageKey(list, place), read, isWhole)
}

function pageKey({ name }: RepositoryList, { after, order }: PagePlace): string {
  return `${name} ${order.field} ${after ?? ''}`
}

/**
 * Finds repositories by `owner/name`, in the same way: one GraphQL point per 100.
 *
 * @throws what the client throws, as long as nothing was read; afterwards it is a gap.
 */
export async function sweepNames(tools: SweepTools, fullNames: readonly string[]): Promise<Sweep> {
  const found: Found = { repositories: [], gaps: [] }
  const presentNames = new Map<string, string>()
  for (let start = 0; start < fullNames.length; start += PAGE_SIZE) {
    const names = fullNames.slice(start, start + PAGE_SIZE)
    try {
      const { data, errors } = await tools.page(
        `names ${start}`,
        () => queryNames(tools, names),
        (page) => page.errors.length === 0,
      )
      for (const [index, repository] of names.entries()) {
        const node = data[`r${index}`]
        if (node == null) found.gaps.push({ repository, why: absentReason(errors, `r${index}`) })
        else {
          presentNames.set(repository, node.nameWithOwner)
          addNode(node, found)
        }
      }
    } catch (error) {
      tools.call.signal?.throwIfAborted()
      if (start === 0) throw error
      found.gaps.push(...names.map((repository) => ({ repository, why: (error as Error).message })))
    }
  }
  return { ...found, names: presentNames }
}

interface Found {
  readonly repositories: SweptRepository[]
  readonly gaps: SweepGap[]
}

/** How many repositories the page lists, those that cannot be read included. */
function addPage(
  found: Found,
  list: RepositoryList,
  { nodes, errors }: { readonly nodes: readonly (RepositoryNode | null)[]; readonly errors: readonly GraphqlError[] },
): number {
  for (const [index, node] of nodes.entries()) {
    if (node === null) addGap(found, list, unlistedReason(errors, index))
    else addNode(node, found)
  }
  return nodes.length
}

function addNode(node: RepositoryNode, { repositories, gaps }: Found): void {
  const repository = readRepository(node)
  if (typeof repository === 'string') gaps.push({ repository: node.nameWithOwner, why: repository })
  else repositories.push(repository)
}

function addGap({ gaps }: Found, { name }: RepositoryList, why: string): void {
  gaps.push({ repository: `${name}/*`, why })
}

async function queryNames(
  { client, call }: SweepTools,
  names: readonly string[],
): Promise<GraphqlAnswer<Record<string, RepositoryNode | null>>> {
  const variables: Record<string, string> = {}
  const fields = names.map((fullName, index) => {
    const [owner = '', name = ''] = fullName.split('/')
    variables[`o${index}`] = owner
    variables[`n${index}`] = name
    return `r${index}: repository(owner: $o${index}, name: $n${index}) { ...R }`
  })
  const parameters = Object.keys(variables).map((name) => `$${name}: String!`)
  const query = `query (${parameters.join(', ')}) { rateLimit { cost } ${fields.join('\n')} }\n${REPOSITORY_FIELDS}`
  try {
    return await client.graphql(query, variables, call)
  } catch (error) {
    // Where nothing that was asked for exists, the answer holds errors alone, each with its place.
    const errors = isGitHubAPIError(error, 200) && Array.isArray(error.cause) ? (error.cause as GraphqlError[]) : []
    if (errors.length > 0 && errors.every(({ path }) => path !== undefined)) return { data: {}, errors }
    throw error
  }
}

/** GitHub leaves out what it had no time for, and lists nothing of an owner whom the token may not see. */
function shortfallReason(listed: number, total: number): string | undefined {
  if (total === 0) return 'no repository is visible to this token'
  return listed < total ? `only ${listed} of ${total} repositories were listed` : undefined
}

function unlistedReason(errors: readonly GraphqlError[], index: number): string {
  const own = errors.filter(({ path }) => path?.includes('nodes') === true && path.includes(index))
  return `a repository in the list cannot be read: ${wordsOf(own) || 'no reason given'}`
}

function absentReason(errors: readonly GraphqlError[], alias: string): string {
  const own = errors.filter(({ path }) => path?.[0] === alias)
  return wordsOf(own) || wordsOf(errors) || 'not found'
}
