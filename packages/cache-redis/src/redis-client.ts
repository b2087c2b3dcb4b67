import { type Duration, toMilliseconds } from '@x/core'
import { Cluster, Redis, type RedisOptions } from 'ioredis'

import { handOverAtOnce } from './hand-over.ts'
import { readRedisUrl, redisUrlFromEnv } from './redis-url.ts'
import { cutWhenSilent } from './silence-watch.ts'

const LONGEST_RECONNECT_DELAY_MS = 500
const RECONNECT_STEP_MS = 50

/** A client of ioredis: for one server, for one behind Sentinels, or for a cluster. */
export type RedisClient = Redis | Cluster

/** Whether a client is for a cluster; it may come from another installed copy of ioredis. */
export function isCluster(client: RedisClient): client is Cluster {
  return client.isCluster
}

/**
 * Checks that a client sends scripts where their keys are, and answers numbers as numbers.
 *
 * @throws TypeError for one that does not.
 */
export function assertPlain(client: RedisClient): void {
  const { stringNumbers = false } = isCluster(client) ? (client.options.redisOptions ?? {}) : client.options
  if (stringNumbers) throw new TypeError('The client has stringNumbers: it answers texts for numbers. Leave it out.')
  if (isCluster(client) && client.options.enableAutoPipelining === true) {
    throw new TypeError(
      'The client has enableAutoPipelining, with which ioredis sends scripts to any node of a cluster. Leave it out.',
    )
  }
}

/** The options of ioredis, but for how it presents replies: this package reads them as they are by default. */
export type PlainRedisOptions = Omit<RedisOptions, 'replyMapping' | 'stringNumbers'>

/** Where a server is. */
export interface RedisAddress {
  /** Its name or IP address. */
  readonly host: string
  /** Its port. */
  readonly port: number
}

/** Where Redis is, and how the connection is made. At most one of `url`, `sentinels` and `cluster`. */
export interface CreateRedisClientOptions {
  /**
   * `redis://[user:password@]host[:port][/db]`, `rediss://…` for TLS, or `unix:///path/to/socket`.
   *
   * @defaultValue `redisUrlFromEnv()`
   */
  readonly url?: string | undefined
  /** Sentinels that know where the master is. */
  readonly sentinels?: { readonly name: string; readonly nodes: readonly RedisAddress[] } | undefined
  /** Some nodes of a cluster: the others are found. */
  readonly cluster?: readonly RedisAddress[] | undefined
  /**
   * How long a connection may take to be made. More than 0.
   *
   * @defaultValue `"5s"`
   */
  readonly connectTimeout?: Duration | undefined
  /**
   * How long the server may be silent on a command, or half as long again, before the connection is given up and made anew.
   * More than 0.
   *
   * @defaultValue `"5s"`
   */
  readonly socketTimeout?: Duration | undefined
  /** Anything else that ioredis takes, such as `tls`, `username` and `password`; wins over what is set here. */
  readonly redisOptions?: PlainRedisOptions | undefined
}

/**
 * Makes a client that suits a cache. One connection, because Node sends any number of commands over it without waiting for answers;
 * nothing is queued while it is down and nothing sent twice, so that a late write cannot undo a later deletion; it comes
 * back by itself within half a second; and an error that nobody listens to does not end the process. Its `quit()` or
 * `disconnect()` is the caller's.
 *
 * @throws TypeError for more than one of `url`, `sentinels` and `cluster`, and for a URL that is none of Redis; RangeError for a timeout that is not positive.
 */
export function createRedisClient(options: CreateRedisClientOptions = {}): RedisClient {
  const { url, sentinels, cluster } = options
  if ([url, sentinels, cluster].filter((place) => place !== undefined).length > 1) {
    throw new TypeError('Redis is in one place: give url, sentinels or cluster.')
  }
  const socketTimeout = readPositive('socketTimeout', options.socketTimeout ?? '5s')
  const redisOptions: PlainRedisOptions = {
    connectTimeout: readPositive('connectTimeout', options.connectTimeout ?? '5s'),
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    retryStrategy: reconnectDelay,
    // After a failover: the connection leads to what is a replica now.
    reconnectOnError: (error) => error.message.startsWith('READONLY'),
    ...options.redisOptions,
  }
  const client =
    cluster !== undefined
      ? createCluster(cluster, redisOptions)
      : sentinels !== undefined
        ? // Told of a failover by the Sentinels: the old master goes on answering for seconds.
          new Redis({ failoverDetector: true, ...redisOptions, name: sentinels.name, sentinels: [...sentinels.nodes] })
        : new Redis(readRedisUrl(url ?? redisUrlFromEnv()), redisOptions)
  client.on('error', ignore)
  if (isCluster(client)) {
    client.on('+node', (node: Redis) => {
      handOverAtOnce(node)
      cutWhenSilent(node, socketTimeout)
    })
  } else {
    handOverAtOnce(client)
    cutWhenSilent(client, socketTimeout)
  }
  return client
}

function createCluster(nodes: readonly RedisAddress[], redisOptions: PlainRedisOptions): Cluster {
  return new Cluster([...nodes], { enableOfflineQueue: false, clusterRetryStrategy: reconnectDelay, redisOptions })
}

function reconnectDelay(times: number): number {
  return Math.min(times * RECONNECT_STEP_MS, LONGEST_RECONNECT_DELAY_MS)
}

function readPositive(name: string, duration: Duration): number {
  const ms = toMilliseconds(duration)
  if (ms > 0 && ms <= 2 ** 31 - 1) return Math.ceil(ms)
  throw new RangeError(`Not a ${name}: ${duration}. Give a positive duration.`)
}

function ignore(): void {
  // Whoever wants to hear of it listens too; without any listener ioredis would write it to the console.
}
