import { inspect } from 'node:util'

import { type Awaitable, BatchProcessingError, type Duration, toMilliseconds } from '@x/core'

import { nonNegative, positiveInteger } from './option-bounds.ts'
import { startTimer } from './timer.ts'

/**
 * Loads many keys at once. An array has a value for each key, in their order; a `Map` has it by key. An `Error` in the place
 * of a value fails that key alone; so does a key that a `Map` lacks.
 */
export type BatchFunction<Key, Value> = (
  keys: readonly Key[],
) => Awaitable<readonly (Value | Error)[] | ReadonlyMap<unknown, Value | Error>>

/** How keys are brought together. */
export interface LoaderOptions<Key> {
  /**
   * The most keys in one batch, each counted once: a positive integer, or `Infinity`.
   *
   * @defaultValue `Infinity`
   */
  readonly maxSize?: number | undefined
  /**
   * How long the first key waits for others. 0: until everything that can go on without waiting has asked.
   *
   * @defaultValue 0
   */
  readonly interval?: Duration | undefined
  /**
   * What tells keys apart.
   *
   * @defaultValue the key itself, as in a `Map`: objects by identity
   */
  readonly key?: ((key: Key) => unknown) | undefined
  /**
   * Whether a batch that fails as a whole is halved, again and again, until only the keys that fail alone fail: k bad ones of
   * n cost at most 2·k·log2(n) more calls. A function decides by the error: a server that is down is not worth it.
   *
   * @defaultValue `false`
   */
  readonly bisect?: boolean | ((error: unknown) => boolean) | undefined
}

/** Makes one batch of what many ask for one by one. It keeps nothing: what has been loaded is loaded anew the next time. */
export interface Loader<Key, Value> {
  /**
   * The value of a key. Who asks for the same key before its batch has gone shares it.
   *
   * @throws what the batch function throws, or answers for this key; TypeError when it answers with the wrong number of
   * values.
   */
  readonly load: (key: Key) => Promise<Value>
}

/** One key that somebody waits for. */
interface Wanted<Key, Value> {
  readonly key: Key
  readonly identity: unknown
  readonly resolve: (value: Value) => void
  readonly reject: (error: unknown) => void
}

/**
 * Makes a loader.
 *
 * @throws TypeError for a batch function that is none; RangeError for a number out of its bounds.
 */
export function createLoader<Key, Value>(
  batchFn: BatchFunction<Key, Value>,
  options: LoaderOptions<Key> = {},
): Loader<Key, Value> {
  const loader = new BatchLoader(batchFn, options)
  return { load: (key) => loader.load(key) }
}

class BatchLoader<Key, Value> {
  readonly #batchFn: BatchFunction<Key, Value>
  readonly #maxSize: number
  readonly #intervalMs: number
  readonly #identify: ((key: Key) => unknown) | undefined
  readonly #isWorthHalving: (error: unknown) => boolean
  /** The batch that still takes keys, and the promise of each by its identity. */
  #wanted: Wanted<Key, Value>[] = []
  #promises = new Map<unknown, Promise<Value>>()
  /** How many batches have gone. */
  #sent = 0
  #timer: NodeJS.Timeout | undefined

  constructor(
    batchFn: BatchFunction<Key, Value>,
    { maxSize = Infinity, interval = 0, key, bisect = false }: LoaderOptions<Key>,
  ) {
    if (typeof batchFn !== 'function')
      throw new TypeError(`The batch function must be a function, not ${typeof batchFn}.`)
    this.#batchFn = batchFn
    this.#maxSize = maxSize === Infinity ? Infinity : positiveInteger('maxSize', maxSize)
    this.#intervalMs = nonNegative('interval', toMilliseconds(interval))
    this.#identify = key
    this.#isWorthHalving = typeof bisect === 'function' ? bisect : () => bisect
  }

