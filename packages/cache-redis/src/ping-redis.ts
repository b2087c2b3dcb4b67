import type { Duration } from '@x/core'

import { readTimeout } from './redis-cache-options.ts'
import { createRedisClient, type RedisClient } from './redis-client.ts'
import { RedisLink } from './redis-link.ts'

/** Whether Redis answers. */
export interface RedisHealth {
  /** It has answered. */
  readonly ok: boolean
  /** How long the answer took, or how long was waited for it, in milliseconds. */
  readonly latencyMs: number
  /** Why not. */
  readonly error?: unknown
}

/** What to ask, and how long to wait. */
export interface PingRedisOptions {
  /** A client to ask over; it stays open. */
  readonly client?: RedisClient | undefined
  /**
   * Where to ask, by a connection for this question alone.
   *
   * @defaultValue `redisUrlFromEnv()`
   */
  readonly url?: string | undefined
  /**
   * The longest wait, for the connection too. More than 0, at most 2147483647 ms.
   *
   * @defaultValue `"1s"`
   */
  readonly timeout?: Duration | undefined
}

/**
 * Asks once whether Redis answers. Never throws for a Redis that does not.
 *
 * @throws RangeError for a timeout out of bounds.
 */
export async function pingRedis({ client, url, timeout = '1s' }: PingRedisOptions = {}): Promise<RedisHealth> {
  const limitMs = readTimeout(timeout)
  const link = new RedisLink(client ?? createRedisClient({ url }), { ownsClient: client === undefined, limitMs })
  try {
    return await timePing(() => link.run(() => link.client.ping()))
  } finally {
    link.close()
  }
}

/** Times a PING. */
export async function timePing(ping: () => Promise<unknown>): Promise<RedisHealth> {
  const began = performance.now()
  try {
    await ping()
    return { ok: true, latencyMs: performance.now() - began }
  } catch (error) {
    return { ok: false, latencyMs: performance.now() - began, error }
  }
}
