import type { CacheStore } from '../cache-store.ts'
import type { ConformanceCase, ConformanceOptions, StoreHarness } from './conformance-case.ts'

/** Tries a promise on a store of its own, which is closed afterwards. */
export function storeCase(
  name: string,
  check: (store: CacheStore, harness: StoreHarness) => Promise<void>,
  options: ConformanceOptions = {},
): ConformanceCase {
  return {
    name,
    async run(harness) {
      await using store = await harness.create(options)
      await check(store, harness)
    },
  }
}

/** What a call throws or rejects with: by name, because a runner may have built-in classes of its own. */
export const REFUSALS = {
  type: { name: 'TypeError' },
  range: { name: 'RangeError' },
  closed: { name: 'CacheError', code: 'STORE_CLOSED' },
  notSerializable: { name: 'CacheError', code: 'NOT_SERIALIZABLE' },
} as const
