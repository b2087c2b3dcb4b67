import { hitRateOf } from '@x/core'

/** What an instance has done since it was made or reset, and what it is doing. */
export interface SharedCallStats {
  /** Calls that joined an execution in progress. */
  readonly hits: number
  /** Calls that started one. */
  readonly misses: number
  /** Executions that failed while somebody waited, however many did. */
  readonly errors: number
  /** Executions in progress, those that were forgotten or given up included until their function ends. */
  readonly active: number
  /** `hits / (hits + misses)`; 0 before the first call. */
  readonly hitRate: number
}

/** The counters behind `SharedCallStats`. */
export class CallCounters {
  hits = 0
  misses = 0
  errors = 0
  active = 0

  read(): SharedCallStats {
    const { hits, misses, errors, active } = this
    return { hits, misses, errors, active, hitRate: hitRateOf(hits, misses) }
  }

  /** `active` counts what is in progress, which a reset does not end. */
  reset(): void {
    this.hits = 0
    this.misses = 0
    this.errors = 0
  }
}