  load(key: Key): Promise<Value> {
    let identity: unknown = key
    try {
      if (this.#identify !== undefined) identity = this.#identify(key)
    } catch (error) {
      // Whatever it is, it is the caller's own.
      // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors
      return Promise.reject(error)
    }
    const known = this.#promises.get(identity)
    if (known !== undefined) return known
    const promise = new Promise<Value>((resolve, reject) => {
      this.#wanted.push({ key, identity, resolve, reject })
    })
    this.#promises.set(identity, promise)
    if (this.#wanted.length >= this.#maxSize) this.#send()
    else if (this.#wanted.length === 1) this.#schedule()
    return promise
  }

  #schedule(): void {
    // A number, not the batch: that may have gone long before, and would be kept for nothing.
    const batch = this.#sent
    const send = (): void => {
      if (this.#sent === batch) this.#send()
    }
    if (this.#intervalMs > 0) this.#timer = startTimer(send, this.#intervalMs)
    // A microtask alone would come before those that promises already settled still have to run, and they may ask as well;
    // a tick begun in a microtask comes after all of them.
    else
      void Promise.resolve().then(() => {
        process.nextTick(send)
      })
  }

  #send(): void {
    const wanted = this.#wanted
    this.#sent += 1
    this.#wanted = []
    this.#promises = new Map()
    clearTimeout(this.#timer)
    void this.#deliver(wanted, { isKnownToFail: false })
  }

  /** Never rejects. Answers whether any key failed. */
  async #deliver(
    wanted: readonly Wanted<Key, Value>[],
    { isKnownToFail }: { isKnownToFail: boolean },
  ): Promise<boolean> {
    try {
      if (!isKnownToFail || wanted.length === 1) {
        const answer = await this.#batchFn(wanted.map(({ key }) => key))
        settle(wanted, answer)
        return false
      }
    } catch (error) {
      if (!this.#isHalved(wanted, error)) return true
    }
    const middle = wanted.length >> 1
    const hasFailed = await this.#deliver(wanted.slice(0, middle), { isKnownToFail: false })
    // Where the first half was good, the second must have what failed: no need to ask for it as a whole.
    await this.#deliver(wanted.slice(middle), { isKnownToFail: !hasFailed })
    return true
  }

  /** Decides what becomes of a batch that failed as a whole; where it is not halved, all of it fails. */
  #isHalved(wanted: readonly Wanted<Key, Value>[], error: unknown): boolean {
    let reason = error
    try {
      if (wanted.length > 1 && !(error instanceof BatchContractError) && this.#isWorthHalving(error)) return true
    } catch (own) {
      reason = own
    }
    for (const { reject } of wanted) reject(reason)
    return false
  }
}

/** The batch function answered with something else than it must: asking again would not help. */
class BatchContractError extends TypeError {
  constructor(answer: string, count: number) {
    super(
      `The batch function must answer an array with a value for each of its ${count} keys, in their order, or a Map; it answered ${answer}.`,
    )
  }
}

function settle<Key, Value>(wanted: readonly Wanted<Key, Value>[], answer: unknown): void {
  if (answer instanceof Map) {
    for (const want of wanted) settleOne(want, valueIn(answer as ReadonlyMap<unknown, Value | Error>, want))
    return
  }
  if (!Array.isArray(answer)) throw new BatchContractError(`a ${typeof answer}`, wanted.length)
  if (answer.length !== wanted.length) throw new BatchContractError(`${answer.length} values`, wanted.length)
  wanted.forEach((want, index) => {
    settleOne(want, answer[index] as Value | Error)
  })
}

function settleOne<Key, Value>({ resolve, reject }: Wanted<Key, Value>, value: Value | Error): void {
  if (value instanceof Error) reject(value)
  else resolve(value)
}

function valueIn<Key, Value>(
  values: ReadonlyMap<unknown, Value | Error>,
  { key, identity }: Wanted<Key, Value>,
): Value | Error {
  for (const name of [key, identity]) if (values.has(name)) return values.get(name) as Value | Error
  return new BatchProcessingError(`The batch function answered nothing for the key ${inspect(identity, { depth: 0 })}.`)
}
