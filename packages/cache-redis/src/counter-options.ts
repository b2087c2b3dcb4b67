import type { Duration, ScopeOptions } from '@x/core'

/** How a number is counted. */
export interface CounterOptions extends ScopeOptions {
  /**
   * How long the counter lives from when it is made; counting further does not prolong it.
   *
   * @defaultValue the category's, else the store's
   */
  readonly ttl?: Duration | undefined
}
