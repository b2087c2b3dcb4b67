import { type Duration } from '@x/core'
import { type RepositoryRecord } from '@x/github-server'
import { PARSER_VERSION } from '@x/lockfiles'
import { describe, expect, it } from 'vitest'

import {
  BatchCoordinator,
  blobOid,
  DEFAULT_BATCH_PLAN,
  IocCatalog,
  PointsSpentError,
  type ScanEvent,
  type ScanProgress,
  type ScanResult,
  type ScanScope,
  type ScanStatus,
} from '../src/index.ts'
import { BAD, npmLock, type RepositoryPlan, ScanWorld } from './scan-world.ts'

const ACME = { organizations: ['acme'] }
const CLEAN = npmLock({ good: '1.0.0' })
const INFECTED = npmLock({ bad: '6.6.6' })

/** Each has a lockfile of its own, which is pushed a minute after that of the one before. */
function manyRepositories(count: number): Record<string, RepositoryPlan> {
  return Object.fromEntries(
    Array.from({ length: count }, (_, index): [string, RepositoryPlan] => [
      `r${String(index).padStart(3, '0')}`,
      {
        files: { 'package-lock.json': npmLock({ bad: '6.6.6', [`own-${index}`]: '1.0.0' }) },
        pushedAt: new Date(Date.UTC(2026, 0, 1) + index * 60_000).toISOString(),
      },
    ]),
  )
}

function statuses({ ledger }: ScanResult): string[] {
  return ledger.map(({ repository, status }) => `${repository} ${status}`)
}

describe('a second scan', () => {
  it('of 250 repositories asks one page where nothing was pushed, and sees every push after that', async () => {
    await using world = await ScanWorld.create(manyRepositories(250))
    const cold = await world.coordinator().scan(ACME)
    const same = await world.coordinator().scan(ACME)
    expect(same).toMatchObject({ findings: cold.findings, ledger: cold.ledger, cost: { requests: 1 } })
    // More than a page of pushes, and one of them in the second of the newest before.
    for (let index = 0; index < 130; index += 1) {
      world.push(`r${String(index).padStart(3, '0')}`, { 'package-lock.json': CLEAN })
    }
    world.change('r200', { pushedAt: new Date(Date.UTC(2026, 0, 1) + 249 * 60_000).toISOString() })
    const pushed = await world.coordinator().scan(ACME)
    expect(pushed.findings.map(({ repository }) => repository)).toEqual(
      cold.findings.map(({ repository }) => repository).slice(130),
    )
    // Two pages, three queries for trees, one content.
    expect(pushed.cost.requests).toBeLessThanOrEqual(8)
  })

  it.each([
    [
      'another repository',
      (records: RepositoryRecord[]) => [
        ...records,
        ...records.slice(0, 1).map((record) => ({ ...record, name: 'more' })),
      ],
    ],
    ['a repository less', (records: RepositoryRecord[]) => records.slice(1)],
    [
      'one for another',
      (records: RepositoryRecord[]) => [
        ...records.slice(1),
        ...records.slice(0, 1).map((record) => ({ ...record, name: 'more', pushedAt: '2026-12-01T00:00:00Z' })),
      ],
    ],
  ])('sweeps in full where there is %s', async (_, change) => {
    await using world = await ScanWorld.create(manyRepositories(3))
    await world.coordinator().scan(ACME)
    const records = change([...world.records])
    world.server.setRepositories(records)
    const again = await world.coordinator().scan(ACME)
    expect(again.ledger.map(({ repository }) => repository)).toEqual(
      records.map(({ name }) => `acme/${name}`).toSorted(),
    )
    expect(again.cost.requests).toBe(2)
  })

  it('sweeps in full when asked to, or after a day, and then sees what is no push', async () => {
    await using world = await ScanWorld.create(manyRepositories(110))
    const time = { now: Date.now() }
    const clock = { now: () => time.now }
    const coordinator = new BatchCoordinator({ client: world.client(), cache: world.cache, catalog: BAD, clock })
    const oldest = async (fullSweepAfter?: Duration): Promise<string | undefined> =>
      (await coordinator.scan(ACME, { fullSweepAfter })).ledger[0]?.status
    await coordinator.scan(ACME)
    world.change('r000', { archived: true })
    expect(await oldest()).toBe('scanned')
    expect(await oldest(0)).toBe('skipped')
    world.change('r000', { archived: false })
    expect(await oldest()).toBe('skipped')
    time.now += 24 * 3_600_000
    expect(await oldest()).toBe('scanned')
  })

  it('does not believe a list whose sweep was not whole', async () => {
    await using world = await ScanWorld.create(manyRepositories(2))
    const rewrite = (body: Buffer): Buffer =>
      Buffer.from(
        body
          .toString()
          .replace('"isEmpty":false', '"isEmpty":false,"defaultBranchRef":null,"x":null')
          .replace('"defaultBranchRef":{', '"y":{'),
      )
    world.server.setFaults([{ on: { operation: 'graphql' }, times: 1, do: { kind: 'rewrite', rewrite } }])
    expect((await world.coordinator().scan(ACME)).complete).toBe(false)
    expect((await world.coordinator().scan(ACME)).complete).toBe(true)
  })
})

