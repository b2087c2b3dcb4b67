import { isGitHubAPIError } from '@x/core'

import { type BatchPlan } from '../batch/batch-plan.ts'
import { findFiles } from '../discovery/dependency-discovery.ts'
import { FileNotFoundError } from './file-not-found-error.ts'
import { type GitHubCallOptions } from '../client/call-options.ts'
import { type GitHubClient } from '../client/github-client.ts'
import { inParallel } from '../parallel/in-parallel.ts'
import { type LocationAnswer, locationQuestion, PATHS_PER_QUERY, readLocations } from './location-query.ts'
import { queriesAtOnce } from '../parallel/queries-at-once.ts'
import { type Repository, type RepositoryHead, revisionOf, type SweptRepository } from '../repository.ts'
import { mayBeTooMuch } from '../parallel/too-much.ts'

/** A path of a repository, at the commit that a sweep has found, else at the tip of its branch. */
export interface FilePlace {
  /** Has it. */
  readonly repository: Repository | SweptRepository
  /** From the root of the repository. */
  readonly path: string
}

/** What a path holds. */
export interface LocatedFile {
  /** The object id of the content. */
  readonly oid: string
  /** Bytes. */
  readonly size: number
}

/** How to look. */
export interface LocateOptions extends GitHubCallOptions {
  /** How many requests at once, and whether one may ask for several repositories. */
  readonly plan: BatchPlan
}

/** The paths wanted of one repository, all at one commit. */
export interface FileSearch {
  /** Has them. */
  readonly repository: Repository
  /** A commit or branch. */
  readonly revision: string
  /** Each once. */
  readonly paths: readonly string[]
  /** The commit that others of these paths were found at. */
  readonly head?: RepositoryHead | undefined
  /** Where the answers go. */
  readonly found: Map<string, LocatedFile | Error>
}

/**
 * Finds out what paths hold, in the order asked: one GraphQL point for 100 paths, across repositories; by REST (the whole tree)
 * where GraphQL cannot say. All paths of a repository are looked up at the same commit. A symbolic link counts as the file that it
 * leads to.
 *
 * @throws the signal's reason when it aborts; what cannot be found out is an error in its place.
 */
export async function locateFiles(
  client: GitHubClient,
  places: readonly FilePlace[],
  options: LocateOptions,
): Promise<(LocatedFile | Error)[]> {
  const searches = new Map([...Map.groupBy(places, keyOf)].map(([key, group]) => [key, searchFor(group)]))
  await new FileLocator(client, options).locate([...searches.values()])
  return places.map((place) => {
    const { repository, path } = place
    return searches.get(keyOf(place))?.found.get(path) ?? new FileNotFoundError(repository.fullName, [path])
  })
}

class FileLocator {
  readonly #client: GitHubClient
  readonly #plan: BatchPlan
  readonly #call: GitHubCallOptions

  constructor(client: GitHubClient, { plan, ...call }: LocateOptions) {
    this.#client = client
    this.#plan = plan
    this.#call = call
  }

  async locate(searches: readonly FileSearch[]): Promise<void> {
    const plan = this.#plan
    if (plan.filesPerQuery === undefined) return this.#searchTrees(searches)
    await inParallel(batchesOf(searches, plan), queriesAtOnce(plan), (batch) => this.#ask(batch))
  }

  async #ask(batch: readonly FileSearch[]): Promise<void> {
    const { query, variables } = locationQuestion(batch)
    let answer: LocationAnswer
    try {
      answer = await this.#client.graphql(query, variables, { ...this.#call, retryServerErrors: false })
    } catch (error) {
      this.#call.signal?.throwIfAborted()
      if (!mayBeTooMuch(error) || batch.length === 1) return this.#searchTrees(batch)
      const middle = Math.ceil(batch.length / 2)
      await this.#ask(batch.slice(0, middle))
      return this.#ask(batch.slice(middle))
    }
    const { unclear, heads } = readLocations(batch, answer)
    await this.#searchTrees(unclear)
    await this.locate(batch.flatMap((search, index) => laterPart(search, heads[index])))
  }

  async #searchTrees(searches: readonly FileSearch[]): Promise<void> {
    await inParallel(searches, this.#plan.requestsAtOnce, async (search) => {
      try {
        await this.#searchTree(search)
      } catch (error) {
        this.#call.signal?.throwIfAborted()
        // An empty repository has no file.
        if (isGitHubAPIError(error, 409)) return
        for (const path of search.paths) search.found.set(path, error as Error)
      }
    })
  }

  async #searchTree({ repository, revision, paths, head, found }: FileSearch): Promise<void> {
    const { tree } = head ?? (await this.#client.getCommit(repository, revision, this.#call))
    const question = { repository, tree, ...this.#call }
    const wanted = new Set(paths)
    const { files, gaps } = await findFiles(this.#client, question, {
      wants: (path) => wanted.has(path),
      enters: (folder) => paths.some((path) => path.startsWith(folder)),
    })
    // What a link leads to may lie in a folder that was not entered.
    const links = new Set(gaps.map(({ path }) => path))
    const linked =
      gaps.length === 0
        ? { files: [], gaps: [] }
        : await findFiles(this.#client, question, { wants: (path) => links.has(path), enters: () => true })
    for (const { path, oid, size } of [...files, ...linked.files]) found.set(path, { oid, size })
    for (const { path, why } of linked.gaps) {
      found.set(path, new FileNotFoundError(repository.fullName, [path], { cause: new Error(why) }))
    }
  }
}

function keyOf({ repository }: FilePlace): string {
  return JSON.stringify([repository.fullName, revisionOf(repository)])
}

function searchFor(places: readonly [FilePlace, ...FilePlace[]] | readonly FilePlace[]): FileSearch {
  const [{ repository }] = places as readonly [FilePlace, ...FilePlace[]]
  const paths = [...new Set(places.map(({ path }) => path))]
  const head = 'head' in repository ? repository.head : undefined
  return { repository, revision: revisionOf(repository), paths, head, found: new Map() }
}

/** What did not fit into the query, to be looked up at the same commit. */
function laterPart(search: FileSearch, head: RepositoryHead | undefined): FileSearch[] {
  if (search.paths.length <= PATHS_PER_QUERY || head === undefined) return []
  return [{ ...search, paths: search.paths.slice(PATHS_PER_QUERY), revision: head.commit, head }]
}

/** As many repositories as have a query's worth of paths. */
function batchesOf(searches: readonly FileSearch[], { crossRepository }: BatchPlan): FileSearch[][] {
  const batches: FileSearch[][] = []
  let room = 0
  for (const search of searches) {
    const size = Math.min(search.paths.length, PATHS_PER_QUERY)
    if (size > room || !crossRepository) {
      batches.push([])
      room = PATHS_PER_QUERY
    }
    batches.at(-1)?.push(search)
    room -= size
  }
  return batches
}
