export type { CounterOptions } from './counter-options.ts'
export type { EntryName } from './key-space.ts'
export type { EntryFilter, LiveEntry } from './live-entries.ts'
export { pingRedis, type PingRedisOptions, type RedisHealth } from './ping-redis.ts'
export type { LocalOptions, RedisCacheOptions } from './redis-cache-options.ts'
export type { ServerStats } from './redis-cache-stats.ts'
export { type GetOrSetOptions, RedisCache } from './redis-cache.ts'
export {
  createRedisClient,
  type CreateRedisClientOptions,
  type RedisAddress,
  type RedisClient,
} from './redis-client.ts'
export { RedisLease, type RedisLeaseOptions } from './redis-lease.ts'
export { redisUrlFromEnv } from './redis-url.ts'
