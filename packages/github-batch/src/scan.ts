import { type CacheStore, isGitHubAPIError, isNetworkError } from '@x/core'
import { isLockfileError, type ParsedLockfile, parseLockfile } from '@x/lockfiles'
import { AsyncSharedCall } from '@x/shared-call'

import { type FetchedBlob, fetchBlobs, type WantedBlob } from './blob-fetcher.ts'
import { blobOid } from './blob-oid.ts'
import { ContentStore, packagesKey } from './content-store.ts'
import { type DependencyFile, discoverDependencyFiles, type Discovery } from './dependency-discovery.ts'
import { type GitHubClient } from './github-client.ts'
import { type GitHubUsage } from './github-transport.ts'
import { type IocCatalog } from './ioc-catalog.ts'
import { type SweptRepository } from './repository.ts'
import { type Finding, type LedgerEntry, type ScanResult } from './scan-result.ts'
import { type ScanOptions, type ScanScope } from './scan-scope.ts'
import { settleAll } from './settle-all.ts'
import { sweepScope } from './scope-sweep.ts'

/** So many repositories are under way at once: bounds what is held in memory, and fills the queries well. */
const WAVE = 200
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
  readonly #discoveries = new AsyncSharedCall()
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

  constructor(parts: ScanParts, { signal, onProgress = () => undefined }: ScanOptions) {
    this.#parts = parts
    this.#interrupt = signal
    this.#signal = signal === undefined ? this.#giveUp.signal : AbortSignal.any([signal, this.#giveUp.signal])
    this.#onProgress = onProgress
    this.#store = new ContentStore(parts.cache, parts.onCacheError)
  }

  async run(scope: ScanScope): Promise<ScanResult> {
    const before = this.#parts.client.usage
    const { repositories, gaps } = await sweepScope(this.#parts.client, scope, { signal: this.#interrupt })
    this.#repositoriesTotal = repositories.length + gaps.length
    for (const { repository, why } of gaps) this.#ledger.push({ repository, status: 'failed', why })
    const pending = repositories.filter((repository) => !this.#skip(repository, scope))
    this.#progress()
    for (let start = 0; start < pending.length; start += WAVE) await this.#scanWave(pending.slice(start, start + WAVE))
    this.#interrupt?.throwIfAborted()
    const ledger = this.#ledger.toSorted((a, b) => (a.repository < b.repository ? -1 : 1))
    return {
      findings: this.#findings.toSorted(byPlace),
      warnings: [],
      ledger,
      cost: { ...difference(this.#parts.client.usage, before), cacheHits: this.#store.hits },
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

  async #scanWave(wave: readonly SweptRepository[]): Promise<void> {
    const discovered = await settleAll(wave.map((repository) => this.#discover(repository)))
    const files = discovered.flat()
    const groups = Map.groupBy(files, ({ oid, path }) => packagesKey(oid, path)) as Map<
      string,
      FileGroup & RepositoryFile[]
    >
    const unknown = new Map<string, FileGroup[]>()
    for (const [key, group] of groups) {
      await this.#turn()
      const parsed = await this.#store.getPackages(key)
      if (parsed !== undefined) this.#match(group, parsed)
      else unknown.set(group[0].oid, [...(unknown.get(group[0].oid) ?? []), group])
    }
    await this.#read(unknown)
    for (const [index, { fullName }] of wave.entries()) this.#close(fullName, discovered[index]?.length ?? 0)
  }

  /** Lets the event loop turn now and then: where the store has everything, nothing else would. */
  async #turn(): Promise<void> {
    if (performance.now() - this.#turnedAt >= LONGEST_TURN_MS) {
      await new Promise((resolve) => setImmediate(resolve))
      this.#turnedAt = performance.now()
    }
    this.#interrupt?.throwIfAborted()
  }

  /** The dependency files of a repository; what is missing of them is noted as a gap. */
  async #discover(repository: SweptRepository): Promise<RepositoryFile[]> {
    const { head, fullName } = repository
    if (head === undefined) return []
    try {
      const { files, gaps } = await this.#discoveries.call(head.tree, () => this.#discoverTree(repository, head.tree))
      for (const { path, why } of gaps) this.#addGap(fullName, `${path}: ${why}`)
      return files.map((file) => ({ ...file, repository }))
    } catch (error) {
      this.#interrupt?.throwIfAborted()
      this.#noteFailure(error)
      this.#addGap(fullName, (error as Error).message)
      return []
    } finally {
      this.#repositoriesSearched += 1
      this.#progress()
    }
  }

  async #discoverTree(repository: SweptRepository, tree: string): Promise<Discovery> {
    await this.#turn()
    const known = await this.#store.getDiscovery(tree)
    if (known !== undefined) return known
    const found = await discoverDependencyFiles(this.#parts.client, { repository, tree, signal: this.#signal })
    this.#outages = 0
    await this.#store.setDiscovery(tree, found)
    return found
  }

  /** Reads files by content, from the store where it has them; each is parsed as it comes. */
  async #read(unknown: Map<string, readonly FileGroup[]>): Promise<void> {
    const wanted: WantedBlob[] = []
    for (const [oid, groups] of unknown) {
      const [first, ...others] = groups.flat()
      if (first === undefined) continue
      await this.#turn()
      const bytes = await this.#store.getBlob(oid)
      if (bytes !== undefined && blobOid(bytes) === oid) await this.#parse(groups, bytes)
      else
        wanted.push({
          oid,
          size: first.size,
          repositories: [first.repository, ...others.map((file) => file.repository)],
        })
    }
    const waiting = new Set(wanted.map(({ oid }) => oid))
    const onBlob = async (blob: FetchedBlob): Promise<void> => {
      waiting.delete(blob.oid)
      if ('bytes' in blob) {
        this.#outages = 0
        await this.#store.setBlob(blob.oid, blob.bytes)
        await this.#parse(unknown.get(blob.oid) ?? [], blob.bytes)
      } else {
        this.#noteFailure(blob.error)
        this.#missFiles(unknown.get(blob.oid), blob.error)
      }
    }
    try {
      await fetchBlobs(this.#parts.client, wanted, { signal: this.#signal, onBlob })
    } catch (error) {
      this.#interrupt?.throwIfAborted()
      for (const oid of waiting) this.#missFiles(unknown.get(oid), error as Error)
    }
  }

  async #parse(groups: readonly FileGroup[], bytes: Uint8Array): Promise<void> {
    const text = new TextDecoder().decode(bytes)
    for (const group of groups) {
      const [{ oid, path }] = group
      let parsed: ParsedLockfile
      try {
        parsed = parseLockfile(path, text)
      } catch (error) {
        this.#missFiles([group], error as Error)
        continue
      }
      await this.#store.setPackages(packagesKey(oid, path), parsed)
      this.#match(group, parsed)
    }
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

function byPlace(a: Finding, b: Finding): number {
  if (a.repository !== b.repository) return a.repository < b.repository ? -1 : 1
  if (a.file !== b.file) return a.file < b.file ? -1 : 1
  return a.line - b.line
}

function difference(after: GitHubUsage, before: GitHubUsage): GitHubUsage {
  return {
    requests: after.requests - before.requests,
    restPoints: after.restPoints - before.restPoints,
    graphqlPoints: after.graphqlPoints - before.graphqlPoints,
    bytes: after.bytes - before.bytes,
  }
}
