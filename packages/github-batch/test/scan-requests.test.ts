import { SqliteCache } from '@x/cache-sqlite'
import { startGitHubServer, SyntheticOrganisation } from '@x/github-server'
import { PARSER_VERSION } from '@x/lockfiles'
import { expect, it } from 'vitest'

import {
  BatchCoordinator,
  createBatchConfig,
  DEFAULT_BATCH_PLAN,
  GitHubClient,
  IocCatalog,
  RateBudget,
} from '../src/index.ts'
import { BAD } from './scan-world.ts'
import { SimulatedTime } from './simulated-time.ts'

const ACME = { organizations: ['acme'] }
/** The server is in this process as well: what it holds is not the scan's. */
const CONFIG = createBatchConfig({ maxMemoryUsageMb: Infinity })

it('scans 1,000 repositories of three lockfiles each, a fifth of them too large for GraphQL, in at most 700 requests, and meets no limit', async () => {
  const organisation = new SyntheticOrganisation({ repositories: 1_000 })
  const time = new SimulatedTime()
  await using server = await startGitHubServer({
    repositories: organisation.records,
    clock: time.clock,
    wait: time.answerIn,
    latencyMs: (processorMs) => 40 + processorMs,
  })
  using cache = new SqliteCache({ path: ':memory:', maxSizeBytes: 1_000_000_000 })
  const { clock, delay, fetch } = time
  const budgets = new Map<string, RateBudget>()
  const coordinator = (token: string, catalog: IocCatalog = BAD): BatchCoordinator => {
    const budget = budgets.get(token) ?? new RateBudget({ clock, delay })
    budgets.set(token, budget)
    const client = new GitHubClient({ token, baseUrl: server.url, budget, fetch, clock, delay, timeout: Infinity })
    return new BatchCoordinator({ client, cache, catalog, config: CONFIG, clock })
  }

  const cold = await coordinator('token-a').scan(ACME)
  expect(cold).toMatchObject({ complete: true, ledger: { length: 1_000 }, findings: { length: organisation.bad } })
  expect(cold.cost).toMatchObject(server.journal.summary())
  // 10 pages of the sweep, 600 large files; the trees and the 2,400 small files share the rest.
  expect(cold.cost.requests).toBeLessThanOrEqual(700)

  const rotated = await coordinator('token-b').scan(ACME)
  expect(rotated.findings).toEqual(cold.findings)
  expect(rotated.cost.requests).toBe(1)
  expect((await coordinator('token-b').scan(ACME, { fullSweepAfter: 0 })).cost.requests).toBe(10)

  const listed = new IocCatalog([{ ecosystem: 'npm', name: 'package-7', version: '1.7.0', source: 'new list' }])
  const offline = await coordinator('token-a', listed).scan(ACME, { offline: true })
  expect(offline).toMatchObject({ complete: true, findings: { length: 3_000 }, cost: { requests: 0 } })

  organisation.push(Array.from({ length: 50 }, (_, index) => index * 20))
  server.setRepositories(organisation.records)
  const warm = await coordinator('token-a').scan(ACME)
  expect(warm).toMatchObject({ complete: true, findings: { length: organisation.bad } })
  expect(warm.cost.requests).toBeLessThanOrEqual(70)

  // Each tree by REST: more than a minute allows.
  cache.invalidate({ category: `tree@${PARSER_VERSION}` })
  const plan = { ...DEFAULT_BATCH_PLAN, requestsAtOnce: 50, treesPerQuery: undefined }
  const byRest = await coordinator('token-a').scan(ACME, { plan })
  expect(byRest).toMatchObject({ complete: true, cost: { restPoints: 1_000 } })
  expect(server.journal.entries.filter(({ status }) => status !== 200)).toEqual([])

  // Whoever keeps no pace meets the limit.
  const statuses: number[] = []
  for (let sent = 0; sent < 1_000; sent += 50) {
    const some = Array.from({ length: 50 }, () =>
      fetch(`${server.url}/repos/acme/repository-000000`, { headers: { authorization: 'Bearer hasty' } }),
    )
    statuses.push(...(await Promise.all(some)).map(({ status }) => status))
  }
  expect(statuses.indexOf(403)).toBe(900)
}, 600_000)
