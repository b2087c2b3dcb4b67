import { type Repository } from '../repository-registry.ts'
import { gitObjectNode } from './git-object-node.ts'
import { type GraphQLContext, type GraphQLNode } from './graphql-context.ts'
import { ownerNode } from './owner-node.ts'

const BRANCHES = 'refs/heads/'
const TAGS = 'refs/tags/'

/** The `Repository` of the schema, as far as a scanner needs it. */
export function repositoryNode(repository: Repository): GraphQLNode {
  const { record, git, id, fullName } = repository
  const { pushedAt } = record
  return {
    __typename: 'Repository',
    id: `R_${id}`,
    databaseId: id,
    name: record.name,
    nameWithOwner: fullName,
    owner: (_: unknown, { registry }: GraphQLContext) => {
      const owner = registry.owner(record.owner)
      return owner === undefined ? null : ownerNode(owner)
    },
    description: null,
    homepageUrl: null,
    createdAt: pushedAt,
    updatedAt: pushedAt,
    pushedAt,
    archivedAt: record.archived ? pushedAt : null,
    isArchived: record.archived,
    isDisabled: false,
    isFork: record.fork,
    isInOrganization: record.ownerType === 'Organization',
    isLocked: false,
    isMirror: false,
    isPrivate: record.private,
    isTemplate: false,
    visibility: record.private ? 'PRIVATE' : 'PUBLIC',
    viewerPermission: 'READ',
    resourcePath: `/${fullName}`,
    url: (_: unknown, { serverUrl }: GraphQLContext) => `${serverUrl}/${fullName}`,
    isEmpty: async () => (await git.head()) === undefined,
    defaultBranchRef: () => referenceNode(repository, `${BRANCHES}${record.defaultBranch}`),
    ref: ({ qualifiedName }: { qualifiedName: string }) => namedReference(repository, qualifiedName),
    object: ({ oid, expression }: { oid?: string; expression?: string }, context: GraphQLContext) => {
      if (oid != null) return gitObjectNode({ repository, oid }, context)
      return expression == null ? null : objectByExpression(repository, expression, context)
    },
  }
}

/** `REVISION` or `REVISION:PATH`. */
async function objectByExpression(
  repository: Repository,
  expression: string,
  context: GraphQLContext,
): Promise<GraphQLNode | null> {
  const { git } = repository
  const colon = expression.indexOf(':')
  if (colon < 0) {
    const oid = await git.resolve(expression)
    return oid === undefined ? null : gitObjectNode({ repository, oid }, context)
  }
  const tree = await git.treeOf(expression.slice(0, colon))
  if (tree === undefined) return null
  const path = expression.slice(colon + 1).replace(/\/$/, '')
  if (path === '') return gitObjectNode({ repository, oid: tree }, context)
  const entry = await git.entryAt(tree, path)
  return entry === undefined ? null : gitObjectNode({ repository, oid: entry.oid, prefix: `${path}/` }, context)
}

async function namedReference(repository: Repository, name: string): Promise<GraphQLNode | null> {
  if (name.startsWith('refs/')) return referenceNode(repository, name)
  return (await referenceNode(repository, `${BRANCHES}${name}`)) ?? referenceNode(repository, `${TAGS}${name}`)
}

async function referenceNode(repository: Repository, fullName: string): Promise<GraphQLNode | null> {
  const oid = await repository.git.reference(fullName)
  if (oid === undefined) return null
  const prefix = [BRANCHES, TAGS].find((candidate) => fullName.startsWith(candidate)) ?? 'refs/'
  return {
    __typename: 'Ref',
    id: `REF_${repository.id}_${fullName}`,
    name: fullName.slice(prefix.length),
    prefix,
    repository: () => repositoryNode(repository),
    target: (_: unknown, context: GraphQLContext) => gitObjectNode({ repository, oid }, context),
  }
}
