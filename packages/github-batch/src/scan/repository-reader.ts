import { isGitHubAPIError, isNetworkError } from '@x/core'

import { type BatchPlan, DEFAULT_BATCH_PLAN } from '../batch/batch-plan.ts'
import { BlobFetcher, type FetchedBlob, type WantedBlob } from '../files/blob-fetcher.ts'
import { type ContentStore } from '../files/content-store.ts'
import { type Discovery } from '../discovery/dependency-discovery.ts'
import { type RepositoryFile } from './file-group.ts'
import { FileMatching } from './file-matching.ts'
import { type RateGate } from '../budget/rate-queue.ts'
import { rootDiscovery } from '../discovery/root-discovery.ts'
import { type Repository, repositoryOf, type RootTree } from '../repository.ts'
import { type RepositoryOutcome } from './scan-journal.ts'
import { type ScanLedger } from './scan-ledger.ts'
import { type ResolvedScanOptions } from './scan-options.ts'
import { type ScanParts } from './scan-parts.ts'
import { type ScanView } from './scan-view.ts'
import { NOT_KEPT } from '../sweep/scope-sweep.ts'
import { type KnownTree, TreeDiscoverer, type TreeProgress, type WantedTree } from '../discovery/tree-discoverer.ts'
import { type UsageMeter } from '../client/usage-meter.ts'
import { WorkGroup } from '../parallel/work-group.ts'

/** So many requests in a row without any answer, each sent several times, and GitHub is out of reach. */
const MOST_OUTAGES = 5
/** Ctrl-C and progress wait no longer than this. */
const LONGEST_TURN_MS = 20

/** How to read repositories. */
export interface RepositoryReaderOptions extends Pick<ResolvedScanOptions, 'signal' | 'offline'> {
  /** Whether only the files at the root of each are read. */
  readonly rootOnly: boolean
  /** What was read before, and what is read now. */
  readonly content: ContentStore
  /** Where what is found and what is missing goes. */
  readonly ledger: ScanLedger
  /** Told of it. */
  readonly view: ScanView
  /** Counts what it costs. */
  readonly meter: UsageMeter
}

/** A repository under way. */
interface OpenRepository {
  readonly files: number
  /** Of them, those that are not matched yet. */
  left: number
}

/** A tree whose files are known. */
interface FoundTree {
  readonly repositories: readonly Repository[]
  readonly discovery: Discovery
}

/**
 * Reads repositories: the trees of some while the files of others are fetched and those of more are matched, so that no request waits for
 * another that it does not need.
 */
export class RepositoryReader {
  readonly #options: RepositoryReaderOptions
  /** Aborted once nothing more can be read: with a refused token, or no connection. */
  readonly #giveUp = new AbortController()
  /** Requests on the wire at the same time. */
  readonly #gate: RateGate = { limit: 1, inUse: 0 }
  readonly #group = new WorkGroup()
  readonly #trees: TreeDiscoverer
  readonly #blobs: BlobFetcher
  readonly #files: FileMatching
  #plan: BatchPlan = DEFAULT_BATCH_PLAN
  /** Whether repositories are being taken in, of which trees and contents may be wanted. */
  #isAdmitting = false
  /** By name. */
  readonly #open = new Map<string, OpenRepository>()
  /** Who waits for a tree that is on its way, also those that came later. */
  readonly #awaitedTrees = new Map<string, [Repository, ...Repository[]]>()
  #outcomes: RepositoryOutcome[] = []
  /** Requests in a row that got no answer at all. */
  #outages = 0
  /** When the event loop last had a turn. */
  #turnedAt = performance.now()

