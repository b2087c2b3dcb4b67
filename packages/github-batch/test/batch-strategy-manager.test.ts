import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import {
  BATCH_STRATEGIES,
  type BatchMetrics,
  BatchStrategyManager,
  createBatchConfig,
  type FileInfo,
  type NetworkConditions,
  type Repository,
} from '../src/index.ts'

const GOOD: NetworkConditions = { latencyMs: 50, bandwidthMbps: 100, errorRate: 0.01 }
const FAULTY: NetworkConditions = { latencyMs: 50, bandwidthMbps: 100, errorRate: 0.3 }
const SLOW: NetworkConditions = { latencyMs: 1_500, bandwidthMbps: 100, errorRate: 0 }
const FAIR: NetworkConditions = { latencyMs: 300, bandwidthMbps: 5, errorRate: 0.01 }

function manager(options: Parameters<typeof createBatchConfig>[0] = {}): BatchStrategyManager {
  return new BatchStrategyManager({ config: createBatchConfig(options) })
}

function files(size: number, count = 3): FileInfo[] {
  return Array.from({ length: count }, (_, index) => ({
    path: `f${index}`,
    size,
    type: 'unknown',
    sha: '0'.repeat(40),
  }))
}

function metrics(successfulRequests: number, parallelEfficiency: number, totalRequests = 100): BatchMetrics {
  return {
    totalRequests,
    successfulRequests,
    cacheHits: 0,
    averageBatchSize: 10,
    totalProcessingTimeMs: 1_000,
    apiCallsSaved: 0,
    parallelEfficiency,
  }
}

function repository(name: string): Repository {
  return { name, fullName: `acme/${name}`, owner: 'acme', defaultBranch: 'main', private: false }
}

describe('calculateOptimalBatchSize()', () => {
  it.each<[string, FileInfo[], number, NetworkConditions | undefined, number]>([
    ['sizes that are not known', files(0), 5_000, undefined, 18],
    ['files of 50 KB', files(50 * 1_024), 5_000, undefined, 14],
    ['files of 2 MB', files(2 * 1_024 * 1_024), 5_000, undefined, 5],
    ['files of 2 KB and 100 points left', files(2_048), 100, undefined, 15],
    ['files of 2 KB on a good network', files(2_048), 5_000, GOOD, 25],
    ['files of 2 KB on a faulty network', files(2_048), 5_000, FAULTY, 13],
    ['files of 2 KB on a slow network', files(2_048), 5_000, SLOW, 15],
    ['files of 2 KB on a fair network', files(2_048), 5_000, FAIR, 20],
    ['files of 300 KB', files(300_000), 5_000, undefined, 11],
    ['40 points left', files(0), 40, undefined, 10],
    ['400 points left', files(0), 400, undefined, 14],
    ['no files', [], 5_000, undefined, 0],
  ])('for %s', (_, work, remaining, network, expected) => {
    expect(manager().calculateOptimalBatchSize(work, remaining, network)).toBe(expected)
  })

  it.each([
    [[100], 21],
    [[95], 18],
    [[80], 15],
    [[50], 14],
    // The newest five count.
    [[0, 0, 0, 100, 100, 100, 100, 100], 21],
  ])('takes past success of %j%% into account', (successes, expected) => {
    const learned = manager()
    for (const success of successes) learned.adaptStrategy(metrics(success, 0.7))
    expect(learned.calculateOptimalBatchSize(files(0), 5_000)).toBe(expected)
  })

  it('stays within the configured sizes, whatever it is told', () => {
    const config = { minBatchSize: 4, defaultBatchSize: 10, maxBatchSize: 20 }
    const condition = fc.double({ min: 0, max: 1e6, noNaN: true })
    fc.assert(
      fc.property(
        fc.array(fc.nat(1e9), { minLength: 1, maxLength: 20 }),
        fc.integer(),
        fc.option(fc.record({ latencyMs: condition, bandwidthMbps: condition, errorRate: condition }), {
          nil: undefined,
        }),
        (sizes, remaining, network) => {
          const work = sizes.flatMap((size) => files(size, 1))
          const size = manager(config).calculateOptimalBatchSize(work, remaining, network)
          expect(size).toBeGreaterThanOrEqual(4)
          expect(size).toBeLessThanOrEqual(20)
          expect(Number.isInteger(size)).toBe(true)
        },
      ),
    )
  })
})

