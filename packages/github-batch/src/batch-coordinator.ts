import type { CacheStore } from '@x/core'

import { type GitHubClient } from './github-client.ts'
import { IocCatalog } from './ioc-catalog.ts'
import { type ScanResult } from './scan-result.ts'
import { assertScanScope, type ScanOptions, type ScanScope } from './scan-scope.ts'
import { Scan, type ScanParts } from './scan.ts'

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
}

/** Scans repositories: sweep, discover, plan, fetch, verify, parse, match, and an account of every repository. */
export class BatchCoordinator {
  readonly #parts: ScanParts

  constructor({
    client,
    cache,
    catalog = IocCatalog.bundled(),
    onCacheError = () => undefined,
  }: BatchCoordinatorOptions) {
    this.#parts = { client, cache, catalog, onCacheError }
  }

  /**
   * Scans. What cannot be read is named in the ledger and makes the result incomplete; nothing is clean by omission.
   * What was read is kept as it comes, so that a scan that was stopped goes on where it stood.
   *
   * @throws TypeError for a scope that names nothing, or something that is no name.
   * @throws NetworkError, RateLimitError or GitHubAPIError when not even a first list of repositories can be read.
   * @throws the signal's reason when it aborts.
   */
  scan(scope: ScanScope, options: ScanOptions = {}): Promise<ScanResult> {
    assertScanScope(scope)
    return new Scan(this.#parts, options).run(scope)
  }
}
