import { CacheError, type Duration, toMilliseconds } from '@x/core'

/** An error that names the field, what it got, and what it wants. */
export function invalidConfiguration(field: string, value: unknown, wanted: string): CacheError {
  return new CacheError('INVALID_CONFIGURATION', {
    message: `Not valid: ${field}: ${typeof value === 'string' ? JSON.stringify(value) : String(value)}. Give ${wanted}.`,
    details: { field, value },
  })
}

/** Refuses names that nobody reads: a misspelt one would be a setting that does nothing. */
export function assertFields(what: string, config: unknown, known: Readonly<Record<string, true>>): void {
  if (typeof config !== 'object' || config === null) throw invalidConfiguration(what, config, 'an object')
  const unknown = Object.keys(config).find((name) => !Object.hasOwn(known, name))
  if (unknown === undefined) return
  const value = (config as Record<string, unknown>)[unknown]
  throw invalidConfiguration(unknown, value, `no field but ${Object.keys(known).join(', ')}`)
}

/** An integer from `least` to `most`. */
export function readInteger(field: string, value: unknown, [least, most]: readonly [number, number]): number {
  if (Number.isInteger(value) && (value as number) >= least && (value as number) <= most) return value as number
  throw invalidConfiguration(field, value, most === Infinity ? `an integer from ${least}` : `${least} to ${most}`)
}

/** A number above 0; `Infinity` only where it is allowed. */
export function readPositive(field: string, value: unknown): number {
  if (typeof value === 'number' && value > 0 && value < Infinity) return value
  throw invalidConfiguration(field, value, 'a number above 0')
}

/** A duration above 0, in milliseconds. */
export function readDuration(field: string, value: Duration): number {
  const milliseconds = toMillisecondsOrNaN(value)
  if (milliseconds > 0) return milliseconds
  throw invalidConfiguration(field, value, 'a duration above 0, such as 60000 or "1m"')
}

function toMillisecondsOrNaN(value: Duration): number {
  try {
    return toMilliseconds(value)
  } catch {
    return Number.NaN
  }
}
