import { type Clock } from '@x/core'

import { type Delay } from '../src/client/delay.ts'

interface Appointment {
  readonly at: number
  readonly keep: () => void
}

/** So many turns of the event loop in which nobody was heard of, and everybody waits. */
const QUIET_TURNS = 5

/**
 * One time for a client and a server in this process. It passes only while every request on the wire waits in the server for its answer
 * to be due, so that it does not matter how fast the machine is.
 */
export class SimulatedTime {
  /** Milliseconds since the Unix epoch. */
  time: number = Date.UTC(2026, 0, 1)
  readonly #appointments = new Set<Appointment>()
  #onTheWire = 0
  #inServer = 0
  #turns = 0
  #isRunning = false

  readonly clock: Clock = { now: (): number => this.time }

  /** As `fetch`, of which it knows when an answer has come. */
  readonly fetch: typeof fetch = async (input, init): Promise<Response> => {
    this.#onTheWire += 1
    this.#stir()
    try {
      const response = await fetch(input, init)
      const body = await response.arrayBuffer()
      return new Response(response.status === 204 ? null : body, response)
    } finally {
      this.#onTheWire -= 1
      this.#stir()
    }
  }

  /** Waits in the client. */
  readonly delay: Delay = async (ms, signal) => {
    await this.#wait(ms, signal)
    signal?.throwIfAborted()
  }

  /** Waits in the server, with an answer. */
  readonly answerIn: Delay = async (ms, signal) => {
    this.#inServer += 1
    await this.#wait(ms, signal)
    this.#inServer -= 1
  }

  async #wait(ms: number, signal: AbortSignal | undefined): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<undefined>()
    const end = (): void => {
      this.#appointments.delete(appointment)
      this.#stir()
      resolve(undefined)
    }
    const appointment: Appointment = { at: this.time + ms, keep: end }
    this.#appointments.add(appointment)
    signal?.addEventListener('abort', end, { once: true })
    this.#stir()
    await promise
  }

  #stir(): void {
    this.#turns = 0
    if (this.#isRunning) return
    this.#isRunning = true
    setImmediate(this.#turn)
  }

  readonly #turn = (): void => {
    this.#turns = this.#onTheWire === this.#inServer ? this.#turns + 1 : 0
    if (this.#appointments.size === 0) this.#isRunning = false
    else {
      if (this.#turns >= QUIET_TURNS) this.#keepNext()
      setImmediate(this.#turn)
    }
  }

  #keepNext(): void {
    const next = [...this.#appointments].reduce((first, one) => (one.at < first.at ? one : first))
    this.time = Math.max(this.time, next.at)
    next.keep()
  }
}
