import { type BudgetStatus } from '../rate-limiter.ts'
import { type Owner } from '../repository-registry.ts'
import { githubError } from './github-error.ts'
import { type GraphQLContext, type GraphQLNode } from './graphql-context.ts'
import { findRepository, ownerNode, type RepositoryArguments } from './owner-node.ts'
import { type QueryCost } from './query-cost.ts'
import { repositoryNode } from './repository-node.ts'

type LoginArguments = Readonly<{ login: string }>

/** The root of the schema, for one query whose cost is already taken. */
export function queryNode({ cost, nodeCount }: QueryCost, budget: BudgetStatus): GraphQLNode {
  const { limit, remaining, used, reset } = budget
  const resetAt = new Date(reset * 1000).toISOString().replace('.000Z', 'Z')
  return {
    __typename: 'Query',
    rateLimit: { __typename: 'RateLimit', cost, nodeCount, limit, remaining, used, resetAt },
    repository: (args: RepositoryArguments, context: GraphQLContext) => findRepository(args, context),
    repositoryOwner: ({ login }: LoginArguments, { registry }: GraphQLContext) => {
      const owner = registry.owner(login)
      return owner === undefined ? null : ownerNode(owner)
    },
    organization: ({ login }: LoginArguments, context: GraphQLContext) =>
      ownerNode(ownerOfType('Organization', login, context)),
    user: ({ login }: LoginArguments, context: GraphQLContext) => ownerNode(ownerOfType('User', login, context)),
    node: ({ id }: { id: string }, context: GraphQLContext) => nodeById(id, context),
    nodes: ({ ids }: { ids: readonly string[] }, context: GraphQLContext) => ids.map((id) => nodeOrError(id, context)),
  }
}

function ownerOfType(type: Owner['type'], login: string, { registry }: GraphQLContext): Owner {
  const owner = registry.owner(login)
  if (owner?.type === type) return owner
  const article = type === 'Organization' ? 'an' : 'a'
  throw githubError('NOT_FOUND', `Could not resolve to ${article} ${type} with the login of '${login}'.`)
}

/** Repositories alone can be asked for by id. */
function nodeById(id: string, { registry, caller }: GraphQLContext): GraphQLNode {
  const repository = /^R_\d+$/.test(id) ? registry.findById(Number(id.slice(2)), caller) : undefined
  if (repository !== undefined) return repositoryNode(repository)
  throw githubError('NOT_FOUND', `Could not resolve to a node with the global id of '${id}'.`)
}

/** In a list the error belongs to its own element. */
function nodeOrError(id: string, context: GraphQLContext): GraphQLNode | Error {
  try {
    return nodeById(id, context)
  } catch (error) {
    return error as Error
  }
}