describe('prioritizeFiles()', () => {
  it.each([
    ['package.json', 10, 3],
    ['web/requirements.txt', 10, 3],
    ['go.mod', 10, 3],
    ['pom.xml', 10, 3],
    ['Cargo.toml', 10, 3],
    ['package-lock.json', 9, 3],
    ['Cargo.lock', 9, 3],
    ['deep/below/yarn.lock', 9, 3],
    ['pyproject.toml', 8, 3],
    ['.env', 7, 2],
    ['.env.production', 7, 2],
    ['Dockerfile', 6, 2],
    ['docker-compose.yml', 6, 2],
    ['compose.yaml', 6, 2],
    ['Makefile', 5, 1],
    ['src/main.py', 3, 1.5],
    ['src/index.ts', 3, 1.5],
    ['README.md', 1, 1],
    ['go', 1, 1],
    ['', 1, 1],
  ])('%s has priority %i and importance %d', (path, priority, securityImportance) => {
    expect(manager().prioritizeFiles([path])).toMatchObject([{ path, priority, securityImportance }])
  })

  it('puts what matters most first, and keeps the order of equals', () => {
    const paths = ['README.md', 'src/main.py', 'b/go.mod', 'package.json', 'yarn.lock', 'Makefile']
    expect(
      manager()
        .prioritizeFiles(paths)
        .map(({ path }) => path),
    ).toEqual(['b/go.mod', 'package.json', 'yarn.lock', 'Makefile', 'src/main.py', 'README.md'])
  })

  it('adds 5 for what the caller names, by path or by base name', () => {
    const paths = ['a/notes.md', 'b/notes.md', 'x/package.json', 'y/yarn.lock']
    const prioritized = manager().prioritizeFiles(paths, { priorityFiles: ['package.json', 'b/notes.md'] })
    expect(prioritized.map(({ path, priority }) => [path, priority])).toEqual([
      ['x/package.json', 15],
      ['y/yarn.lock', 9],
      ['b/notes.md', 6],
      ['a/notes.md', 1],
    ])
  })

  it('names the type, and expects a lockfile to be larger than a manifest', () => {
    const [manifest, lockfile, source, other] = manager().prioritizeFiles([
      'Package.json',
      'package-lock.json',
      'a.RS',
      'x',
    ])
    expect([manifest, lockfile, source, other].map((file) => file?.fileType)).toEqual([
      'package.json',
      'package-lock.json',
      'rust',
      'unknown',
    ])
    expect(lockfile?.estimatedSize).toBeGreaterThan(manifest?.estimatedSize ?? Number.NaN)
  })
})

