export { SqliteCache } from './sqlite-cache.ts'
export type { SqliteCacheOptions } from './sqlite-cache-options.ts'
