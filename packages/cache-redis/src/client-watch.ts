import type { RedisClient } from './redis-client.ts'

const watches = new WeakMap<RedisClient, ClientWatch>()

/**
 * What becomes of a client's connection, for all who use it: any number of caches, and of calls that wait, put one listener
 * for each event on it.
 */
export class ClientWatch {
  /** What its connection last failed with. */
  lastError: unknown
  readonly #client: RedisClient
  readonly #whenClosed = new Set<() => void>()
  #users = 0
  #ready: Promise<void> | undefined

  constructor(client: RedisClient) {
    this.#client = client
  }

  /** Begins to use a client; `leave` ends it. */
  static join(client: RedisClient): ClientWatch {
    let watch = watches.get(client)
    if (watch === undefined) {
      watch = new ClientWatch(client)
      watches.set(client, watch)
    }
    if (watch.#users === 0) client.on('error', watch.#onError).on('close', watch.#onClose)
    watch.#users += 1
    return watch
  }

  /** The last one to leave leaves no listener. */
  leave(): void {
    this.#users -= 1
    if (this.#users === 0) this.#client.off('error', this.#onError).off('close', this.#onClose)
  }

  /** Calls it whenever the connection closes, until what this returns is called. */
  whenClosed(listener: () => void): () => void {
    this.#whenClosed.add(listener)
    return () => {
      this.#whenClosed.delete(listener)
    }
  }

  /**
   * Resolves as soon as commands can be sent.
   *
   * @throws Error when the client has been closed for good.
   */
  ready(): Promise<void> {
    if (this.#client.status === 'ready') return Promise.resolve()
    if (this.#client.status === 'wait') this.#client.connect().catch(ignore)
    if (this.#client.status === 'end') return Promise.reject(this.#ended())
    this.#ready ??= new Promise((resolve, reject) => {
      const settle = (): void => {
        this.#ready = undefined
        this.#client.off('ready', onReady).off('end', onEnd)
      }
      const onReady = (): void => {
        settle()
        resolve()
      }
      const onEnd = (): void => {
        settle()
        reject(this.#ended())
      }
      this.#client.on('ready', onReady).on('end', onEnd)
    })
    return this.#ready
  }

  #ended(): Error {
    return new Error('The connection to Redis has ended.', { cause: this.lastError })
  }

  readonly #onError = (error: unknown): void => {
    this.lastError = error
  }

  readonly #onClose = (): void => {
    for (const listener of this.#whenClosed) listener()
  }
}

function ignore(): void {
  // Heard by the listener of "error".
}