describe('identifyCrossRepoOpportunities()', () => {
  const [a, b, c] = [repository('a'), repository('b'), repository('c')]

  it('finds what repositories have in common, with what that saves', () => {
    const paths = new Map([
      ['acme/a', ['package.json', 'src/main.js', 'Dockerfile']],
      ['acme/b', ['web/package.json', 'Dockerfile', 'src/index.js']],
      ['acme/c', ['requirements.txt', 'src/main.js']],
    ])
    const found = manager().identifyCrossRepoOpportunities([a, b, c], paths)
    // min(.5, .15 × 1) + min(.3, .05 × 2) + min(.2, .1 × 2)
    expect(found).toEqual([
      {
        repositories: [a, b],
        commonFiles: ['Dockerfile', 'package.json'],
        estimatedSavings: expect.closeTo(0.45) as number,
      },
    ])
  })

  it('puts the most savings first, and names each group once with all that it shares', () => {
    const paths = new Map([
      ['acme/a', ['go.mod', 'go.sum', 'Dockerfile']],
      ['acme/b', ['go.mod', 'go.sum', 'package.json']],
      ['acme/c', ['package.json', 'go.mod', 'go.sum']],
    ])
    const found = manager().identifyCrossRepoOpportunities([a, b, c], paths)
    expect(
      found.map(({ repositories, commonFiles }) => [repositories.map(({ name }) => name).join(''), commonFiles]),
    ).toEqual([
      ['abc', ['go.mod', 'go.sum']],
      ['bc', ['go.mod', 'go.sum', 'package.json']],
    ])
    expect(found.map(({ estimatedSavings }) => estimatedSavings)).toEqual([expect.closeTo(0.6), expect.closeTo(0.5)])
  })

  it('never promises to save everything', () => {
    const repositories = Array.from({ length: 30 }, (_, index) => repository(`r${index}`))
    const names = 'package.json yarn.lock go.mod go.sum Cargo.toml Cargo.lock'.split(' ')
    const paths = new Map(repositories.map(({ fullName }) => [fullName, names]))
    expect(manager().identifyCrossRepoOpportunities(repositories, paths)[0]?.estimatedSavings).toBe(0.79)
  })

  it.each([
    ['nothing in common', ['package.json'], ['requirements.txt'], {}],
    ['only what is not important in common', ['src/main.js', 'README.md'], ['src/main.js', 'README.md'], {}],
    ['no files known', [], [], {}],
    [
      'a configuration that forbids it',
      ['package.json', 'go.mod'],
      ['package.json', 'go.mod'],
      { enableCrossRepoBatching: false },
    ],
  ])('finds nothing with %s', (_, first, second, config) => {
    const paths = new Map([
      ['acme/a', first],
      ['acme/b', second],
    ])
    expect(manager(config).identifyCrossRepoOpportunities([a, b], paths)).toEqual([])
  })

  it('finds nothing for one repository, or for none', () => {
    expect(manager().identifyCrossRepoOpportunities([a], new Map([['acme/a', ['package.json', 'go.mod']]]))).toEqual([])
    expect(manager().identifyCrossRepoOpportunities([], new Map())).toEqual([])
  })
})

describe('selectStrategy()', () => {
  it.each([
    ['few points left', { repositories: 50, files: 500, rateLimitRemaining: 199 }, 'conservative'],
    [
      'a poor network',
      { repositories: 50, files: 500, rateLimitRemaining: 5_000, networkConditions: SLOW },
      'conservative',
    ],
    ['one small repository', { repositories: 1, files: 4, rateLimitRemaining: 5_000 }, 'sequential'],
    ['one repository with a few more files', { repositories: 1, files: 5, rateLimitRemaining: 5_000 }, 'adaptive'],
    ['many repositories', { repositories: 11, files: 0, rateLimitRemaining: 2_001 }, 'aggressive'],
    ['many files', { repositories: 1, files: 101, rateLimitRemaining: 2_001, networkConditions: GOOD }, 'aggressive'],
    ['many repositories and half the points', { repositories: 11, files: 0, rateLimitRemaining: 2_000 }, 'parallel'],
    ['two repositories', { repositories: 2, files: 2, rateLimitRemaining: 5_000 }, 'parallel'],
    ['one repository with some files', { repositories: 1, files: 11, rateLimitRemaining: 5_000 }, 'parallel'],
  ] as const)('for %s', (_, work, expected) => {
    expect(manager().selectStrategy(work)).toBe(expected)
  })

  it('is the configured one, where that is not adaptive', () => {
    const work = { repositories: 50, files: 500, rateLimitRemaining: 10 }
    expect(manager({ defaultStrategy: 'parallel' }).selectStrategy(work)).toBe('parallel')
    expect(manager({ defaultStrategy: 'parallel' }).selectStrategy(work, 'adaptive')).not.toBe('parallel')
  })
})

