import { type Duration, toMilliseconds } from '@x/core'

import type { StandardSchema } from './standard-schema.ts'

/** How one call is answered. Where callers share a run, it is stored as the first of them says. */
export interface OptimizationOptions {
  /**
   * Runs the operation whatever is there, and does not join one that is running: what the call answers was asked for after
   * it. Without success the earlier value stays.
   *
   * @defaultValue `false`
   */
  readonly forceRefresh?: boolean | undefined
  /**
   * How long the value is fresh. 0 or less: it is not kept; `Infinity`: until it is removed.
   *
   * @defaultValue the optimizer's
   */
  readonly ttl?: Duration | undefined
  /** Rejects this caller with `signal.reason`. The operation is cancelled once all of its callers have left. */
  readonly signal?: AbortSignal | undefined
  /**
   * How long after its deadline a value is still answered at once, while one run in the background replaces it. 0: not.
   *
   * @defaultValue 0
   */
  readonly staleWhileRevalidate?: Duration | undefined
  /**
   * How long after its deadline a value is answered where the operation fails, or takes longer than `timeout.hard`. 0: not.
   *
   * @defaultValue 0
   */
  readonly staleIfError?: Duration | undefined
  /** How long this caller waits, counted from the call. */
  readonly timeout?: OptimizationTimeout | undefined
  /**
   * Lets a read of a fresh value replace it in the background, the more likely the closer its deadline and the longer it took
   * to load, so that about one caller does before it expires. A number above 1 does so earlier, below 1 later.
   *
   * @defaultValue `false`; `true` is 1
   */
  readonly refreshAhead?: boolean | number | undefined
  /**
   * How long the error of a failed run is answered to others without a new run. 0: not at all.
   *
   * @defaultValue 0
   */
  readonly errorTtl?: Duration | undefined
  /** Checks what comes out of the second tier; what is not valid is a miss. */
  readonly schema?: StandardSchema | undefined
}

/** How long a caller waits. */
export interface OptimizationTimeout {
  /**
   * After this time the caller gets the value that `staleWhileRevalidate` or `staleIfError` has kept, or (with `forceRefresh`) the
   * earlier one; without one it goes on waiting. The run goes on. Above 0.
   *
   * @defaultValue `Infinity`
   */
  readonly soft?: Duration | undefined
  /**
   * After this time the caller is rejected with `OPERATION_TIMEOUT`. Later callers do not join the run. Above 0.
   *
   * @defaultValue `Infinity`
   */
  readonly hard?: Duration | undefined
}

/** A caller's options, checked and read; in milliseconds. */
export interface CallPlan {
  /** Whether what is there does not matter. */
  readonly forceRefresh: boolean
  /** How long the value is fresh. */
  readonly ttlMs: number
  /** How long it is answered afterwards, while it is replaced. */
  readonly staleWhileRevalidateMs: number
  /** How long it is answered afterwards, where a run fails. */
  readonly staleIfErrorMs: number
  /** When a stale value will do. */
  readonly softMs: number
  /** When nothing will do. */
  readonly hardMs: number
  /** The caller's own. */
  readonly signal: AbortSignal | undefined
  /** 0: no early refresh. */
  readonly beta: number
  /** How long an error is answered again. */
  readonly errorTtlMs: number
  /** Checks what the second tier has. */
  readonly schema: StandardSchema | undefined
}

/** The longest that a timer can wait; beyond it, it would fire at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1

/** The plan of a call without options. */
export function plainPlan(ttlMs: number): CallPlan {
  return {
    forceRefresh: false,
    ttlMs,
    staleWhileRevalidateMs: 0,
    staleIfErrorMs: 0,
    softMs: Infinity,
    hardMs: Infinity,
    signal: undefined,
    beta: 0,
    errorTtlMs: 0,
    schema: undefined,
  }
}

/**
 * Reads a caller's options.
 *
 * @throws TypeError for a signal or a schema that is none; RangeError for a duration that is none or out of bounds.
 */
export function planCall(options: OptimizationOptions, defaultTtlMs: number): CallPlan {
  const { ttl, signal, timeout = {}, schema } = options
  if (signal !== undefined && typeof (signal as Partial<AbortSignal> | null)?.aborted !== 'boolean') {
    throw new TypeError(`Not an AbortSignal: ${typeof signal}. Give the signal of an AbortController.`)
  }
  if (
    schema !== undefined &&
    typeof (schema as Partial<StandardSchema> | null)?.['~standard']?.validate !== 'function'
  ) {
    throw new TypeError(`Not a schema: ${typeof schema}. Give one that implements Standard Schema.`)
  }
  return {
    forceRefresh: options.forceRefresh === true,
    ttlMs: ttl === undefined ? defaultTtlMs : toMilliseconds(ttl),
    staleWhileRevalidateMs: readSpan(options.staleWhileRevalidate),
    staleIfErrorMs: readSpan(options.staleIfError),
    softMs: readTimeout('timeout.soft', timeout.soft),
    hardMs: readTimeout('timeout.hard', timeout.hard),
    signal,
    beta: readBeta(options.refreshAhead ?? false),
    errorTtlMs: readSpan(options.errorTtl),
    schema,
  }
}

function readSpan(duration: Duration = 0): number {
  return Math.max(0, toMilliseconds(duration))
}

function readTimeout(name: string, duration: Duration = Infinity): number {
  const milliseconds = toMilliseconds(duration)
  if (milliseconds > 0) return milliseconds === Infinity ? Infinity : Math.min(milliseconds, LONGEST_TIMER_MS)
  throw new RangeError(`Not a timeout: ${name}: ${duration}. Give a positive duration, or Infinity for none.`)
}

function readBeta(refreshAhead: boolean | number): number {
  if (typeof refreshAhead === 'boolean') return refreshAhead ? 1 : 0
  if (refreshAhead > 0 && refreshAhead < Infinity) return refreshAhead
  throw new RangeError(`Not a refreshAhead: ${String(refreshAhead)}. Give true, false, or a number above 0.`)
}
