/** A wait before a retry, chosen at random between 0 and `delayMs`, doubled for each failure before, and capped. */
export function backOff(failures: number, delayMs: number, maxDelayMs: number): number {
  return Math.random() * Math.min(maxDelayMs, delayMs * 2 ** failures)
}
