import { type Topic } from '../benchmark.ts'

/** Every topic; one that is not asked for loads nothing. */
export const TOPICS: readonly Topic[] = [
  { name: 'batcher', load: async () => (await import('./batcher.ts')).BATCHER_BENCHMARKS },
  { name: 'cache-memory', load: async () => (await import('./cache-memory.ts')).CACHE_MEMORY_BENCHMARKS },
  { name: 'cache-sqlite', load: async () => (await import('./cache-sqlite.ts')).CACHE_SQLITE_BENCHMARKS },
  { name: 'lockfiles', load: async () => (await import('./lockfiles.ts')).LOCKFILES_BENCHMARKS },
  { name: 'github-batch', load: async () => (await import('./github-batch.ts')).GITHUB_BATCH_BENCHMARKS },
  { name: 'shared-call', load: async () => (await import('./shared-call.ts')).SHARED_CALL_BENCHMARKS },
  { name: 'cache-redis', load: async () => (await import('./cache-redis.ts')).cacheRedisBenchmarks() },
]
