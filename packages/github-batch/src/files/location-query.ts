import { type FileSearch } from './file-locator.ts'
import { type GraphqlAnswer, type GraphqlError } from '../client/graphql-answer.ts'
import { type RepositoryHead } from '../repository.ts'

/** An answer to `locationQuestion`. */
export type LocationAnswer = GraphqlAnswer<Record<string, { readonly object?: CommitNode | null } | null | undefined>>

/** A commit with the entries of the paths asked for (`f0`, `f1`, …); nothing of it where the revision is something else. */
interface CommitNode extends Readonly<Record<`f${number}`, EntryNode | null | undefined>> {
  readonly oid?: string
  readonly tree?: { readonly oid: string }
}

interface EntryNode {
  readonly mode: number
  readonly type: string
  readonly oid: string
  readonly size: number
}

/** What an answer leaves to find out. */
export interface LocationReading {
  /** To be searched for by REST. */
  readonly unclear: readonly FileSearch[]
  /** The commit of each search, where the answer names it. */
  readonly heads: readonly (RepositoryHead | undefined)[]
}

/** So many paths of a repository are looked up by one query: each is a few bytes of question and answer. */
export const PATHS_PER_QUERY = 100

const LINK = 0o120000

/** Asks what the first paths of several repositories hold: one point, for nothing of it is a connection. */
export function locationQuestion(searches: readonly FileSearch[]): {
  readonly query: string
  readonly variables: Readonly<Record<string, string>>
} {
  const variables: Record<string, string> = {}
  const fields = searches.map(({ repository, revision, paths }, index) => {
    variables[`o${index}`] = repository.owner
    variables[`n${index}`] = repository.name
    variables[`r${index}`] = revision
    const files = paths.slice(0, PATHS_PER_QUERY).map((path, position) => {
      variables[`p${index}_${position}`] = path
      return `f${position}: file(path: $p${index}_${position}) { ...F }`
    })
    return `r${index}: repository(owner: $o${index}, name: $n${index}) {
      object(expression: $r${index}) { ... on Commit { oid tree { oid } ${files.join('\n')} } }
    }`
  })
  const parameters = Object.keys(variables).map((name) => `$${name}: String!`)
  const query = `query (${parameters.join(', ')}) { rateLimit { cost }\n${fields.join('\n')} }
fragment F on TreeEntry { mode type oid size }`
  return { query, variables }
}

/** Notes what an answer says for certain. Where it does not name the commit of a search, all of its paths are unclear. */
export function readLocations(searches: readonly FileSearch[], { data, errors }: LocationAnswer): LocationReading {
  const heads: (RepositoryHead | undefined)[] = []
  const unclear = searches.flatMap((search, index): FileSearch[] => {
    const commit = data[`r${index}`]?.object
    const head =
      commit?.oid !== undefined && commit.tree !== undefined ? { commit: commit.oid, tree: commit.tree.oid } : undefined
    heads.push(head)
    if (commit == null || head === undefined) return [search]
    const paths = search.paths.slice(0, PATHS_PER_QUERY).filter((path, position) => {
      const entry = commit[`f${position}`]
      if (entry == null) return concerns(errors, [`r${index}`, 'object', `f${position}`])
      if (entry.type === 'blob') search.found.set(path, { oid: entry.oid, size: entry.size })
      return entry.mode === LINK
    })
    return paths.length === 0 ? [] : [{ ...search, paths, head }]
  })
  return { unclear, heads }
}

/** Whether an error is about a place of the answer, or about none in particular. */
function concerns(errors: readonly GraphqlError[], place: readonly string[]): boolean {
  return errors.some(({ path }) => path === undefined || place.every((part, index) => path[index] === part))
}
