import type { StoreHarness } from '../src/conformance/index.ts'
import type { CacheStore, StoreOptions } from '../src/index.ts'
import { ManualClock } from './manual-clock.ts'

/** Tries a store of this process. */
export function harnessOf(open: (options: StoreOptions) => CacheStore): StoreHarness {
  const clock = new ManualClock()
  return {
    create: (options) => open({ ...options, clock }),
    advance: (milliseconds) => {
      clock.advance(milliseconds)
    },
  }
}
