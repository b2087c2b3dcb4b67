import type { Awaitable, Epoch } from '@x/core'
import type { CallContext } from '@x/shared-call'

import type { Flight, Flights } from './flights.ts'
import type { CallPlan } from './optimization-options.ts'
import type { OptimizerCounters } from './optimizer-metrics.ts'
import type { RememberedErrors } from './remembered-errors.ts'
import type { ResolvedConfig } from './service-optimizer-config.ts'
import type { LoadedValue, ValueKeeper } from './value-keeper.ts'

/** What is run for a value. */
export type Operation<Value = unknown> = (context: CallContext) => Awaitable<Value>

/** A call that nothing in memory answers. */
export interface Call {
  /** What it asks for. */
  readonly key: string
  /** What would bring it. */
  readonly operation: Operation
  /** Its options. */
  readonly plan: CallPlan
}

/** What runs work with. */
interface RunNeighbours {
  readonly config: ResolvedConfig
  readonly keeper: ValueKeeper
  readonly loads: Flights
  readonly errors: RememberedErrors
  readonly counters: OptimizerCounters
}

/** Runs operations, and sees to it that what they bring is kept, and why they failed remembered. */
export class OperationRuns {
  readonly #config: ResolvedConfig
  readonly #keeper: ValueKeeper
  readonly #loads: Flights
  readonly #errors: RememberedErrors
  readonly #counters: OptimizerCounters

  constructor({ config, keeper, loads, errors, counters }: RunNeighbours) {
    this.#config = config
    this.#keeper = keeper
    this.#loads = loads
    this.#errors = errors
    this.#counters = counters
  }

  /** Runs the operation of a call for all who share the flight, which lands when the value is kept, or will not be. */
  start(call: Call, flight: Flight): Promise<unknown> {
    const { second } = this.#keeper
    // Before the operation, and not waited for where there is nothing to wait for: it starts with its caller's call.
    if (second === undefined) return this.#operate(call, flight, undefined)
    return second.epoch(call.key).then((epoch) => this.#operate(call, flight, epoch))
  }

  /** Not `async`, nor is what follows: what such a function sets aside for the time that it waits is a tenth of what a load takes. */
  #operate(call: Call, flight: Flight, epoch: Epoch | undefined): Promise<unknown> {
    const startedAt = this.#config.clock.now()
    return promiseOf(call.operation, flight.context).then(
      (value) => this.#succeed(call, flight, { value, startedAt, epoch }),
      (error: unknown) => {
        this.#fail(call, flight, error)
        throw error
      },
    )
  }

  /** Keeps what a run brought, and answers it; at once where there is no second tier to wait for. */
  #succeed(
    { key, plan }: Call,
    flight: Flight,
    { value, startedAt, epoch }: Pick<LoadedValue, 'value' | 'startedAt' | 'epoch'>,
  ): unknown {
    this.#errors.forget(key)
    let kept: Promise<void> | undefined
    try {
      if (value !== undefined && !flight.isOvertaken) {
        const { ttlMs, staleWhileRevalidateMs, staleIfErrorMs } = plan
        const span = { ttlMs, graceMs: Math.max(staleWhileRevalidateMs, staleIfErrorMs) }
        kept = this.#keeper.keep({ key, value, span, startedAt, flight, epoch })
      }
    } finally {
      if (kept === undefined) this.#loads.land(key, flight)
    }
    if (kept === undefined) return value
    const land = (): void => {
      this.#loads.land(key, flight)
    }
    return kept.finally(land).then(() => value)
  }

  /** What a run throws that its callers have left is nobody's failure. */
  #fail({ key, plan }: Call, flight: Flight, error: unknown): void {
    if (!flight.context.signal.aborted) {
      if (this.#config.isCounting) this.#counters.errorCount += 1
      if (!flight.isOvertaken) this.#errors.remember(key, error, plan.errorTtlMs)
    }
    this.#loads.land(key, flight)
  }
}

function promiseOf(operation: Operation, context: CallContext): Promise<unknown> {
  try {
    return Promise.resolve(operation(context))
  } catch (error) {
    return rejection(error)
  }
}

/** Of the very object, whatever was thrown. */
export function rejection(error: unknown): Promise<never> {
  // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors
  return Promise.reject(error)
}
