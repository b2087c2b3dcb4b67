import { type ContentStore } from '../files/content-store.ts'
import { type GitHubClient } from '../client/github-client.ts'
import { type ScanLedger } from './scan-ledger.ts'
import { type ResolvedScanOptions, type ScanEvent } from './scan-options.ts'
import { type LedgerEntry, type ScanCost } from './scan-result.ts'
import { type UsageMeter } from '../client/usage-meter.ts'

/** Tells those who watch a scan how far it is; what they throw is dropped. */
export class ScanView {
  readonly #options: Pick<ResolvedScanOptions, 'onProgress' | 'onEvent'>
  readonly #ledger: ScanLedger
  readonly #meter: UsageMeter
  readonly #client: GitHubClient
  readonly #content: ContentStore
  #id = ''
  #total = 0
  #searched = 0
  #files = 0

  constructor(
    options: Pick<ResolvedScanOptions, 'onProgress' | 'onEvent'>,
    parts: {
      readonly ledger: ScanLedger
      readonly meter: UsageMeter
      readonly client: GitHubClient
      readonly content: ContentStore
    },
  ) {
    this.#options = options
    this.#ledger = parts.ledger
    this.#meter = parts.meter
    this.#client = parts.client
    this.#content = parts.content
  }

  /** How many repositories there are; 0 until they are listed. */
  get repositories(): number {
    return this.#total
  }

  /** What it has cost so far. */
  get cost(): ScanCost {
    const { trees, contents, parsedFiles } = this.#content.kept
    return { ...this.#meter.usage, cacheHits: trees + contents + parsedFiles }
  }

  /** Begins, and tells of waits until the answer is called. */
  begin(id: string, resumed: boolean): () => void {
    this.#id = id
    this.emit({ type: 'started', id, resumed })
    return this.#client.budget.listen((wait) => {
      this.emit({ type: 'wait', ...wait })
    })
  }

  listed(repositories: number): void {
    this.#total = repositories
    this.emit({ type: 'listed', repositories })
    this.changed()
  }

  searched(): void {
    this.#searched += 1
  }

  read(repository: string, file: string): void {
    this.#files += 1
    this.emit({ type: 'file', repository, file })
    this.changed()
  }

  ended(entry: LedgerEntry): void {
    this.emit({ type: 'repository', entry })
    this.changed()
  }

  emit(event: ScanEvent): void {
    try {
      this.#options.onEvent?.(event)
    } catch {
      // Who watches cannot stop the scan.
    }
  }

  changed(): void {
    const { entries, findings } = this.#ledger
    const [costOf, content, client] = [(): ScanCost => this.cost, this.#content, this.#client]
    try {
      this.#options.onProgress?.({
        id: this.#id,
        repositoriesTotal: this.#total,
        repositoriesSearched: this.#searched,
        repositoriesDone: entries.length,
        filesDone: this.#files,
        findings,
        get cost() {
          return costOf()
        },
        get kept() {
          return content.kept
        },
        get budget() {
          return client.budget.status
        },
      })
    } catch {
      // Who watches cannot stop the scan.
    }
  }
}
