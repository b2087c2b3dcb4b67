import { parseJson } from './json-body.ts'
import { isAboutLimits } from './throttle.ts'

/** An error inside a GraphQL answer. */
export interface GraphqlError {
  /** Such as `NOT_FOUND` or `FORBIDDEN`. */
  readonly type?: string | undefined
  /** In words. */
  readonly message: string
  /** Where in the answer: aliases, field names and indices. */
  readonly path?: readonly (string | number)[] | undefined
}

/** A GraphQL answer: what came, and what could not. */
export interface GraphqlAnswer<Data> {
  /** May lack what `errors` names. */
  readonly data: Data
  /** Empty where everything came. */
  readonly errors: readonly GraphqlError[]
}

/** A whole GraphQL answer, with what it cost. */
export type GraphqlReading<Data> = (GraphqlAnswer<Data> | Pick<GraphqlAnswer<Data>, 'errors'>) & {
  /** Points; an answer that names no cost has cost the least there is. */
  readonly cost: number
}

interface GraphqlBody<Data> {
  readonly data?: (Data & { readonly rateLimit?: { readonly cost: number } | null }) | null
  readonly errors?: readonly GraphqlError[] | null
}

/** Reads an answer; without data it holds errors alone. @throws GitHubAPIError where it is no JSON. */
export function readGraphqlAnswer<Data>(body: Uint8Array, url: string): GraphqlReading<Data> {
  const answer = parseJson<GraphqlBody<Data> | null>(body, url)
  const data = answer?.data
  const errors = answer?.errors ?? []
  const cost = data?.rateLimit?.cost ?? 1
  return data == null ? { errors, cost } : { data, errors, cost }
}

/** Whether an answer says that a limit was met. GitHub answers 200 here, with a type of one of two spellings for the hourly limit, and words alone for the others. */
export function isGraphqlLimit(body: Uint8Array): boolean {
  if (!Buffer.from(body.buffer, body.byteOffset, body.byteLength).includes('"errors"')) return false
  const errors = parseJson<GraphqlBody<unknown> | null>(body, '')?.errors ?? []
  return errors.some(({ type, message }) => type === 'RATE_LIMITED' || type === 'RATE_LIMIT' || isAboutLimits(message))
}
