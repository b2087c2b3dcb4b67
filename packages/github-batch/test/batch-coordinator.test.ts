import { BatchProcessingError, isRateLimitError } from '@x/core'
import { describe, expect, it } from 'vitest'

import {
  BATCH_STRATEGIES,
  BatchCoordinator,
  type BatchCoordinatorOptions,
  BatchMetricsCollector,
  createBatchConfig,
  createRepository,
  isFileNotFoundError,
  isIncompleteBatchError,
  RateBudget,
  type Repository,
} from '../src/index.ts'
import { BAD, npmLock, type RepositoryPlan, ScanWorld } from './scan-world.ts'

const WEB = createRepository('acme/web')
const CONFIG = createBatchConfig({ retryDelayBase: 1 })

function coordinatorOf(place: ScanWorld, options: Partial<BatchCoordinatorOptions> = {}): BatchCoordinator {
  return new BatchCoordinator({ client: place.client(), cache: place.cache, catalog: BAD, config: CONFIG, ...options })
}

function organisation(count: number): Record<string, RepositoryPlan> {
  return Object.fromEntries(
    Array.from({ length: count }, (_, index): [string, RepositoryPlan] => [
      `r${String(index).padStart(2, '0')}`,
      { files: { 'package-lock.json': npmLock(index % 5 === 0 ? { bad: '6.6.6' } : { good: `1.0.${index}` }) } },
    ]),
  )
}

function repositoriesOf(place: ScanWorld): Repository[] {
  return place.records.map(({ name }) => createRepository(`acme/${name}`))
}

describe('a coordinator', () => {
  it('refuses what is no cache, rather than to ask for everything again in silence', async () => {
    await using place = await ScanWorld.create({})
    const options = { client: place.client() } as BatchCoordinatorOptions
    expect(() => new BatchCoordinator(options)).toThrow(
      new TypeError('Not a cache: undefined. Give a CacheStore, such as a MemoryCache or a SqliteCache.'),
    )
  })
})

describe('processRepositoriesBatch()', () => {
  it.each(BATCH_STRATEGIES)('finds the same with the strategy %s', async (strategy) => {
    await using place = await ScanWorld.create(organisation(12))
    const found = await coordinatorOf(place).processRepositoriesBatch(repositoriesOf(place), strategy)
    expect(found.size).toBe(12)
    const infected = [...found].filter(([, findings]) => findings.length > 0)
    expect(infected.map(([repository]) => repository)).toEqual(['acme/r00', 'acme/r05', 'acme/r10'])
    expect(infected[0]?.[1]).toMatchObject([
      { file: 'package-lock.json', package: 'bad', version: '6.6.6', source: 'test list' },
    ])
  })

  it('sends one request at a time for sequential, and many together for aggressive', async () => {
    await using place = await ScanWorld.create(organisation(12), { latencyMs: 5 })
    const cost = async (strategy: 'sequential' | 'aggressive'): Promise<[requests: number, peak: number]> => {
      place.cache.clear()
      place.server.journal.clear()
      await coordinatorOf(place).processRepositoriesBatch(repositoriesOf(place), strategy)
      return [place.server.journal.summary().requests, place.server.journal.peakConcurrency]
    }
    // The sweep, and each tree and each file of which there are ten different ones.
    expect(await cost('sequential')).toEqual([1 + 10 + 10, 1])
    expect((await cost('aggressive'))[0]).toBe(3)
  })

  it('never calls a repository clean that it could not read', async () => {
    await using place = await ScanWorld.create(organisation(3))
    const repositories = [...repositoriesOf(place), createRepository('acme/nowhere')]
    const error = await coordinatorOf(place)
      .processRepositoriesBatch(repositories)
      .catch((reason: unknown) => reason)
    if (!isIncompleteBatchError(error)) throw error
    expect(error.result.findings).toHaveLength(1)
    expect(error.message).toMatch(/^1 of 4 repositories could not be read, such as acme\/nowhere: /)
    expect(error).toBeInstanceOf(BatchProcessingError)
  })

  it.each([
    ['GraphQL', true],
    ['REST', false],
  ])('gives findings by the names that were asked for, however GitHub writes them now, by %s', async (_, graphql) => {
    await using place = await ScanWorld.create(organisation(2), { graphql })
    place.rename('r00', 'renamed')
    const names = ['acme/r01', 'acme/r00', 'ACME/Renamed']
    const found = await coordinatorOf(place).processRepositoriesBatch(names.map((name) => createRepository(name)))
    expect([...found].map(([name, findings]) => [name, ...findings.map(({ repository }) => repository)])).toEqual([
      ['acme/r01'],
      ['acme/r00', 'acme/renamed'],
      ['ACME/Renamed', 'acme/renamed'],
    ])
  })

  it('takes what a listing gives, also a repository where nothing was ever pushed', async () => {
    await using place = await ScanWorld.create({ ...organisation(1), empty: {} })
    const listed: Repository[] = []
    for await (const repository of place.client().listRepositories('acme')) listed.push(repository)
    expect(listed.map(({ defaultBranch }) => defaultBranch)).toEqual(['main', 'main'])
    expect((await coordinatorOf(place).processRepositoriesBatch(listed)).size).toBe(2)
  })

  it('refuses another branch than the default one, before it reads anything', async () => {
    await using place = await ScanWorld.create(organisation(2))
    const repositories = [createRepository('acme/r00'), createRepository('acme/r01', { defaultBranch: 'next' })]
    await expect(coordinatorOf(place).processRepositoriesBatch(repositories)).rejects.toThrow(
      new TypeError(
        'acme/r01 is scanned at its default branch, main, not at next. Leave defaultBranch out, or read files of next by processFilesBatch.',
      ),
    )
    expect(place.server.journal.summary().requests).toBe(1)
  })

  it('has nothing to do for no repositories', async () => {
    await using place = await ScanWorld.create({})
    expect(await coordinatorOf(place).processRepositoriesBatch([])).toEqual(new Map())
    expect(place.server.journal.entries).toEqual([])
  })
})

