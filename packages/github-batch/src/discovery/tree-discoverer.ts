import { AdaptiveSize } from '../parallel/adaptive-size.ts'
import { type BatchRecorder } from '../batch/batch-metrics-collector.ts'
import { type BatchPlan, DEFAULT_BATCH_PLAN } from '../batch/batch-plan.ts'
import { byPath, type DependencyFile, discoverDependencyFiles, type Discovery } from './dependency-discovery.ts'
import { type GitHubCallOptions } from '../client/call-options.ts'
import { type GitHubClient } from '../client/github-client.ts'
import { type ObjectsByRepository } from '../client/graphql-question.ts'
import { graphqlPatience } from '../client/graphql-patience.ts'
import { discoverRoot } from './root-discovery.ts'
import { queriesAtOnce } from '../parallel/queries-at-once.ts'
import { type Repository } from '../repository.ts'
import { mayBeTooMuch } from '../parallel/too-much.ts'
import { type WorkGroup } from '../parallel/work-group.ts'
import { WorkQueue } from '../parallel/work-queue.ts'
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
  /** What this work belongs to. */
  readonly group: WorkGroup
  /** Whether more trees may be asked for soon: a query that is not full waits for them. */
  readonly expectsMore: () => boolean
  /** Called with the trees of each answer as it comes; its slot is not free before it is done. */
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
  /** Whether it is listed by REST instead. */
  byRest: boolean
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
  readonly #options: Pick<TreeDiscovererOptions, 'expectsMore' | 'onProgress' | 'rootOnly' | 'metrics'>
  readonly #size = new AdaptiveSize()
  readonly #folders: WorkQueue<Step>
  readonly #walks: WorkQueue<Walk>
  #plan: BatchPlan = DEFAULT_BATCH_PLAN

  constructor(client: GitHubClient, options: TreeDiscovererOptions) {
    const { group, expectsMore, onProgress, rootOnly, metrics, ...call } = options
    this.#client = client
    this.#call = call
    this.#options = { expectsMore, onProgress, rootOnly, metrics }
    this.#folders = new WorkQueue<Step>(group, {
      atOnce: () => queriesAtOnce(this.#plan),
      cut: (waiting, running) => this.#cut(waiting, running),
      work: (batch) => this.#listBatch(batch),
    })
    this.#walks = new WorkQueue<Walk>(group, {
      atOnce: () => this.#plan.requestsAtOnce,
      cut: () => 1,
      work: async (batch) => {
        for (const walk of batch) await this.#discoverByRest(walk)
      },
    })
  }

  /** Whether a tree is on its way. */
  get isBusy(): boolean {
    return this.#folders.isBusy || this.#walks.isBusy
  }

  /** From now on. */
  follow(plan: BatchPlan): void {
    this.#plan = plan
    if (plan.treesPerQuery !== undefined) this.#size.follow(plan.treesPerQuery)
  }

  /** Tells what each tree came to by `onProgress`; when the signal aborts the group has a failure. */
  discover(wanted: readonly WantedTree[]): void {
    for (const one of wanted) {
      const walk = beginWalk(one)
      this.#goOn(walk, [...walk.open.values()])
    }
  }

  /** Sees to it that these folders of a tree are listed. */
  #goOn(walk: Walk, folders: readonly OpenFolder[]): void {
    // So many folders of one tree would take half a query or more; one REST request lists them all.
    const isWide = walk.open.size > Math.max(1, Math.floor(this.#size.size / 2))
    if (this.#plan.treesPerQuery === undefined || isWide || this.#isListed(walk)) this.#listByRest([walk])
    else this.#folders.add(folders.map((folder) => ({ walk, folder })))
  }

  /** GraphQL lists the root alone, or all. What a link leads to may be anywhere, and only REST lists all of a tree. */
  #isListed({ open }: Walk): boolean {
    return this.#options.rootOnly ? !open.has('') : open.size === 0
  }

  #listByRest(walks: Iterable<Walk>): void {
    const others = [...walks].filter(({ byRest }) => !byRest)
    for (const walk of others) walk.byRest = true
    this.#walks.add(others)
  }

  /** Each batch is cut when it is its turn, by what the answers before it have shown to be possible. */
  #cut(waiting: readonly Step[], running: number): number {
    const { size } = this.#size
    const strange = this.#plan.crossRepository ? -1 : waiting.findIndex(({ walk }) => walk !== waiting[0]?.walk)
    const most = strange < 0 ? size : Math.min(size, strange)
    if (waiting.length >= most) return most
    // What is on its way may open more folders.
    return running > 0 || this.#options.expectsMore() ? 0 : waiting.length
  }

  async #listBatch(batch: readonly Step[]): Promise<void> {
    const steps = batch.filter(({ walk }) => !walk.byRest)
    if (this.#client.lacksGraphql) this.#listByRest(new Set(steps.map(({ walk }) => walk)))
    else if (steps.length > 0) await this.#listFolders(steps)
  }

  async #listFolders(steps: readonly Step[]): Promise<void> {
    const questions = steps.map(({ walk, folder }) => ({ repository: walk.repositories[0], folder }))
    const depth = this.#options.rootOnly ? 1 : this.#plan.treeDepth
    const { query, variables, places } = treeQuestion(questions, depth)
    const started = this.#client.budget.now()
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
      return this.#listAnotherWay(steps, error)
    }
    this.#size.answered(this.#client.budget.now() - started)
    const touched = new Map<Walk, OpenFolder[] | 'spoiled'>()
    for (const [index, { walk, folder }] of steps.entries()) {
      const [alias = '', own = ''] = places[index] ?? []
      const opened = addListing(walk, folder, nodes[alias]?.[own])
      const before = touched.get(walk) ?? []
      touched.set(walk, before === 'spoiled' || opened === undefined ? 'spoiled' : [...before, ...opened])
    }
    this.#record(started, steps.length, steps.filter(({ walk }) => touched.get(walk) !== 'spoiled').length)
    await this.#report(touched)
  }

  /** Goes on with what was opened, and tells how far each tree is. */
  async #report(touched: ReadonlyMap<Walk, readonly OpenFolder[] | 'spoiled'>): Promise<void> {
    const progress: TreeProgress[] = []
    for (const [walk, opened] of touched) {
      const isListed = this.#isListed(walk)
      if (opened === 'spoiled' || (walk.linked && isListed)) this.#listByRest([walk])
      else if (!walk.byRest) {
        progress.push(progressOf(walk))
        if (!isListed && opened.length > 0) this.#goOn(walk, opened)
      }
    }
    await this.#options.onProgress(progress)
  }

  #record(startedAt: number, batchSize: number, successCount: number): void {
    const durationMs = Math.max(0, this.#client.budget.now() - startedAt)
    const counts = { batchSize, successCount, cacheHits: 0, apiCalls: 1 }
    this.#options.metrics?.recordBatchOperation({ operationType: 'tree_batch', durationMs, ...counts })
  }

  async #listAnotherWay(steps: readonly Step[], error: unknown): Promise<void> {
    const tooMuch = mayBeTooMuch(error)
    if (tooMuch) this.#size.refused(steps.length)
    if (!tooMuch || steps.length === 1) {
      this.#listByRest(new Set(steps.map(({ walk }) => walk)))
      return
    }
    const middle = Math.ceil(steps.length / 2)
    await this.#listBatch(steps.slice(0, middle))
    await this.#listBatch(steps.slice(middle))
  }

  async #discoverByRest({ tree, repositories, linked }: Walk): Promise<void> {
    let progress: TreeProgress = { tree, error: new Error('no repository has it') }
    const discover = this.#options.rootOnly && !linked ? discoverRoot : discoverDependencyFiles
    for (const repository of repositories) {
      try {
        progress = { tree, ...(await discover(this.#client, { repository, tree, ...this.#call })) }
        break
      } catch (error) {
        this.#call.signal?.throwIfAborted()
        progress = { tree, error: error as Error }
      }
    }
    await this.#options.onProgress([progress])
  }
}

function beginWalk(wanted: WantedTree): Walk {
  const { files, linked, open } = wanted.begun ?? { files: [], linked: false, open: [{ path: '', oid: wanted.tree }] }
  const folders = new Map(open.map((folder) => [folder.path, folder]))
  return { ...wanted, files: [...files], linked, open: folders, byRest: false }
}

/** Adds what an answer says about a folder, and answers with the folders below it that are still to list; `undefined` where it does not say it all. */
function addListing(
  walk: Walk,
  folder: OpenFolder,
  node: TreeNode | null | undefined,
): readonly OpenFolder[] | undefined {
  const listing = readFolder(folder, node)
  if (listing === undefined) return undefined
  walk.open.delete(folder.path)
  walk.files.push(...listing.files)
  walk.linked ||= listing.linked
  for (const below of listing.open) walk.open.set(below.path, below)
  return listing.open
}

function progressOf({ tree, files, linked, open }: Walk): TreeProgress {
  if (open.size > 0) return { tree, partial: { files: [...files], linked, open: [...open.values()] } }
  return { tree, discovery: { files: files.toSorted(byPath), gaps: [] } }
}
