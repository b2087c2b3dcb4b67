import type { Awaitable, CacheEventEmitter, Epoch } from '@x/core'

import { ChangeWatch } from './change-watch.ts'
import type { Flight, Flights } from './flights.ts'
import { invalidConfiguration } from './invalid-configuration.ts'
import { type InvalidationRule, InvalidationRules } from './invalidation-rules.ts'
import { compileKeyMatcher, type KeyMatcher } from './key-matcher.ts'
import { type Arrival, type Life, MemoryTier } from './memory-tier.ts'
import type { RememberedErrors } from './remembered-errors.ts'
import { SecondTier, type SecondTierValue, type Span } from './second-tier.ts'
import type { ResolvedConfig } from './service-optimizer-config.ts'
import type { StandardSchema } from './standard-schema.ts'

/** Whom the keeper works with. */
export interface KeeperNeighbours {
  /** The runs in progress. */
  readonly loads: Flights
  /** The reads of the second tier in progress. */
  readonly reads: Flights
  /** Why runs failed lately. */
  readonly errors: RememberedErrors
  /** The listeners. */
  readonly events: CacheEventEmitter
  /** Told of what went wrong without anybody's call failing. */
  readonly report: (error: unknown) => void
}

/** A value that a run brought, and how it came about. */
export interface LoadedValue {
  /** Its key. */
  readonly key: string
  /** Anything but `undefined`. */
  readonly value: unknown
  /** How long it is to live. */
  readonly span: Span
  /** When the run began. */
  readonly startedAt: number
  /** The run. */
  readonly flight: Flight
  /** Of the second tier, from before the run; `undefined`: it gets nothing. */
  readonly epoch: Epoch | undefined
}

/** What warming knows of the values that it brings. */
export interface Warming {
  /** How long they are to live. */
  readonly span: Span
  /** Begun before they were loaded. */
  readonly watch: ChangeWatch
}

/** Keeps values in both tiers, and removes them for good: what was being loaded or read before a removal is not kept. */
export class ValueKeeper {
  readonly memory: MemoryTier
  readonly second: SecondTier | undefined
  readonly rules: InvalidationRules
  readonly #config: ResolvedConfig
  readonly #neighbours: KeeperNeighbours
  readonly #watches = new Set<ChangeWatch>()
  #isClosed = false

  constructor(config: ResolvedConfig, neighbours: KeeperNeighbours) {
    const { store, category } = config
    const { events, report } = neighbours
    this.#config = config
    this.#neighbours = neighbours
    this.rules = new InvalidationRules(report)
    this.memory = new MemoryTier(config, (key) => {
      events.emit('onCacheEvict', { key, category })
    })
    if (store !== undefined) this.second = new SecondTier(store, category, report)
  }

  /** Brings a value from the second tier into memory. */
  async readSecond(
    key: string,
    schema: StandardSchema | undefined,
    flight: Flight,
  ): Promise<SecondTierValue | undefined> {
    try {
      const found = await this.second?.read(key, schema)
      if (found === undefined || flight.isOvertaken) return found
      const rules = this.rules.against(key, found.value)
      if (rules.length > 0) {
        await this.#removeByRule(key, rules)
        return undefined
      }
      if (!this.memory.has(key)) this.#put({ key, ...found, now: this.#config.clock.now() })
      return found
    } finally {
      this.#neighbours.reads.land(key, flight)
    }
  }

