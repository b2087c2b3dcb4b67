import { type Owner } from '../repository-registry.ts'
import { githubError } from './github-error.ts'
import { type GraphQLContext, type GraphQLNode } from './graphql-context.ts'
import { repositoryConnection, type RepositoriesArguments } from './repository-connection.ts'
import { repositoryNode } from './repository-node.ts'

/** Arguments of `repository` at the root and, without the owner, at an owner. */
export interface RepositoryArguments {
  readonly owner: string
  readonly name: string
  readonly followRenames?: boolean | null
}

/** An `Organization` or a `User`. */
export function ownerNode(owner: Owner): GraphQLNode {
  const { login, type, id } = owner
  return {
    __typename: type,
    id: `O_${id}`,
    databaseId: id,
    login,
    name: login,
    resourcePath: `/${login}`,
    url: (_: unknown, { serverUrl }: GraphQLContext) => `${serverUrl}/${login}`,
    avatarUrl: (_: unknown, { serverUrl }: GraphQLContext) => `${serverUrl}/${login}.png`,
    repositories: (args: RepositoriesArguments, { registry, caller }: GraphQLContext) =>
      repositoryConnection(registry.listed(owner, caller), args),
    team: ({ slug }: { slug: string }, context: GraphQLContext) => teamNode(owner, slug, context),
    repository: (args: Omit<RepositoryArguments, 'owner'>, context: GraphQLContext) =>
      findRepository({ ...args, owner: login }, context),
  }
}

/** A team that has at least one repository; one without is as good as none. */
function teamNode(owner: Owner, slug: string, { registry, caller }: GraphQLContext): GraphQLNode | null {
  const repositories = registry.listed(owner, caller).filter(({ record }) => record.teams?.includes(slug) === true)
  if (repositories.length === 0) return null
  return {
    __typename: 'Team',
    id: `T_${owner.id}_${slug}`,
    slug,
    name: slug,
    repositories: (args: RepositoriesArguments) => repositoryConnection(repositories, args),
  }
}

/** The repository of that name now or, unless `followRenames` is false, formerly. */
export function findRepository(args: RepositoryArguments, { registry, caller }: GraphQLContext): GraphQLNode {
  const fullName = `${args.owner}/${args.name}`
  const moved = args.followRenames === false ? undefined : registry.findMoved(fullName, caller)
  const repository = registry.find(fullName, caller) ?? moved
  if (repository !== undefined) return repositoryNode(repository)
  throw githubError('NOT_FOUND', `Could not resolve to a Repository with the name '${fullName}'.`)
}
