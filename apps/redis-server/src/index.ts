export { findRedisServer } from './find-redis-server.ts'
export { type RedisCluster, startRedisCluster } from './redis-cluster.ts'
export { RedisServer, type RedisServerOptions, startRedisServer } from './redis-server.ts'
