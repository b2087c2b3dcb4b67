import { ContentStore } from '../files/content-store.ts'
import { type RootTree, type SweptRepository } from '../repository.ts'
import { RepositoryReader } from './repository-reader.ts'
import { type RepositoryOutcome } from './scan-journal.ts'
import { ScanLedger } from './scan-ledger.ts'
import { listRepositories } from './scan-listing.ts'
import { type ResolvedScanOptions } from './scan-options.ts'
import { type ScanParts } from './scan-parts.ts'
import { type ResumableScanResult } from './scan-result.ts'
import { type ScanScope, skipReason } from '../sweep/scan-scope.ts'
import { ScanView } from './scan-view.ts'
import { UsageMeter } from '../client/usage-meter.ts'

/** One run of a scan, with all that it has found out so far. */
export class Scan {
  readonly #parts: ScanParts
  readonly #scope: ScanScope
  readonly #options: ResolvedScanOptions
  readonly #meter: UsageMeter
  readonly #ledger: ScanLedger
  readonly #view: ScanView
  readonly #reader: RepositoryReader

  constructor(parts: ScanParts, scope: ScanScope, options: ResolvedScanOptions) {
    this.#parts = parts
    this.#scope = scope
    this.#options = options
    const { signal, offline } = options
    const rootOnly = scope.rootFilesOnly === true
    const content = new ContentStore(parts.store)
    const meter = new UsageMeter(options)
    const ledger = new ScanLedger(rootOnly ? 'no dependency file at its root' : 'no dependency file that is read')
    const view = new ScanView(options, { ledger, meter, client: parts.client, content })
    this.#meter = meter
    this.#ledger = ledger
    this.#view = view
    this.#reader = new RepositoryReader(parts, { signal, offline, rootOnly, content, ledger, view, meter })
  }

  async run(resumed: boolean): Promise<ResumableScanResult> {
    const stop = this.#view.begin(this.#parts.journal.id, resumed)
    try {
      await this.#scan(resumed)
      return await this.#end()
    } catch (error) {
      await this.#reader.stop(error)
      await this.#keep(await this.#reader.leave(Infinity))
      throw error
    } finally {
      stop()
    }
  }

  async #scan(resumed: boolean): Promise<void> {
    const waiting = await this.#list(resumed)
    while (waiting.length > 0) {
      const plan = this.#options.nextPlan({ repositories: waiting.length })
      this.#reader.follow(plan)
      await this.#reader.admit(waiting.splice(0, Math.max(1, plan.repositoriesAtOnce - this.#reader.open)))
      // Those that come next come together, so that their trees share queries.
      await this.#keep(await this.#reader.leave(plan.repositoriesAtOnce / 2))
    }
    await this.#keep(await this.#reader.leave(0))
    this.#options.signal?.throwIfAborted()
  }

  /** Lists what is in scope, and answers with what has to be read of it: no more than that is kept until its turn. */
  async #list(resumed: boolean): Promise<RootTree[]> {
    const listing = await listRepositories(this.#scope, this.#parts, {
      offline: this.#options.offline,
      fullSweepAfterMs: this.#options.fullSweepAfterMs,
      signal: this.#options.signal,
      meter: this.#meter,
    })
    this.#parts.onListing?.(listing)
    const { repositories, gaps } = listing
    for (const { repository, why } of gaps) this.#view.ended(this.#ledger.fail(repository, why))
    const finished = resumed ? await this.#parts.journal.getOutcomes() : new Map<string, RepositoryOutcome>()
    const pending = repositories.filter((repository) => !this.#isSettled(repository, finished))
    this.#view.listed(repositories.length + gaps.length)
    return pending.map(({ fullName, head }) => ({ fullName, tree: head?.tree ?? '' }))
  }

  async #keep(outcomes: readonly RepositoryOutcome[]): Promise<void> {
    if (outcomes.length === 0) return
    await this.#parts.journal.addOutcomes(outcomes)
    await this.#note('running')
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
}
