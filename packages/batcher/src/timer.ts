/** The longest time that a timer can wait, in milliseconds; a longer one fires at once. */
const LONGEST_TIMER = 2 ** 31 - 1

/** A timer that waits at most 24.8 days, however long it is told to. */
export function startTimer(callback: () => void, milliseconds: number): NodeJS.Timeout {
  return setTimeout(callback, Math.min(milliseconds, LONGEST_TIMER))
}
