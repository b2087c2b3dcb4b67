const ORIGIN = performance.timeOrigin

/** The time in microseconds since the Unix epoch, never set back while the process runs: what stamps are made of. */
export function microseconds(): number {
  return microsecondsAt(performance.now())
}

/** The same of a time that `performance.now()` answered. */
export function microsecondsAt(time: number): number {
  return Math.floor((ORIGIN + time) * 1_000)
}
