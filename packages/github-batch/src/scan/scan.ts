import { isGitHubAPIError, isNetworkError } from '@x/core'
import { isLockfileError, type ParsedLockfile, parseLockfile } from '@x/lockfiles'

import { type BatchPlan } from '../batch/batch-plan.ts'
import { BlobFetcher, type FetchedBlob, type WantedBlob } from '../files/blob-fetcher.ts'
import { ContentStore, packagesKey } from '../files/content-store.ts'
import { type Discovery } from '../discovery/dependency-discovery.ts'
import { type FileGroup, priorityOf, type RepositoryFile } from './file-group.ts'
import { MatchNotes } from './match-notes.ts'
import { type RateGate } from '../budget/rate-queue.ts'
import { rootDiscovery } from '../discovery/root-discovery.ts'
import { type SweptRepository } from '../repository.ts'
import { type RepositoryOutcome } from './scan-journal.ts'
import { ScanLedger } from './scan-ledger.ts'
import { type ResolvedScanOptions } from './scan-options.ts'
import { type ScanParts } from './scan-parts.ts'
import { type ResumableScanResult } from './scan-result.ts'
import { type ScanScope, skipReason } from '../sweep/scan-scope.ts'
import { listRepositories } from './scan-listing.ts'
import { ScanView } from './scan-view.ts'
import { NOT_KEPT } from '../sweep/scope-sweep.ts'
import { type KnownTree, TreeDiscoverer, type TreeProgress, type WantedTree } from '../discovery/tree-discoverer.ts'
import { UsageMeter } from '../client/usage-meter.ts'

/** So many parsed files are read from the store together. */
const FILES_AT_ONCE = 20
/** So many requests in a row without any answer, each sent several times, and GitHub is out of reach. */
const MOST_OUTAGES = 5
/** Ctrl-C and progress wait no longer than this. */
const LONGEST_TURN_MS = 20

/** One run of a scan, with all that it has found out so far. */
export class Scan {
  readonly #parts: ScanParts
  readonly #scope: ScanScope
  readonly #options: ResolvedScanOptions
  /** Aborted once nothing more can be read: with a refused token, no connection, or no points left. */
  readonly #giveUp = new AbortController()
  /** That, or the caller's. */
  readonly #signal: AbortSignal
  readonly #content: ContentStore
  readonly #meter: UsageMeter
  readonly #ledger: ScanLedger
  /** Requests of this scan on the wire at the same time. */
  readonly #gate: RateGate = { limit: 1, inUse: 0 }
  readonly #rootOnly: boolean
  readonly #view: ScanView
  readonly #matches: MatchNotes
  readonly #trees: TreeDiscoverer
  readonly #blobs: BlobFetcher
  /** What each tree of the wave came to. */
  #discovered = new Map<string, Discovery | Error>()
  /** The files of the wave that wait for their content, by object id. */
  #unread = new Map<string, FileGroup[]>()
  /** Requests in a row that got no answer at all. */
  #outages = 0
  /** When the event loop last had a turn. */
  #turnedAt = performance.now()

