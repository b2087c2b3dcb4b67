import { isGitHubAPIError } from '@x/core'

import { type GitHubCallOptions, type GitHubClient, type GraphqlAnswer, type GraphqlError } from './github-client.ts'
import { type SweptRepository } from './repository.ts'

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
}

interface RepositoryNode {
  readonly name: string
  readonly nameWithOwner: string
  readonly owner: { readonly login: string }
  readonly isPrivate: boolean
  readonly isArchived: boolean
  readonly isFork: boolean
  readonly isEmpty: boolean
  readonly defaultBranchRef: {
    readonly name: string
    readonly target: { readonly oid: string; readonly tree?: { readonly oid: string } } | null
  } | null
}

interface OwnerPage {
  readonly repositoryOwner: {
    readonly repositories: {
      readonly totalCount: number
      readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null }
      readonly nodes: readonly (RepositoryNode | null)[] | null
    }
  } | null
}

/** The most that GitHub lists on a page; asked for by name, as many aliases cost one point as well. */
const PAGE_SIZE = 100
const SMALLEST_PAGE = 25

const REPOSITORY_FIELDS = `fragment R on Repository {
  name nameWithOwner owner { login } isPrivate isArchived isFork isEmpty
  defaultBranchRef { name target { oid ... on Commit { tree { oid } } } }
}`

const OWNER_QUERY = `query ($login: String!, $after: String, $first: Int!) {
  rateLimit { cost }
  repositoryOwner(login: $login) {
    repositories(first: $first, after: $after, ownerAffiliations: [OWNER], orderBy: { field: NAME, direction: ASC }) {
      totalCount
      pageInfo { hasNextPage endCursor }
      nodes { ...R }
    }
  }
}
${REPOSITORY_FIELDS}`

/**
 * Lists the repositories of an organisation or user with the commit and tree of their default branch: one GraphQL point
 * per 100 repositories. Whatever GitHub says there is and does not list is a gap.
 *
 * @throws what the client throws, as long as no page was read; afterwards it is a gap.
 */
export async function sweepOwner(client: GitHubClient, login: string, options: GitHubCallOptions): Promise<Sweep> {
  const found: Found = { repositories: [], gaps: [] }
  let listed = 0
  let after: string | null = null
  for (;;) {
    let page: GraphqlAnswer<OwnerPage>
    try {
      page = await queryPage(client, { login, after }, options)
    } catch (error) {
      options.signal?.throwIfAborted()
      if (after === null) throw error
      addGap(found, login, `only the first ${listed} were listed: ${(error as Error).message}`)
      return found
    }
    const listing = page.data.repositoryOwner?.repositories
    if (listing === undefined) {
      addGap(found, login, wordsOf(page.errors) || 'no such organisation or user, or not visible to this token')
      return found
    }
    listed += addPage(found, login, { nodes: listing.nodes ?? [], errors: page.errors })
    const { pageInfo, totalCount } = listing
    if (pageInfo.hasNextPage && pageInfo.endCursor !== null) after = pageInfo.endCursor
    else {
      const shortfall = shortfallReason(listed, totalCount)
      if (shortfall !== undefined) addGap(found, login, shortfall)
      return found
    }
  }
}

/**
 * Finds repositories by `owner/name`, in the same way: one GraphQL point per 100.
 *
 * @throws what the client throws, as long as nothing was read; afterwards it is a gap.
 */
export async function sweepNames(
  client: GitHubClient,
  fullNames: readonly string[],
  options: GitHubCallOptions,
): Promise<Sweep> {
  const found: Found = { repositories: [], gaps: [] }
  for (let start = 0; start < fullNames.length; start += PAGE_SIZE) {
    const names = fullNames.slice(start, start + PAGE_SIZE)
    try {
      const { data, errors } = await queryNames(client, names, options)
      for (const [index, repository] of names.entries()) {
        const node = data[`r${index}`]
        if (node != null) addNode(node, found)
        else found.gaps.push({ repository, why: absentReason(errors, `r${index}`) })
      }
    } catch (error) {
      options.signal?.throwIfAborted()
      if (start === 0) throw error
      found.gaps.push(...names.map((repository) => ({ repository, why: (error as Error).message })))
    }
  }
  return found
}

