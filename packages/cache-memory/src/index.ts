export type { ValueMode } from './held-value.ts'
export { MemoryCache } from './memory-cache.ts'
export type { MemoryCacheOptions } from './memory-cache-options.ts'
