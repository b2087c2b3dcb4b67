import { isGitHubAPIError, isNetworkError } from '@x/core'
import { isLockfileError, type ParsedLockfile, parseLockfile } from '@x/lockfiles'

import { type BatchPlan } from '../batch/batch-plan.ts'
import { BlobFetcher, type FetchedBlob, type WantedBlob } from '../files/blob-fetcher.ts'
import { ContentStore, packagesKey } from '../files/content-store.ts'
import { type DependencyFile, type Discovery } from '../discovery/dependency-discovery.ts'
import { Inventory } from './inventory.ts'
import { matchFile } from './match-file.ts'
import { prioritizeFile } from '../batch/prioritized-file.ts'
import { type SweptRepository } from '../repository.ts'
import { type Listing, type RepositoryOutcome } from './scan-journal.ts'
import { ScanLedger } from './scan-ledger.ts'
import { type ResolvedScanOptions } from './scan-options.ts'
import { type ScanParts } from './scan-parts.ts'
import { type ResumableScanResult } from './scan-result.ts'
import { type ScanScope, skipReason } from '../sweep/scan-scope.ts'
import { ScanView } from './scan-view.ts'
import { NOT_KEPT, sweepInventory, sweepScope } from '../sweep/scope-sweep.ts'
import { TreeDiscoverer, type TreeProgress, type WantedTree } from '../discovery/tree-discoverer.ts'
import { UsageMeter } from '../client/usage-meter.ts'

/** So many parsed files are read from the store together. */
const FILES_AT_ONCE = 20
/** So many requests in a row without any answer, each sent several times, and GitHub is out of reach. */
const MOST_OUTAGES = 5
/** Ctrl-C and progress wait no longer than this. */
const LONGEST_TURN_MS = 20

/** A dependency file of one repository. */
interface RepositoryFile extends DependencyFile {
  readonly repository: SweptRepository
}

/** Files whose content and name are the same are parsed once. */
type FileGroup = readonly [RepositoryFile, ...RepositoryFile[]]

/** One run of a scan, with all that it has found out so far. */
export class Scan {
  readonly #parts: ScanParts
  readonly #options: ResolvedScanOptions
  /** Aborted once nothing more can be read: with a refused token, no connection, or no points left. */
  readonly #giveUp = new AbortController()
  /** That, or the caller's. */
  readonly #signal: AbortSignal
  readonly #content: ContentStore
  readonly #meter: UsageMeter
  readonly #ledger = new ScanLedger()
  readonly #view: ScanView
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