  constructor(parts: ScanParts, scope: ScanScope, options: ResolvedScanOptions) {
    this.#parts = parts
    this.#scope = scope
    this.#rootOnly = scope.rootFilesOnly === true
    this.#ledger = new ScanLedger(this.#rootOnly ? 'no dependency file at its root' : 'no dependency file that is read')
    this.#options = options
    const { signal } = options
    this.#signal = signal === undefined ? this.#giveUp.signal : AbortSignal.any([signal, this.#giveUp.signal])
    this.#meter = new UsageMeter(options)
    this.#content = new ContentStore(parts.store)
    this.#view = new ScanView(options, {
      ledger: this.#ledger,
      meter: this.#meter,
      client: parts.client,
      content: this.#content,
    })
    const { catalog } = parts
    this.#matches = new MatchNotes({ catalog, content: this.#content, ledger: this.#ledger, view: this.#view })
    const call = { ...parts.limits, signal: this.#signal, meter: this.#meter, gate: this.#gate }
    const { metrics } = parts
    const onProgress = (trees: readonly TreeProgress[]): Promise<void> => this.#addTrees(trees)
    this.#trees = new TreeDiscoverer(parts.client, {
      ...call,
      priority: 1,
      onProgress,
      metrics,
      rootOnly: this.#rootOnly,
    })
    this.#blobs = new BlobFetcher(parts.client, { ...call, metrics, onBlobs: (blobs) => this.#addBlobs(blobs) })
  }

  async run(resumed: boolean): Promise<ResumableScanResult> {
    const stop = this.#view.begin(this.#parts.journal.id, resumed)
    try {
      await this.#scan(resumed)
      return await this.#end()
    } finally {
      stop()
    }
  }

  async #scan(resumed: boolean): Promise<void> {
    const { repositories, gaps } = await listRepositories(this.#scope, this.#parts, {
      offline: this.#options.offline,
      fullSweepAfterMs: this.#options.fullSweepAfterMs,
      signal: this.#options.signal,
      meter: this.#meter,
    })
    for (const { repository, why } of gaps) this.#view.ended(this.#ledger.fail(repository, why))
    const finished = resumed ? await this.#parts.journal.getOutcomes() : new Map<string, RepositoryOutcome>()
    const pending = repositories.filter((repository) => !this.#isSettled(repository, finished))
    this.#view.listed(repositories.length + gaps.length)
    for (let start = 0; start < pending.length;) {
      const plan = this.#options.nextPlan({ repositories: pending.length - start })
      this.#gate.limit = plan.requestsAtOnce
      const wave = pending.slice(start, start + plan.repositoriesAtOnce)
      await this.#scanWave(wave, plan)
      start += wave.length
    }
    this.#options.signal?.throwIfAborted()
  }

  async #end(): Promise<ResumableScanResult> {
    const { journal } = this.#parts
    const complete = this.#ledger.failed === 0
    await this.#note(complete ? 'complete' : 'incomplete')
    if (complete) await journal.clear()
    return {
      id: journal.id,
      ...this.#ledger.sorted(),
      cost: this.#view.cost,
      complete,
    }
  }

  #note(status: 'running' | 'complete' | 'incomplete'): Promise<void> {
    const { clock, journal } = this.#parts
    const { entries, failed, findings } = this.#ledger
    const { repositories } = this.#view
    const counts = { repositories, done: entries.length - failed, failed, findings: findings.length }
    return journal.update({ ...counts, status, updatedAt: clock.now() })
  }

  /** Whether nothing has to be read of a repository: the scope leaves it out, or an earlier run has finished it. */
  #isSettled(repository: SweptRepository, finished: ReadonlyMap<string, RepositoryOutcome>): boolean {
    const { fullName } = repository
    const why = skipReason(repository, this.#scope)
    const outcome = finished.get(fullName)
    if (why !== undefined) this.#view.ended(this.#ledger.skip(fullName, why))
    else if (outcome !== undefined) this.#ledger.adopt(outcome)
    return why !== undefined || outcome !== undefined
  }

  async #scanWave(wave: readonly SweptRepository[], plan: BatchPlan): Promise<void> {
    await this.#discover(wave, plan)
    const files = wave.map((repository) => this.#filesOf(repository))
    await this.#read(files.flat(), plan)
    const outcomes = wave.map(({ fullName }, index) => this.#ledger.close(fullName, files[index]?.length ?? 0))
    await this.#parts.journal.addOutcomes(outcomes)
    await this.#note('running')
    for (const { entry } of outcomes) this.#view.ended(entry)
  }

  /** Lets the event loop turn now and then: where the store has everything, nothing else would. */
  async #turn(): Promise<void> {
    if (performance.now() - this.#turnedAt >= LONGEST_TURN_MS) {
      await new Promise((resolve) => setImmediate(resolve))
      this.#turnedAt = performance.now()
    }
    this.#options.signal?.throwIfAborted()
  }

  /** Finds out what dependency files the trees of a wave have: from the store where it knows, else from GitHub. */
  async #discover(wave: readonly SweptRepository[], plan: BatchPlan): Promise<void> {
    this.#discovered = new Map()
    const byTree = Map.groupBy(wave, ({ head }) => head?.tree ?? '')
    const known = await this.#content.getTrees([...byTree.keys()])
    const wanted: WantedTree[] = []
    for (const [tree, [first, ...others]] of byTree) {
      if (first === undefined) continue
      const stored = known.get(tree)
      const discovery = stored && this.#discoveryOf(stored)
      const begun = stored !== undefined && 'partial' in stored ? stored.partial : undefined
      if (discovery !== undefined) this.#discovered.set(tree, discovery)
      else wanted.push({ tree, repositories: [first, ...others], begun })
    }
    this.#view.changed()
    try {
      this.#assertOnline(wanted)
      await this.#trees.discover(wanted, plan)
    } catch (error) {
      this.#options.signal?.throwIfAborted()
      for (const { tree } of wanted) if (!this.#discovered.has(tree)) this.#discovered.set(tree, error as Error)
    }
  }

  /** What is wanted of a tree, where it is known. */
  #discoveryOf(known: KnownTree): Discovery | undefined {
    if (this.#rootOnly) return rootDiscovery(known)
    return 'discovery' in known ? known.discovery : undefined
  }

  #assertOnline(wanted: readonly unknown[]): void {
    if (this.#options.offline && wanted.length > 0) throw new Error(NOT_KEPT)
  }

  async #addTrees(progress: readonly TreeProgress[]): Promise<void> {
    await this.#content.setTrees(progress)
    for (const tree of progress) {
      if ('error' in tree) this.#noteFailure(tree.error)
      else this.#outages = 0
      const discovery = 'error' in tree ? tree.error : this.#discoveryOf(tree)
      if (discovery !== undefined) this.#discovered.set(tree.tree, discovery)
    }
    this.#view.changed()
    await this.#turn()
  }

  /** The dependency files of a repository; what is missing of them is noted as a gap. */
  #filesOf(repository: SweptRepository): RepositoryFile[] {
    const { head, fullName } = repository
    const discovery = this.#discovered.get(head?.tree ?? '')
    this.#view.searched()
    if (discovery === undefined || discovery instanceof Error) {
      this.#ledger.addGap(fullName, discovery?.message ?? 'its tree was not listed')
      return []
    }
    for (const { path, why } of discovery.gaps) this.#ledger.addGap(fullName, `${path}: ${why}`)
    return discovery.files.map((file) => ({ ...file, repository }))
  }

  /** Matches files by content: parsed or at hand in the store, or else fetched. */
  async #read(files: readonly RepositoryFile[], plan: BatchPlan): Promise<void> {
    this.#unread = await this.#matchParsed(files)
    const wanted: WantedBlob[] = []
    const unread = [...this.#unread]
    if (plan.fileOrder === 'priority') unread.sort(([, a], [, b]) => priorityOf(b) - priorityOf(a))
    for (const [oid, groups] of unread) {
      const [first, ...others] = groups.flat()
      if (first === undefined) continue
      await this.#turn()
      const bytes = await this.#content.getBlob(oid)
      if (bytes !== undefined) await this.#parse(oid, bytes)
      else {
        const repositories = [first.repository, ...others.map((file) => file.repository)] as const
        wanted.push({ oid, size: first.size, repositories })
      }
    }
    this.#countKept(files.length - wanted.reduce((total, { repositories }) => total + repositories.length, 0))
    try {
      this.#assertOnline(wanted)
      await this.#blobs.fetch(wanted, plan)
    } catch (error) {
      this.#options.signal?.throwIfAborted()
      for (const groups of this.#unread.values()) this.#missFiles(groups, error as Error)
    }
  }

  #countKept(files: number): void {
    if (files === 0) return
    const counts = { batchSize: files, successCount: files, cacheHits: files, apiCalls: 0 }
    this.#parts.metrics?.recordBatchOperation({ operationType: 'kept_file', durationMs: 0, ...counts })
  }

  /** Matches what the store has parsed before; the rest is the answer, by object id. */
  async #matchParsed(files: readonly RepositoryFile[]): Promise<Map<string, FileGroup[]>> {
    const groups = [...Map.groupBy(files, ({ oid, path }) => packagesKey(oid, path))] as [
      string,
      FileGroup & RepositoryFile[],
    ][]
    const unread = new Map<string, FileGroup[]>()
    for (let start = 0; start < groups.length; start += FILES_AT_ONCE) {
      const some = groups.slice(start, start + FILES_AT_ONCE)
      const known = await this.#content.getPackages(some.map(([key]) => key))
      for (const [key, group] of some) {
        const parsed = known.get(key)
        if (parsed !== undefined) await this.#matches.noteKept(group, parsed)
        else unread.set(group[0].oid, [...(unread.get(group[0].oid) ?? []), group])
      }
      await this.#turn()
    }
    return unread
  }

  async #addBlobs(blobs: readonly FetchedBlob[]): Promise<void> {
    await this.#content.setBlobs(blobs)
    for (const blob of blobs) {
      if ('bytes' in blob) {
        this.#outages = 0
        await this.#parse(blob.oid, blob.bytes)
      } else {
        this.#noteFailure(blob.error)
        this.#missFiles(this.#unread.get(blob.oid), blob.error)
        this.#unread.delete(blob.oid)
      }
    }
  }

  /** Parses a content under each name that it has, keeps the packages and matches them. */
  async #parse(oid: string, bytes: Uint8Array): Promise<void> {
    const text = new TextDecoder().decode(bytes)
    const parsed: [FileGroup, ParsedLockfile][] = []
    for (const group of this.#unread.get(oid) ?? []) {
      try {
        parsed.push([group, parseLockfile(group[0].path, text)])
      } catch (error) {
        this.#missFiles([group], error as Error)
      }
    }
    this.#unread.delete(oid)
    await this.#content.setPackages(parsed.map(([[{ path }], packages]) => [packagesKey(oid, path), packages]))
    for (const [group, packages] of parsed) this.#matches.note(group, packages, text)
    await this.#turn()
  }

  #missFiles(groups: readonly FileGroup[] = [], error: Error): void {
    for (const { repository, path } of groups.flat()) {
      // A file's own error begins with the path of the first file that had this content.
      const why = isLockfileError(error) ? error.message.slice(error.path.length) : `: ${error.message}`
      this.#ledger.addGap(repository.fullName, `${path}${why}`)
    }
  }

  /** Stops asking where the next request could only fail in the same way. */
  #noteFailure(error: unknown): void {
    if (this.#giveUp.signal.aborted) return
    if (isNetworkError(error)) this.#outages += 1
    if (isGitHubAPIError(error, 401) || this.#outages >= MOST_OUTAGES) this.#giveUp.abort(error)
  }
}
