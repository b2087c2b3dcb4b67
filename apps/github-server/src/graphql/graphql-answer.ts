import {
  type DocumentNode,
  execute,
  getOperationAST,
  getVariableValues,
  GraphQLError,
  OperationTypeNode,
  parse,
  validate,
  type GraphQLFieldResolver,
} from 'graphql'

import { BoundedMap } from '../bounded-map.ts'
import { type Caller } from '../caller.ts'
import { type Answer, HttpError, jsonAnswer } from '../http/answer.ts'
import { type RateLimiter } from '../rate-limiter.ts'
import { type RepositoryRegistry } from '../repository-registry.ts'
import { errorJson, githubError } from './github-error.ts'
import { githubSchema } from './github-schema.ts'
import { type GraphQLContext } from './graphql-context.ts'
import { measureQuery, type PreparedQuery, type QueryCost } from './query-cost.ts'
import { queryNode } from './query-node.ts'

/** A `POST /graphql` as its handler sees it. */
export interface GraphQLRequest {
  readonly body: Buffer
  readonly registry: RepositoryRegistry
  readonly limiter: RateLimiter
  readonly caller: Caller
  readonly serverUrl: string
}

/** The newest queries: clients ask the same ones again, with other variables. */
const CHECKED = new BoundedMap<DocumentNode | readonly GraphQLError[]>(200, () => 1)
const MOST_NODES = 500_000
/** Of a query that is not executed. */
const LEAST_COST: QueryCost = { cost: 1, nodeCount: 0 }

/** Answers a query: 200 with `data`, `errors` or both; what it costs is taken before it is executed. */
export async function graphqlAnswer(request: GraphQLRequest): Promise<{ answer: Answer; points: number }> {
  const prepared = prepare(request.body)
  const measured = 'schema' in prepared ? measureQuery(prepared) : LEAST_COST
  const points = measured.cost
  if (!request.limiter.spend(request.caller, 'graphql', points)) {
    const message = 'API rate limit exceeded. Wait until the time in x-ratelimit-reset.'
    return {
      answer: jsonAnswer({ errors: [{ type: 'RATE_LIMITED', code: 'graphql_rate_limit', message }] }),
      points: 0,
    }
  }
  if (!('schema' in prepared)) return { answer: refusal(prepared), points }
  if (measured.nodeCount > MOST_NODES) {
    const message = `This query requests up to ${measured.nodeCount} possible nodes which exceeds the maximum limit of 500,000.`
    return { answer: refusal([githubError('MAX_NODE_LIMIT_EXCEEDED', message)]), points }
  }
  return { answer: await run(prepared, measured, request), points }
}

/** The query, parsed and validated, or what is wrong with it. */
function prepare(body: Buffer): PreparedQuery | readonly GraphQLError[] {
  const { query, variables, operationName } = parseBody(body)
  if (typeof query !== 'string') {
    return [new GraphQLError('A query attribute must be specified and must be a string.')]
  }
  try {
    const schema = githubSchema()
    const document = checked(query)
    if (!('kind' in document)) return document
    const operation = getOperationAST(document, typeof operationName === 'string' ? operationName : undefined)
    if (operation == null) return [new GraphQLError('No operation with the given name, or several and no name.')]
    const given = (variables ?? {}) as Record<string, unknown>
    const { errors, coerced } = getVariableValues(schema, operation.variableDefinitions ?? [], given)
    return errors ?? { schema, document, operation, variables: coerced }
  } catch (error) {
    if (error instanceof GraphQLError) return [error]
    throw error
  }
}

/** The document of a query, or what is wrong with it. */
function checked(query: string): DocumentNode | readonly GraphQLError[] {
  const known = CHECKED.get(query)
  if (known !== undefined) return known
  const document = parse(query)
  const problems = validate(githubSchema(), document)
  const outcome = problems.length > 0 ? problems : document
  CHECKED.set(query, outcome)
  return outcome
}

function parseBody(body: Buffer): { query?: unknown; variables?: unknown; operationName?: unknown } {
  try {
    const parsed: unknown = JSON.parse(body.toString('utf8'))
    if (typeof parsed === 'object' && parsed !== null) return parsed
  } catch {
    // Said below.
  }
  throw new HttpError(400, 'Problems parsing JSON')
}

async function run(prepared: PreparedQuery, measured: QueryCost, request: GraphQLRequest): Promise<Answer> {
  const { registry, caller, serverUrl, limiter } = request
  const contextValue: GraphQLContext = { registry, caller, serverUrl }
  const { operation } = prepared
  const { data, errors } = await execute({
    schema: prepared.schema,
    document: prepared.document,
    rootValue:
      operation.operation === OperationTypeNode.QUERY ? queryNode(measured, limiter.status(caller, 'graphql')) : {},
    contextValue,
    variableValues: prepared.variables,
    operationName: operation.name?.value ?? null,
    fieldResolver: resolveField,
  })
  return jsonAnswer({ data, ...(errors === undefined ? {} : { errors: errors.map(errorJson) }) })
}

function refusal(errors: readonly GraphQLError[]): Answer {
  return jsonAnswer({ errors: errors.map(errorJson) })
}

/** A field of the schema that this server lacks is an error, never a silent `null`. */
const resolveField: GraphQLFieldResolver<Readonly<Record<string, unknown>>, GraphQLContext> = (
  ...[source, args, context, { parentType, fieldName }]
) => {
  const field = source[fieldName]
  if (field === undefined) {
    throw new GraphQLError(`This server does not serve the field ${parentType.name}.${fieldName}.`)
  }
  return typeof field === 'function' ? (field as (...given: unknown[]) => unknown)(args, context) : field
}
