import { type CacheStore, isGitHubAPIError, isNetworkError } from '@x/core'
import { isLockfileError, type ParsedLockfile, parseLockfile } from '@x/lockfiles'

import { type BatchPlan, DEFAULT_BATCH_PLAN } from './batch-plan.ts'
import { BlobFetcher, type FetchedBlob, type WantedBlob } from './blob-fetcher.ts'
import { ContentStore, packagesKey } from './content-store.ts'
import { type DependencyFile, type Discovery } from './dependency-discovery.ts'
import { type GitHubClient } from './github-client.ts'
import { type IocCatalog } from './ioc-catalog.ts'
import { prioritizeFile } from './prioritized-file.ts'
import { type SweptRepository } from './repository.ts'
import { type Finding, type LedgerEntry, type ScanResult } from './scan-result.ts'
import { type ScanOptions, type ScanScope } from './scan-scope.ts'
import { sweepScope } from './scope-sweep.ts'
import { TreeDiscoverer, type TreeProgress, type WantedTree } from './tree-discoverer.ts'
import { UsageMeter } from './usage-meter.ts'

/** So many parsed files are read from the store together. */
const FILES_AT_ONCE = 20
/** So many requests in a row without any answer, each sent several times, and GitHub is out of reach. */
const MOST_OUTAGES = 5
/** Ctrl-C and progress wait no longer than this. */
const LONGEST_TURN_MS = 20

/** What a scan works with: see `BatchCoordinatorOptions`. */
export interface ScanParts {
  /** Reads GitHub. */
  readonly client: GitHubClient
  /** Keeps what was read. */
  readonly cache: CacheStore
  /** The packages to look for. */
  readonly catalog: IocCatalog
  /** Told when the cache fails. */
  readonly onCacheError: (error: unknown) => void
}

/** A dependency file of one repository. */
interface RepositoryFile extends DependencyFile {
  readonly repository: SweptRepository
}

/** Files whose content and name are the same are parsed once. */
type FileGroup = readonly [RepositoryFile, ...RepositoryFile[]]

/** One run of a scan, with all that it has found out so far. */
export class Scan {
  readonly #parts: ScanParts
  readonly #onProgress: NonNullable<ScanOptions['onProgress']>
  /** The caller's. */
  readonly #interrupt: AbortSignal | undefined
  /** Aborted once nothing more can be read: with a refused token, or no connection. */
  readonly #giveUp = new AbortController()
  /** Either of them. */
  readonly #signal: AbortSignal
  readonly #store: ContentStore
  readonly #meter: UsageMeter
  readonly #nextPlan: () => BatchPlan
  readonly #trees: TreeDiscoverer
  readonly #blobs: BlobFetcher
  /** What each tree of the wave came to. */
  #discovered = new Map<string, Discovery | Error>()
  /** The files of the wave that wait for their content, by object id. */
  #unread = new Map<string, FileGroup[]>()
  readonly #findings: Finding[] = []
  readonly #ledger: LedgerEntry[] = []
  /** What could not be read, by repository, until the repository is entered in the ledger. */
  readonly #gaps = new Map<string, string[]>()
  #repositoriesTotal = 0
  #repositoriesSearched = 0
  #filesDone = 0
  /** Requests in a row that got no answer at all. */
  #outages = 0
  /** When the event loop last had a turn. */
  #turnedAt = performance.now()

