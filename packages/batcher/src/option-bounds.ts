import { type Duration, toMilliseconds } from '@x/core'

/**
 * A count of at least one.
 *
 * @throws RangeError otherwise, naming the option.
 */
export function positiveInteger(name: string, value: number): number {
  if (Number.isSafeInteger(value) && value >= 1) return value
  throw new RangeError(`${name} must be a positive integer, not ${String(value)}.`)
}

/**
 * A number of at least zero; may be infinite.
 *
 * @throws RangeError otherwise, naming the option.
 */
export function nonNegative(name: string, value: number): number {
  if (value >= 0) return value
  throw new RangeError(`${name} must be 0 or more, not ${String(value)}.`)
}

/**
 * A length of time above zero, in milliseconds; may be infinite.
 *
 * @throws RangeError otherwise, naming the option.
 */
export function positiveDuration(name: string, value: Duration): number {
  const milliseconds = toMilliseconds(value)
  if (milliseconds > 0) return milliseconds
  throw new RangeError(`${name} must be longer than 0, not ${String(value)}.`)
}
