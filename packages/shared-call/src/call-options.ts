import type { Duration } from '@x/core'

/**
 * What a caller gets of a shared value, instead of the very object that the others get too: `"structured"`: a
 * `structuredClone` of its own; `"freeze"`: the shared object, which is deeply frozen for everybody (plain data only);
 * a function: what it makes of the value. A failure to clone rejects this caller alone.
 */
export type CloneMode<Value = unknown> = 'structured' | 'freeze' | ((value: Value) => Value)

/** What is particular to one caller. */
export interface WaitOptions<Value = unknown> {
  /** Rejects this caller with `signal.reason`, at once, also where it was aborted before. Spares the others. */
  readonly signal?: AbortSignal | undefined
  /**
   * Rejects this caller with `CacheError` `OPERATION_TIMEOUT` after this time, counted from the call. Spares the
   * others. Must be positive; `Infinity`: never; at most 2³¹ − 1 ms (24.8 days) are waited.
   *
   * @defaultValue `Infinity`
   */
  readonly timeout?: Duration | undefined
  /**
   * How this caller is kept from changing what the others got.
   *
   * @defaultValue by reference
   */
  readonly clone?: CloneMode<Value> | undefined
}

/** A key with what is particular to one caller. */
export interface CallOptions<Value = unknown> extends WaitOptions<Value> {
  /** Callers of equal keys share one execution. Any string. */
  readonly key: string
}

/** A call whose key is not what its caller knows it by. */
export interface NamedCallOptions<Value = unknown> extends CallOptions<Value> {
  /** What `ReentrantCallError` has instead of the key; nothing where another call stands for this one. */
  readonly names: readonly string[]
}

/** What a function gets after its arguments where it is called with options. */
export interface CallContext {
  /**
   * Aborts when the last caller has left. A caller without a signal or a timeout never leaves.
   * Its reason is why the last one left.
   */
  readonly signal: AbortSignal
}

/** A value, and whether others have it too. */
export interface SharedResult<Value> {
  /** What the function answered with, or this caller's clone of it. */
  readonly value: Value
  /** Whether a second caller joined the execution, whoever started it. */
  readonly shared: boolean
}

/** Options of a caller whatever its value is. */
export interface AnyWaitOptions extends Omit<WaitOptions, 'clone'> {
  /** A `CloneMode`, once checked. */
  readonly clone?: unknown
}

/** `AnyWaitOptions` with a key. */
export interface AnyCallOptions extends AnyWaitOptions {
  /** The key, once checked. */
  readonly key: string
  /** As of `NamedCallOptions`. */
  readonly names?: readonly string[] | undefined
}