describe('an offline scan', () => {
  it('matches a new list of packages without a request', async () => {
    await using world = await ScanWorld.create({
      one: { files: { 'package-lock.json': npmLock({ good: '1.0.0', odd: '2.0.0' }) } },
      two: { files: { 'package-lock.json': CLEAN } },
    })
    await world.coordinator().scan(ACME)
    world.server.journal.clear()
    const catalog = new IocCatalog([{ ecosystem: 'npm', name: 'odd', version: '2.0.0', source: 'new' }])
    const coordinator = new BatchCoordinator({ client: world.client(), cache: world.cache, catalog })
    for (const scope of [ACME, { repositories: ['acme/one'] }]) {
      const result = await coordinator.scan(scope, { offline: true })
      expect(result).toMatchObject({ complete: true, findings: [{ package: 'odd' }], cost: { requests: 0 } })
    }
    expect(world.server.journal.entries).toEqual([])
  })

  it('names what the store does not have', async () => {
    await using world = await ScanWorld.create(manyRepositories(2))
    expect(await world.coordinator().scan({ ...ACME, repositories: ['acme/r000'] }, { offline: true })).toMatchObject({
      complete: false,
      ledger: [
        { repository: 'acme/*', status: 'failed', why: 'the store does not have it: scan without offline first' },
        { repository: 'acme/r000', status: 'failed' },
      ],
    })
    await world.coordinator().scan(ACME)
    world.cache.invalidate({ category: 'packages@*' })
    world.cache.clear()
    await world.coordinator().scan(ACME)
    const oid = blobOid(Buffer.from(npmLock({ bad: '6.6.6', 'own-1': '1.0.0' })))
    world.cache.delete(oid, { category: 'blob' })
    world.cache.invalidate({ pattern: `${oid}:*` })
    const result = await world.coordinator().scan(ACME, { offline: true })
    expect(statuses(result)).toEqual(['acme/r000 scanned', 'acme/r001 failed'])
    expect(world.server.journal.entries.length).toBeGreaterThan(0)
  })
})

