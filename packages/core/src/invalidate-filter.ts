import type { InvalidateFilter } from './cache-store.ts'
import { echo } from './echo.ts'

const CONDITIONS = ['key', 'pattern', 'category', 'tag'] as const

/**
 * Refuses a filter that would remove everything by accident, so that every store refuses the same ones.
 *
 * @throws TypeError for a filter without a condition, with an unknown one, or with one that is not a string.
 */
export function assertInvalidateFilter(filter: InvalidateFilter): void {
  let conditions = 0
  for (const [name, condition] of Object.entries(filter) as [string, unknown][]) {
    if (condition === undefined) continue
    if (!(CONDITIONS as readonly string[]).includes(name) || typeof condition !== 'string') {
      throw new TypeError(
        `Not a condition of invalidate(): ${name}: ${echo(condition)}. Give strings as ${CONDITIONS.join(', ')}.`,
      )
    }
    conditions += 1
  }
  if (conditions === 0) {
    throw new TypeError(
      `invalidate() needs at least one of ${CONDITIONS.join(', ')}; to remove everything, call clear().`,
    )
  }
}
