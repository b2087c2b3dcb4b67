import { type Caller } from '../caller.ts'
import { type RepositoryRegistry } from '../repository-registry.ts'

/** What every resolver of one request may use. */
export interface GraphQLContext {
  readonly registry: RepositoryRegistry
  readonly caller: Caller
  readonly serverUrl: string
}

/** An object of the schema: a value or a function per field. A field that is absent is one that this server lacks. */
export type GraphQLNode = Readonly<Record<string, unknown>> & { readonly __typename: string }
