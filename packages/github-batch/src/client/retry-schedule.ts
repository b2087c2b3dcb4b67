import { type FailureKind } from './failure-kind.ts'

/** How often, and after what wait, something is tried again. */
export interface RetrySchedule {
  /** Tries beyond the first, where the failure may last. */
  readonly retryAttempts: number
  /** The wait that all others are multiples of, milliseconds. */
  readonly retryDelayMs: number
}

interface Growth {
  /** The first wait, in units of `retryDelayMs`. */
  readonly first: number
  /** What each wait is multiplied by for the next. */
  readonly factor: number
  /** The longest wait, in the same units. */
  readonly most: number
  /** The most tries, whatever is configured. */
  readonly tries: number
}

const GROWTH: Partial<Record<FailureKind, Growth>> = {
  network: { first: 1, factor: 2, most: 60, tries: Number.POSITIVE_INFINITY },
  timeout: { first: 1, factor: 3, most: 120, tries: 2 },
  server: { first: 5, factor: 2, most: 300, tries: 2 },
}

/**
 * Milliseconds until a failure of this kind is worth another try, after so many failures before it; `undefined`: it is not,
 * or not for a reason of time.
 */
export function retryDelay(
  kind: FailureKind,
  failures: number,
  { retryAttempts, retryDelayMs }: RetrySchedule,
): number | undefined {
  const growth = GROWTH[kind]
  if (growth === undefined || failures >= Math.min(retryAttempts, growth.tries)) return undefined
  return Math.min(growth.first * growth.factor ** failures, growth.most) * retryDelayMs
}