  constructor(parts: ScanParts, options: ResolvedScanOptions) {
    this.#parts = parts
    this.#options = options
    const { signal } = options
    this.#signal = signal === undefined ? this.#giveUp.signal : AbortSignal.any([signal, this.#giveUp.signal])
    this.#meter = new UsageMeter(options)
    this.#content = new ContentStore(parts.store)
    this.#view = new ScanView(options, { ledger: this.#ledger, meter: this.#meter, client: parts.client })
    const call = { ...parts.limits, signal: this.#signal, meter: this.#meter }
    const { metrics } = parts
    const onProgress = (trees: readonly TreeProgress[]): Promise<void> => this.#addTrees(trees)
    this.#trees = new TreeDiscoverer(parts.client, { ...call, priority: 1, onProgress, metrics })
    this.#blobs = new BlobFetcher(parts.client, { ...call, metrics, onBlobs: (blobs) => this.#addBlobs(blobs) })
  }

  async run(scope: ScanScope, resumed: boolean): Promise<ResumableScanResult> {
    const stop = this.#view.begin(this.#parts.journal.id, resumed)
    try {
      await this.#scan(scope, resumed)
      return await this.#end()
    } finally {
      stop()
    }
  }

  async #scan(scope: ScanScope, resumed: boolean): Promise<void> {
    const { repositories, gaps } = await this.#list(scope)
    for (const { repository, why } of gaps) this.#view.ended(this.#ledger.fail(repository, why))
    const finished = resumed ? await this.#parts.journal.getOutcomes() : new Map<string, RepositoryOutcome>()
    const pending = repositories.filter((repository) => !this.#isSettled(repository, scope, finished))
    this.#view.listed(repositories.length + gaps.length)
    for (let start = 0; start < pending.length;) {
      const plan = this.#options.nextPlan({ repositories: pending.length - start })
      const wave = pending.slice(start, start + plan.repositoriesAtOnce)
      await this.#scanWave(wave, plan)
      start += wave.length
    }
    this.#options.signal?.throwIfAborted()
  }

  async #list(scope: ScanScope): Promise<Listing> {
    const { client, store, clock, journal, limits } = this.#parts
    const inventory = new Inventory(store)
    if (this.#options.offline) return sweepInventory(scope, inventory)
    const known = await journal.getListing()
    if (known !== undefined) return known
    const listing = await sweepScope(scope, {
      client,
      call: { ...limits, signal: this.#options.signal, meter: this.#meter, priority: 2 },
      page: (key, read) => journal.page(key, read),
      inventory,
      now: clock.now(),
      fullSweepAfterMs: this.#options.fullSweepAfterMs,
    })
    await journal.setListing(listing)
    return listing
  }

  async #end(): Promise<ResumableScanResult> {
    const { journal } = this.#parts
    const complete = this.#ledger.failed === 0
    await this.#note(complete ? 'complete' : 'incomplete')
    if (complete) await journal.clear()
    return {
      id: journal.id,
      ...this.#ledger.sorted(),
      cost: { ...this.#meter.usage, cacheHits: this.#content.hits },
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
  #isSettled(repository: SweptRepository, scope: ScanScope, finished: ReadonlyMap<string, RepositoryOutcome>): boolean {
    const { fullName } = repository
    const why = skipReason(repository, scope)
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
      if (stored !== undefined && 'discovery' in stored) this.#discovered.set(tree, stored.discovery)
      else wanted.push({ tree, repositories: [first, ...others], begun: stored?.partial })
    }
    try {
      this.#assertOnline(wanted)
      await this.#trees.discover(wanted, plan)
    } catch (error) {
      this.#options.signal?.throwIfAborted()
      for (const { tree } of wanted) if (!this.#discovered.has(tree)) this.#discovered.set(tree, error as Error)
    }
  }

  #assertOnline(wanted: readonly unknown[]): void {
    if (this.#options.offline && wanted.length > 0) throw new Error(NOT_KEPT)
  }

  async #addTrees(progress: readonly TreeProgress[]): Promise<void> {
    await this.#content.setTrees(progress)
    for (const tree of progress) {
      if ('error' in tree) this.#noteFailure(tree.error)
      else this.#outages = 0
      if (!('partial' in tree)) this.#discovered.set(tree.tree, 'error' in tree ? tree.error : tree.discovery)
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
    if (plan.fileOrder === 'priority') unread.sort(byPriority)
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
        if (parsed !== undefined) this.#match(group, parsed)
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
    for (const [group, packages] of parsed) this.#match(group, packages)
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

  #match(group: FileGroup, parsed: ParsedLockfile): void {
    const { findings, warnings } = matchFile(this.#parts.catalog, parsed)
    for (const { repository, path: file } of group) {
      const { fullName } = repository
      for (const { line, reason } of parsed.problems) this.#ledger.addGap(fullName, `${file}:${line}: ${reason}`)
      for (const found of findings) {
        const finding = { repository: fullName, file, ...found }
        this.#ledger.addFinding(finding)
        this.#view.emit({ type: 'finding', finding })
      }
      for (const found of warnings) {
        const warning = { repository: fullName, file, ...found }
        this.#ledger.addWarning(warning)
        this.#view.emit({ type: 'warning', warning })
      }
      this.#view.read(fullName, file)
    }
  }
}

function byPriority([, a]: [string, readonly FileGroup[]], [, b]: [string, readonly FileGroup[]]): number {
  return priorityOf(b) - priorityOf(a)
}

function priorityOf(groups: readonly FileGroup[]): number {
  return Math.max(...groups.map(([{ path }]) => prioritizeFile(path).priority))
}
