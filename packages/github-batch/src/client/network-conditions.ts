/** What the way to GitHub is like. */
export interface NetworkConditions {
  /** Until an answer begins, milliseconds. */
  readonly latencyMs: number
  /** Megabits a second. */
  readonly bandwidthMbps: number
  /** The share of requests that get no answer, or one of 500 and above: 0 to 1. */
  readonly errorRate: number
}

/** Whether nothing speaks against more and larger requests: under 200 ms, over 10 Mbit/s, under 5% errors. */
export function isGoodNetwork({ latencyMs, bandwidthMbps, errorRate }: NetworkConditions): boolean {
  return latencyMs < 200 && bandwidthMbps > 10 && errorRate < 0.05
}

/** Whether answers are late or trickle: over a second, or under 2 Mbit/s. */
export function isSlowNetwork({ latencyMs, bandwidthMbps }: NetworkConditions): boolean {
  return latencyMs > 1_000 || bandwidthMbps < 2
}
