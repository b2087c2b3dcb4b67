import type { FaultAction } from './fault.ts'

/** One request as the server saw it; entered before the last byte of its answer is sent. */
export interface JournalEntry {
  readonly method: string
  /** Path and query. */
  readonly path: string
  /** 0 when no status was sent. */
  readonly status: number
  /** Of the answer's body. */
  readonly bytes: number
  /** The kind of the fault that was injected. */
  readonly fault?: FaultAction['kind']
}

export interface JournalSummary {
  readonly requests: number
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
    return { requests: this.#entries.length, bytes: this.#entries.reduce((sum, { bytes }) => sum + bytes, 0) }
  }

  clear(): void {
    this.#entries = []
    this.#peak = this.#inFlight
  }

  /** A request begins; the function that is answered ends it, once. */
  begin(): (entry: JournalEntry) => void {
    this.#inFlight += 1
    this.#peak = Math.max(this.#peak, this.#inFlight)
    let open = true
    return (entry) => {
      if (!open) return
      open = false
      this.#inFlight -= 1
      this.#entries.push(entry)
    }
  }
}
