import { AdaptiveSize } from '../parallel/adaptive-size.ts'
import { type BatchRecorder } from '../batch/batch-metrics-collector.ts'
import { type BatchPlan } from '../batch/batch-plan.ts'
import { byPath, type DependencyFile, discoverDependencyFiles, type Discovery } from './dependency-discovery.ts'
import { type GitHubCallOptions, type GitHubClient } from '../client/github-client.ts'
import { type ObjectsByRepository } from '../client/graphql-question.ts'
import { graphqlPatience } from '../client/graphql-patience.ts'
import { inParallel } from '../parallel/in-parallel.ts'
import { discoverRoot } from './root-discovery.ts'
import { queriesAtOnce } from '../parallel/queries-at-once.ts'
import { type Repository } from '../repository.ts'
import { settleAll } from '../parallel/settle-all.ts'
import { mayBeTooMuch } from '../parallel/too-much.ts'
import { type OpenFolder, readFolder, type TreeNode, treeQuestion } from './tree-query.ts'

/** A tree whose dependency files are wanted. */
export interface WantedTree {
  /** The root tree's object id. */
  readonly tree: string
  /** The repositories that have it: where one refuses, the next is asked. */
  readonly repositories: readonly [Repository, ...Repository[]]
  /** What an earlier scan has found of it. */
  readonly begun?: PartialDiscovery | undefined
}

/** What is known of a tree that is not wholly listed. */
export interface PartialDiscovery {
  /** The dependency files so far. */
  readonly files: readonly DependencyFile[]
  /** Whether one more is a symbolic link. */
  readonly linked: boolean
  /** The folders still to list. */
  readonly open: readonly OpenFolder[]
}

/** What is known of a tree. */
export type KnownTree = { readonly discovery: Discovery } | { readonly partial: PartialDiscovery }

/** How far an answer has brought a tree. */
export type TreeProgress = { readonly tree: string } & (KnownTree | { readonly error: Error })

/** How to discover. */
export interface TreeDiscovererOptions extends GitHubCallOptions {
  /** Called with the trees of each answer as it comes; the next query is not built before it is done. */
  readonly onProgress: (progress: readonly TreeProgress[]) => void | Promise<void>
  /** Whether no folder is listed besides the root: the trees stay partial. */
  readonly rootOnly: boolean
  /** Told what each query took and brought. */
  readonly metrics?: BatchRecorder | undefined
}

/** A tree on its way. */
interface Walk extends WantedTree {
  readonly files: DependencyFile[]
  linked: boolean
  /** Not listed yet, by path. */
  readonly open: Map<string, OpenFolder>
  /** Once it is listed by REST instead. */
  byRest?: Promise<void>
}

/** A folder of a walk. */
interface Step {
  readonly walk: Walk
  readonly folder: OpenFolder
}

/**
 * Finds the dependency files of many trees for the fewest requests: the folders of many repositories share GraphQL
 * queries, several levels deep, and what lies deeper shares the next ones. A tree that opens too many folders for that,
 * or of which GraphQL gives no listing with the right hash, is listed by REST.
 */
export class TreeDiscoverer {
  readonly #client: GitHubClient
  readonly #call: GitHubCallOptions
  readonly #onProgress: TreeDiscovererOptions['onProgress']
  readonly #metrics: BatchRecorder | undefined
  readonly #rootOnly: boolean
  readonly #size = new AdaptiveSize()

  constructor(client: GitHubClient, { onProgress, metrics, rootOnly, ...call }: TreeDiscovererOptions) {
    this.#metrics = metrics
    this.#rootOnly = rootOnly
    this.#client = client
    this.#call = call
    this.#onProgress = onProgress
  }

