import { type Topic } from '../benchmark.ts'

/** Every topic; one that is not asked for loads nothing. */
export const TOPICS: readonly Topic[] = [
  { name: 'batcher', load: async (scale) => (await import('./batcher.ts')).batcherBenchmarks(scale) },
  { name: 'cache-memory', load: async (scale) => (await import('./cache-memory.ts')).cacheMemoryBenchmarks(scale) },
  { name: 'cache-sqlite', load: async (scale) => (await import('./cache-sqlite.ts')).cacheSqliteBenchmarks(scale) },
  { name: 'lockfiles', load: async (scale) => (await import('./lockfiles.ts')).lockfilesBenchmarks(scale) },
  { name: 'github-batch', load: async (scale) => (await import('./github-batch.ts')).githubBatchBenchmarks(scale) },
  { name: 'shared-call', load: async (scale) => (await import('./shared-call.ts')).sharedCallBenchmarks(scale) },
  { name: 'cache-redis', load: async (scale) => (await import('./cache-redis.ts')).cacheRedisBenchmarks(scale) },
]
