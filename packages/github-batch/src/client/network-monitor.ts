import { type NetworkConditions } from './network-conditions.ts'

/** How one request went over the wire. */
export interface NetworkSample {
  /** Whether an answer came, and one below 500. */
  readonly answered: boolean
  /** Until the answer began, milliseconds, where the server had little to compute; absent where it had, or nothing came. */
  readonly latencyMs?: number | undefined
}

/** So many requests, and so many answers of some length, tell what the network is like now. */
const WINDOW = 50
/** Fewer say nothing. */
const LEAST_SAMPLES = 5
/** A shorter answer is there at once on any network. */
const LEAST_BYTES = 64 * 1_024

/** Tells from the newest requests what the way to GitHub is like. */
export class NetworkMonitor {
  readonly #samples: NetworkSample[] = []
  /** Megabits a second. */
  readonly #speeds: number[] = []

  /** Counts a request. */
  record(sample: NetworkSample): void {
    keepNewest(this.#samples, sample)
  }

  /** Counts an answer that came whole: its bytes as unpacked, and the time from its beginning to its end. */
  recordTransfer(bytes: number, transferMs: number): void {
    if (bytes >= LEAST_BYTES) keepNewest(this.#speeds, (bytes * 8) / 1_000 / transferMs)
  }

  /** What the network is like; `undefined` before enough was seen of it. */
  get conditions(): NetworkConditions | undefined {
    // Of what the server needs itself the quickest answer has the least.
    const latencyMs = Math.min(...this.#samples.map((sample) => sample.latencyMs ?? Number.POSITIVE_INFINITY))
    if (this.#samples.length < LEAST_SAMPLES || latencyMs === Number.POSITIVE_INFINITY) return undefined
    return {
      latencyMs,
      bandwidthMbps: this.#speeds.length === 0 ? Number.POSITIVE_INFINITY : Math.max(...this.#speeds),
      errorRate: this.#samples.filter(({ answered }) => !answered).length / this.#samples.length,
    }
  }
}

function keepNewest<T>(items: T[], item: T): void {
  items.push(item)
  if (items.length > WINDOW) items.shift()
}
