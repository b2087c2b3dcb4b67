import { CacheError, CacheEventEmitter } from '@x/core'

import { CallerLimit } from './caller-limit.ts'
import { isRefreshDue } from './early-refresh.ts'
import { type Flight, Flights } from './flights.ts'
import type { Life, OptimizerEntry } from './memory-tier.ts'
import { type Call, type Operation, OperationRuns, rejection } from './operation-runs.ts'
import { type CallPlan, type OptimizationOptions, plainPlan, planCall } from './optimization-options.ts'
import type { CacheMetrics, OptimizerCounters } from './optimizer-metrics.ts'
import { RememberedErrors } from './remembered-errors.ts'
import type { ResolvedConfig } from './service-optimizer-config.ts'
import { ValueKeeper } from './value-keeper.ts'

/** Decides how a call is answered: from memory, from the second tier, by a run, or with what has expired. */
export class OptimizerCore {
  readonly config: ResolvedConfig
  readonly events: CacheEventEmitter = new CacheEventEmitter()
  readonly keeper: ValueKeeper
  readonly counters: OptimizerCounters = { errorCount: 0, warmingErrors: 0 }
  readonly #loads = new Flights()
  readonly #reads = new Flights()
  readonly #errors: RememberedErrors
  readonly #runs: OperationRuns
  readonly #plain: CallPlan
  readonly #closing = new AbortController()

