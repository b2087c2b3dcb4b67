/** How far ahead stamps are reserved, in microseconds: by as much the order of uses by several processes may be wrong. */
export const RESERVED_AHEAD = 2_000
const ORIGIN = performance.timeOrigin

/** The time in microseconds since the Unix epoch, never set back while the process runs: what stamps are made of. */
export function microseconds(): number {
  return microsecondsAt(performance.now())
}

/** The same of a time that `performance.now()` answered. */
export function microsecondsAt(time: number): number {
  return Math.floor((ORIGIN + time) * 1_000)
}

/** The time of `microseconds` or the system's, which goes on while the machine sleeps: whichever is later. */
export function latestMicroseconds(): number {
  return Math.max(microseconds(), Date.now() * 1_000)
}