describe('adaptStrategy()', () => {
  it.each([
    [6, 0.5, 'conservative'],
    [10, 0.9, 'aggressive'],
    [9, 0.7, 'parallel'],
    [9, 0.5, 'adaptive'],
    [10, 0.2, 'sequential'],
  ])('after %i of 10 successes at an efficiency of %d', (successes, efficiency, expected) => {
    expect(manager().adaptStrategy(metrics(successes, efficiency, 10))).toBe(expected)
  })

  it('becomes careful when it goes worse each time', () => {
    const learned = manager()
    expect([100, 95, 90].map((success) => learned.adaptStrategy(metrics(success, 0.7)))).toEqual([
      'parallel',
      'parallel',
      'conservative',
    ])
    expect(learned.adaptStrategy(metrics(97, 0.9))).toBe('aggressive')
  })

  it('becomes careful when the last three went badly on the whole', () => {
    const learned = manager()
    expect([71, 72, 73].map((success) => learned.adaptStrategy(metrics(success, 0.7)))).toEqual([
      'parallel',
      'parallel',
      'conservative',
    ])
  })

  it('decides nothing by no requests', () => {
    expect(manager().adaptStrategy(metrics(0, 0, 0))).toBe('adaptive')
  })
})

describe('planFor()', () => {
  it.each([
    ['sequential', { requestsAtOnce: 1, repositoriesAtOnce: 1, crossRepository: false }],
    ['conservative', { requestsAtOnce: 3, repositoriesAtOnce: 192, filesPerQuery: { first: 5, most: 50 } }],
    ['parallel', { requestsAtOnce: 10, repositoriesAtOnce: 192, filesPerQuery: { first: 10, most: 50 } }],
    ['adaptive', { requestsAtOnce: 10, repositoriesAtOnce: 192, filesPerQuery: { first: 10, most: 50 } }],
    ['aggressive', { requestsAtOnce: 20, repositoriesAtOnce: 384, filesPerQuery: { first: 20, most: 100 } }],
  ] as const)('%s', (strategy, expected) => {
    expect(manager().planFor(strategy)).toMatchObject(expected)
  })

  it('begins with the size that it is told', () => {
    expect(manager().planFor('parallel', 25).filesPerQuery).toEqual({ first: 25, most: 50 })
    expect(manager().planFor('conservative', 25).filesPerQuery).toEqual({ first: 13, most: 50 })
  })

  it('obeys the configuration', () => {
    const config = { enableCrossRepoBatching: false, enableFilePrioritization: false, maxConcurrentRepos: 2 }
    expect(manager(config).planFor('parallel')).toMatchObject({
      repositoriesAtOnce: 2,
      crossRepository: false,
      fileOrder: 'listed',
    })
    expect(manager().planFor('parallel')).toMatchObject({ crossRepository: true, fileOrder: 'priority' })
  })

  it('is a plan that can be carried out, whatever is configured', () => {
    const size = fc.integer({ min: 1, max: 100 })
    const config = fc.record({
      sizes: fc.tuple(size, size, size).map((three) => three.sort((x, y) => x - y)),
      maxConcurrentRequests: size,
      maxConcurrentRepos: size,
      enableCrossRepoBatching: fc.boolean(),
      strategy: fc.constantFrom(...BATCH_STRATEGIES),
    })
    fc.assert(
      fc.property(config, ({ sizes: [minBatchSize, defaultBatchSize, maxBatchSize], strategy, ...options }) => {
        const plan = manager({ ...options, minBatchSize, defaultBatchSize, maxBatchSize }).planFor(strategy)
        const { filesPerQuery, requestsAtOnce, repositoriesAtOnce } = plan
        for (const count of [filesPerQuery?.first, filesPerQuery?.most, requestsAtOnce, repositoriesAtOnce]) {
          expect(count).toBeGreaterThanOrEqual(1)
          expect(Number.isInteger(count)).toBe(true)
        }
        expect(filesPerQuery?.first).toBeLessThanOrEqual(filesPerQuery?.most ?? 0)
        expect(filesPerQuery?.most).toBeLessThanOrEqual(100)
      }),
    )
  })
})
