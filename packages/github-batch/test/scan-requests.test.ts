import { SqliteCache } from '@x/cache-sqlite'
import { startGitHubServer, SyntheticOrganisation } from '@x/github-server'
import { expect, it } from 'vitest'

import { BatchCoordinator, GitHubClient, IocCatalog, RateBudget } from '../src/index.ts'
import { BAD } from './scan-world.ts'

const ACME = { organizations: ['acme'] }

it('scans 1,000 repositories of three lockfiles each, a fifth of them too large for GraphQL, in at most 700 requests', async () => {
  const organisation = new SyntheticOrganisation({ repositories: 1_000 })
  await using server = await startGitHubServer({ repositories: organisation.records })
  using cache = new SqliteCache({ path: ':memory:', maxSizeBytes: 1_000_000_000 })
  const coordinator = (token: string, catalog: IocCatalog = BAD): BatchCoordinator => {
    const client = new GitHubClient({ token, baseUrl: server.url, budget: unpaced(), maxConcurrent: 50 })
    return new BatchCoordinator({ client, cache, catalog })
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
}, 300_000)

/** What GitHub allows in a minute would take a minute: another test keeps to it in compressed time. */
function unpaced(): RateBudget {
  const start = Date.now()
  const clock = { now: () => start + (Date.now() - start) * 1_000 }
  const delay = (milliseconds: number): Promise<void> =>
    new Promise((resolve) => setTimeout(resolve, milliseconds / 1_000))
  return new RateBudget({ clock, delay })
}
