/** Where the time comes from, wherever a deadline is compared; tests inject their own. */
export interface Clock {
  /** Milliseconds since the Unix epoch. */
  now(): number
}

/** The machine's own time. */
export const systemClock: Clock = { now: () => Date.now() }
