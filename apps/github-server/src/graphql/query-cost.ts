import {
  getArgumentValues,
  getDirectiveValues,
  getNamedType,
  GraphQLIncludeDirective,
  GraphQLSkipDirective,
  isCompositeType,
  isInterfaceType,
  isObjectType,
  Kind,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLNamedType,
  type GraphQLSchema,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql'

/** A validated query, ready to be measured or executed. */
export interface PreparedQuery {
  readonly schema: GraphQLSchema
  readonly document: DocumentNode
  readonly operation: OperationDefinitionNode
  /** Coerced. */
  readonly variables: Readonly<Record<string, unknown>>
}

/** What a query asks for at most. */
export interface QueryCost {
  /** Points of the hourly budget. */
  readonly cost: number
  /** Nodes that its connections could answer. */
  readonly nodeCount: number
}

const REQUESTS_PER_POINT = 100

/**
 * GitHub's documented rule: one request for each connection, times the nodes of the connections around it, every page
 * full; the sum divided by 100 and rounded, at least 1.
 * (docs.github.com, "Rate limits and query limits for the GraphQL API", November 2026)
 */
export function measureQuery(query: PreparedQuery): QueryCost {
  const fragments = new Map<string, FragmentDefinitionNode>()
  for (const node of query.document.definitions) {
    if (node.kind === Kind.FRAGMENT_DEFINITION) fragments.set(node.name.value, node)
  }
  const measure = new Measure(query, fragments)
  const root = query.schema.getRootType(query.operation.operation)
  if (root) measure.add(query.operation.selectionSet, root, 1)
  return { cost: Math.max(1, Math.round(measure.requests / REQUESTS_PER_POINT)), nodeCount: measure.nodes }
}

class Measure {
  requests = 0
  nodes = 0
  readonly #query: PreparedQuery
  readonly #fragments: ReadonlyMap<string, FragmentDefinitionNode>

  constructor(query: PreparedQuery, fragments: ReadonlyMap<string, FragmentDefinitionNode>) {
    this.#query = query
    this.#fragments = fragments
  }

  add(set: SelectionSetNode, type: GraphQLNamedType, parents: number): void {
    for (const selection of set.selections) {
      if (!this.#isIncluded(selection)) continue
      if (selection.kind === Kind.FIELD) this.#addField(selection, type, parents)
      else {
        const fragment = selection.kind === Kind.INLINE_FRAGMENT ? selection : this.#fragments.get(selection.name.value)
        const condition = fragment?.typeCondition?.name.value
        const narrowed = condition === undefined ? type : this.#query.schema.getType(condition)
        if (fragment && narrowed) this.add(fragment.selectionSet, narrowed, parents)
      }
    }
  }

  #addField(node: FieldNode, type: GraphQLNamedType, parents: number): void {
    if (!isObjectType(type) && !isInterfaceType(type)) return
    const field = type.getFields()[node.name.value]
    if (field === undefined || node.selectionSet === undefined) return
    const answer = getNamedType(field.type)
    if (!isCompositeType(answer)) return
    let children = parents
    if (answer.name.endsWith('Connection')) {
      const { first, last } = getArgumentValues(field, node, this.#query.variables)
      children *= Math.max(0, Number(first ?? last ?? 0))
      this.requests += parents
      this.nodes += children
    }
    this.add(node.selectionSet, answer, children)
  }

  #isIncluded(node: SelectionNode): boolean {
    const { variables } = this.#query
    return (
      getDirectiveValues(GraphQLSkipDirective, node, variables)?.['if'] !== true &&
      getDirectiveValues(GraphQLIncludeDirective, node, variables)?.['if'] !== false
    )
  }
}
