import { type Fault, type FaultCondition } from '@x/github-server'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { type ScanEvent, type ScanResult } from '../src/index.ts'
import { npmLock, type RepositoryPlan, ScanWorld } from './scan-world.ts'

const ACME = { organizations: ['acme'] }

type Action = Fault['do']

/** `X_FAULTS=all`: each fault both once and for good in each step; else in turns, so that each is met in both ways. */
const ALL = process.env['X_FAULTS'] === 'all'

/** Which requests belong to a step of the scan. */
const STEPS: Readonly<Record<'sweep' | 'discovery' | 'fetch', readonly FaultCondition[]>> = {
  sweep: [{ operation: 'graphql', body: /totalCount/ }],
  discovery: [{ operation: 'graphql', body: /on Tree/ }, { operation: 'tree' }],
  fetch: [{ operation: 'graphql', body: /on Blob/ }, { operation: 'blob' }],
}

const TEXT = (change: (text: string) => string): Action => ({
  kind: 'rewrite',
  rewrite: (body) => Buffer.from(change(body.toString())),
})

const GRAPHQL_ERROR = (type: string | undefined, message: string, data: 'null' | 'keep' = 'null'): Action => ({
  kind: 'graphqlErrors',
  data,
  errors: [{ ...(type === undefined ? {} : { type }), message }],
})