describe('resume()', () => {
  it('goes on with a scan that was stopped, and repeats nothing', async () => {
    await using world = await ScanWorld.create(manyRepositories(250))
    const whole = await world.coordinator().scan(ACME)
    world.cache.clear()
    world.server.journal.clear()
    const plan = { ...DEFAULT_BATCH_PLAN, requestsAtOnce: 1, repositoriesAtOnce: 40 }
    const controller = new AbortController()
    const onProgress = ({ repositoriesDone }: ScanProgress): void => {
      if (repositoriesDone >= 100) controller.abort(new Error('enough'))
    }
    const coordinator = world.coordinator()
    await expect(coordinator.scan(ACME, { plan, signal: controller.signal, onProgress })).rejects.toThrow('enough')
    const [record] = await coordinator.scans()
    expect(record).toMatchObject({ status: 'running', repositories: 250, failed: 0, scope: ACME })
    expect(record?.done).toBeGreaterThanOrEqual(100)
    const before = world.server.journal.entries.length
    // Pushed since: not part of this scan.
    world.push('r200', { 'package-lock.json': CLEAN })
    const resumed = await world.coordinator().resume(record?.id ?? '', { plan })
    expect(resumed).toMatchObject({ id: record?.id, findings: whole.findings, ledger: whole.ledger, complete: true })
    expect(before + resumed.cost.requests).toBeLessThanOrEqual(whole.cost.requests + 12)
    const bodies = world.server.journal.entries.length
    expect(bodies).toBe(before + resumed.cost.requests)
    expect(await coordinator.scans()).toMatchObject(
      [{ status: 'complete', done: 250 }, { status: 'complete' }].slice(0, 1),
    )
    // What is complete keeps nothing to resume from.
    expect(world.cache.invalidate({ category: 'scan-state' })).toBe(0)
  })

  it('asks again for what failed, and only for that', async () => {
    await using world = await ScanWorld.create({
      one: { files: { 'package-lock.json': npmLock({ bad: '6.6.6' }, 600_000) } },
      two: { files: { 'package-lock.json': INFECTED } },
    })
    world.server.setFaults([{ on: { operation: 'blob' }, do: { kind: 'status', status: 500 } }])
    const failed = await world.coordinator().scan(ACME)
    expect(statuses(failed)).toEqual(['acme/one failed', 'acme/two scanned'])
    expect(await world.coordinator().scans()).toMatchObject([{ status: 'incomplete', done: 1, failed: 1 }])
    world.server.setFaults([])
    const resumed = await world.coordinator().resume(failed.id)
    expect(resumed).toMatchObject({ complete: true, findings: [{}, {}], cost: { requests: 1 } })
  })

  it('asks again for an owner that could not be listed', async () => {
    await using world = await ScanWorld.create({ one: { files: { 'package-lock.json': INFECTED } } })
    const failed = await world.coordinator().scan({ organizations: ['acme', 'later'] })
    expect(statuses(failed)).toEqual(['acme/one scanned', 'later/* failed'])
    const late = { ...world.records[0], owner: 'later', name: 'two' } as RepositoryRecord
    world.server.setRepositories([...world.records, late])
    const resumed = await world.coordinator().resume(failed.id)
    expect(resumed).toMatchObject({ complete: true })
    expect(statuses(resumed)).toEqual(['acme/one scanned', 'later/two scanned'])
  })

  it('lists again where GitHub had left some out', async () => {
    await using world = await ScanWorld.create({
      one: { files: { 'package-lock.json': INFECTED } },
      two: { files: { 'package-lock.json': INFECTED } },
    })
    const rewrite = (body: Buffer): Buffer => {
      const answer = JSON.parse(body.toString()) as {
        data: { repositoryOwner: { repositories: { nodes: unknown[] } } }
      }
      answer.data.repositoryOwner.repositories.nodes.pop()
      return Buffer.from(JSON.stringify(answer))
    }
    world.server.setFaults([{ on: { body: /repositoryOwner/ }, times: 1, do: { kind: 'rewrite', rewrite } }])
    const short = await world.coordinator().scan(ACME)
    expect(statuses(short)).toEqual(['acme/* failed', 'acme/one scanned'])
    const resumed = await world.coordinator().resume(short.id)
    expect(resumed.complete).toBe(true)
    expect(statuses(resumed)).toEqual(['acme/one scanned', 'acme/two scanned'])
  })

  it('matches again where the list of packages is another', async () => {
    await using world = await ScanWorld.create({
      one: { files: { 'package-lock.json': CLEAN } },
      two: {},
      three: { files: {} },
    })
    world.server.setFaults([{ on: { operation: 'graphql', body: /on Blob/ }, do: { kind: 'cut' } }])
    world.server.setFaults([])
    const first = await world.coordinator().scan({ ...ACME, repositories: ['acme/none'] })
    expect(first.complete).toBe(false)
    const catalog = new IocCatalog([{ ecosystem: 'npm', name: 'good', version: '1.0.0', source: 'new' }])
    const coordinator = new BatchCoordinator({ client: world.client(), cache: world.cache, catalog })
    expect((await coordinator.resume(first.id)).findings).toHaveLength(1)
  })

  it('refuses an id that nobody knows', async () => {
    await using world = await ScanWorld.create({})
    await expect(world.coordinator().resume('x')).rejects.toThrow(
      new TypeError('The cache knows no scan "x": begin a new one.'),
    )
  })
})

describe('maxPoints', () => {
  it('stops before it is spent, names what is missing, and goes on with more', async () => {
    await using world = await ScanWorld.create(manyRepositories(120))
    const stopped = await world.coordinator().scan(ACME, { maxPoints: 5 })
    expect(stopped.cost.restPoints + stopped.cost.graphqlPoints).toBeLessThanOrEqual(5)
    expect(stopped.complete).toBe(false)
    expect(stopped.ledger.find(({ status }) => status === 'failed')?.why).toContain('5 points')
    const resumed = await world.coordinator().resume(stopped.id)
    expect(resumed).toMatchObject({ complete: true, findings: { length: 120 } })
    await expect(world.coordinator().scan(ACME, { maxPoints: 0 })).rejects.toThrow(RangeError)
  })

  it('is an error of its own where not even the list can be had', async () => {
    await using world = await ScanWorld.create(manyRepositories(2))
    world.server.setFaults([{ on: {}, do: { kind: 'status', status: 502 } }])
    const one = { maxPoints: 1 }
    await expect(world.coordinator().scan({ organizations: ['acme', 'other'] }, one)).rejects.toBeDefined()
    world.server.setFaults([])
    const result = await world.coordinator().scan({ organizations: ['acme', 'other'] }, one)
    expect(result.ledger.at(-1)).toMatchObject({ repository: 'other/*', why: new PointsSpentError(1).message })
  })
})