  constructor(config: ResolvedConfig) {
    this.config = config
    this.#errors = new RememberedErrors(config.clock)
    this.#plain = plainPlan(config.ttlMs)
    this.keeper = new ValueKeeper(config, {
      loads: this.#loads,
      reads: this.#reads,
      errors: this.#errors,
      events: this.events,
      report: (error) => {
        this.reportFailure(error)
      },
    })
    this.#runs = new OperationRuns({
      config,
      keeper: this.keeper,
      loads: this.#loads,
      errors: this.#errors,
      counters: this.counters,
    })
  }

  /** Aborts when the optimizer is closed. */
  get closing(): AbortSignal {
    return this.#closing.signal
  }

  /** A fresh value in memory, counted as a hit; the shortest way there is. */
  freshEntry(key: string): OptimizerEntry | undefined {
    const entry = this.keeper.memory.getFresh(key)
    if (entry !== undefined) this.#countHit(key, entry)
    return entry
  }

  /** What a call gets; without options, of one that `freshEntry` had nothing for. */
  answer(key: string, operation: Operation, options: OptimizationOptions | undefined): Promise<unknown> {
    if (options !== undefined) return this.#answerAsAsked(key, operation, options)
    try {
      this.#closing.signal.throwIfAborted()
      assertCall(key, operation)
      return this.#fetch({ key, operation, plan: this.#plain }, undefined)
    } catch (error) {
      return rejection(error)
    }
  }

  async #answerAsAsked(key: string, operation: Operation, options: OptimizationOptions): Promise<unknown> {
    this.#closing.signal.throwIfAborted()
    assertCall(key, operation)
    const plan = planCall(options, this.config.ttlMs)
    plan.signal?.throwIfAborted()
    const call = { key, operation, plan }
    const entry = plan.forceRefresh ? undefined : this.keeper.memory.get(key)
    if (entry !== undefined && this.#isUsable(call, entry)) return this.keeper.memory.read(entry)
    const isUntimed = plan.softMs === Infinity && plan.hardMs === Infinity
    try {
      return await (isUntimed ? this.#fetch(call, plan.signal) : this.#fetchInTime(call))
    } catch (error) {
      const stale = this.#staleIfError(call, error)
      if (stale === undefined) throw error
      return this.keeper.memory.read(stale)
    }
  }

  /** What a synchronous reader gets, counted. */
  peek(key: string): unknown {
    this.#closing.signal.throwIfAborted()
    const entry = this.freshEntry(key)
    if (entry !== undefined) return this.keeper.memory.read(entry)
    assertKey(key)
    this.#countMiss(key)
    return undefined
  }

  readMetrics(): CacheMetrics {
    const { groups, table } = this.keeper.memory
    return {
      cacheHits: groups.reduce((sum, { hits }) => sum + hits, 0),
      cacheMisses: groups.reduce((sum, { misses }) => sum + misses, 0),
      evictions: table.evictions,
      errorCount: this.counters.errorCount,
      concurrentRequests: this.#loads.active,
      warmingErrors: this.counters.warmingErrors,
    }
  }

  /** Counts a failure that no caller hears of, and tells the listeners. */
  reportFailure(error: unknown): void {
    if (this.config.isCounting) this.counters.errorCount += 1
    this.events.emit('onCacheError', error)
  }

  close(): void {
    if (this.#closing.signal.aborted) return
    this.keeper.close()
    this.#closing.abort(new CacheError('STORE_CLOSED'))
  }

  /** No function of the usual way is `async` that need not wait: each costs a promise more, and a turn. */
  #fetch(call: Call, signal: AbortSignal | undefined): Promise<unknown> {
    const { key, plan } = call
    if (plan.forceRefresh) return this.#load(call, signal)
    if (this.keeper.second !== undefined) return this.#fetchFromSecond(call, signal)
    this.#countMiss(key)
    return this.#load(call, signal)
  }

  async #fetchFromSecond(call: Call, signal: AbortSignal | undefined): Promise<unknown> {
    const { key, plan } = call
    const read = (flight: Flight) => this.keeper.readSecond(key, plan.schema, flight)
    const found = await this.#reads.join(key, signal, read)
    if (found !== undefined && this.#isUsable(call, found.life)) return found.value
    this.#countMiss(key)
    return await this.#load(call, signal)
  }

  /** `#fetch` for a caller who does not wait for ever. */
  #fetchInTime(call: Call): Promise<unknown> {
    const { key, plan } = call
    const limit = new CallerLimit(key, plan)
    const outcome = this.#fetch(call, limit.signal)
    const { promise, resolve, reject } = Promise.withResolvers<unknown>()
    let isAnswered = false
    const onSoft = (): void => {
      const stale = this.keeper.memory.get(key)
      if (stale === undefined) return
      isAnswered = true
      limit.detach(this.closing)
      this.#countHit(key, stale)
      resolve(this.keeper.memory.read(stale))
    }
    const timer = plan.softMs === Infinity ? undefined : setTimeout(onSoft, plan.softMs)
    const end = (): void => {
      clearTimeout(timer)
      limit.end()
    }
    outcome.then(
      (value) => {
        end()
        resolve(value)
      },
      (error: unknown) => {
        end()
        if (isAnswered) this.#tellOfBackground(error)
        else reject(error)
      },
    )
    return promise
  }

  #load(call: Call, signal: AbortSignal | undefined): Promise<unknown> {
    const { key, plan } = call
    if (plan.forceRefresh) this.#loads.supersede(key)
    else {
      const remembered = this.#errors.get(key)
      if (remembered !== undefined) return rejection(remembered.error)
    }
    return this.#loads.join(key, signal, (flight) => this.#runs.start(call, flight))
  }

  /** Whether a value answers the call as it is; where it is about to expire, or has, one run in the background replaces it. */
  #isUsable(call: Call, life: Life): boolean {
    const { key, plan } = call
    const { expiresAt, loadMs } = life
    const now = this.config.clock.now()
    if (now >= expiresAt + plan.staleWhileRevalidateMs) return false
    const isFresh = now < expiresAt
    this.#countHit(key)
    if (!isFresh || (plan.beta > 0 && isRefreshDue({ now, expiresAt, loadMs }, plan.beta, this.config.random()))) {
      this.#refresh(call)
    }
    return true
  }

  /** One run in the background, unless there is one already, or it failed lately. Its failure is told to the listeners. */
  #refresh(call: Call): void {
    if (this.#loads.has(call.key) || this.#errors.get(call.key) !== undefined) return
    this.#load(call, this.closing).catch((error: unknown) => {
      this.#tellOfBackground(error)
    })
  }

  /** What fails in the background is no caller's failure; what `close()` cancels is none at all. */
  #tellOfBackground(error: unknown): void {
    if (!this.closing.aborted) this.events.emit('onCacheError', error)
  }

  /** What will do in the place of an error, but not for a caller who has left. */
  #staleIfError({ key, plan }: Call, error: unknown): OptimizerEntry | undefined {
    if (plan.staleIfErrorMs === 0 || (plan.signal?.aborted === true && error === plan.signal.reason)) return undefined
    const entry = this.keeper.memory.get(key)
    if (entry === undefined || this.config.clock.now() >= entry.expiresAt + plan.staleIfErrorMs) return undefined
    this.#countHit(key, entry)
    return entry
  }

  #countHit(key: string, entry?: OptimizerEntry): void {
    if (this.config.isCounting) (entry?.group ?? this.keeper.memory.groupOf(key)).hits += 1
    if (this.events.active) this.events.emit('onCacheHit', { key, category: this.config.category })
  }

  #countMiss(key: string): void {
    if (this.config.isCounting) this.keeper.memory.groupOf(key).misses += 1
    if (this.events.active) this.events.emit('onCacheMiss', { key, category: this.config.category })
  }
}

function assertKey(key: unknown): void {
  if (typeof key !== 'string') throw new TypeError(`Not a key: ${String(key)}. Give a string.`)
}

function assertCall(key: unknown, operation: unknown): void {
  assertKey(key)
  if (typeof operation !== 'function') throw new TypeError(`Not an operation: ${typeof operation}. Give a function.`)
}