  constructor(
    parts: ScanParts,
    { signal, onProgress = () => undefined, plan = DEFAULT_BATCH_PLAN, maxPoints }: ScanOptions,
  ) {
    this.#nextPlan = typeof plan === 'function' ? plan : () => plan
    this.#parts = parts
    this.#interrupt = signal
    this.#signal = signal === undefined ? this.#giveUp.signal : AbortSignal.any([signal, this.#giveUp.signal])
    this.#onProgress = onProgress
    this.#meter = new UsageMeter({ maxPoints })
    this.#store = new ContentStore(parts.cache, parts.onCacheError)
    const call = { signal: this.#signal, meter: this.#meter }
    this.#trees = new TreeDiscoverer(parts.client, {
      ...call,
      priority: 1,
      onProgress: (trees) => this.#addTrees(trees),
    })
    this.#blobs = new BlobFetcher(parts.client, { ...call, onBlobs: (blobs) => this.#addBlobs(blobs) })
  }

  async run(scope: ScanScope): Promise<ScanResult> {
    const { repositories, gaps } = await sweepScope(this.#parts.client, scope, {
      signal: this.#interrupt,
      meter: this.#meter,
      priority: 2,
    })
    this.#repositoriesTotal = repositories.length + gaps.length
    for (const { repository, why } of gaps) this.#ledger.push({ repository, status: 'failed', why })
    const pending = repositories.filter((repository) => !this.#skip(repository, scope))
    this.#progress()
    for (let start = 0; start < pending.length;) {
      const plan = this.#nextPlan()
      const wave = pending.slice(start, start + plan.repositoriesAtOnce)
      await this.#scanWave(wave, plan)
      start += wave.length
    }
    this.#interrupt?.throwIfAborted()
    const ledger = this.#ledger.toSorted((a, b) => (a.repository < b.repository ? -1 : 1))
    return {
      findings: this.#findings.toSorted(byPlace),
      warnings: [],
      ledger,
      cost: { ...this.#meter.usage, cacheHits: this.#store.hits },
      complete: ledger.every(({ status }) => status !== 'failed'),
    }
  }

  #skip({ fullName, head, archived, fork }: SweptRepository, scope: ScanScope): boolean {
    let why: string | undefined
    if (head === undefined) why = 'empty'
    else if (archived && scope.includeArchived !== true) why = 'archived'
    else if (fork && scope.includeForks !== true) why = 'fork'
    if (why !== undefined) this.#ledger.push({ repository: fullName, status: 'skipped', why })
    return why !== undefined
  }

  async #scanWave(wave: readonly SweptRepository[], plan: BatchPlan): Promise<void> {
    await this.#discover(wave, plan)
    const files = wave.map((repository) => this.#filesOf(repository))
    await this.#read(files.flat(), plan)
    for (const [index, { fullName }] of wave.entries()) this.#close(fullName, files[index]?.length ?? 0)
  }

  /** Lets the event loop turn now and then: where the store has everything, nothing else would. */
  async #turn(): Promise<void> {
    if (performance.now() - this.#turnedAt >= LONGEST_TURN_MS) {
      await new Promise((resolve) => setImmediate(resolve))
      this.#turnedAt = performance.now()
    }
    this.#interrupt?.throwIfAborted()
  }

  /** Finds out what dependency files the trees of a wave have: from the store where it knows, else from GitHub. */
  async #discover(wave: readonly SweptRepository[], plan: BatchPlan): Promise<void> {
    this.#discovered = new Map()
    const byTree = Map.groupBy(wave, ({ head }) => head?.tree ?? '')
    const known = await this.#store.getTrees([...byTree.keys()])
    const wanted: WantedTree[] = []
    for (const [tree, [first, ...others]] of byTree) {
      if (first === undefined) continue
      const stored = known.get(tree)
      if (stored !== undefined && 'discovery' in stored) this.#discovered.set(tree, stored.discovery)
      else wanted.push({ tree, repositories: [first, ...others], begun: stored?.partial })
    }
    try {
      await this.#trees.discover(wanted, plan)
    } catch (error) {
      this.#interrupt?.throwIfAborted()
      for (const { tree } of wanted) if (!this.#discovered.has(tree)) this.#discovered.set(tree, error as Error)
    }
  }

  async #addTrees(progress: readonly TreeProgress[]): Promise<void> {
    await this.#store.setTrees(progress)
    for (const tree of progress) {
      if ('error' in tree) this.#noteFailure(tree.error)
      else this.#outages = 0
      if (!('partial' in tree)) this.#discovered.set(tree.tree, 'error' in tree ? tree.error : tree.discovery)
    }
    this.#progress()
    await this.#turn()
  }

  /** The dependency files of a repository; what is missing of them is noted as a gap. */
  #filesOf(repository: SweptRepository): RepositoryFile[] {
    const { head, fullName } = repository
    const discovery = this.#discovered.get(head?.tree ?? '')
    this.#repositoriesSearched += 1
    if (discovery === undefined || discovery instanceof Error) {
      this.#addGap(fullName, discovery?.message ?? 'its tree was not listed')
      return []
    }
    for (const { path, why } of discovery.gaps) this.#addGap(fullName, `${path}: ${why}`)
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
      const bytes = await this.#store.getBlob(oid)
      if (bytes !== undefined) await this.#parse(oid, bytes)
      else
        wanted.push({
          oid,
          size: first.size,
          repositories: [first.repository, ...others.map((file) => file.repository)],
        })
    }
    try {
      await this.#blobs.fetch(wanted, plan)
    } catch (error) {
      this.#interrupt?.throwIfAborted()
      for (const groups of this.#unread.values()) this.#missFiles(groups, error as Error)
    }
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
      const known = await this.#store.getPackages(some.map(([key]) => key))
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
    await this.#store.setBlobs(blobs)
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
    await this.#store.setPackages(parsed.map(([[{ path }], packages]) => [packagesKey(oid, path), packages]))
    for (const [group, packages] of parsed) this.#match(group, packages)
    await this.#turn()
  }

  #missFiles(groups: readonly FileGroup[] = [], error: Error): void {
    for (const { repository, path } of groups.flat()) {
      // A file's own error begins with the path of the first file that had this content.
      const why = isLockfileError(error) ? error.message.slice(error.path.length) : `: ${error.message}`
      this.#addGap(repository.fullName, `${path}${why}`)
    }
  }

  /** Stops asking where the next request could only fail in the same way. */
  #noteFailure(error: unknown): void {
    if (this.#giveUp.signal.aborted) return
    if (isNetworkError(error)) this.#outages += 1
    if (isGitHubAPIError(error, 401) || this.#outages >= MOST_OUTAGES) this.#giveUp.abort(error)
  }

  #match(group: FileGroup, parsed: ParsedLockfile): void {
    const matches = this.#parts.catalog.match(parsed.packages)
    for (const { repository, path } of group) {
      const { fullName } = repository
      this.#filesDone += 1
      for (const { line, reason } of parsed.problems) this.#addGap(fullName, `${path}:${line}: ${reason}`)
      for (const {
        package: { name, version, ecosystem, line, direct },
        source,
        reference,
      } of matches) {
        const finding = {
          repository: fullName,
          file: path,
          line,
          ecosystem,
          package: name,
          version,
          source,
          reference,
          direct,
        }
        this.#findings.push(finding)
      }
    }
    this.#progress()
  }

  #addGap(repository: string, why: string): void {
    this.#gaps.set(repository, [...(this.#gaps.get(repository) ?? []), why])
  }

  #close(repository: string, files: number): void {
    const gaps = this.#gaps.get(repository)
    this.#gaps.delete(repository)
    if (gaps !== undefined) this.#ledger.push({ repository, status: 'failed', why: gaps.join('; ') })
    else if (files === 0) this.#ledger.push({ repository, status: 'skipped', why: 'no lockfile that is read' })
    else this.#ledger.push({ repository, status: 'scanned' })
    this.#progress()
  }

  #progress(): void {
    try {
      this.#onProgress({
        repositoriesTotal: this.#repositoriesTotal,
        repositoriesSearched: this.#repositoriesSearched,
        repositoriesDone: this.#ledger.length,
        filesDone: this.#filesDone,
        findings: this.#findings,
      })
    } catch {
      // Who watches cannot stop the scan.
    }
  }
}

function byPriority([, a]: [string, readonly FileGroup[]], [, b]: [string, readonly FileGroup[]]): number {
  return priorityOf(b) - priorityOf(a)
}

function priorityOf(groups: readonly FileGroup[]): number {
  return Math.max(...groups.map(([{ path }]) => prioritizeFile(path).priority))
}

function byPlace(a: Finding, b: Finding): number {
  if (a.repository !== b.repository) return a.repository < b.repository ? -1 : 1
  if (a.file !== b.file) return a.file < b.file ? -1 : 1
  return a.line - b.line
}
