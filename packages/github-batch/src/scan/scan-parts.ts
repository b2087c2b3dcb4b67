import { type Clock } from '@x/core'

import { type BatchRecorder } from '../batch/batch-metrics-collector.ts'
import { type ForgivingStore } from '../files/forgiving-store.ts'
import { type CallLimits } from '../client/call-options.ts'
import { type GitHubClient } from '../client/github-client.ts'
import { type IocCatalog } from '../ioc/ioc-catalog.ts'
import { type Listing, type ScanJournal } from './scan-journal.ts'

/** What a scan works with. */
export interface ScanParts {
  /** Reads GitHub. */
  readonly client: GitHubClient
  /** Keeps what was read. */
  readonly store: ForgivingStore
  /** The packages to look for. */
  readonly catalog: IocCatalog
  /** Where the time comes from. */
  readonly clock: Clock
  /** What this scan has done so far, and does. */
  readonly journal: ScanJournal
  /** What its requests may bring besides: absent, the client's own limits hold alone. */
  readonly limits?: CallLimits | undefined
  /** Told what each request took and brought. */
  readonly metrics?: BatchRecorder | undefined
  /** Told what is in scope, before any of it is read; what it throws ends the scan. */
  readonly onListing?: ((listing: Listing) => void) | undefined
}
