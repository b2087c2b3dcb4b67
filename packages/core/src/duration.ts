import { echo } from './echo.ts'

const UNITS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const

/** A length of time: a bare number is milliseconds; a string names its unit, as in `"250ms"`, `"5m"` or `"1.5h"`. */
export type Duration = number | `${number}${keyof typeof UNITS}`

/**
 * Reads a duration as milliseconds. Zero, negative and infinite numbers pass: what they mean is for the option to say.
 *
 * @throws RangeError for `NaN`, an unknown unit, or a string that is not a decimal number followed by a unit.
 */
export function toMilliseconds(duration: Duration): number {
  if (typeof duration === 'number' && !Number.isNaN(duration)) return duration
  const text = typeof duration === 'string' ? duration : ''
  const [, amount, unit] = /^(-?\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(text) ?? []
  if (amount === undefined || unit === undefined) {
    throw new RangeError(
      `Not a duration: ${echo(duration)}. Give milliseconds, or a number with ms, s, m, h or d, such as "5m".`,
    )
  }
  return Number(amount) * UNITS[unit as keyof typeof UNITS]
}
