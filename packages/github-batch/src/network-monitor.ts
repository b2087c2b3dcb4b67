import { type NetworkConditions } from './network-conditions.ts'

/** How one request went over the wire. */
export interface NetworkSample {
  /** Whether an answer came, and one below 500. */
  readonly answered: boolean
  /** Until the answer began, milliseconds, where the server had little to compute; absent where it had, or nothing came. */
  readonly latencyMs?: number | undefined
  /** From the answer's beginning to its end, milliseconds. */
  readonly transferMs?: number | undefined
  /** Of the answer, as unpacked. */
  readonly bytes?: number | undefined
}

/** So many requests tell what the network is like now. */
const WINDOW = 50
/** Fewer say nothing. */
const LEAST_SAMPLES = 5
/** A shorter answer is there at once on any network. */
const LEAST_BYTES = 64 * 1_024

/** Tells from the newest requests what the way to GitHub is like. */
export class NetworkMonitor {
  readonly #samples: NetworkSample[] = []

  /** Counts a request. */
  record(sample: NetworkSample): void {
    this.#samples.push(sample)
    if (this.#samples.length > WINDOW) this.#samples.shift()
  }

  /** What the network is like; `undefined` before enough was seen of it. */
  get conditions(): NetworkConditions | undefined {
    // Of what the server needs itself the quickest answer has the least.
    const latencyMs = Math.min(...this.#samples.map((sample) => sample.latencyMs ?? Number.POSITIVE_INFINITY))
    if (this.#samples.length < LEAST_SAMPLES || latencyMs === Number.POSITIVE_INFINITY) return undefined
    const speeds = this.#samples.filter(({ bytes = 0 }) => bytes >= LEAST_BYTES).map(megabitsPerSecond)
    return {
      latencyMs,
      bandwidthMbps: speeds.length === 0 ? Number.POSITIVE_INFINITY : Math.max(...speeds),
      errorRate: this.#samples.filter(({ answered }) => !answered).length / this.#samples.length,
    }
  }
}

function megabitsPerSecond({ bytes = 0, transferMs = 0 }: NetworkSample): number {
  return (bytes * 8) / 1_000 / transferMs
}