  /** @throws the signal's reason when it aborts. */
  async discover(wanted: readonly WantedTree[], plan: BatchPlan): Promise<void> {
    let walks = wanted.map(beginWalk)
    if (plan.treesPerQuery === undefined || this.#client.lacksGraphql) return this.#listByRest(walks, plan)
    this.#size.follow(plan.treesPerQuery)
    while (walks.length > 0) {
      // So many folders of one tree would take half a query or more; one REST request lists them all.
      const wide = Math.max(1, Math.floor(this.#size.size / 2))
      const isWide = (walk: Walk): boolean => walk.open.size > wide || this.#isListed(walk)
      await settleAll([
        this.#listByRest(walks.filter(isWide), plan),
        this.#listByQueries(
          walks.filter((walk) => !isWide(walk)),
          plan,
        ),
      ])
      walks = walks.filter((walk) => !this.#isListed(walk) && walk.byRest === undefined)
    }
  }

  async #listByRest(walks: readonly Walk[], { requestsAtOnce }: BatchPlan): Promise<void> {
    await inParallel(walks, requestsAtOnce, (walk) => this.#finishByRest(walk))
  }

  /** Lists every open folder once; what it opens is for the next round. */
  async #listByQueries(walks: readonly Walk[], plan: BatchPlan): Promise<void> {
    const steps = walks.flatMap((walk) => [...walk.open.values()].map((folder): Step => ({ walk, folder })))
    await inParallel(this.#batches(steps, plan), queriesAtOnce(plan), (batch) => this.#listBatch(batch, plan))
  }

  /** Each batch is cut when it is its turn, by what the answers before it have shown to be possible. */
  *#batches(steps: readonly Step[], { crossRepository }: BatchPlan): Generator<readonly Step[]> {
    for (let start = 0; start < steps.length;) {
      let batch = steps.slice(start, start + this.#size.size)
      if (!crossRepository) batch = batch.filter(({ walk }) => walk === batch[0]?.walk)
      start += batch.length
      yield batch
    }
  }

  async #listBatch(batch: readonly Step[], plan: BatchPlan): Promise<void> {
    const steps = batch.filter(({ walk }) => walk.byRest === undefined)
    if (steps.length === 0) return
    const questions = steps.map(({ walk, folder }) => ({ repository: walk.repositories[0], folder }))
    const { query, variables, places } = treeQuestion(questions, this.#rootOnly ? 1 : plan.treeDepth)
    const started = performance.now()
    let nodes: ObjectsByRepository<TreeNode>
    try {
      nodes = (
        await this.#client.graphql<typeof nodes>(query, variables, {
          ...this.#call,
          ...graphqlPatience(this.#client, steps.length),
        })
      ).data
    } catch (error) {
      this.#call.signal?.throwIfAborted()
      return this.#listAnotherWay(steps, plan, error)
    }
    this.#size.answered(performance.now() - started)
    const spoiled = new Set<Walk>()
    for (const [index, { walk, folder }] of steps.entries()) {
      const [alias = '', own = ''] = places[index] ?? []
      if (!addListing(walk, folder, nodes[alias]?.[own])) spoiled.add(walk)
    }
    this.#metrics?.recordBatchOperation({
      operationType: 'tree_batch',
      durationMs: performance.now() - started,
      batchSize: steps.length,
      successCount: steps.filter(({ walk }) => !spoiled.has(walk)).length,
      cacheHits: 0,
      apiCalls: 1,
    })
    const touched = new Set(steps.map(({ walk }) => walk))
    const needsRest = (walk: Walk): boolean =>
      spoiled.has(walk) || walk.byRest !== undefined || (walk.linked && this.#isListed(walk))
    await this.#onProgress([...touched].flatMap((walk) => (needsRest(walk) ? [] : [progressOf(walk)])))
    await this.#listByRest([...touched].filter(needsRest), plan)
  }

  /** Whether GraphQL has nothing more to list of it. What a link leads to may be anywhere, and only REST lists all of a tree. */
  #isListed({ open }: Walk): boolean {
    return this.#rootOnly ? !open.has('') : open.size === 0
  }

  async #listAnotherWay(steps: readonly Step[], plan: BatchPlan, error: unknown): Promise<void> {
    const tooMuch = mayBeTooMuch(error)
    if (tooMuch) this.#size.refused(steps.length)
    if (!tooMuch || steps.length === 1) return this.#listByRest([...new Set(steps.map(({ walk }) => walk))], plan)
    const middle = Math.ceil(steps.length / 2)
    await this.#listBatch(steps.slice(0, middle), plan)
    await this.#listBatch(steps.slice(middle), plan)
  }

  #finishByRest(walk: Walk): Promise<void> {
    return (walk.byRest ??= this.#discoverByRest(walk))
  }

  async #discoverByRest({ tree, repositories, linked }: Walk): Promise<void> {
    let progress: TreeProgress = { tree, error: new Error('no repository has it') }
    const discover = this.#rootOnly && !linked ? discoverRoot : discoverDependencyFiles
    for (const repository of repositories) {
      try {
        progress = { tree, ...(await discover(this.#client, { repository, tree, ...this.#call })) }
        break
      } catch (error) {
        this.#call.signal?.throwIfAborted()
        progress = { tree, error: error as Error }
      }
    }
    await this.#onProgress([progress])
  }
}

function beginWalk(wanted: WantedTree): Walk {
  const { files, linked, open } = wanted.begun ?? { files: [], linked: false, open: [{ path: '', oid: wanted.tree }] }
  return { ...wanted, files: [...files], linked, open: new Map(open.map((folder) => [folder.path, folder])) }
}

/** Adds what an answer says about a folder; `false` where it does not say it all. */
function addListing(walk: Walk, folder: OpenFolder, node: TreeNode | null | undefined): boolean {
  const listing = readFolder(folder, node)
  if (listing === undefined) return false
  walk.open.delete(folder.path)
  walk.files.push(...listing.files)
  walk.linked ||= listing.linked
  for (const below of listing.open) walk.open.set(below.path, below)
  return true
}

function progressOf({ tree, files, linked, open }: Walk): TreeProgress {
  if (open.size > 0) return { tree, partial: { files: [...files], linked, open: [...open.values()] } }
  return { tree, discovery: { files: files.toSorted(byPath), gaps: [] } }
}
