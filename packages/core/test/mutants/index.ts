import { batchMutants } from './batch-mutants.ts'
import { closeMutants } from './close-mutants.ts'
import { epochMutants } from './epoch-mutants.ts'
import { eventMutants } from './event-mutants.ts'
import { invalidateMutants } from './invalidate-mutants.ts'
import { keyMutants } from './key-mutants.ts'
import type { Mutant } from './mutant.ts'
import { staleMutants } from './stale-mutants.ts'
import { statsMutants } from './stats-mutants.ts'
import { ttlMutants } from './ttl-mutants.ts'
import { valueMutants } from './value-mutants.ts'

/** At least one broken store for every case of the kit. */
export const MUTANTS: readonly Mutant[] = [
  ...valueMutants,
  ...keyMutants,
  ...ttlMutants,
  ...staleMutants,
  ...batchMutants,
  ...invalidateMutants,
  ...epochMutants,
  ...statsMutants,
  ...eventMutants,
  ...closeMutants,
]
