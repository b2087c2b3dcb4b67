import { readFileSync } from 'node:fs'

import { buildSchema, type GraphQLSchema } from 'graphql'

let schema: GraphQLSchema | undefined

/** GitHub's public schema, built with the first use and then kept. */
export function githubSchema(): GraphQLSchema {
  if (schema === undefined) {
    // Importing the package would parse its JSON twin and build a second schema.
    const path = new URL('schema.graphql', import.meta.resolve('@octokit/graphql-schema'))
    // GitHub publishes it: checking it again would cost more than building it.
    schema = buildSchema(readFileSync(path, 'utf8'), { assumeValid: true, assumeValidSDL: true, noLocation: true })
  }
  return schema
}