describe('scope', () => {
  it('takes globs of names, whatever their case', async () => {
    await using world = await ScanWorld.create({
      'web-a': { files: { 'package-lock.json': INFECTED } },
      'web-b': { files: { 'package-lock.json': INFECTED } },
      api: { files: { 'package-lock.json': INFECTED } },
    })
    const result = await world.coordinator().scan({ ...ACME, include: ['Acme/Web-*'], exclude: ['*-b'] })
    expect(statuses(result)).toEqual(['acme/web-a scanned'])
    const none = await world.coordinator().scan({ ...ACME, include: ['acme/nothing'] })
    expect(none).toMatchObject({
      complete: false,
      ledger: [{ repository: '*/*', status: 'failed', why: 'none of 3 repositories is admitted by the patterns' }],
    })
    expect(() => world.coordinator().scan({ ...ACME, include: ['['] })).toThrow(RangeError)
  })

  it.each<ScanScope>([{ exclude: ['Acme/missing'] }, { include: ['acme/ok'] }])(
    'leaves out by %o what cannot be read as well',
    async (patterns) => {
      await using world = await ScanWorld.create({ ok: { files: { 'package-lock.json': INFECTED } } })
      const result = await world.coordinator().scan({ repositories: ['acme/ok', 'acme/missing'], ...patterns })
      expect(result).toMatchObject({ complete: true, ledger: [{ repository: 'acme/ok', status: 'scanned' }] })
    },
  )

  it('is not clean where the patterns leave out all, and nothing of it could be read', async () => {
    await using world = await ScanWorld.create({})
    const result = await world.coordinator().scan({ repositories: ['acme/missing'], exclude: ['acme/*'] })
    expect(result).toMatchObject({
      complete: false,
      ledger: [{ repository: '*/*', status: 'failed', why: 'none of 1 repositories is admitted by the patterns' }],
    })
  })

  it('takes teams', async () => {
    await using world = await ScanWorld.create({
      ours: { files: { 'package-lock.json': INFECTED }, teams: ['security'] },
      theirs: { files: { 'package-lock.json': INFECTED } },
    })
    const scope = { teams: ['acme/security', 'acme/none'] }
    expect(statuses(await world.coordinator().scan(scope))).toEqual(['acme/none/* failed', 'acme/ours scanned'])
    const warm = await world.coordinator().scan({ teams: ['acme/security'] })
    expect(warm).toMatchObject({ complete: true, cost: { requests: 1 } })
  })
})

describe('events', () => {
  it('tell everything in order, and may throw', async () => {
    await using world = await ScanWorld.create({
      one: { files: { 'package-lock.json': INFECTED } },
      two: {},
    })
    const events: ScanEvent[] = []
    const budgets: unknown[] = []
    const result = await world.coordinator().scan(ACME, {
      onEvent: (event) => {
        events.push(event)
        throw new Error('in the listener')
      },
      onProgress: ({ cost, budget }) => budgets.push([cost.requests, budget.graphql.remaining]),
    })
    expect(events.map(({ type }) => type)).toEqual(['started', 'repository', 'listed', 'finding', 'file', 'repository'])
    expect(events[0]).toEqual({ type: 'started', id: result.id, resumed: false })
    expect(budgets.at(-1)).toEqual([3, 4_997])
  })

  it('tell what the cache had, before the scan ends', async () => {
    await using world = await ScanWorld.create({
      one: { files: { 'package-lock.json': INFECTED } },
      two: { files: { 'a/package-lock.json': INFECTED } },
    })
    await world.coordinator().scan(ACME)
    world.cache.invalidate({ category: `packages@${PARSER_VERSION}` })
    const told: unknown[] = []
    const onProgress = ({ kept, cost, repositoriesDone }: ScanStatus): void => {
      if (repositoriesDone === 0) told.push([kept, cost.cacheHits])
    }
    await world.coordinator().scan(ACME, { onProgress })
    expect(told.at(-1)).toEqual([{ trees: 2, contents: 1, parsedFiles: 0 }, 3])
  })

  it('tell of waits', async () => {
    await using world = await ScanWorld.create({ one: { files: { 'package-lock.json': INFECTED } } })
    world.server.setFaults([
      { on: { operation: 'graphql' }, times: 1, do: { kind: 'status', status: 429, headers: { 'retry-after': '1' } } },
    ])
    const waits: ScanEvent[] = []
    await world.coordinator().scan(ACME, { onEvent: (event) => event.type === 'wait' && waits.push(event) })
    expect(waits).toMatchObject([{ bucket: 'graphql', reason: 'told' }])
  })
})
