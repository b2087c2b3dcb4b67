import type { Redis } from 'ioredis'

import { ClientWatch } from './client-watch.ts'

const CHANNEL = '__redis__:invalidate'
/** A stream that has not answered within this time is taken for dead. */
const HEARTBEAT_MS = 1_000

/** Who hears of what. */
export interface InvalidationListener {
  /** These keys have changed; `null`: any may have. */
  readonly onInvalidate: (redisKeys: readonly string[] | null) => void
  /** From now on nothing is missed. */
  readonly onCoherent: () => void
  /** From now on anything may be missed. */
  readonly onGap: () => void
}

/**
 * Hears from the server which keys with a prefix change, by whomever: server-assisted tracking in broadcast mode, over a
 * connection of its own that redirects to itself. RESP2, for ioredis 6 drops the pushes of RESP3. Source:
 * https://redis.io/docs/latest/develop/reference/client-side-caching/ and runs against 7.0, 2026-11-25.
 */
export class InvalidationStream {
  readonly #client: Redis
  readonly #watch: ClientWatch
  readonly #stopWatching: () => void
  readonly #stream: Redis
  readonly #prefix: string
  readonly #listener: InvalidationListener
  readonly #heartbeat: ReturnType<typeof setInterval>
  /** Only the latest attempt to begin counts. */
  #attempt = 0
  #unanswered = false
  #closed = false

  constructor(client: Redis, prefix: string, listener: InvalidationListener) {
    this.#client = client
    this.#prefix = prefix
    this.#listener = listener
    this.#stream = client.duplicate({
      protocol: 2,
      enableOfflineQueue: false,
      autoResubscribe: false,
      lazyConnect: false,
    })
    this.#stream.on('error', ignore).on('ready', this.#begin).on('close', this.#gap).on('messageBuffer', this.#hear)
    this.#watch = ClientWatch.join(client)
    this.#stopWatching = this.#watch.whenClosed(this.#restart)
    this.#heartbeat = setInterval(this.#beat, HEARTBEAT_MS).unref()
  }

  /** Hears no more. Idempotent. */
  close(): void {
    if (this.#closed) return
    this.#closed = true
    clearInterval(this.#heartbeat)
    this.#stopWatching()
    this.#watch.leave()
    this.#stream.disconnect()
    this.#gap()
  }

  readonly #begin = (): void => {
    this.#attempt += 1
    // A server that lacks tracking, or does not allow it, is one without a local tier.
    this.#track(this.#attempt).catch(ignore)
  }

  async #track(attempt: number): Promise<void> {
    const stream = this.#stream
    const id = await stream.client('ID')
    await stream.call('CLIENT', 'TRACKING', 'ON', 'REDIRECT', id, 'BCAST', 'PREFIX', this.#prefix)
    const heard = runIdOf(await stream.info('server'))
    await stream.subscribe(CHANNEL)
    await this.#watch.ready()
    const asked = runIdOf(await this.#client.info('server'))
    if (attempt !== this.#attempt) return
    // After a failover the two may have been led to different servers.
    if (heard === asked) this.#listener.onCoherent()
    else this.#restart()
  }

  readonly #gap = (): void => {
    this.#attempt += 1
    this.#unanswered = false
    this.#listener.onGap()
  }

  /** Not `disconnect`: that waits for the other side, which may not answer any more. */
  readonly #restart = (): void => {
    this.#gap()
    // Absent before the first connection, whatever its type says.
    ;(this.#stream.stream as Redis['stream'] | undefined)?.destroy()
  }

  readonly #beat = (): void => {
    if (this.#stream.status !== 'ready') return
    if (this.#unanswered) {
      this.#restart()
      return
    }
    this.#unanswered = true
    this.#stream.ping().then(() => {
      this.#unanswered = false
    }, ignore)
  }

  readonly #hear = (_channel: Buffer, keys: unknown): void => {
    this.#listener.onInvalidate(Array.isArray(keys) ? keys.map(String) : null)
  }
}

function runIdOf(info: string): string | undefined {
  return /^run_id:(\w+)/m.exec(info)?.[1]
}

function ignore(): void {
  // What matters of it is that the connection closes.
}
