import { CacheError, type Duration, type HeldLease, type Lease, toMilliseconds } from '@x/core'

import { KeySpace } from './key-space.ts'
import { readNamespace, readTimeout } from './redis-cache-options.ts'
import { assertPlain, createRedisClient, type RedisClient } from './redis-client.ts'
import { RedisLink } from './redis-link.ts'
import { type RedisScript, redisScript } from './redis-script.ts'

/** Where the leases lie. */
export interface RedisLeaseOptions {
  /**
   * A client of ioredis, which stays the caller's to close.
   *
   * @defaultValue one made by `createRedisClient({ url })`, closed with the lease
   */
  readonly client?: RedisClient | undefined
  /**
   * Where Redis is, if no client is given.
   *
   * @defaultValue `redisUrlFromEnv()`
   */
  readonly url?: string | undefined
  /**
   * Holders of equal keys exclude each other within a namespace. May be that of a `RedisCache`, which leaves leases alone.
   *
   * @defaultValue `"cache"`
   */
  readonly namespace?: string | undefined
  /**
   * How long a call may take. More than 0, at most 2147483647 ms.
   *
   * @defaultValue `"250ms"`
   */
  readonly commandTimeout?: Duration | undefined
  /**
   * How long the fence of a key is remembered after its last hold. Later ones are larger all the same, unless the server's clock is set
   * back by more. More than 0, finite.
   *
   * @defaultValue `"1h"`
   */
  readonly fenceLife?: Duration | undefined
}

/** The server's time decides, and a fence is never below it in microseconds: it grows also where Redis has forgotten. ARGV[1] is its life. */
const HOLD = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local hold = redis.call('HMGET', KEYS[1], 'fence', 'until')
local fence, ends = hold[1], tonumber(hold[2] or 0)
local function keep(fence, ends)
  redis.call('HSET', KEYS[1], 'fence', fence, 'until', string.format('%.0f', ends))
  redis.call('PEXPIREAT', KEYS[1], string.format('%.0f', math.max(now, ends) + ARGV[1]))
end
`

const acquireScript: RedisScript<string | null> = redisScript(
  'xLeaseAcquire1',
  `${HOLD}
if ends > now then return false end
local mine = string.format('%.0f', math.max((tonumber(fence) or 0) + 1, time[1] * 1000000 + time[2]))
keep(mine, now + ARGV[2])
return mine`,
)

const renewScript: RedisScript<number> = redisScript(
  'xLeaseRenew1',
  `${HOLD}
if fence ~= ARGV[2] or ends <= now then return 0 end
keep(fence, now + ARGV[3])
return 1`,
)

const releaseScript: RedisScript<number> = redisScript(
  'xLeaseRelease1',
  `${HOLD}
if fence == ARGV[2] then keep(fence, 0) end
return 1`,
)

/**
 * Leases among machines: of one Redis, or of one master in a cluster for each key. Safe as long as that Redis is: a
 * failover may forget a hold that was not yet replicated, so that two believe that they hold; the fence tells them apart.
 *
 * Every call throws `CacheError` `STORE_UNAVAILABLE` when Redis does not answer, and `STORE_CLOSED` after `close()`.
 */
export class RedisLease implements Lease {
  readonly #link: RedisLink
  readonly #keys: KeySpace
  readonly #fenceLifeMs: number
  #closed = false

  /**
   * @throws TypeError for a namespace that is none, or a client that cannot be used; RangeError for a duration out of bounds.
   */
  constructor(options: RedisLeaseOptions = {}) {
    const { client, url, namespace = 'cache', commandTimeout = '250ms', fenceLife = '1h' } = options
    const limitMs = readTimeout(commandTimeout)
    if (client !== undefined) assertPlain(client)
    this.#fenceLifeMs = readPositive('time to remember a fence', fenceLife)
    this.#keys = new KeySpace(readNamespace(namespace))
    this.#link = new RedisLink(client ?? createRedisClient({ url }), { ownsClient: client === undefined, limitMs })
  }

  /** See `Lease.acquire`: atomic, by the server's clock. */
  async acquire(key: string, ttl: Duration): Promise<HeldLease | undefined> {
    const ttlMs = readTtl(ttl)
    const lifeMs = this.#fenceLifeMs
    const redisKey = this.#keys.lease(key)
    const fence = await this.#run(() => acquireScript(this.#link.client, [redisKey], [lifeMs, ttlMs]))
    if (fence === null) return undefined
    return {
      fence: Number(fence),
      renew: async (renewedTtl) => {
        const renewedMs = readTtl(renewedTtl)
        return (await this.#run(() => renewScript(this.#link.client, [redisKey], [lifeMs, fence, renewedMs]))) === 1
      },
      release: async () => {
        await this.#run(() => releaseScript(this.#link.client, [redisKey], [lifeMs, fence]))
      },
    }
  }

  /** Closes the connection, unless the client was given; what is held stays so until its time has passed. Idempotent. */
  close(): Promise<void> {
    this.#closed = true
    this.#link.close()
    return Promise.resolve()
  }

  /** Closes it at the end of an `await using` block. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #run<Result>(work: () => Promise<Result>): Promise<Result> {
    if (this.#closed) throw new CacheError('STORE_CLOSED')
    return await this.#link.run(work)
  }
}

function readTtl(ttl: Duration): number {
  return readPositive('time to hold a lease', ttl)
}

function readPositive(what: string, duration: Duration): number {
  const ms = toMilliseconds(duration)
  if (ms > 0 && ms !== Infinity) return Math.ceil(ms)
  throw new RangeError(`Not a ${what}: ${duration}. Give a positive, finite duration.`)
}
