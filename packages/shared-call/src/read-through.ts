import {
  type Awaitable,
  type CacheStore,
  DEFAULT_CATEGORY,
  type Duration,
  encodeKey,
  isCacheError,
  type SetOptions,
  toMilliseconds,
} from '@x/core'

import { AsyncSharedCall } from './async-shared-call.ts'
import type { CallContext, NamedCallOptions, WaitOptions } from './call-options.ts'
import { orLoadFailure, readLoadFailure } from './load-failure.ts'

/** How a value is loaded, and stored. Where callers share a load, it is stored as the first of them says. */
export interface ReadThroughOptions<Value = unknown> extends Omit<SetOptions, 'ifEpoch' | 'grace'>, WaitOptions<Value> {
  /**
   * How long after its deadline the value may still be answered, to callers with this option, where `load` fails: it is
   * stored with this as its `grace`. 0 or less: not at all; `Infinity`: until it is removed. As long as who stored it said:
   * a store does not tell deadlines, so that a caller who says less gets it as well.
   *
   * @defaultValue 0
   */
  readonly staleIfError?: Duration | undefined
  /**
   * Who shares the load: one with `lease` and `store` shares it with other processes or machines, as far as the store tells
   * them the same epoch. Its keys must not be used for anything else.
   *
   * @defaultValue one of this thread for each store
   */
  readonly coalescer?: AsyncSharedCall | undefined
}

const coalescers = new WeakMap<CacheStore, AsyncSharedCall>()

/**
 * The value of a key from a store, or loaded and stored. Concurrent callers share one load, as long as nothing touches
 * the key: a caller who comes after a `delete`, `invalidate`, `set` or `clear` never gets what was being loaded before
 * it, and such a load is not stored; those who had asked for it get it. A value that the store finds too large, and
 * `undefined`, are answered and not stored. With `staleIfError`, a load that fails is answered with the expired value, if it
 * is still kept.
 *
 * @throws what `load` or the store throws; ReentrantCallError where `load` waits for its own key; `signal.reason`;
 * CacheError `OPERATION_TIMEOUT`; RangeError, before anything is loaded, for a `ttl` or a `staleIfError` that is no duration.
 */
// Three and its options.
// eslint-disable-next-line max-params
export async function readThrough<Value>(
  store: CacheStore,
  key: string,
  load: (context: CallContext) => Awaitable<Value>,
  options: ReadThroughOptions<Value> = {},
): Promise<Value> {
  const { signal, timeout } = options
  if (signal === undefined && timeout === undefined) return await findOrLoad(store, key, load, options)
  // A flight of this caller's own, which may be left while the store is asked, too.
  const own: NamedCallOptions<Value> = { key, names: [], signal, timeout }
  return await new AsyncSharedCall().call(own, (context: CallContext) =>
    findOrLoad(store, key, load, { ...options, signal: context.signal, timeout: undefined }),
  )
}

// The same.
// eslint-disable-next-line max-params
async function findOrLoad<Value>(
  store: CacheStore,
  key: string,
  load: (context: CallContext) => Awaitable<Value>,
  options: ReadThroughOptions<Value>,
): Promise<Value> {
  const { category = DEFAULT_CATEGORY, ttl, tags, staleIfError = 0, signal, clone } = options
  const scope = { category }
  const found = await store.get<Value>(key, scope)
  if (found !== undefined) return found
  // The store would refuse it only after the load, each time anew.
  for (const duration of [ttl, staleIfError]) if (duration !== undefined) toMilliseconds(duration)
  const ifEpoch = await store.getEpoch(key, scope)
  const loadAndStore = async (context: CallContext): Promise<Value> => {
    // Counts as neither hit nor miss. Another load may have ended between our miss and our epoch.
    if (await store.has(key, scope)) {
      const late = await store.get<Value>(key, scope)
      if (late !== undefined) return late
    }
    const value = await orLoadFailure(() => load(context))
    const setOptions = { category, ttl, grace: staleIfError, tags, ifEpoch }
    if (value !== undefined) await setUnlessTooLarge(store, key, { value, options: setOptions })
    return value
  }
  // With the epoch in the key: whoever comes after a change starts anew.
  const flight: NamedCallOptions<Value> = { key: encodeKey(category, key, ifEpoch), names: [key], signal, clone }
  try {
    const coalescer = options.coalescer ?? coalescerOf(store)
    return await coalescer.call(flight, loadAndStore)
  } catch (error) {
    const failure = readLoadFailure(error)
    if (failure === undefined) throw error
    const stale = toMilliseconds(staleIfError) > 0 ? await getStale<Value>(store, key, category) : undefined
    if (stale !== undefined) return stale
    throw failure.cause
  }
}

/** A store that fails here has nothing, and does not hide why the load failed. */
async function getStale<Value>(store: CacheStore, key: string, category: string): Promise<Value | undefined> {
  try {
    return await store.get<Value>(key, { category, allowStale: true })
  } catch {
    return undefined
  }
}

function coalescerOf(store: CacheStore): AsyncSharedCall {
  let coalescer = coalescers.get(store)
  if (coalescer === undefined) {
    coalescer = new AsyncSharedCall()
    coalescers.set(store, coalescer)
  }
  return coalescer
}

async function setUnlessTooLarge(
  store: CacheStore,
  key: string,
  { value, options }: { value: unknown; options: SetOptions },
): Promise<void> {
  try {
    await store.set(key, value, options)
  } catch (error) {
    if (!isCacheError(error, 'VALUE_TOO_LARGE')) throw error
  }
}
