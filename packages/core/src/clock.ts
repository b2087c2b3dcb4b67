/** Where the time comes from, wherever a deadline is compared; tests inject their own. */
export interface Clock {
  /** Milliseconds since the Unix epoch. */
  now(): number
}

/** The machine's own time. */
export const systemClock: Clock = { now: () => Date.now() }

/** As it is when this is loaded: of one that a test puts in its place for a while, nothing may come, and time would stand still for good. */
const { setImmediate: whenLoopTurns } = globalThis
let turnNow: number | undefined

/**
 * The machine's own time as it was when this turn of the event loop first asked: until the loop turns, it stands still. For those
 * who read a cache in memory millions of times a second, where asking the machine takes longer than finding the value. A loop
 * that does not give way, and one that awaits nothing but promises, may so be given what has expired since it began.
 */
export const coarseClock: Clock = {
  now: () => {
    if (turnNow !== undefined) return turnNow
    // Not unref'd: a process that waits for its next event would go on with the time at which it began to wait.
    whenLoopTurns(endTurn)
    return (turnNow = Date.now())
  },
}

function endTurn(): void {
  turnNow = undefined
}
