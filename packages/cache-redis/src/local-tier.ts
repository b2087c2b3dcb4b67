import { type Clock, type Codec, freezePlain } from '@x/core'
import type { Redis } from 'ioredis'

import { InvalidationStream } from './invalidation-stream.ts'
import type { KeySpace } from './key-space.ts'
import { isCluster, type RedisClient } from './redis-client.ts'

/** A local tier as it is worked with. */
export interface ResolvedLocalOptions {
  /** For the encoded values in it. */
  readonly maxSizeBytes: number
  /** How long a value is served at most without asking Redis. */
  readonly maxAgeMs: number
}

interface LocalEntry {
  readonly category: string
  readonly key: string
  readonly held: unknown
  /** Whether `held` is text that each read decodes. */
  readonly isText: boolean
  readonly size: number
  readonly expiresAt: number
  /** Whether it was read since it was last asked to make room. */
  isWanted: boolean
}

/** A read that is on its way: what it brings may be kept if nothing was heard of its key meanwhile. */
export interface Fill {
  /** Of what. */
  readonly category: string
  /** Of what. */
  readonly key: string
  /** When it began. */
  readonly startedAt: number
  /** Something was heard. */
  isOvertaken: boolean
}

/** What a read has brought. */
export interface Brought {
  /** Private to the caller. */
  readonly value: unknown
  /** Its text. */
  readonly payload: string
  /** How long it lived then, in milliseconds. */
  readonly ttlMs: number
}

/**
 * Values that were read lately, decoded and in memory, as long as the server says of each that it has not changed. It is
 * empty and unused from the moment at which anything may have been missed until nothing is missed any more.
 */
export class LocalTier {
  readonly #options: ResolvedLocalOptions
  readonly #codec: Codec
  readonly #clock: Clock
  readonly #keys: KeySpace
  readonly #stream: InvalidationStream
  readonly #categories = new Map<string, Map<string, LocalEntry>>()
  /** In the order in which they are asked to make room. */
  readonly #entries = new Set<LocalEntry>()
  readonly #fills = new Set<Fill>()
  #sizeBytes = 0
  #isCoherent = false

  constructor(client: Redis, options: ResolvedLocalOptions, parts: { codec: Codec; clock: Clock; keys: KeySpace }) {
    this.#options = options
    this.#codec = parts.codec
    this.#clock = parts.clock
    this.#keys = parts.keys
    this.#stream = new InvalidationStream(client, parts.keys.prefix, {
      onInvalidate: (redisKeys) => {
        if (redisKeys === null) this.clear()
        else this.dropAll(redisKeys)
      },
      onCoherent: () => {
        this.#isCoherent = true
      },
      onGap: () => {
        this.#isCoherent = false
        this.clear()
      },
    })
  }

  /** Whether it is used: the server tells of every change. */
  get isCoherent(): boolean {
    return this.#isCoherent
  }

  /** A live value; `undefined` for none. */
  find(category: string, key: string): unknown {
    const entry = this.#categories.get(category)?.get(key)
    if (entry === undefined) return undefined
    if (this.#clock.now() >= entry.expiresAt) {
      this.#remove(entry)
      return undefined
    }
    entry.isWanted = true
    return entry.isText ? this.#codec.decode(entry.held as string) : entry.held
  }

  /** Announces a read whose value is to be kept; `undefined` while nothing is. To be ended by `abandon`. */
  begin(category: string, key: string): Fill | undefined {
    if (!this.#isCoherent) return undefined
    const fill = { category, key, startedAt: this.#clock.now(), isOvertaken: false }
    this.#fills.add(fill)
    return fill
  }

  /** A read has ended. */
  abandon(fill: Fill): void {
    this.#fills.delete(fill)
  }

  /**
   * Keeps what a read brought, unless its key has been touched since it began.
   *
   * @returns the value, frozen if it is kept.
   */
  keep(fill: Fill, { value, payload, ttlMs }: Brought): unknown {
    const { category, key, startedAt } = fill
    const size = Buffer.byteLength(payload)
    if (fill.isOvertaken || size > this.#options.maxSizeBytes) return value
    const isText = !freezePlain(value)
    this.drop(category, key)
    this.#add({
      category,
      key,
      held: isText ? payload : value,
      isText,
      size,
      // From before it was asked: here it ends no later than there.
      expiresAt: startedAt + Math.min(ttlMs, this.#options.maxAgeMs),
      isWanted: false,
    })
    // What freezing does not protect it may have left half frozen.
    return isText ? this.#codec.decode(payload) : value
  }

  /** A key has been touched. */
  drop(category: string, key: string): void {
    const entry = this.#categories.get(category)?.get(key)
    if (entry !== undefined) this.#remove(entry)
    for (const fill of this.#fills) {
      if (fill.key === key && fill.category === category) fill.isOvertaken = true
    }
  }

  /** These keys of Redis have been touched. */
  dropAll(redisKeys: readonly string[]): void {
    for (const redisKey of redisKeys) {
      const name = this.#keys.parse(redisKey)
      if (name !== undefined) this.drop(name.category, name.key)
    }
  }

  /** Anything may have been touched. */
  clear(): void {
    this.#categories.clear()
    this.#entries.clear()
    this.#sizeBytes = 0
    for (const fill of this.#fills) fill.isOvertaken = true
  }

  /** Hears and keeps nothing more. */
  close(): void {
    this.#stream.close()
  }

  #add(entry: LocalEntry): void {
    while (this.#sizeBytes + entry.size > this.#options.maxSizeBytes) this.#makeRoom()
    let entries = this.#categories.get(entry.category)
    if (entries === undefined) {
      entries = new Map()
      this.#categories.set(entry.category, entries)
    }
    entries.set(entry.key, entry)
    this.#entries.add(entry)
    this.#sizeBytes += entry.size
  }

  /** What was read since it was last asked is asked again later: a hit moves nothing. */
  #makeRoom(): void {
    for (const entry of this.#entries) {
      if (!entry.isWanted) {
        this.#remove(entry)
        return
      }
      entry.isWanted = false
      this.#entries.delete(entry)
      this.#entries.add(entry)
    }
  }

  #remove(entry: LocalEntry): void {
    this.#entries.delete(entry)
    this.#sizeBytes -= entry.size
    const entries = this.#categories.get(entry.category)
    entries?.delete(entry.key)
    if (entries?.size === 0) this.#categories.delete(entry.category)
  }
}

/** Opens the tier that the options ask for; a cluster has none. */
export function openLocalTier(
  client: RedisClient,
  keys: KeySpace,
  { local, codec, clock }: { local: ResolvedLocalOptions | undefined; codec: Codec; clock: Clock },
): LocalTier | undefined {
  return local === undefined || isCluster(client) ? undefined : new LocalTier(client, local, { codec, clock, keys })
}
