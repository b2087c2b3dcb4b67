import { type Topic } from '../benchmark.ts'

/** Every topic; one that is not asked for loads nothing. */
export const TOPICS: readonly Topic[] = [
  { name: 'shared-call', load: async () => (await import('./shared-call.ts')).SHARED_CALL_BENCHMARKS },
]
