import { type Fault } from './fault.ts'
import { type Operation } from './operation.ts'
import { type Bucket } from './rate-limiter.ts'

/** One request as the server saw it; entered when its answer is complete, before the last byte is sent. */
export interface JournalEntry {
  readonly method: string
  /** Path and query. */
  readonly path: string
  readonly operation: Operation
  /** Whose budget the points came from; `none` for git, tarballs' bytes and other requests outside the API's limits. */
  readonly bucket: Bucket | 'none'
  /** Taken from the hourly budget: 0 for a 304, a refusal and `rate_limit`. */
  readonly points: number
  /** 0 when no status was sent. */
  readonly status: number
  /** Of the answer's body. */
  readonly bytes: number
  /** The token's last four characters; empty when there was none. */
  readonly token: string
  /** The kind of the fault that was injected. */
  readonly fault?: Fault['do']['kind']
}

/** What all requests cost together. */
export interface JournalSummary {
  readonly requests: number
  readonly restPoints: number
  readonly graphqlPoints: number
  readonly bytes: number
}

/** Every request since the start or the last `clear()`. It grows without bound: whoever runs long clears it. */
export class Journal {
  #entries: JournalEntry[] = []
  #inFlight = 0
  #peak = 0

  get entries(): readonly JournalEntry[] {
    return this.#entries
  }

  /** The most requests that were in flight at once. */
  get peakConcurrency(): number {
    return this.#peak
  }

  summary(): JournalSummary {
    const pointsOf = (bucket: Bucket): number =>
      this.#entries.reduce((sum, entry) => sum + (entry.bucket === bucket ? entry.points : 0), 0)
    return {
      requests: this.#entries.length,
      restPoints: pointsOf('core'),
      graphqlPoints: pointsOf('graphql'),
      bytes: this.#entries.reduce((sum, { bytes }) => sum + bytes, 0),
    }
  }

  clear(): void {
    this.#entries = []
    this.#peak = this.#inFlight
  }

  /** A request has arrived; call the answer when it is over. */
  begin(): () => void {
    this.#inFlight += 1
    this.#peak = Math.max(this.#peak, this.#inFlight)
    let open = true
    return () => {
      if (open) this.#inFlight -= 1
      open = false
    }
  }

  record(entry: JournalEntry): void {
    this.#entries.push(entry)
  }
}
