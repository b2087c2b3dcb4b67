import { describe, expect, it } from 'vitest'

import {
  BATCH_STRATEGIES,
  BatchCoordinator,
  blobOid,
  DEFAULT_BATCH_PLAN,
  type LedgerEntry,
  type ScanResult,
} from '../src/index.ts'
import { BAD, npmLock, type RepositoryPlan, ScanWorld } from './scan-world.ts'

const CLEAN = npmLock({ good: '1.0.0' })
const INFECTED = npmLock({ bad: '6.6.6' })
const ACME = { organizations: ['acme'] }
const TREES_BY_REST = { plan: { ...DEFAULT_BATCH_PLAN, treesPerQuery: undefined } }

function places({ findings }: ScanResult): string[] {
  return findings.map(
    ({ repository, file, line, version, package: name }) => `${repository} ${file}:${line} ${name}@${version}`,
  )
}

function entry({ ledger }: ScanResult, name: string): LedgerEntry | undefined {
  return ledger.find(({ repository }) => repository === `acme/${name}`)
}

describe('scan()', () => {
  it('finds listed packages with their place, and accounts for every repository', async () => {
    await using world = await ScanWorld.create({
      clean: { files: { 'package-lock.json': CLEAN, 'README.md': '# Clean' } },
      infected: { files: { 'apps/web/package-lock.json': INFECTED } },
      bare: { files: { 'README.md': '# No dependency file' } },
      empty: {},
      old: { files: { 'package-lock.json': INFECTED }, archived: true },
      copy: { files: { 'package-lock.json': INFECTED }, fork: true },
    })
    const result = await world.coordinator().scan(ACME)
    expect(places(result)).toEqual(['acme/infected apps/web/package-lock.json:13 bad@6.6.6'])
    expect(result.findings[0]).toMatchObject({ ecosystem: 'npm', direct: true, source: 'test list' })
    expect(result.ledger).toEqual([
      { repository: 'acme/bare', status: 'skipped', why: 'no dependency file that is read' },
      { repository: 'acme/clean', status: 'scanned' },
      { repository: 'acme/copy', status: 'skipped', why: 'fork' },
      { repository: 'acme/empty', status: 'skipped', why: 'empty' },
      { repository: 'acme/infected', status: 'scanned' },
      { repository: 'acme/old', status: 'skipped', why: 'archived' },
    ])
    expect(result.complete).toBe(true)
  })

  it('finds what a manifest pins, warns of what it admits, and names what it cannot understand', async () => {
    const manifest = (dependencies: Record<string, string>): string => JSON.stringify({ dependencies }, undefined, 2)
    await using world = await ScanWorld.create({
      pins: { files: { 'package.json': manifest({ bad: '6.6.6' }) } },
      admits: { files: { 'package.json': manifest({ bad: '^6.0.0' }) } },
      spares: { files: { 'package.json': manifest({ bad: '^5.0.0', good: '6.6.6' }) } },
      vague: { files: { 'package.json': manifest({ bad: '6.6.6 of course', good: '1.0.0' }) } },
    })
    const cold = await world.coordinator().scan(ACME)
    const warm = await world.coordinator().scan(ACME)
    for (const result of [cold, warm]) {
      expect(places(result)).toEqual(['acme/pins package.json:3 bad@6.6.6'])
      expect(result.findings[0]).toMatchObject({ ecosystem: 'npm', direct: true, source: 'test list' })
      expect(result.warnings).toMatchObject([
        { repository: 'acme/admits', file: 'package.json', line: 3, package: 'bad', version: '6.6.6', range: '^6.0.0' },
        { repository: 'acme/vague', range: '6.6.6 of course' },
      ])
      expect(result.ledger.map(({ status }) => status)).toEqual(['scanned', 'scanned', 'scanned', 'failed'])
      expect(entry(result, 'vague')?.why).toContain('package.json:3: ')
    }
  })

  it('tells through what a package comes, also of a file that was parsed before', async () => {
    const lockfile = JSON.stringify({
      lockfileVersion: 3,
      packages: {
        '': { dependencies: { express: '^4.0.0' } },
        'node_modules/express': { version: '4.0.0', dependencies: { qs: '6' } },
        'node_modules/qs': { version: '6.0.0', dependencies: { bad: '6' } },
        'node_modules/bad': { version: '6.6.6' },
      },
    })
    await using world = await ScanWorld.create({ web: { files: { 'package-lock.json': lockfile } } })
    const through = async (): Promise<unknown> => {
      const { findings, complete } = await world.coordinator().scan(ACME)
      expect(complete).toBe(true)
      return findings.map(({ direct, through: packages }) => ({ direct, through: packages }))
    }
    expect(await through()).toEqual([{ direct: false, through: ['express@4.0.0', 'qs@6.0.0'] }])
    expect(await through()).toEqual([{ direct: false, through: ['express@4.0.0', 'qs@6.0.0'] }])
    // Whoever keeps less knows less, and does not ask for it again.
    world.cache.invalidate({ category: 'blob' })
    expect(await through()).toEqual([{ direct: false }])
  })

  it('scans archived repositories and forks when asked to', async () => {
    await using world = await ScanWorld.create({
      old: { files: { 'package-lock.json': INFECTED }, archived: true },
      copy: { files: { 'package-lock.json': INFECTED }, fork: true },
    })
    const result = await world.coordinator().scan({ ...ACME, includeArchived: true, includeForks: true })
    expect(places(result)).toHaveLength(2)
  })

  it('counts what it cost exactly as the server does', async () => {
    await using world = await ScanWorld.create({
      one: { files: { 'package-lock.json': CLEAN, 'b/package-lock.json': INFECTED } },
      two: { files: { 'package-lock.json': npmLock({ other: '1.0.0' }, 600_000) } },
    })
    const { cost } = await world.coordinator().scan(ACME)
    expect(cost).toEqual({ ...world.server.journal.summary(), cacheHits: 0 })
    // A sweep, one query for both trees, one for the small files, one request for the large one.
    expect(cost).toMatchObject({ requests: 4, restPoints: 1, graphqlPoints: 3 })
  })

  it('asks only for the sweep when nothing has changed, with a rotated token as well', async () => {
    await using world = await ScanWorld.create({
      one: { files: { 'package-lock.json': INFECTED } },
      two: { files: { 'package-lock.json': CLEAN } },
    })
    const cold = await world.coordinator().scan(ACME)
    const warm = await world.coordinator({ token: 'token-b' }).scan(ACME)
    expect(warm.findings).toEqual(cold.findings)
    expect(warm.ledger).toEqual(cold.ledger)
    expect(warm.cost).toMatchObject({ requests: 1, restPoints: 0, graphqlPoints: 1, cacheHits: 4 })
  })

  it('reads again only what a push has changed', async () => {
    await using world = await ScanWorld.create({
      one: { files: { 'package-lock.json': CLEAN, 'b/package-lock.json': CLEAN } },
      two: { files: { 'package-lock.json': CLEAN } },
    })
    expect((await world.coordinator().scan(ACME)).findings).toEqual([])
    world.push('one', { 'b/package-lock.json': INFECTED })
    const warm = await world.coordinator().scan(ACME)
    expect(places(warm)).toEqual(['acme/one b/package-lock.json:13 bad@6.6.6'])
    expect(warm.cost).toMatchObject({ requests: 3 })
  })

  it('asks once for a tree and a content that several repositories share', async () => {
    const files = { 'package-lock.json': INFECTED }
    await using world = await ScanWorld.create({ a: { files }, b: { files }, c: { files: { ...files, 'x.txt': '' } } })
    const result = await world.coordinator().scan(ACME)
    expect(result.findings.map(({ repository }) => repository)).toEqual(['acme/a', 'acme/b', 'acme/c'])
    const operations = world.server.journal.entries.map(({ operation }) => operation)
    expect(operations).toEqual(['graphql', 'graphql', 'graphql'])
  })

  it.each([
    ['together', [['acme/good', 'acme/risky']]],
    ['one after the other', [['acme/good'], ['acme/risky']]],
  ])('parses a content for each path that has it, where the folder tells whether all is read: %s', async (_, scans) => {
    const includes = '-r base.txt\n'
    await using world = await ScanWorld.create({
      good: { files: { 'requirements/requirements-dev.txt': includes, 'requirements/base.txt': 'flask==1.0\n' } },
      // By its name, nothing tells that this base.txt is a requirements file: it is not read.
      risky: { files: { 'requirements-dev.txt': includes, 'base.txt': 'flask==1.0\n' } },
    })
    const entries: LedgerEntry[] = []
    for (const repositories of scans) entries.push(...(await world.coordinator().scan({ repositories })).ledger)
    expect(entries).toEqual([
      { repository: 'acme/good', status: 'scanned' },
      {
        repository: 'acme/risky',
        status: 'failed',
        why: 'requirements-dev.txt:1: It includes "base.txt", which is not read.',
      },
    ])
  })

  it('walks a truncated tree to its end', async () => {
    const noise = Object.fromEntries(Array.from({ length: 40 }, (_, index) => [`docs/page-${index}/text.md`, '']))
    await using world = await ScanWorld.create({
      wide: {
        files: { ...noise, 'zone/a/b/c/package-lock.json': INFECTED, 'package-lock.json': CLEAN },
        treeEntryLimit: 30,
      },
    })
    const result = await world.coordinator().scan(ACME, TREES_BY_REST)
    expect(places(result)).toEqual(['acme/wide zone/a/b/c/package-lock.json:13 bad@6.6.6'])
    expect(result.complete).toBe(true)
  })

  it('never trusts a folder that cannot be listed whole', async () => {
    const files = Object.fromEntries(Array.from({ length: 40 }, (_, index) => [`file-${index}.md`, '']))
    await using world = await ScanWorld.create({ wide: { files: { ...files, 'package-lock.json': CLEAN } } })
    world.server.setFaults([
      {
        on: { operation: 'tree' },
        do: {
          kind: 'rewrite',
          rewrite: (body) => Buffer.from(body.toString().replace('"truncated":false', '"truncated":true')),
        },
      },
    ])
    const result = await world.coordinator().scan(ACME, TREES_BY_REST)
    expect(entry(result, 'wide')).toMatchObject({
      status: 'failed',
      why: expect.stringContaining('does not list all') as string,
    })
    expect(result.complete).toBe(false)
  })

  it('follows a symbolic link to the file it leads to, and names one that leads nowhere', async () => {
    await using world = await ScanWorld.create({
      linked: { files: { 'web/package-lock.json': { linkTo: '../locks/web.json' }, 'locks/web.json': INFECTED } },
      lost: { files: { 'package-lock.json': { linkTo: '../elsewhere/package-lock.json' } } },
    })
    const result = await world.coordinator().scan(ACME)
    expect(places(result)).toEqual(['acme/linked web/package-lock.json:13 bad@6.6.6'])
    expect(entry(result, 'lost')).toEqual({
      repository: 'acme/lost',
      status: 'failed',
      why: 'package-lock.json: a symbolic link to ../elsewhere/package-lock.json, which is no file of this repository',
    })
  })

  it('reads a file byte for byte whatever GraphQL makes of it: large, binary, or no clean UTF-8', async () => {
    const odd = Buffer.concat([Buffer.from(INFECTED.replace('"app"', '"\u0001"')), Buffer.from('\n')])
    odd[odd.indexOf(1)] = 0xff
    await using world = await ScanWorld.create({
      large: { files: { 'package-lock.json': npmLock({ bad: '6.6.6' }, 700_000) } },
      odd: { files: { 'package-lock.json': odd } },
    })
    const result = await world.coordinator().scan(ACME)
    expect(result.findings.map(({ repository }) => repository)).toEqual(['acme/large', 'acme/odd'])
    const blobs = world.server.journal.entries.filter(({ operation }) => operation === 'blob')
    expect(blobs.map(({ path }) => path.split('/')[3]).toSorted()).toEqual(['large', 'odd'])
  })

  it('says of a malformed lockfile where it is malformed, and calls the run incomplete', async () => {
    await using world = await ScanWorld.create({
      broken: {
        files: { 'package-lock.json': '{\n  "lockfileVersion": 3,\n  oops\n}', 'b/package-lock.json': INFECTED },
      },
    })
    const result = await world.coordinator().scan(ACME)
    expect(entry(result, 'broken')).toMatchObject({
      status: 'failed',
      why: expect.stringContaining('package-lock.json:3:') as string,
    })
    expect(places(result)).toHaveLength(1)
    expect(result.complete).toBe(false)
  })

  it('scans single repositories, and names those that do not exist or may not be seen', async () => {
    await using world = await ScanWorld.create({
      seen: { files: { 'package-lock.json': INFECTED } },
      vault: { files: { 'package-lock.json': INFECTED }, private: true, readableBy: ['another'] },
    })
    const scope = { repositories: ['acme/seen', 'acme/vault', 'acme/nowhere'] }
    const result = await world.coordinator().scan(scope)
    expect(result.findings).toHaveLength(1)
    expect(result.ledger.map(({ repository, status }) => `${repository} ${status}`)).toEqual([
      'acme/nowhere failed',
      'acme/seen scanned',
      'acme/vault failed',
    ])
    expect(entry(result, 'vault')?.why).toContain('Could not resolve')
    const missing = await world.coordinator().scan({ repositories: ['acme/vault'] })
    expect(missing).toMatchObject({ complete: false, ledger: [{ repository: 'acme/vault', status: 'failed' }] })
  })

  it('does not call an organisation clean of which nothing is visible', async () => {
    await using world = await ScanWorld.create({
      vault: { files: { 'package-lock.json': INFECTED }, private: true, readableBy: ['another'] },
    })
    expect(await world.coordinator().scan(ACME)).toMatchObject({
      complete: false,
      ledger: [{ repository: 'acme/*', status: 'failed', why: 'no repository is visible to this token' }],
    })
  })

  it('names an organisation that does not exist', async () => {
    await using world = await ScanWorld.create({ one: { files: { 'package-lock.json': CLEAN } } })
    const result = await world.coordinator().scan({ organizations: ['acme', 'nobody'] })
    expect(result.ledger.map(({ repository, status }) => `${repository} ${status}`)).toEqual([
      'acme/one scanned',
      'nobody/* failed',
    ])
  })

  it('keeps what was fetched when it is stopped, and goes on from there', async () => {
    const plans = Object.fromEntries(
      Array.from({ length: 12 }, (_, index): [string, RepositoryPlan] => [
        `r${index}`,
        { files: { 'package-lock.json': npmLock({ bad: '6.6.6', [`own-${index}`]: '1.0.0' }, 520_000) } },
      ]),
    )
    await using world = await ScanWorld.create(plans)
    const controller = new AbortController()
    const reason = new Error('enough')
    const stopped = world.coordinator({ maxConcurrent: 1 }).scan(ACME, {
      signal: controller.signal,
      onProgress: ({ filesDone }) => {
        if (filesDone === 3) controller.abort(reason)
      },
    })
    await expect(stopped).rejects.toBe(reason)
    const before = world.server.journal.entries.filter(({ operation }) => operation === 'blob').map(({ path }) => path)
    world.server.journal.clear()
    const result = await world.coordinator().scan(ACME)
    const after = world.server.journal.entries.filter(({ operation }) => operation === 'blob').map(({ path }) => path)
    expect(result.findings).toHaveLength(12)
    expect(world.server.journal.entries.filter(({ operation }) => operation === 'tree')).toEqual([])
    // Only the request that was on the wire when it stopped may be repeated.
    expect(after.length).toBe(9)
    expect(before.filter((path) => after.includes(path)).length).toBeLessThanOrEqual(1)
  })

  it('goes on without a cache that fails, and says so', async () => {
    await using world = await ScanWorld.create({ one: { files: { 'package-lock.json': INFECTED } } })
    const told: unknown[] = []
    const onCacheError = (error: unknown): never => {
      told.push(error)
      throw new Error('in the listener')
    }
    const coordinator = new BatchCoordinator({ client: world.client(), cache: world.cache, catalog: BAD, onCacheError })
    world.cache.close()
    const result = await coordinator.scan(ACME)
    expect(places(result)).toHaveLength(1)
    expect(result.complete).toBe(true)
    expect(told).not.toEqual([])
  })

  it('reads a content again that the cache has altered', async () => {
    await using world = await ScanWorld.create({ one: { files: { 'package-lock.json': INFECTED } } })
    const oid = blobOid(Buffer.from(INFECTED))
    world.cache.set(oid, { text: CLEAN }, { category: 'blob' })
    expect(places(await world.coordinator().scan(ACME))).toHaveLength(1)
  })

  it('asks another repository for a content that the first one refuses', async () => {
    const files = { 'package-lock.json': npmLock({ bad: '6.6.6' }, 600_000) }
    await using world = await ScanWorld.create({ a: { files }, b: { files: { ...files, 'x.txt': '' } } })
    world.server.setFaults([{ on: { operation: 'blob', path: /\/a\// }, do: { kind: 'status', status: 404 } }])
    const result = await world.coordinator().scan(ACME)
    expect(result.findings).toHaveLength(2)
    expect(result.complete).toBe(true)
  })

  it('can be stopped where the cache has everything', async () => {
    await using world = await ScanWorld.create({ one: { files: { 'package-lock.json': INFECTED } } })
    await world.coordinator().scan(ACME)
    const controller = new AbortController()
    const reason = new Error('enough')
    const onProgress = (): void => {
      controller.abort(reason)
    }
    await expect(world.coordinator().scan(ACME, { signal: controller.signal, onProgress })).rejects.toBe(reason)
  })

  it.each([
    [{}, 'Nothing to scan: name at least one organisation or repository.'],
    [{ repositories: ['acme'] }, 'Not a repository: "acme". Write OWNER/NAME.'],
    [{ organizations: ['a b'] }, 'Not the name of an organisation: "a b".'],
  ])('refuses the scope %j', async (scope, message) => {
    await using world = await ScanWorld.create({})
    expect(() => world.coordinator().scan(scope)).toThrow(new TypeError(message))
  })

  it.each(BATCH_STRATEGIES)('finds the same with the strategy %s', async (strategy) => {
    const repository = (own: string): RepositoryPlan => ({
      files: { 'a/package-lock.json': npmLock({ bad: '6.6.6', [own]: '1.0.0' }), 'yarn.lock': '# yarn lockfile v1\n' },
    })
    await using world = await ScanWorld.create({ one: repository('x'), two: repository('y'), three: repository('z') })
    world.server.setFaults([{ on: {}, do: { kind: 'delay', ms: 2 } }])
    const result = await world.coordinator().scan(ACME, { strategy })
    expect(places(result)).toHaveLength(3)
    expect(result.complete).toBe(true)
    if (strategy === 'sequential') expect(world.server.journal.peakConcurrency).toBe(1)
    // One query for all trees, and one for all contents.
    else expect(result.cost.requests).toBe(3)
  })

  it('reads the large files of one repository side by side', async () => {
    const files = Object.fromEntries(
      [1, 2, 3].map((n) => [`app${n}/package-lock.json`, npmLock({ [`own-${n}`]: '1.0.0' }, 520_000)]),
    )
    await using world = await ScanWorld.create({ mono: { files } })
    // No content comes before all three are asked for.
    const all = Promise.withResolvers<undefined>()
    let asked = 0
    const patient: typeof fetch = async (input, init) => {
      if (typeof input === 'string' && input.includes('/git/blobs/')) {
        asked += 1
        if (asked === 3) all.resolve(undefined)
        await all.promise
      }
      return fetch(input, init)
    }
    const result = await world.coordinator({ fetch: patient }).scan({ repositories: ['acme/mono'] })
    expect(result).toMatchObject({ complete: true, cost: { restPoints: 3 } })
  })

  it('takes either a strategy or a plan', async () => {
    await using world = await ScanWorld.create({})
    const both = { strategy: 'parallel', plan: DEFAULT_BATCH_PLAN } as const
    expect(() => world.coordinator().scan(ACME, both)).toThrow(new TypeError('Give a strategy or a plan, not both.'))
    expect(() => world.coordinator().scan(ACME, { strategy: 'fast' as 'parallel' })).toThrow(
      new TypeError('strategy must be one of sequential, parallel, adaptive, aggressive, conservative, not "fast".'),
    )
  })

  it('is not stopped by a progress listener that throws', async () => {
    await using world = await ScanWorld.create({ one: { files: { 'package-lock.json': CLEAN } } })
    const onProgress = (): never => {
      throw new Error('in the listener')
    }
    expect((await world.coordinator().scan(ACME, { onProgress })).complete).toBe(true)
  })
})
