import { CacheError } from '@x/core'
import type { Redis } from 'ioredis'

import { Circuit } from './circuit.ts'
import { ClientWatch } from './client-watch.ts'
import { Deadlines } from './deadlines.ts'
import { isCluster, type RedisClient } from './redis-client.ts'
import { defineScripts } from './redis-script.ts'

/** One key more than this many, and the limit of a batch is twice as long, and so on. */
const KEYS_PER_LIMIT = 1_000
/**
 * While fewer calls than this are on their way, another one leaves at once: the server works on it while the next is made. A
 * write costs more than a place in one, so that of very many only the first leave alone.
 */
const LEAVING_AT_ONCE = 12
const LONGEST_LIMIT_MS = 2 ** 31 - 1

/**
 * The way to Redis: every call over it settles within the limit, or at once while the circuit is open, whatever the
 * client does. What is sent while little else is on its way leaves at once, and all else of one turn of the event loop in one
 * write.
 */
export class RedisLink {
  /** The client that commands go to. */
  readonly client: RedisClient
  readonly #ownsClient: boolean
  readonly #deadlines: Deadlines
  /** Those of large batches, by their limit: each goes on with the timer that it has. */
  readonly #longer = new Map<number, Deadlines>()
  readonly #watch: ClientWatch
  readonly #circuit: Circuit
  #corked = false
  #ping: Promise<unknown> | undefined
  #closed = false

  constructor(client: RedisClient, { ownsClient, limitMs }: { ownsClient: boolean; limitMs: number }) {
    this.client = client
    defineScripts(client)
    this.#ownsClient = ownsClient
    this.#deadlines = new Deadlines(limitMs)
    this.#circuit = new Circuit(() => this.#attempt(() => this.#pingOnce(), 1, 1))
    this.#watch = ClientWatch.join(client)
  }

  /** The servers that hold keys: all masters of a cluster. */
  get masters(): readonly Redis[] {
    return isCluster(this.client) ? this.client.nodes('master') : [this.client]
  }

  /** Whether keys of different slots must be named in different commands. */
  get isCluster(): boolean {
    return isCluster(this.client)
  }

  /**
   * Sends commands and waits for their answers.
   *
   * @param work - Sends; called at once, or as soon as there is a connection.
   * @param commands - How many it sends.
   * @param keys - How many they name: the limit is longer for a large batch.
   * @throws CacheError `STORE_UNAVAILABLE` when there is no answer, with the reply as its cause when it is an error.
   */
  run<Result>(work: () => Promise<Result>, commands = 1, keys: number = commands): Promise<Result> {
    if (this.#circuit.isOpen) return Promise.reject(unavailable('circuit-open', this.#circuit.lastFailure))
    return this.#attempt(work, commands, keys)
  }

  /** Gives the client back, or closes it where it was made here. Idempotent. */
  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#circuit.close()
    if (this.#ownsClient) this.client.disconnect()
    this.#watch.leave()
  }

  #attempt<Result>(work: () => Promise<Result>, commands: number, keys: number): Promise<Result> {
    const { promise, resolve, reject } = Promise.withResolvers<Result>()
    const leavesNow = this.#deadlines.waiting < LEAVING_AT_ONCE
    const deadlines = this.#deadlinesOf(keys)
    const pending = deadlines.begin(() => {
      const error = unavailable('timeout', this.#watch.lastError)
      this.#circuit.failed(error)
      reject(error)
    })
    const onReply = (result: Result): void => {
      if (!deadlines.settle(pending)) return
      this.#circuit.succeeded()
      resolve(result)
    }
    const onError = (cause: unknown): void => {
      if (!deadlines.settle(pending)) return
      // A server that answers with an error answers: what else is asked of it may succeed.
      if (isReply(cause)) this.#circuit.succeeded()
      else this.#circuit.failed(cause)
      reject(unavailable(isReply(cause) ? 'reply' : 'connection', cause))
    }
    if (this.client.status !== 'ready') {
      this.#watch.ready().then(() => {
        // The caller has been told that it failed: it must not happen after all.
        if (!pending.settled) this.#send(work, false).then(onReply, onError)
      }, onError)
    } else if (leavesNow && commands === 1) work().then(onReply, onError)
    else this.#send(work, leavesNow).then(onReply, onError)
    return promise
  }

  #deadlinesOf(keys: number): Deadlines {
    if (keys <= KEYS_PER_LIMIT) return this.#deadlines
    const limitMs = Math.min(this.#deadlines.limitMs * Math.ceil(keys / KEYS_PER_LIMIT), LONGEST_LIMIT_MS)
    const longer = this.#longer.get(limitMs) ?? new Deadlines(limitMs)
    this.#longer.set(limitMs, longer)
    return longer
  }

  #send<Result>(work: () => Promise<Result>, leavesNow: boolean): Promise<Result> {
    if (this.#corked) return work()
    const streams: Redis['stream'][] = []
    for (const { status, stream } of this.masters) if (status === 'ready') streams.push(stream)
    const uncork = (): void => {
      this.#corked = false
      for (const stream of streams) stream.uncork()
    }
    for (const stream of streams) stream.cork()
    this.#corked = true
    // After all that runs now, and before the event loop goes on: nothing waits for a turn.
    if (!leavesNow) process.nextTick(uncork)
    try {
      return work()
    } finally {
      if (leavesNow) uncork()
    }
  }

  /** One at a time: what a frozen server has not answered is not asked again. */
  #pingOnce(): Promise<unknown> {
    if (this.#ping === undefined) {
      const ping: Promise<unknown> = this.client.ping()
      this.#ping = ping
      const forget = (): void => {
        this.#ping = undefined
      }
      ping.then(forget, forget)
    }
    return this.#ping
  }
}

type Reason = 'timeout' | 'connection' | 'circuit-open' | 'reply'

const MESSAGES: Readonly<Record<Reason, string>> = {
  timeout: 'Redis did not answer in time. Check that it runs and can be reached, or raise commandTimeout.',
  connection: 'The connection to Redis failed. Check that it runs and can be reached.',
  'circuit-open': 'Redis has not answered lately. It is tried again by itself.',
  reply: 'Redis refused.',
}

function unavailable(reason: Reason, cause: unknown): CacheError {
  const because = cause instanceof Error ? ` (${cause.message})` : ''
  return new CacheError('STORE_UNAVAILABLE', { message: MESSAGES[reason] + because, details: { reason }, cause })
}

/** By its name: the client may come from another installed copy of ioredis. */
function isReply(cause: unknown): boolean {
  return cause instanceof Error && cause.name === 'ReplyError'
}