  /** Keeps what a run brought, unless it was overtaken, or a rule is against it; nothing to wait for without a second tier. */
  keep({ key, value, span, startedAt, flight, epoch }: LoadedValue): Promise<void> | undefined {
    const rules = this.rules.against(key, value)
    if (flight.isOvertaken) return undefined
    if (rules.length > 0) return this.#removeByRule(key, rules)
    const now = this.#config.clock.now()
    const life = lifeOf(span, now, startedAt)
    this.#put({ key, value, life, now })
    for (const watch of this.#watches) watch.noteWrite(key)
    if (this.second === undefined) return undefined
    // What was read from the second tier before is older.
    this.#neighbours.reads.overtake(exactly(key))
    if (epoch === undefined) return undefined
    return this.#writeSecond(key, { value, life }, { ...span, epoch })
  }

  /** Keeps in memory what warming brought, unless the key has changed since; `false` when it was not kept. */
  async keepWarmed(key: string, value: unknown, { span, watch }: Warming): Promise<boolean> {
    if (value === undefined || watch.hasChanged(key)) return false
    if (value === null && this.memory.has(key)) return false
    const rules = this.rules.against(key, value)
    if (rules.length > 0) {
      await this.#removeByRule(key, rules)
      return false
    }
    this.#overtake(exactly(key))
    const now = this.#config.clock.now()
    // It was not loaded for a caller: the load took no time.
    this.#put({ key, value, life: lifeOf(span, now, now), now })
    for (const other of this.#watches) if (other !== watch) other.noteWrite(key)
    return true
  }

  /** Begins to note what changes. */
  watch(): ChangeWatch {
    const watch = new ChangeWatch()
    this.#watches.add(watch)
    return watch
  }

  /** Ends a watch. */
  unwatch(watch: ChangeWatch): void {
    this.#watches.delete(watch)
  }

  /**
   * Removes what matches from both tiers: at once where the second one answers at once.
   *
   * @returns how many there were, in the tier that had more of them.
   */
  invalidate(pattern: string | RegExp): Awaitable<number> {
    if (typeof pattern !== 'string' && this.second !== undefined) {
      throw invalidConfiguration('pattern', pattern, 'a glob: a second tier knows no regular expressions')
    }
    const matcher = compileKeyMatcher(pattern)
    const inMemory = this.#remove(matcher)
    const inStore = this.second?.invalidate(matcher.pattern) ?? 0
    if (typeof inStore === 'number') return this.#told(matcher, Math.max(inMemory, inStore))
    return this.#finish(matcher, inMemory, inStore)
  }

  /** Lets go of everything, and of what is being loaded; nothing comes into memory any more. */
  close(): void {
    this.#isClosed = true
    this.#overtake({ pattern: '*', literal: undefined, matches: () => true })
    this.memory.clear()
  }

  /** What was read from the store before it had removed the key may have come into memory meanwhile. */
  async #finish(matcher: KeyMatcher, inMemory: number, inStore: Promise<number>): Promise<number> {
    try {
      return this.#told(matcher, Math.max(inMemory, await inStore))
    } finally {
      this.#remove(matcher)
    }
  }

  #told({ pattern }: KeyMatcher, count: number): number {
    if (count > 0) {
      this.#neighbours.events.emit('onCacheInvalidate', { pattern, category: this.#config.category, count })
    }
    return count
  }

  #remove(matcher: KeyMatcher): number {
    this.#overtake(matcher)
    this.#neighbours.errors.forgetWhere(matcher)
    for (const watch of this.#watches) watch.noteRemoval(matcher)
    return this.memory.removeWhere(matcher)
  }

  #overtake(matcher: KeyMatcher): void {
    this.#neighbours.loads.overtake(matcher)
    this.#neighbours.reads.overtake(matcher)
  }

  async #writeSecond(key: string, found: SecondTierValue, span: Span & { readonly epoch: Epoch }): Promise<void> {
    const isCurrent = await this.second?.write(key, found, span)
    // Another process has changed it since: no run here may bring back what it removed.
    if (isCurrent === false) this.memory.remove(key)
  }

  async #removeByRule(key: string, rules: readonly InvalidationRule[]): Promise<void> {
    this.#remove(exactly(key))
    await this.second?.remove(key)
    this.#remove(exactly(key))
    this.#neighbours.events.emit('onCacheInvalidate', { key, category: this.#config.category, count: 1 })
    this.rules.tell(key, rules)
  }

  #put(arrival: Arrival): void {
    if (this.#isClosed) return
    try {
      this.memory.put(arrival)
    } catch (error) {
      this.#neighbours.report(error)
    }
  }
}

/** From now on. */
function lifeOf({ ttlMs, graceMs }: Span, now: number, startedAt: number): Life {
  const expiresAt = now + ttlMs
  return { expiresAt, keptUntil: ttlMs > 0 ? expiresAt + graceMs : expiresAt, loadMs: now - startedAt }
}

function exactly(key: string): KeyMatcher {
  return { pattern: key, literal: key, matches: (other) => other === key }
}
