/** What the decision depends on, in milliseconds. */
export interface Freshness {
  /** When it is. */
  readonly now: number
  /** When the value expires. */
  readonly expiresAt: number
  /** How long it took to load. */
  readonly loadMs: number
}

/**
 * Whether this read should refresh a value that has not expired yet: the more likely the closer the deadline and the longer a
 * load takes, so that among many readers about one does it in time. Vattani, Chierichetti and Lowenstein, "Optimal
 * Probabilistic Cache Stampede Prevention" (VLDB 2015).
 * `beta` above 1 refreshes earlier, below 1 later; `random` is a number from 0 to 1.
 */
export function isRefreshDue({ now, expiresAt, loadMs }: Freshness, beta: number, random: number): boolean {
  return now - loadMs * beta * Math.log(random) >= expiresAt
}