interface Found {
  readonly repositories: SweptRepository[]
  readonly gaps: SweepGap[]
}

/** How many repositories the page lists, those that cannot be read included. */
function addPage(
  found: Found,
  login: string,
  { nodes, errors }: { readonly nodes: readonly (RepositoryNode | null)[]; readonly errors: readonly GraphqlError[] },
): number {
  for (const [index, node] of nodes.entries()) {
    if (node === null) addGap(found, login, unlistedReason(errors, index))
    else addNode(node, found)
  }
  return nodes.length
}

function addGap({ gaps }: Found, login: string, why: string): void {
  gaps.push({ repository: `${login}/*`, why })
}

/** A page that is too much for GitHub at once is asked for in smaller pieces. */
async function queryPage(
  client: GitHubClient,
  position: { readonly login: string; readonly after: string | null },
  options: GitHubCallOptions,
): Promise<GraphqlAnswer<OwnerPage>> {
  for (let first = PAGE_SIZE; ; first = Math.floor(first / 2)) {
    try {
      return await client.graphql<OwnerPage>(OWNER_QUERY, { ...position, first }, options)
    } catch (error) {
      const mayBeTooMuch = isGitHubAPIError(error) && (error.statusCode >= 500 || error.statusCode === 200)
      if (!mayBeTooMuch || first <= SMALLEST_PAGE) throw error
    }
  }
}

async function queryNames(
  client: GitHubClient,
  names: readonly string[],
  options: GitHubCallOptions,
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
    return await client.graphql(query, variables, options)
  } catch (error) {
    // Where nothing that was asked for exists, the answer holds errors alone, each with its place.
    const errors = isGitHubAPIError(error, 200) && Array.isArray(error.cause) ? (error.cause as GraphqlError[]) : []
    if (errors.length > 0 && errors.every(({ path }) => path !== undefined)) return { data: {}, errors }
    throw error
  }
}

function addNode(node: RepositoryNode, { repositories, gaps }: Found): void {
  const { defaultBranchRef: branch } = node
  const target = branch?.target
  const tree = target?.tree?.oid
  // A branch that cannot be seen must not look like one that was never made.
  if (!node.isEmpty && (target == null || tree === undefined)) {
    gaps.push({ repository: node.nameWithOwner, why: 'its default branch cannot be read' })
    return
  }
  repositories.push({
    name: node.name,
    fullName: node.nameWithOwner,
    owner: node.owner.login,
    defaultBranch: branch?.name ?? '',
    private: node.isPrivate,
    archived: node.isArchived,
    fork: node.isFork,
    head: target == null || tree === undefined ? undefined : { commit: target.oid, tree },
  })
}

/** GitHub leaves out what it had no time for, and lists nothing of an owner whom the token may not see. */
function shortfallReason(listed: number, total: number): string | undefined {
  if (total === 0) return 'no repository is visible to this token'
  return listed < total ? `only ${listed} of ${total} repositories were listed` : undefined
}

function unlistedReason(errors: readonly GraphqlError[], index: number): string {
  const own = errors.filter(({ path }) => path?.[2] === 'nodes' && path[3] === index)
  return `a repository in the list cannot be read: ${wordsOf(own) || 'no reason given'}`
}

function absentReason(errors: readonly GraphqlError[], alias: string): string {
  const own = errors.filter(({ path }) => path?.[0] === alias)
  return wordsOf(own) || wordsOf(errors) || 'not found'
}

function wordsOf(errors: readonly GraphqlError[]): string {
  return errors.map(({ message }) => message).join('; ')
}
