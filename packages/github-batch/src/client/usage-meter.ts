import { BatchProcessingError } from '@x/core'

/** What was sent so far, and what it cost. */
export interface GitHubUsage {
  /** Requests sent, those that failed and were sent again included. */
  readonly requests: number
  /** REST requests that count against the hourly limit: all but those answered 304. */
  readonly restPoints: number
  /** GraphQL points, as GitHub counted them. */
  readonly graphqlPoints: number
  /** Bytes of the answers' bodies, unpacked. */
  readonly bytes: number
}

/** A request was not sent because it would have cost more points than were granted. */
export class PointsSpentError extends BatchProcessingError {
  override readonly name = 'PointsSpentError'
  /** What was granted. */
  readonly maxPoints: number

  constructor(maxPoints: number) {
    super(`The ${maxPoints} points that were granted are spent. Resume with more.`)
    this.maxPoints = maxPoints
  }
}

/** Counts what calls cost, and lets none begin that could cost more points, REST and GraphQL together, than are granted. */
export class UsageMeter {
  readonly #maxPoints: number
  readonly #usage = { requests: 0, restPoints: 0, graphqlPoints: 0, bytes: 0 }
  /** Requests on their way: each may cost a point. */
  #begun = 0

  /** @throws RangeError for a number of points below 1. */
  constructor({ maxPoints = Infinity }: { readonly maxPoints?: number | undefined } = {}) {
    if (!(maxPoints >= 1)) throw new RangeError(`maxPoints must be 1 or more, not ${String(maxPoints)}.`)
    this.#maxPoints = maxPoints
  }

  /** So far. */
  get usage(): GitHubUsage {
    return { ...this.#usage }
  }

  /** @throws PointsSpentError when nothing is left for one more. */
  begin(): void {
    const { restPoints, graphqlPoints } = this.#usage
    if (restPoints + graphqlPoints + this.#begun >= this.#maxPoints) throw new PointsSpentError(this.#maxPoints)
    this.#begun += 1
  }

  /** Ends what `begin` began; what it cost has been counted. */
  end(): void {
    this.#begun -= 1
  }

  /** Adds what a request turned out to be or to cost. */
  count(cost: Partial<GitHubUsage>): void {
    const usage = this.#usage
    usage.requests += cost.requests ?? 0
    usage.restPoints += cost.restPoints ?? 0
    usage.graphqlPoints += cost.graphqlPoints ?? 0
    usage.bytes += cost.bytes ?? 0
  }
}
