export {
  AdvancedCacheManager,
  type MemoryStats,
  type OptimizerStats,
  type ServiceStats,
} from './advanced-cache-manager.ts'
export type { ValueMode } from './held-value.ts'
export type {
  InvalidationPattern,
  MemoryConfig,
  ServiceConfig,
  WarmingConfig,
  WarmingContext,
} from './manager-config.ts'
export { MemoryCache } from './memory-cache.ts'
export type { MemoryCacheOptions } from './memory-cache-options.ts'
export type { OptimizationOptions, OptimizationTimeout } from './optimization-options.ts'
export type { CacheMetrics } from './optimizer-metrics.ts'
export { ServiceOptimizer, type WrapOptions } from './service-optimizer.ts'
export type { ServiceOptimizerConfig } from './service-optimizer-config.ts'
export type { StandardSchema, ValidationResult } from './standard-schema.ts'
