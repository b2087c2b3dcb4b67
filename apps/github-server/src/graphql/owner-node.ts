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
    repository: (args: Omit<RepositoryArguments, 'owner'>, context: GraphQLContext) =>
      findRepository({ ...args, owner: login }, context),
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