describe('processFilesBatch()', () => {
  const files = {
    'a/package.json': '{}',
    'README.md': '# Web',
    'src/main.ts': 'main()',
    'large.txt': 'x'.repeat(600_000),
  }
  const paths = Object.keys(files)

  it('answers with every file, in the order asked', async () => {
    await using place = await ScanWorld.create({ web: { files } })
    const contents = await coordinatorOf(place).processFilesBatch(WEB, paths, { priorityFiles: ['README.md'] })
    expect([...contents].map(([path, { content }]) => [path, content])).toEqual(Object.entries(files))
  })

  it('reads the most important first', async () => {
    const many = Object.fromEntries(
      Array.from({ length: 30 }, (_, index) => [`src/f${index}.ts`, `export const n = ${index}`]),
    )
    await using place = await ScanWorld.create({ web: { files: { ...many, 'package.json': '{}', 'notes.md': '-' } } })
    const asked: string[] = []
    const spy: typeof fetch = (input, init) => {
      asked.push(typeof init?.body === 'string' ? init.body : '')
      return fetch(input, init)
    }
    const config = createBatchConfig({ defaultBatchSize: 1, maxBatchSize: 1, maxConcurrentRequests: 1 })
    const coordinator = coordinatorOf(place, { client: place.client({ fetch: spy }), config })
    const order = [...Object.keys(many), 'package.json', 'notes.md']
    const contents = await coordinator.processFilesBatch(WEB, order, {
      priorityFiles: ['notes.md'],
      strategy: 'parallel',
    })
    const fetched = asked.filter((body) => body.includes('isTruncated'))
    const positionOf = (path: string): number =>
      fetched.findIndex((body) => body.includes(contents.get(path)?.sha ?? 'nothing'))
    expect([positionOf('package.json'), positionOf('notes.md')]).toEqual([0, 1])
  })

  it('asks for nothing again at a commit that it has read', async () => {
    await using place = await ScanWorld.create({ web: { files } })
    const commit = await place.client().getCommit(WEB, 'HEAD')
    const swept = { ...WEB, archived: false, fork: false, head: commit }
    const first = await coordinatorOf(place).processFilesBatch(swept, paths)
    place.server.journal.clear()
    expect(await coordinatorOf(place).processFilesBatch(swept, paths)).toEqual(first)
    expect(place.server.journal.entries).toEqual([])
  })

  it('names every file that is not there', async () => {
    await using place = await ScanWorld.create({ web: { files } })
    const reading = coordinatorOf(place).processFilesBatch(WEB, ['none.txt', 'README.md', 'gone/x'])
    const error = await reading.catch((reason: unknown) => reason)
    expect(isFileNotFoundError(error) && error.paths).toEqual(['none.txt', 'gone/x'])
    expect((error as Error).message).toContain('acme/web has no files none.txt, gone/x.')
  })

  it('names every file that could not be read, and why', async () => {
    await using place = await ScanWorld.create({ web: { files } })
    place.server.setFaults([{ on: { operation: 'blob' }, do: { kind: 'status', status: 451 } }])
    const error = await coordinatorOf(place)
      .processFilesBatch(WEB, paths)
      .catch((reason: unknown) => reason)
    expect((error as Error).message).toMatch(/^acme\/web: 1 of 4 files could not be read: large.txt: .*451/)
    expect((error as Error).cause).toMatchObject({ statusCode: 451 })
  })

  it('says when a limit stands in the way', async () => {
    await using place = await ScanWorld.create(
      { web: { files } },
      { limits: { graphqlPointsPerHour: 0, restPerHour: 0 } },
    )
    const client = place.client({ budget: new RateBudget({ maxWait: 0 }) })
    const error = await coordinatorOf(place, { client })
      .processFilesBatch(WEB, paths)
      .catch((reason: unknown) => reason)
    expect(isRateLimitError(error)).toBe(true)
  })
})

