import { SqliteCache } from '@x/cache-sqlite'
import { describe, expect, it } from 'vitest'

import {
  BatchCoordinator,
  BatchErrorHandler,
  BatchMetricsCollector,
  BatchStrategyManager,
  createRepository,
  GitHubClient,
  ParallelBatchProcessor,
  RateBudget,
  ResourceManager,
  StreamingBatchProcessor,
} from '../src/index.ts'

const client = new GitHubClient()
const cache = new SqliteCache({ path: ':memory:' })
const coordinator = new BatchCoordinator({ client, cache })
const scope = { organizations: ['acme'] }

describe('an unknown option is refused', () => {
  it.each<[string, object, (options: object) => unknown]>([
    ['GitHubClient', {}, (options) => new GitHubClient(options)],
    ['RateBudget', {}, (options) => new RateBudget(options)],
    ['BatchCoordinator', { client, cache }, (options) => new BatchCoordinator(options as never)],
    ['ParallelBatchProcessor', { client }, (options) => new ParallelBatchProcessor(options as never)],
    ['StreamingBatchProcessor', { client }, (options) => new StreamingBatchProcessor(options as never)],
    ['BatchErrorHandler', {}, (options) => new BatchErrorHandler(options)],
    ['BatchMetricsCollector', {}, (options) => new BatchMetricsCollector(options)],
    ['BatchStrategyManager', {}, (options) => new BatchStrategyManager(options)],
    ['ResourceManager', {}, (options) => new ResourceManager(options)],
    ['scan, in its scope', scope, (options) => coordinator.scan(options)],
    ['scan', {}, (options) => coordinator.scan(scope, options)],
    [
      'processFilesBatch',
      {},
      (options) => coordinator.processFilesBatch(createRepository('acme/web'), ['a.json'], options),
    ],
  ])('by %s', (_, options, use) => {
    expect(() => use({ ...options, maxConcurent: 3 })).toThrow(/^Unknown option: maxConcurent\. There are \w+/)
    expect(() => use({ ...options, maxConcurent: 3 })).toThrow(TypeError)
  })

  it('by resume, whose scope is that of the beginning', async () => {
    const { id } = await coordinator.scan(scope, { offline: true })
    await expect(coordinator.resume(id, { include: ['acme/*'] } as object)).rejects.toThrow('Unknown option: include.')
  })
})
