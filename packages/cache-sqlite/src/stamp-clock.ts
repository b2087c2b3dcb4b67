/** The time in microseconds since the Unix epoch, never set back while the process runs: what stamps are made of. */
export function microseconds(): number {
  return Math.floor((performance.timeOrigin + performance.now()) * 1_000)
}
