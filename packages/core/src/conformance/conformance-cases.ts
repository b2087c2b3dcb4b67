import { batchCases } from './batch-cases.ts'
import { closeCases } from './close-cases.ts'
import type { ConformanceCase } from './conformance-case.ts'
import { epochCases } from './epoch-cases.ts'
import { eventCases } from './event-cases.ts'
import { invalidateCases } from './invalidate-cases.ts'
import { keyCases } from './key-cases.ts'
import { privateValueCases } from './private-value-cases.ts'
import { staleCases } from './stale-cases.ts'
import { statsCases } from './stats-cases.ts'
import { ttlCases } from './ttl-cases.ts'
import { valueCases } from './value-cases.ts'

/** Everything that every `CacheStore` promises, one case for each promise; no case depends on another. */
export const conformanceCases: readonly ConformanceCase[] = [
  ...valueCases,
  ...privateValueCases,
  ...keyCases,
  ...ttlCases,
  ...staleCases,
  ...batchCases,
  ...invalidateCases,
  ...epochCases,
  ...statsCases,
  ...eventCases,
  ...closeCases,
]
