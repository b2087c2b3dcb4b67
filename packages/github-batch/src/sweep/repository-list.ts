import { REPOSITORY_FIELDS, type RepositoryNode } from './repository-node.ts'

/** A page of a list of repositories. */
export interface RepositoryConnection {
  /** How many GitHub counts that this token may see. */
  readonly totalCount: number
  /** Where the next page begins. */
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null }
  /** `null` stands for one that cannot be read. */
  readonly nodes: readonly (RepositoryNode | null)[] | null
}

/** The answer to a list's query. */
export interface RepositoryListData {
  /** Of an owner. */
  readonly repositoryOwner?: { readonly repositories: RepositoryConnection } | null
  /** Of a team. */
  readonly organization?: { readonly team: { readonly repositories: RepositoryConnection } | null } | null
}

/** A list of repositories that GitHub pages through. */
export interface RepositoryList {
  /** The login, or `org/team`. */
  readonly name: string
  /** Takes `$first`, `$after` and `$direction` of `$field` besides its own variables. */
  readonly query: string
  /** Its own. */
  readonly variables: Readonly<Record<string, string>>
  /** Where the answer has the page; absent where there is no such owner or team, or it cannot be seen. */
  readonly connectionOf: (data: RepositoryListData) => RepositoryConnection | undefined
}

const PAGE = `totalCount pageInfo { hasNextPage endCursor } nodes { ...R }`

const OWNER_QUERY = `query ($login: String!, $after: String, $first: Int!, $field: RepositoryOrderField!, $direction: OrderDirection!) {
  rateLimit { cost }
  repositoryOwner(login: $login) {
    repositories(first: $first, after: $after, ownerAffiliations: [OWNER], orderBy: { field: $field, direction: $direction }) { ${PAGE} }
  }
}
${REPOSITORY_FIELDS}`

const TEAM_QUERY = `query ($login: String!, $slug: String!, $after: String, $first: Int!, $field: TeamRepositoryOrderField!, $direction: OrderDirection!) {
  rateLimit { cost }
  organization(login: $login) {
    team(slug: $slug) {
      repositories(first: $first, after: $after, orderBy: { field: $field, direction: $direction }) { ${PAGE} }
    }
  }
}
${REPOSITORY_FIELDS}`

/** All repositories of an organisation or user that the token can see. */
export function ownerList(login: string): RepositoryList {
  return {
    name: login,
    query: OWNER_QUERY,
    variables: { login },
    connectionOf: (data) => data.repositoryOwner?.repositories,
  }
}

/** All repositories of a team, given as `org/team`. */
export function teamList(team: string): RepositoryList {
  const [login = '', slug = ''] = team.split('/')
  return {
    name: team,
    query: TEAM_QUERY,
    variables: { login, slug },
    connectionOf: (data) => data.organization?.team?.repositories,
  }
}