/** Functions are asked anew for each scan: some name a time. */
const FAULTS: Readonly<Record<string, () => Action>> = {
  '403, nothing left of the hour': () => ({
    kind: 'status',
    status: 403,
    headers: { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(Math.floor(Date.now() / 1_000)) },
    body: { message: 'API rate limit exceeded for user ID 1.' },
  }),
  '403, secondary, with retry-after': () => ({
    kind: 'status',
    status: 403,
    headers: { 'retry-after': '0' },
    body: { message: 'You have exceeded a secondary rate limit.' },
  }),
  '403, secondary, without retry-after': () => ({
    kind: 'status',
    status: 403,
    body: { message: 'You have exceeded a secondary rate limit.' },
  }),
  429: () => ({ kind: 'status', status: 429, headers: { 'retry-after': '0' } }),
  500: () => ({ kind: 'status', status: 500 }),
  502: () => ({ kind: 'status', status: 502 }),
  'a cut connection': () => ({ kind: 'cut' }),
  'a connection cut in the middle': () => ({ kind: 'cut', afterBytes: 30 }),
  'no answer in time': () => ({ kind: 'hang' }),
  'GraphQL: RATE_LIMITED': () => GRAPHQL_ERROR('RATE_LIMITED', 'API rate limit exceeded.'),
  'GraphQL: RESOURCE_LIMITS_EXCEEDED': () => GRAPHQL_ERROR('RESOURCE_LIMITS_EXCEEDED', 'Too much.', 'keep'),
  'GraphQL: NOT_FOUND': () => GRAPHQL_ERROR('NOT_FOUND', 'Could not resolve.'),
  'GraphQL: something went wrong': () => GRAPHQL_ERROR(undefined, 'Something went wrong while executing your query.'),
  'partial data': () => ({ kind: 'nullAliases', pattern: /^(r\d+|nodes)$/, type: 'NOT_FOUND', message: 'No.' }),
  'a truncated tree': () => TEXT((text) => text.replace('"truncated":false', '"truncated":true')),
  'truncated text': () => TEXT((text) => text.replaceAll('"isTruncated":false', '"isTruncated":true')),
  'text cut without a word': () => TEXT((text) => text.replaceAll(/("text":"[^"]{9})(?:[^"\\]|\\.)*/g, '$1')),
  binary: () => TEXT((text) => text.replaceAll(/"text":"(?:[^"\\]|\\.)*"/g, '"text":null')),
  'wrong bytes': () => TEXT((text) => text.replaceAll('6.6.6', '6.6.7').replaceAll('package-lock', 'package-luck')),
  'no JSON': () => TEXT((text) => text.slice(0, -5)),
  'a refused token': () => ({ kind: 'status', status: 401 }),
  'a refusal': () => ({ kind: 'status', status: 404 }),
}

function plans(): Record<string, RepositoryPlan> {
  const own = (name: string, bytes = 0): string => npmLock({ bad: '6.6.6', [name]: '1.0.0' }, bytes)
  return {
    large: { files: { 'package-lock.json': own('large', 600_000), 'web/package-lock.json': own('web') } },
    deep: { files: { 'a/b/c/d/package-lock.json': own('deep'), 'README.md': '' } },
    wide: {
      files: Object.fromEntries(
        Array.from({ length: 14 }, (_, index) => [`a/b/f${index}/package-lock.json`, own(`wide-${index}`)]),
      ),
    },
    clean: { files: { 'package-lock.json': npmLock({ good: '1.0.0' }) } },
  }
}

/** Nothing is made up, and what is missing is missing from a repository that the ledger calls failed. */
function assertHonest(result: ScanResult, calm: ScanResult): void {
  const places = (of: ScanResult): string[] => of.findings.map(({ repository, file }) => `${repository}/${file}`)
  const failed = result.ledger.filter(({ status }) => status === 'failed').map(({ repository }) => repository)
  expect(calm.findings).toEqual(expect.arrayContaining([...result.findings]))
  const found = new Set(places(result))
  for (const { repository, file } of calm.findings) {
    if (found.has(`${repository}/${file}`)) continue
    expect([repository, 'acme/*'].some((name) => failed.includes(name))).toBe(true)
  }
  for (const { repository } of calm.ledger) {
    const entered = result.ledger.some((entry) => entry.repository === repository)
    expect(entered || failed.includes('acme/*')).toBe(true)
  }
  expect(result.complete).toBe(failed.length === 0)
  if (result.complete) expect([result.findings, result.ledger]).toEqual([calm.findings, calm.ledger])
}

const TYPED = ['NetworkError', 'RateLimitError', 'GitHubAPIError']

describe.each(Object.keys(STEPS) as (keyof typeof STEPS)[])('in the %s', (step) => {
  let world: ScanWorld
  let calm: ScanResult

  beforeAll(async () => {
    world = await ScanWorld.create(plans())
    calm = await world.coordinator().scan(ACME)
    expect(calm.findings).toHaveLength(17)
  })
  afterAll(() => world[Symbol.asyncDispose]())

  it.each(Object.keys(FAULTS))('%s ends like a calm scan, or names the gap', async (name) => {
    const turn = Object.keys(STEPS).indexOf(step) + Object.keys(FAULTS).indexOf(name)
    for (const times of ALL ? [1, Infinity] : [turn % 2 === 0 ? 1 : Infinity]) {
      world.cache.clear()
      const action = FAULTS[name]?.()
      if (action === undefined) throw new Error(name)
      world.server.setFaults(STEPS[step].map((on) => ({ on, times, do: action })))
      const faulty = world.coordinator({ timeout: '150ms', retryAttempts: 1 })
      const result = await faulty.scan(ACME).catch((error: unknown) => error as Error)
      if (result instanceof Error) expect(TYPED).toContain(result.name)
      else assertHonest(result, calm)
    }
    // Whatever it was, once it is over the next scan is whole.
    world.server.setFaults([])
    const after = await world.coordinator().scan(ACME)
    expect([after.findings, after.ledger]).toEqual([calm.findings, calm.ledger])
  })
})

describe('in the middle of a scan', () => {
  it.each([
    [
      'a repository moves',
      (world: ScanWorld) => {
        world.rename('large', 'moved')
      },
    ],
    [
      'a branch is pushed',
      (world: ScanWorld) => {
        world.push('large', { 'package-lock.json': npmLock({ good: '1.0.0' }) })
      },
    ],
  ])('%s: the result is that of the moment of the sweep', async (_, change) => {
    await using world = await ScanWorld.create(plans())
    const calm = await world.coordinator().scan(ACME)
    world.cache.clear()
    const onEvent = ({ type }: ScanEvent): void => {
      if (type === 'listed') change(world)
    }
    const result = await world.coordinator().scan(ACME, { onEvent })
    expect([result.findings, result.ledger]).toEqual([calm.findings, calm.ledger])
  })

  it('a repository vanishes: the ledger names it', async () => {
    await using world = await ScanWorld.create(plans())
    const onEvent = ({ type }: ScanEvent): void => {
      if (type === 'listed') world.server.setRepositories(world.records.filter(({ name }) => name !== 'large'))
    }
    const result = await world.coordinator().scan(ACME, { onEvent })
    expect(result.ledger.filter(({ status }) => status === 'failed').map(({ repository }) => repository)).toEqual([
      'acme/large',
    ])
  })
})
