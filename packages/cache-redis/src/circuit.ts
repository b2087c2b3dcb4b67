import { type CircuitBreakerPolicy, CircuitState, circuitBreaker, ConsecutiveBreaker, handleAll } from 'cockatiel'

/** So many failures in a row, and nobody is sent to Redis any more until it has answered a probe. */
const FAILURES_TO_OPEN = 3
/** The time between two probes while it is open. */
const PROBE_INTERVAL_MS = 200

/**
 * A circuit breaker whose callers never pay for a probe: while it is open they are refused at once, and a PING of its own
 * closes it again. While it is closed and nothing fails, it costs one comparison.
 */
export class Circuit {
  readonly #policy: CircuitBreakerPolicy
  readonly #probe: () => Promise<unknown>
  #timer: ReturnType<typeof setTimeout> | undefined
  #failing = false
  #closed = false
  /** What opened it. */
  lastFailure: unknown

  /**
   * @param probe - Resolves once Redis answers; must settle within a bounded time.
   */
  constructor(probe: () => Promise<unknown>) {
    this.#probe = probe
    this.#policy = circuitBreaker(handleAll, {
      // At once, whatever the clock says, which may have been set back: the timer here says when.
      halfOpenAfter: -Infinity,
      breaker: new ConsecutiveBreaker(FAILURES_TO_OPEN),
    })
    this.#policy.onBreak(() => {
      this.#schedule()
    })
  }

  /** Whether callers are refused. */
  get isOpen(): boolean {
    return this.#policy.state !== CircuitState.Closed
  }

  /** Redis did not answer. */
  failed(failure: unknown): void {
    this.#failing = true
    this.lastFailure = failure
    if (!this.isOpen) this.#record(() => Promise.reject(toError(failure)))
  }

  /** Redis answered. */
  succeeded(): void {
    if (!this.#failing || this.isOpen) return
    this.#failing = false
    this.#record(() => Promise.resolve())
  }

  /** Asks no more. */
  close(): void {
    this.#closed = true
    clearTimeout(this.#timer)
  }

  #record(outcome: () => Promise<unknown>): void {
    this.#policy.execute(outcome).catch(ignore)
  }

  #schedule(): void {
    if (this.#closed) return
    clearTimeout(this.#timer)
    // Whoever only waits for Redis to come back is not kept alive by it.
    this.#timer = setTimeout(this.#tryAgain, PROBE_INTERVAL_MS).unref()
  }

  readonly #tryAgain = (): void => {
    this.#policy.execute(this.#probe).then(() => {
      this.#failing = false
    }, ignore)
  }
}

function toError(failure: unknown): Error {
  return failure instanceof Error ? failure : new Error(String(failure))
}

function ignore(): void {
  // Recorded by the policy.
}
