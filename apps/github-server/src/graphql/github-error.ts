import { GraphQLError } from 'graphql'

/** An error with GitHub's `type`, which a client decides by. */
export function githubError(type: string, message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { type } })
}

/** An error as GitHub writes it: `type` beside the message, where the specification would put it into `extensions`. */
export function errorJson(error: GraphQLError): Record<string, unknown> {
  const { type } = error.extensions
  return {
    ...(type === undefined ? {} : { type }),
    ...(error.path === undefined ? {} : { path: error.path }),
    ...(error.locations === undefined ? {} : { locations: error.locations }),
    message: error.message,
  }
}
