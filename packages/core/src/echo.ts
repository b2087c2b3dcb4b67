import { inspect } from 'node:util'

/** A wrong argument as a message shows it: on one line, and never long. */
export function echo(value: unknown): string {
  return inspect(value, { depth: 0, breakLength: Number.POSITIVE_INFINITY, maxStringLength: 100, maxArrayLength: 10 })
}
