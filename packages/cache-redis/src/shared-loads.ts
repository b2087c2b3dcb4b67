import { type CacheStore, type HeldLease, isCacheError, type Lease } from '@x/core'
import { AsyncSharedCall } from '@x/shared-call'

/**
 * Shares loads with all machines, through the store itself. While Redis does not answer nobody can know who loads, and every
 * process loads for itself.
 */
export function sharedLoads(store: CacheStore, lease: Lease): AsyncSharedCall {
  return new AsyncSharedCall({ store, lease: { acquire: (key, ttl) => acquireOrLead(lease, key, ttl) } })
}

async function acquireOrLead(lease: Lease, ...call: Parameters<Lease['acquire']>): Promise<HeldLease | undefined> {
  try {
    return await lease.acquire(...call)
  } catch (error) {
    if (isCacheError(error, 'STORE_UNAVAILABLE')) return ALONE
    throw error
  }
}

/** Never renewed, so that its result is not published. */
const ALONE: HeldLease = { fence: 0, renew: () => false, release: () => undefined }
