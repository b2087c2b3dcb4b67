import { describe, expect, it } from 'vitest'

import { GitHubClient, RateBudget } from '../src/index.ts'
import { npmLock, ScanWorld } from './scan-world.ts'

const ACME = { organizations: ['acme'] }
const INFECTED = npmLock({ bad: '6.6.6' })
const PLANS = {
  one: { files: { 'package-lock.json': INFECTED } },
  two: { files: { 'a/b/c/d/package-lock.json': INFECTED } },
  empty: {},
  old: { files: { 'package-lock.json': INFECTED }, archived: true },
}

describe('a server without GraphQL', () => {
  it('is scanned by REST alone, to the same result', async () => {
    await using usual = await ScanWorld.create(PLANS)
    await using world = await ScanWorld.create(PLANS, { graphql: false })
    const expected = await usual.coordinator().scan(ACME)
    const result = await world.coordinator().scan(ACME)
    expect({ findings: result.findings, ledger: result.ledger }).toEqual({
      findings: expected.findings,
      ledger: expected.ledger,
    })
    const named = await world.coordinator().scan({ repositories: ['acme/one', 'acme/none'], teams: ['acme/team'] })
    expect(named.ledger.map(({ repository, status }) => `${repository} ${status}`)).toEqual([
      'acme/none failed',
      'acme/one scanned',
      'acme/team/* failed',
    ])
  })

  it('is asked for the list and what was pushed alone, the second time', async () => {
    await using world = await ScanWorld.create(PLANS, { graphql: false })
    await world.coordinator().scan(ACME)
    world.push('one', { 'package-lock.json': npmLock({ good: '1.0.0' }) })
    world.server.journal.clear()
    expect((await world.coordinator().scan(ACME)).findings).toHaveLength(1)
    const operations = world.server.journal.entries.map(({ operation }) => operation)
    // It asks once whether there is GraphQL now, and the empty repository has no head to be known by.
    expect(operations.toSorted()).toEqual(['blob', 'commit', 'other', 'repositories', 'tree'])
  })

  it('at an Enterprise address as well', async () => {
    await using world = await ScanWorld.create(PLANS)
    const enterprise = { baseUrl: `${world.server.url}/api/v3` }
    expect((await world.coordinator(enterprise).scan(ACME)).findings).toHaveLength(2)
    expect(new Set(world.server.journal.entries.map(({ path }) => path))).toEqual(new Set(['/api/graphql']))
  })
})

describe('two budgets', () => {
  it('are spent side by side: REST works while GraphQL has to wait', async () => {
    await using world = await ScanWorld.create(PLANS)
    const budget = new RateBudget({ maxWait: '2s' })
    const client = new GitHubClient({ token: 'token-a', baseUrl: world.server.url, budget })
    // REST's limits become known, and GraphQL's hour ends after the sweep.
    await client.getRepository('acme/one')
    world.server.setFaults([
      {
        on: { operation: 'graphql', body: /on Tree/ },
        do: { kind: 'status', status: 403, headers: { 'retry-after': '3000' } },
      },
    ])
    const result = await world.coordinator({ budget }).scan(ACME)
    expect(result).toMatchObject({ complete: true, findings: { length: 2 } })
    const operations = world.server.journal.entries.map(({ operation }) => operation)
    expect(operations.toSorted()).toEqual(['blob', 'graphql', 'graphql', 'repository', 'tree', 'tree'])
  })
})
