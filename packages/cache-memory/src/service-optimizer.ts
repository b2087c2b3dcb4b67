import type { Awaitable, CacheEventListener } from '@x/core'
import type { CallContext } from '@x/shared-call'

import type { OptimizationOptions } from './optimization-options.ts'
import { OptimizerCore } from './optimizer-core.ts'
import type { CacheMetrics } from './optimizer-metrics.ts'
import { resolveConfig, type ServiceOptimizerConfig } from './service-optimizer-config.ts'

/** Options of a wrapped function, and its key. */
export interface WrapOptions<Args extends readonly unknown[]> extends OptimizationOptions {
  /** Names what the answer depends on: equal keys share an answer. Called with the same `this` as the function. */
  readonly key: (...args: Args) => string
}

// Not `never[]`, which would become the type of parameters that have none but a default.
// eslint-disable-next-line @typescript-eslint/no-explicit-any
type AsyncFunction = (...args: any[]) => Promise<unknown>

const cores = new WeakMap<object, OptimizerCore>()

/** Caches what an asynchronous call answers, and shares its runs. */
export class ServiceOptimizer {
  readonly #core: OptimizerCore

  /** @throws CacheError `INVALID_CONFIGURATION`, whose `details` are `{ field, value }`. */
  constructor(config: ServiceOptimizerConfig) {
    this.#core = new OptimizerCore(resolveConfig(config))
    cores.set(this, this.#core)
  }

  /**
   * The cached value of a key, or what `operation` answers, run once for all who ask meanwhile. `null`, `false`, `0` and `""` are
   * values; `undefined` is answered and not kept. What a run brings that an invalidation overtook is answered to those who
   * had asked before, and not kept.
   *
   * @throws (rejects) what `operation` throws, as the same object; `signal.reason`; CacheError `OPERATION_TIMEOUT` after
   * `timeout.hard`; ReentrantCallError where the operation waits for its own key; TypeError and RangeError for a key or an option
   * that is none; CacheError `STORE_CLOSED`.
   */
  withOptimization<Value>(
    key: string,
    operation: (context: CallContext) => Awaitable<Value>,
    options?: OptimizationOptions,
  ): Promise<Value> {
    const entry = options === undefined ? this.#core.freshEntry(key) : undefined
    if (entry !== undefined) return Promise.resolve(this.#core.keeper.memory.read(entry) as Value)
    return this.#core.answer(key, operation, options) as Promise<Value>
  }

  /** Makes a function of the same type whose answers are cached: `wrap(fetchUser, { key: (id) => `user-${id}` })`. */
  wrap<Fn extends AsyncFunction>(fn: Fn, { key, ...options }: WrapOptions<Parameters<Fn>>): Fn {
    const own = Object.keys(options).length === 0 ? undefined : options
    const answer = async (object: unknown, args: Parameters<Fn>): Promise<unknown> =>
      await this.withOptimization(Reflect.apply(key, object, args), () => Reflect.apply(fn, object, args), own)
    const wrapped = function (this: unknown, ...args: Parameters<Fn>): Promise<unknown> {
      return answer(this, args)
    }
    return wrapped as Fn
  }

  /**
   * Removes what matches, from both tiers. A string is a glob, as everywhere: `user-*`. A `RegExp` must match the whole key.
   *
   * @returns how many values there were, at once where the second tier answers at once. When it is settled, no read sees an
   * earlier value any more.
   * @throws RangeError for a malformed glob; CacheError `INVALID_CONFIGURATION` for a `RegExp` where there is a second tier; what
   * the second tier throws where it could not remove (the memory has done so).
   */
  invalidateCache(pattern: string | RegExp): Awaitable<number> {
    this.#core.closing.throwIfAborted()
    return this.#core.keeper.invalidate(pattern)
  }

  /**
   * The fresh value of a key in memory, at once, or `undefined`; the second tier is not asked.
   *
   * @throws TypeError for a key that is no string; CacheError `STORE_CLOSED`.
   */
  getCache<Value = unknown>(key: string): Value | undefined {
    return this.#core.peek(key) as Value | undefined
  }

  /** What it has done, and is doing. */
  getMetrics(): CacheMetrics {
    return this.#core.readMetrics()
  }

  /** Tells a listener what happens from now on; one that is already there stays once. */
  addEventListener(listener: CacheEventListener): void {
    this.#core.events.add(listener)
  }

  /** Tells a listener nothing more. */
  removeEventListener(listener: CacheEventListener): void {
    this.#core.events.remove(listener)
  }

  /**
   * Lets go of every value, cancels what runs in the background, and stops the managers. Who waits for a run still gets its
   * answer; later calls reject with `STORE_CLOSED`. The second tier stays open. Idempotent.
   */
  close(): void {
    this.#core.close()
  }

  /** Closes the optimizer at the end of a `using` block. */
  [Symbol.dispose](): void {
    this.close()
  }
}

/**
 * What a manager works on.
 *
 * @throws TypeError for what is no optimizer of this installed copy.
 */
export function coreOf(optimizer: ServiceOptimizer): OptimizerCore {
  const core = cores.get(optimizer)
  if (core === undefined) throw new TypeError('Not a ServiceOptimizer. Give one of this installed copy of the package.')
  return core
}
