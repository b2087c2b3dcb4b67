import { type Repository } from '../repository.ts'

/** A query with what it is asked with. */
export interface GraphqlQuestion {
  /** In GraphQL. */
  readonly query: string
  /** Its values. */
  readonly variables: Readonly<Record<string, string>>
  /** Where the answer has each object, in the order asked: the alias of its repository, and its own. */
  readonly places: readonly (readonly [repository: string, object: string])[]
}

/** An answer to `repositoryAliases`: objects by repository; what could not be read is `null`. */
export type ObjectsByRepository<Node> = Record<string, Record<string, Node | null> | null | undefined>

/**
 * Asks for git objects of several repositories in one query: one alias for each repository, and one below it for each
 * object. No connection is in it, so that it costs one point.
 */
export function repositoryAliases(
  objects: readonly { readonly repository: Repository; readonly oid: string }[],
  selection: string,
): GraphqlQuestion {
  const variables: Record<string, string> = {}
  const aliases = new Map<string, { readonly alias: string; readonly fields: string[] }>()
  const places = objects.map(({ repository, oid }, index): readonly [string, string] => {
    let place = aliases.get(repository.fullName)
    if (place === undefined) {
      place = { alias: `r${index}`, fields: [] }
      aliases.set(repository.fullName, place)
      variables[`${place.alias}o`] = repository.owner
      variables[`${place.alias}n`] = repository.name
    }
    const own = `b${index}`
    variables[own] = oid
    place.fields.push(`${own}: object(oid: $${own}) { ...O }`)
    return [place.alias, own]
  })
  const parameters = Object.keys(variables).map(
    (name) => `$${name}: ${name.startsWith('b') ? 'GitObjectID!' : 'String!'}`,
  )
  const fields = [...aliases.values()].map(
    (place) =>
      `${place.alias}: repository(owner: $${place.alias}o, name: $${place.alias}n) { ${place.fields.join('\n')} }`,
  )
  const query = `query (${parameters.join(', ')}) { rateLimit { cost }\n${fields.join('\n')} }
fragment O on GitObject { ${selection} }`
  return { query, variables, places }
}
