import { AsyncLocalStorage } from 'node:async_hooks'

/** A key that somebody waits for. */
export interface Asked {
  /** What tells it from others of its loader. */
  readonly identity: unknown
  /** The call of a batch function, of any loader, in whose course it was asked for. */
  readonly within: BatchCall | undefined
}

/** One call of a batch function, known to all that runs in its course. */
export class BatchCall {
  readonly #loader: object
  #asked: readonly Asked[]
  #identities: ReadonlySet<unknown> | undefined
  #askers: ReadonlySet<BatchCall> | undefined

  constructor(loader: object, asked: readonly Asked[]) {
    this.#loader = loader
    this.#asked = asked
  }

  /** The keys it loads; none once it has ended: what outlives it in its async context keeps no more of it than that. */
  get asked(): readonly Asked[] {
    return this.#asked
  }

  /** In whose course its keys were asked for. */
  get askers(): ReadonlySet<BatchCall> {
    this.#askers ??= new Set(this.#asked.map(({ within }) => within).filter((within) => within !== undefined))
    return this.#askers
  }

  /** Begins it. */
  run<T>(batchFn: () => T): T {
    return running.run(this, batchFn)
  }

  /** It has ended. */
  end(): void {
    this.#asked = []
    this.#identities = undefined
    this.#askers = undefined
  }

  /** Whether it loads a key of that loader. */
  loads(loader: object, identity: unknown): boolean {
    if (loader !== this.#loader) return false
    this.#identities ??= new Set(this.#asked.map((asked) => asked.identity))
    return this.#identities.has(identity)
  }
}

const running = new AsyncLocalStorage<BatchCall>()

/** The call in whose course this code runs. */
export function currentBatchCall(): BatchCall | undefined {
  return running.getStore()
}

/**
 * Of keys that are about to be loaded, those that would wait for themselves: in the course of a call, all keys that it loads are asked for
 * again. Some of them are no circle: where `a` and `b` are loaded together, `a` may need `b`.
 */
export function selfWaiting<T extends Asked>(loader: object, asked: readonly T[]): ReadonlySet<T> {
  const again = new Map<BatchCall, T[]>()
  for (const [within, keys] of Map.groupBy(asked, (one) => one.within)) {
    for (const call of callsAround(within)) {
      const loaded = keys.filter(({ identity }) => call.loads(loader, identity))
      if (loaded.length > 0) again.set(call, [...(again.get(call) ?? []), ...loaded])
    }
  }
  return new Set([...again].flatMap(([call, keys]) => (keys.length === call.asked.length ? keys : [])))
}

/** A call, and all in whose course it was made, be it through others. */
function callsAround(innermost: BatchCall | undefined): ReadonlySet<BatchCall> {
  const calls = new Set(innermost === undefined ? [] : [innermost])
  // A set is walked in insertion order, what is added meanwhile included.
  for (const { askers } of calls) for (const asker of askers) calls.add(asker)
  return calls
}