  constructor(parts: Pick<ScanParts, 'client' | 'catalog' | 'limits' | 'metrics'>, options: RepositoryReaderOptions) {
    this.#options = options
    const { client, metrics, limits, catalog } = parts
    const { content, ledger, view, meter, rootOnly } = options
    const giveUp = this.#giveUp.signal
    const signal = options.signal === undefined ? giveUp : AbortSignal.any([options.signal, giveUp])
    const call = { ...limits, signal, meter, gate: this.#gate, group: this.#group, metrics }
    this.#trees = new TreeDiscoverer(client, {
      ...call,
      priority: 1,
      rootOnly,
      expectsMore: () => this.#isAdmitting,
      onProgress: (trees) => this.#addTrees(trees),
    })
    this.#blobs = new BlobFetcher(client, {
      ...call,
      expectsMore: () => this.#isAdmitting || this.#trees.isBusy,
      onBlobs: (blobs) => this.#addBlobs(blobs),
    })
    this.#files = new FileMatching({
      ...{ content, catalog, ledger, view, metrics },
      fetch: (wanted) => {
        this.#fetch(wanted)
      },
      onDone: (repository) => {
        this.#endFile(repository)
      },
      turn: () => this.#turn(),
    })
  }

  /** How many repositories are under way. */
  get open(): number {
    return this.#open.size
  }

  /** From now on. */
  follow(plan: BatchPlan): void {
    this.#plan = plan
    this.#gate.limit = plan.requestsAtOnce
    this.#trees.follow(plan)
    this.#blobs.follow(plan)
  }

  /** Takes repositories in: their trees from the store where it knows, else from GitHub. */
  async admit(some: readonly RootTree[]): Promise<void> {
    this.#isAdmitting = true
    const byTree = new Map<string, [Repository, ...Repository[]]>()
    for (const { fullName, tree } of some) {
      this.#open.set(fullName, { files: 0, left: 0 })
      const others = this.#awaitedTrees.get(tree) ?? byTree.get(tree)
      if (others === undefined) byTree.set(tree, [repositoryOf(fullName)])
      else others.push(repositoryOf(fullName))
    }
    const known = await this.#options.content.getTrees([...byTree.keys()])
    const found: FoundTree[] = []
    const wanted: WantedTree[] = []
    for (const [tree, repositories] of byTree) {
      const stored = known.get(tree)
      const discovery = stored && this.#discoveryOf(stored)
      const begun = stored !== undefined && 'partial' in stored ? stored.partial : undefined
      if (discovery !== undefined) found.push({ repositories, discovery })
      else {
        this.#awaitedTrees.set(tree, repositories)
        wanted.push({ tree, repositories, begun })
      }
    }
    this.#options.view.changed()
    this.#discover(wanted)
    await this.#addFiles(found)
    this.#isAdmitting = false
    this.#group.serve()
  }

  /**
   * Waits until no more than so many repositories are under way, and answers with what those that have ended since came to.
   *
   * @throws the signal's reason when it aborts, and what nobody foresaw.
   */
  async leave(repositories: number): Promise<RepositoryOutcome[]> {
    while (this.#open.size > repositories) {
      if (this.#group.failure === undefined || this.#group.isRunning) await this.#group.next()
      else this.#surrender(this.#group.failure.error)
    }
    const outcomes = this.#outcomes
    this.#outcomes = []
    return outcomes
  }

  /** Ends what is on its way, and waits for its end. */
  async stop(reason: unknown): Promise<void> {
    this.#giveUp.abort(reason)
    while (this.#group.isRunning) await this.#group.next()
  }

  /** Nothing more will come. @throws the error, unless it is that GitHub can no longer be read: then it is what all that waits came to. */
  #surrender(error: unknown): void {
    this.#options.signal?.throwIfAborted()
    if (!this.#giveUp.signal.aborted) throw error
    for (const tree of [...this.#awaitedTrees.keys()]) this.#missTree(tree, error as Error)
    this.#files.missAll(error as Error)
    // What still is not done was lost by something that nobody foresaw.
    if (this.#open.size > 0) throw error
  }

  #discover(wanted: readonly WantedTree[]): void {
    const silence = this.#silence
    if (silence === undefined) this.#trees.discover(wanted)
    else for (const { tree } of wanted) this.#missTree(tree, silence)
  }

  #fetch(wanted: readonly WantedBlob[]): void {
    const silence = this.#silence
    if (silence === undefined) this.#blobs.fetch(wanted)
    else if (wanted.length > 0) this.#files.missAll(silence)
  }

  /** Why GitHub is asked nothing, where it is not. */
  get #silence(): Error | undefined {
    if (this.#options.offline) return new Error(NOT_KEPT)
    return this.#giveUp.signal.aborted ? (this.#giveUp.signal.reason as Error) : undefined
  }

  /** What is wanted of a tree, where it is known. */
  #discoveryOf(known: KnownTree): Discovery | undefined {
    if (this.#options.rootOnly) return rootDiscovery(known)
    return 'discovery' in known ? known.discovery : undefined
  }

  async #addTrees(progress: readonly TreeProgress[]): Promise<void> {
    await this.#options.content.setTrees(progress)
    const found: FoundTree[] = []
    for (const known of progress) {
      if ('error' in known) {
        this.#noteFailure(known.error)
        this.#missTree(known.tree, known.error)
        continue
      }
      this.#outages = 0
      const discovery = this.#discoveryOf(known)
      const repositories = this.#awaitedTrees.get(known.tree)
      if (discovery === undefined || repositories === undefined) continue
      this.#awaitedTrees.delete(known.tree)
      found.push({ repositories, discovery })
    }
    this.#options.view.changed()
    await this.#addFiles(found)
  }

  async #addBlobs(blobs: readonly FetchedBlob[]): Promise<void> {
    await this.#options.content.setBlobs(blobs)
    for (const blob of blobs) {
      if ('error' in blob) this.#noteFailure(blob.error)
      else this.#outages = 0
      await this.#files.addBlob(blob)
    }
  }

  /** Has the dependency files of repositories matched; what is missing of them is noted as a gap. */
  async #addFiles(found: readonly FoundTree[]): Promise<void> {
    const files: RepositoryFile[] = []
    for (const { repositories, discovery } of found) {
      for (const repository of repositories) {
        const { fullName } = repository
        this.#options.view.searched()
        for (const { path, why } of discovery.gaps) this.#options.ledger.addGap(fullName, `${path}: ${why}`)
        const count = discovery.files.length
        if (count === 0) this.#close(fullName, 0)
        else this.#open.set(fullName, { files: count, left: count })
        files.push(...discovery.files.map((file) => ({ ...file, repository })))
      }
    }
    await this.#turn()
    await this.#files.add(files, this.#plan.fileOrder)
  }

  #missTree(tree: string, error: Error): void {
    const repositories = this.#awaitedTrees.get(tree) ?? []
    this.#awaitedTrees.delete(tree)
    for (const { fullName } of repositories) {
      this.#options.view.searched()
      this.#options.ledger.addGap(fullName, error.message)
      this.#close(fullName, 0)
    }
  }

  #endFile(repository: string): void {
    const open = this.#open.get(repository)
    if (open === undefined) return
    open.left -= 1
    if (open.left === 0) this.#close(repository, open.files)
  }

  #close(repository: string, files: number): void {
    this.#open.delete(repository)
    const outcome = this.#options.ledger.close(repository, files)
    this.#outcomes.push(outcome)
    this.#options.view.ended(outcome.entry)
  }

  /** Stops asking where the next request could only fail in the same way. */
  #noteFailure(error: unknown): void {
    if (this.#giveUp.signal.aborted) return
    if (isNetworkError(error)) this.#outages += 1
    if (isGitHubAPIError(error, 401) || this.#outages >= MOST_OUTAGES) this.#giveUp.abort(error)
  }

  /** Lets the event loop turn now and then: where the store has everything, nothing else would. */
  async #turn(): Promise<void> {
    if (performance.now() - this.#turnedAt >= LONGEST_TURN_MS) {
      await new Promise((resolve) => setImmediate(resolve))
      this.#turnedAt = performance.now()
    }
    this.#options.signal?.throwIfAborted()
  }
}