describe('getBatchMetrics()', () => {
  it('counts scans and files, what was kept, and what that saved', async () => {
    await using place = await ScanWorld.create(organisation(12))
    const coordinator = coordinatorOf(place)
    expect(coordinator.getBatchMetrics().totalRequests).toBe(0)
    await coordinator.processRepositoriesBatch(repositoriesOf(place))
    const cold = coordinator.getBatchMetrics()
    expect(cold).toMatchObject({ cacheHits: 0, totalRequests: 20, successfulRequests: 20, apiCallsSaved: 18 })
    await coordinator.processRepositoriesBatch(repositoriesOf(place))
    expect(coordinator.getBatchMetrics()).toMatchObject({ cacheHits: 12, apiCallsSaved: 30 })
  })

  it('goes to a collector of the caller, and line by line to a log', async () => {
    await using place = await ScanWorld.create({ web: { files: { 'a.txt': 'a' } } })
    const metrics = new BatchMetricsCollector()
    const lines: string[] = []
    const config = createBatchConfig({ logBatchMetrics: true })
    const coordinator = coordinatorOf(place, { metrics, config, log: (line) => lines.push(line) })
    await coordinator.processFilesBatch(WEB, ['a.txt'])
    expect(metrics.getPerformanceSummary()).toMatchObject({ operations: 1, successRate: 1 })
    expect(lines).toEqual([expect.stringMatching(/^file_batch: 1 of 1 in \d+ ms, 0 kept, 1 calls$/)])
  })

  it('stays empty where nothing is to be collected', async () => {
    await using place = await ScanWorld.create({ web: { files: { 'a.txt': 'a' } } })
    const coordinator = coordinatorOf(place, { config: createBatchConfig({ enablePerformanceMonitoring: false }) })
    await coordinator.processFilesBatch(WEB, ['a.txt'])
    expect(coordinator.getBatchMetrics().totalRequests).toBe(0)
  })
})

describe('cleanup()', () => {
  it('ends what runs, waits for it, and leaves the coordinator usable', async () => {
    await using place = await ScanWorld.create(organisation(3))
    place.server.setFaults([{ on: {}, do: { kind: 'hang' } }])
    const sent = Promise.withResolvers<undefined>()
    const spy: typeof fetch = (input, init) => {
      sent.resolve(undefined)
      return fetch(input, init)
    }
    const coordinator = coordinatorOf(place, { client: place.client({ fetch: spy }) })
    const scanning = coordinator.processRepositoriesBatch(repositoriesOf(place)).catch((reason: unknown) => reason)
    const reading = coordinator
      .processFilesBatch(createRepository('acme/r00'), ['package-lock.json'])
      .catch((reason: unknown) => reason)
    await sent.promise
    await coordinator.cleanup()
    place.server.setFaults([])
    expect([((await scanning) as Error).name, ((await reading) as Error).name]).toEqual(['AbortError', 'AbortError'])
    await coordinator.cleanup()
    expect((await coordinator.processRepositoriesBatch(repositoriesOf(place))).size).toBe(3)
  })

  it('forgets the figures, and comes with the end of a block', async () => {
    await using place = await ScanWorld.create({ web: { files: { 'a.txt': 'a' } } })
    let escaped: BatchCoordinator
    {
      await using coordinator = coordinatorOf(place)
      await coordinator.processFilesBatch(WEB, ['a.txt'])
      expect(coordinator.getBatchMetrics().totalRequests).toBe(1)
      escaped = coordinator
    }
    expect(escaped.getBatchMetrics().totalRequests).toBe(0)
  })
})
