/** What a token may use. Every number may be `Infinity`. */
export interface Limits {
  /** REST points in an hour. @defaultValue 5,000 */
  readonly restPerHour: number
  /** GraphQL points in an hour. @defaultValue 5,000 */
  readonly graphqlPointsPerHour: number
  /** Requests in an hour without a token, if that is less than the limit with one. @defaultValue 60 */
  readonly anonymousPerHour: number
  /** Requests in flight at once, REST and GraphQL together. @defaultValue 100 */
  readonly concurrent: number
  /** REST requests in a minute. @defaultValue 900 */
  readonly restPointsPerMinute: number
  /** GraphQL requests in a minute (a query counts 1 here, whatever it costs in the hour). @defaultValue 2,000 */
  readonly graphqlPointsPerMinute: number
  /** Milliseconds of processor time in a minute, REST and GraphQL together: see `processorMsOf`. @defaultValue 90,000 */
  readonly processorMsPerMinute: number
  /** Of them, milliseconds of GraphQL. @defaultValue 60,000 */
  readonly graphqlProcessorMsPerMinute: number
  /** Seconds in the `retry-after` of a secondary limit; `undefined`: the header is absent. @defaultValue 60 */
  readonly retryAfter: number | undefined
}

/** GitHub's documented limits for a user's token (November 2026). */
export const DEFAULT_LIMITS: Limits = {
  restPerHour: 5000,
  graphqlPointsPerHour: 5000,
  anonymousPerHour: 60,
  concurrent: 100,
  restPointsPerMinute: 900,
  graphqlPointsPerMinute: 2000,
  processorMsPerMinute: 90_000,
  graphqlProcessorMsPerMinute: 60_000,
  retryAfter: 60,
}
