import { type CacheStore, type Clock, systemClock } from '@x/core'

import { ForgivingStore } from './forgiving-store.ts'
import { type GitHubClient } from './github-client.ts'
import { IocCatalog } from './ioc-catalog.ts'
import { listScans, ScanJournal } from './scan-journal.ts'
import { resolveScanOptions, type ScanOptions } from './scan-options.ts'
import { type ScanRecord } from './scan-record.ts'
import { type ResumableScanResult } from './scan-result.ts'
import { assertScanScope, type ScanScope } from './scan-scope.ts'
import { Scan } from './scan.ts'

/** What a coordinator works with. */
export interface BatchCoordinatorOptions {
  /** Reads GitHub. */
  readonly client: GitHubClient
  /** Keeps what was read, by content; it stays the caller's to close. */
  readonly cache: CacheStore
  /**
   * The packages to look for.
   *
   * @defaultValue `IocCatalog.bundled()`
   */
  readonly catalog?: IocCatalog | undefined
  /** Told when the cache fails: the scan goes on with more calls. */
  readonly onCacheError?: ((error: unknown) => void) | undefined
  /**
   * Where the time comes from.
   *
   * @defaultValue `systemClock`
   */
  readonly clock?: Clock | undefined
}

/** Scans repositories: sweep, discover, plan, fetch, verify, parse, match, and an account of every repository. */
export class BatchCoordinator {
  readonly #client: GitHubClient
  readonly #store: ForgivingStore
  readonly #catalog: IocCatalog
  readonly #clock: Clock

  constructor({
    client,
    cache,
    catalog = IocCatalog.bundled(),
    onCacheError = () => undefined,
    clock = systemClock,
  }: BatchCoordinatorOptions) {
    this.#client = client
    this.#store = new ForgivingStore(cache, onCacheError)
    this.#catalog = catalog
    this.#clock = clock
  }

  /**
   * Scans. What cannot be read is named in the ledger and makes the result incomplete; nothing is clean by omission.
   * What was read is kept as it comes, so that a scan that was stopped goes on where it stood: see `resume`.
   *
   * @throws TypeError for a scope that names nothing, or something that is no name; RangeError for a malformed glob.
   * @throws NetworkError, RateLimitError, PointsSpentError or GitHubAPIError when not even a first list of repositories can
   * be read.
   * @throws the signal's reason when it aborts.
   */
  scan(scope: ScanScope, options: ScanOptions = {}): Promise<ResumableScanResult> {
    assertScanScope(scope)
    const now = this.#clock.now()
    const counts = { repositories: 0, done: 0, failed: 0, findings: 0 }
    const record: ScanRecord = {
      id: newScanId(now),
      scope,
      startedAt: now,
      updatedAt: now,
      status: 'running',
      ...counts,
    }
    return this.#run(record, { options, resumed: false })
  }

  /**
   * Goes on with a scan that was killed, stopped, or ended incomplete: as it was begun, with the commits that it has listed.
   * Nothing is asked for again whose answer is kept.
   *
   * @throws TypeError for an id that the cache does not know; otherwise as `scan`.
   */
  async resume(id: string, options: ScanOptions = {}): Promise<ResumableScanResult> {
    const record = (await this.scans()).find((scan) => scan.id === id)
    if (record === undefined) throw new TypeError(`The cache knows no scan ${JSON.stringify(id)}: begin a new one.`)
    return this.#run(record, { options, resumed: true })
  }

  /** The newest hundred scans that the cache remembers, the newest first. */
  scans(): Promise<ScanRecord[]> {
    return listScans(this.#store)
  }

  async #run(
    record: ScanRecord,
    { options, resumed }: { readonly options: ScanOptions; readonly resumed: boolean },
  ): Promise<ResumableScanResult> {
    const journal = new ScanJournal(this.#store, record, this.#catalog.hash)
    const parts = { client: this.#client, store: this.#store, catalog: this.#catalog, clock: this.#clock, journal }
    const scan = new Scan(parts, resolveScanOptions(options))
    await journal.open()
    return scan.run(record.scope, resumed)
  }
}

/** Sorts by time, and is different for scans of the same moment. */
function newScanId(now: number): string {
  const time = new Date(now).toISOString().slice(0, 19).replace(/\D/g, '')
  return `${time}-${crypto.randomUUID().slice(0, 8)}`
}
