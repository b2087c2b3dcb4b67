const ORIGIN = performance.timeOrigin

/** The time in microseconds since the Unix epoch, never set back while the process runs: what stamps are made of. */
export function microseconds(): number {
  return Math.floor((ORIGIN + performance.now()) * 1_000)
}
