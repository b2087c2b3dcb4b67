import { Inventory } from './inventory.ts'
import { type Listing } from './scan-journal.ts'
import { type ResolvedScanOptions } from './scan-options.ts'
import { type ScanParts } from './scan-parts.ts'
import { type ScanScope } from '../sweep/scan-scope.ts'
import { sweepInventory, sweepScope } from '../sweep/scope-sweep.ts'
import { type UsageMeter } from '../client/usage-meter.ts'

/** How to list. */
export interface ScanListingOptions extends Pick<ResolvedScanOptions, 'offline' | 'fullSweepAfterMs' | 'signal'> {
  /** Counts what it costs. */
  readonly meter: UsageMeter
}

/**
 * The repositories in scope: as an earlier run of the same scan has listed them, else as GitHub does now, or the inventory where GitHub
 * is not asked.
 *
 * @throws what `sweepScope` throws.
 */
export async function listRepositories(
  scope: ScanScope,
  { client, store, clock, journal, limits }: ScanParts,
  { offline, fullSweepAfterMs, signal, meter }: ScanListingOptions,
): Promise<Listing> {
  const inventory = new Inventory(store)
  if (offline) return sweepInventory(scope, inventory)
  const known = await journal.getListing()
  if (known !== undefined) return known
  const listing = await sweepScope(scope, {
    client,
    call: { ...limits, signal, meter, priority: 2 },
    page: (key, read, isWhole) => journal.page(key, read, isWhole),
    forget: (keys) => journal.forgetPages(keys),
    inventory,
    now: clock.now(),
    fullSweepAfterMs,
  })
  await journal.setListing(listing)
  return listing
}
