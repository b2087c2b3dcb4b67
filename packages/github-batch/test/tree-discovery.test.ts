import { describe, expect, it } from 'vitest'

import { DEFAULT_BATCH_PLAN } from '../src/index.ts'
import { npmLock, type RepositoryPlan, ScanWorld } from './scan-world.ts'

const ACME = { organizations: ['acme'] }
const INFECTED = npmLock({ bad: '6.6.6' })
/** Matches the queries for trees alone. */
const TREES = { operation: 'graphql', body: /on Tree/ } as const

function operations({ server }: ScanWorld): string[] {
  return server.journal.entries.map(({ operation }) => operation)
}

function manyRepositories(count: number): Record<string, RepositoryPlan> {
  return Object.fromEntries(
    Array.from({ length: count }, (_, index): [string, RepositoryPlan] => [
      `r${String(index).padStart(3, '0')}`,
      { files: { 'web/package-lock.json': npmLock({ bad: '6.6.6', [`own-${index}`]: '1.0.0' }) } },
    ]),
  )
}

describe('trees', () => {
  it('of twenty repositories share the first query, and more share the next', async () => {
    await using world = await ScanWorld.create(manyRepositories(45))
    const plan = { ...DEFAULT_BATCH_PLAN, requestsAtOnce: 1 }
    expect((await world.coordinator().scan(ACME, { plan })).findings).toHaveLength(45)
    const trees = world.server.journal.entries.filter(({ operation }) => operation !== 'graphql')
    // A sweep, 20 + 25 trees, 25 + 20 files.
    expect(operations(world)).toHaveLength(5)
    expect(trees).toEqual([])
  })

  it('that go deeper are listed by further queries, three folders each', async () => {
    const at = (depth: number): string => `${'f/'.repeat(depth)}package-lock.json`
    await using world = await ScanWorld.create({
      deep: { files: Object.fromEntries([0, 1, 2, 3, 4, 7].map((depth) => [at(depth), INFECTED])) },
    })
    const result = await world.coordinator().scan(ACME)
    expect(result.findings.map(({ file }) => file).toSorted()).toEqual([4, 7, 3, 2, 1, 0].map(at).toSorted())
    // A sweep; folders 0 to 2, 3 to 5, 6 to 7; one content.
    expect(operations(world)).toEqual(Array.from({ length: 5 }, () => 'graphql'))
  })

  it('with more open folders than half a query holds are listed by one REST request', async () => {
    const files = Object.fromEntries(
      Array.from({ length: 30 }, (_, index) => [`a/b/d${index}/package-lock.json`, INFECTED]),
    )
    await using world = await ScanWorld.create({ wide: { files } })
    expect((await world.coordinator().scan(ACME)).findings).toHaveLength(30)
    expect(operations(world).filter((operation) => operation === 'tree')).toHaveLength(1)
  })

  it('are not followed into the packages of node_modules', async () => {
    await using world = await ScanWorld.create({
      vendored: {
        files: {
          'package-lock.json': INFECTED,
          'a/b/node_modules/deep/er/and/deeper/package-lock.json': INFECTED,
          'a/node_modules/.package-lock.json': INFECTED,
        },
      },
    })
    const result = await world.coordinator().scan(ACME)
    expect(result.findings.map(({ file }) => file)).toEqual(['a/node_modules/.package-lock.json', 'package-lock.json'])
    expect(operations(world)).toHaveLength(4)
  })

  it.each([
    ['an entry less', (text: string) => text.replace(/\{"name":"package-lock.json"[^}]*\},?/, '')],
    ['another name', (text: string) => text.replace('"name":"package-lock.json"', '"name":"package-luck.json"')],
    ['a folder less', (text: string) => text.replace('"mode":16384', '"mode":57344')],
    ['no entries', (text: string) => text.replace('"entries":[', '"entries":null,"x":[')],
  ])('that GraphQL lists with %s are listed by REST', async (_, spoil) => {
    await using world = await ScanWorld.create({
      one: { files: { 'a/x/package-lock.json': INFECTED, 'package-lock.json': INFECTED } },
      two: { files: { 'package-lock.json': INFECTED } },
    })
    world.server.setFaults([
      { on: TREES, do: { kind: 'rewrite', rewrite: (body) => Buffer.from(spoil(body.toString())) } },
    ])
    const result = await world.coordinator().scan(ACME)
    expect(result.complete).toBe(true)
    expect(result.findings).toHaveLength(3)
    expect(operations(world)).toContain('tree')
  })

  it('that nobody lists rightly are a gap', async () => {
    await using world = await ScanWorld.create({ one: { files: { 'package-lock.json': INFECTED, 'a/b.txt': '' } } })
    const rewrite = (body: Buffer): Buffer => Buffer.from(body.toString().replaceAll('package-lock', 'package-luck'))
    world.server.setFaults([
      { on: TREES, do: { kind: 'rewrite', rewrite } },
      { on: { operation: 'tree' }, do: { kind: 'rewrite', rewrite } },
    ])
    const result = await world.coordinator().scan(ACME)
    expect(result.ledger).toEqual([
      {
        repository: 'acme/one',
        status: 'failed',
        why: expect.stringContaining('the entries are not those of the tree, twice') as string,
      },
    ])
  })

  it('of which one is too much for GitHub are asked for in halves, and that one by REST', async () => {
    const plans = manyRepositories(8)
    await using world = await ScanWorld.create(plans)
    const poison = world.records[5]?.objects?.()
    const tree = /tree (\w+)/.exec(poison?.object(poison.head ?? '')?.body.toString() ?? '')?.[1] ?? ''
    world.server.setFaults([
      { on: { operation: 'graphql', body: new RegExp(`:"${tree}"`) }, do: { kind: 'status', status: 502 } },
    ])
    const result = await world.coordinator().scan(ACME)
    expect(result.findings).toHaveLength(8)
    // The sweep; 8, 4 and 4, 2 and 2, 1 and 1: four refused and three good; the files; and the one by REST.
    expect(operations(world).filter((operation) => operation === 'graphql')).toHaveLength(9)
    expect(operations(world).filter((operation) => operation === 'tree')).toHaveLength(1)
  })

  it('are listed by REST where the plan says so', async () => {
    await using world = await ScanWorld.create(manyRepositories(3))
    const plan = { ...DEFAULT_BATCH_PLAN, treesPerQuery: undefined, filesPerQuery: undefined }
    expect((await world.coordinator().scan(ACME, { plan })).findings).toHaveLength(3)
    expect(operations(world).toSorted()).toEqual(['blob', 'blob', 'blob', 'graphql', 'tree', 'tree', 'tree'])
  })

  it('and files of several repositories share no query where the plan says so', async () => {
    await using world = await ScanWorld.create(manyRepositories(3))
    const plan = { ...DEFAULT_BATCH_PLAN, crossRepository: false }
    expect((await world.coordinator().scan(ACME, { plan })).findings).toHaveLength(3)
    expect(operations(world)).toHaveLength(7)
  })
})
