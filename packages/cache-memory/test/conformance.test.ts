import { conformanceCases, type StoreHarness } from '@x/core/conformance'
import { describe, it } from 'vitest'

import { MemoryCache, type ValueMode } from '../src/index.ts'
import { ManualClock } from './manual-clock.ts'

function harnessOf(values: ValueMode): StoreHarness {
  const clock = new ManualClock()
  return {
    create: (options) => new MemoryCache({ ...options, values, clock }),
    advance: (milliseconds) => {
      clock.advance(milliseconds)
    },
  }
}

describe.each(['frozen', 'copy'] as const)(
  'MemoryCache with %s values keeps the contract of every store:',
  (values) => {
    it.each(conformanceCases)('$name', ({ run }) => run(harnessOf(values)))
  },
)
