import { SqliteCache } from '@x/cache-sqlite'
import { startGitHubServer, SyntheticOrganisation } from '@x/github-server'
import { expect, it } from 'vitest'

import { BatchCoordinator, GitHubClient, RateBudget } from '../src/index.ts'
import { BAD } from './bad-catalog.ts'

/** So many times as fast as the real time, for the server and the client alike. */
const SPEED = 6

it('meets no limit of a server that enforces GitHub’s, though it asks for more than a minute’s worth', async () => {
  const start = Date.now()
  const clock = { now: () => start + (Date.now() - start) * SPEED }
  const organisation = new SyntheticOrganisation({ repositories: 400, filesEach: 2, packages: 2, largeShare: 0 })
  await using server = await startGitHubServer({ repositories: organisation.records, clock })
  using cache = new SqliteCache({ path: ':memory:' })
  const delay = (milliseconds: number): Promise<void> =>
    new Promise((resolve) => setTimeout(resolve, milliseconds / SPEED))
  const budget = new RateBudget({ clock, delay, maxConcurrent: 50 })
  const client = new GitHubClient({ token: 'a', baseUrl: server.url, budget, clock, maxConcurrent: 50 })
  const coordinator = new BatchCoordinator({ client, cache, catalog: BAD, clock })
  // Everything by REST: 400 trees and 800 files, where 900 points a minute are allowed.
  const plan = {
    requestsAtOnce: 50,
    repositoriesAtOnce: 200,
    treesPerQuery: undefined,
    treeDepth: 3,
    filesPerQuery: undefined,
    bytesPerQuery: 2_000_000,
    crossRepository: true,
    fileOrder: 'listed',
  } as const
  const result = await coordinator.scan({ organizations: ['acme'] }, { plan })
  expect(result).toMatchObject({ complete: true, findings: { length: organisation.bad } })
  expect(result.cost.restPoints).toBe(1_200)
  expect(server.journal.entries.filter(({ status }) => status !== 200)).toEqual([])
  expect(server.journal.peakConcurrency).toBeLessThanOrEqual(50)
}, 120_000)
