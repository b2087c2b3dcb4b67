import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'

import { isGitHubAPIError, isNetworkError, isRateLimitError } from '@x/core'
import { type Fault } from '@x/github-server'
import { describe, expect, it } from 'vitest'

import { blobOid, DEFAULT_BATCH_PLAN, GitHubClient, RateBudget } from '../src/index.ts'
import { npmLock, ScanWorld } from './scan-world.ts'

const ACME = { organizations: ['acme'] }
/** So that there are `tree` requests. */
const TREES_BY_REST = { plan: { ...DEFAULT_BATCH_PLAN, treesPerQuery: undefined } }

function world(): Promise<ScanWorld> {
  return ScanWorld.create({
    small: {
      files: { 'package-lock.json': npmLock({ bad: '6.6.6' }), 'b/package-lock.json': npmLock({ good: '1.0.0' }) },
    },
    large: { files: { 'package-lock.json': npmLock({ bad: '6.6.6' }, 600_000) } },
  })
}

/** A port that nobody listens on. */
async function closedPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

type Action = Fault['do']

const passing: readonly (readonly [name: string, action: Action, times: number])[] = [
  ['a cut connection', { kind: 'cut' }, 2],
  ['a connection cut in the middle of an answer', { kind: 'cut', afterBytes: 20 }, 2],
  ['429 with retry-after 0', { kind: 'status', status: 429, headers: { 'retry-after': '0' } }, 3],
  [
    '403 with retry-after',
    {
      kind: 'status',
      status: 403,
      headers: { 'retry-after': '0' },
      body: { message: 'You have exceeded a secondary rate limit.' },
    },
    3,
  ],
]

describe('a fault that passes', () => {
  it.each(
    passing.flatMap(([name, action, times]) =>
      (['graphql', 'tree', 'blob'] as const).map((operation) => [name, operation, action, times] as const),
    ),
  )('%s of a %s request changes nothing in the result', async (_, operation, action, times) => {
    await using place = await world()
    const calm = await place.coordinator().scan(ACME, TREES_BY_REST)
    place.cache.clear()
    place.server.setFaults([{ on: { operation }, times, do: action }])
    const result = await place.coordinator().scan(ACME, TREES_BY_REST)
    expect({ findings: result.findings, ledger: result.ledger }).toEqual({
      findings: calm.findings,
      ledger: calm.ledger,
    })
    expect(result.findings).toHaveLength(2)
  })

  it.each([500, 502, 504])('%i of any request changes nothing in the result', async (status) => {
    await using place = await world()
    place.server.setFaults([
      { on: { operation: 'graphql', body: /totalCount/ }, times: 1, do: { kind: 'status', status } },
      { on: { operation: 'tree' }, times: 1, do: { kind: 'status', status } },
      { on: { operation: 'blob' }, times: 1, do: { kind: 'status', status } },
      { on: { operation: 'graphql', body: /isTruncated/ }, times: 1, do: { kind: 'status', status } },
    ])
    const result = await place.coordinator().scan(ACME, TREES_BY_REST)
    expect(result).toMatchObject({ complete: true })
    expect(result.findings).toHaveLength(2)
  })

  it.each([
    [
      'RESOURCE_LIMITS_EXCEEDED',
      { kind: 'graphqlErrors', errors: [{ type: 'RESOURCE_LIMITS_EXCEEDED', message: 'Too much.' }] },
    ],
    [
      'something unnamed',
      { kind: 'graphqlErrors', errors: [{ message: 'Something went wrong while executing your query.' }] },
    ],
    ['half of the data', { kind: 'nullAliases', pattern: /^b\d+$/, type: 'NOT_FOUND', message: 'Could not resolve.' }],
    ['whole repositories missing', { kind: 'nullAliases', pattern: /^r\d+$/, type: 'FORBIDDEN', message: 'No.' }],
    [
      'other bytes',
      { kind: 'rewrite', rewrite: (body: Buffer) => Buffer.from(body.toString().replaceAll('6.6.6', '6.6.7')) },
    ],
  ] satisfies readonly (readonly [string, Action])[])(
    'GraphQL that answers a fetch with %s is made up for by REST',
    async (_, action) => {
      await using place = await world()
      place.server.setFaults([{ on: { operation: 'graphql', body: /isTruncated/ }, do: action }])
      const result = await place.coordinator().scan(ACME)
      expect(result).toMatchObject({ complete: true })
      expect(result.findings).toHaveLength(2)
    },
  )

  it.each([
    ['RATE_LIMITED', { type: 'RATE_LIMITED', message: 'API rate limit exceeded for user ID 1.' }],
    ['RATE_LIMIT', { type: 'RATE_LIMIT', message: 'API limit already exceeded.' }],
    ['words alone', { message: 'You have exceeded a secondary rate limit.' }],
  ])('waits for a GraphQL limit that comes as 200 with %s, and asks the same again', async (_, error) => {
    await using place = await world()
    const calm = await place.coordinator().scan(ACME)
    place.cache.clear()
    const waits: number[] = []
    const clock = { time: Date.now() }
    const delay = (milliseconds: number): Promise<void> => {
      waits.push(milliseconds)
      clock.time += milliseconds
      return Promise.resolve()
    }
    const budget = new RateBudget({ clock: { now: () => clock.time }, delay })
    place.server.setFaults([{ on: { operation: 'graphql' }, times: 2, do: { kind: 'graphqlErrors', errors: [error] } }])
    const result = await place.coordinator({ budget, clock: { now: () => clock.time }, delay }).scan(ACME)
    expect(result.findings).toEqual(calm.findings)
    expect(result.cost.requests).toBe(calm.cost.requests + 2)
    // GitHub named no time: a minute, and then two.
    expect(waits.slice(0, 2)).toEqual([60_000, 120_000])
  })

  it('halves a query that is too much until the file that spoils it stands alone', async () => {
    const files = Object.fromEntries(
      Array.from({ length: 8 }, (_, index) => [`p${index}/package-lock.json`, npmLock({ [`own-${index}`]: '1.0.0' })]),
    )
    await using place = await ScanWorld.create({ one: { files } })
    const poison = blobOid(Buffer.from(files['p5/package-lock.json'] ?? ''))
    place.server.setFaults([
      { on: { operation: 'graphql', body: new RegExp(poison) }, do: { kind: 'status', status: 502 } },
    ])
    const result = await place.coordinator().scan(ACME, TREES_BY_REST)
    expect(result.complete).toBe(true)
    const operations = place.server.journal.entries.map(({ operation }) => operation)
    // The sweep; then 8, 4 and 4, 2 and 2, 1 and 1: four refused, three good halves, and the poison by REST.
    expect(operations.filter((operation) => operation === 'graphql')).toHaveLength(8)
    expect(operations.filter((operation) => operation === 'blob')).toHaveLength(1)
  })

  it('spends no more of the hourly limit than its share', async () => {
    const plans = Object.fromEntries(
      Array.from({ length: 12 }, (_, index) => [
        `r${index}`,
        { files: { 'package-lock.json': npmLock({ [`own-${index}`]: '1.0.0' }) } },
      ]),
    )
    await using place = await ScanWorld.create(plans, { limits: { restPerHour: 10 } })
    const result = await place.coordinator({ maxConcurrent: 1 }).scan(ACME, TREES_BY_REST)
    expect(result.cost.restPoints).toBe(8)
    expect(result.ledger.filter(({ status }) => status === 'failed')).toHaveLength(4)
    expect(result.ledger.find(({ status }) => status === 'failed')?.why).toContain('longer than maxWait allows')
  })

  it('asks once more for a file whose bytes are not its own', async () => {
    await using place = await world()
    const rewrite = (body: Buffer): Buffer => Buffer.from(body.toString().replaceAll('6.6.6', '6.6.7'))
    place.server.setFaults([{ on: { operation: 'blob' }, times: 1, do: { kind: 'rewrite', rewrite } }])
    expect((await place.coordinator().scan(ACME)).findings).toHaveLength(2)
  })
})

interface Listing {
  readonly nodes: unknown[]
}

function spoilListing(body: Buffer, spoil: (listing: Listing) => void): Buffer {
  const answer = JSON.parse(body.toString()) as { data: { repositoryOwner: { repositories: Listing } } }
  spoil(answer.data.repositoryOwner.repositories)
  return Buffer.from(JSON.stringify(answer))
}

describe('a fault that stays', () => {
  it.each([
    ['tree', { kind: 'cut' }],
    ['tree', { kind: 'status', status: 500 }],
    ['tree', { kind: 'status', status: 404 }],
    ['tree', { kind: 'rewrite', rewrite: () => Buffer.from('{}') }],
    ['tree', { kind: 'status', status: 429, headers: { 'retry-after': '0' } }],
    ['tree', { kind: 'status', status: 403, headers: { 'retry-after': '3600' } }],
    ['blob', { kind: 'cut' }],
    ['blob', { kind: 'rewrite', rewrite: (body: Buffer) => body.subarray(1) }],
    ['blob', { kind: 'status', status: 403, body: { message: 'Forbidden' } }],
  ] satisfies readonly (readonly ['tree' | 'blob', Action])[])(
    'in %s requests (%j) is named in the ledger, and the run is incomplete',
    async (operation, action) => {
      await using place = await world()
      place.server.setFaults([{ on: { operation, path: /\/large\// }, do: action }])
      const result = await place.coordinator().scan(ACME, TREES_BY_REST)
      expect(result.complete).toBe(false)
      expect(result.ledger).toEqual([
        { repository: 'acme/large', status: 'failed', why: expect.any(String) as string },
        { repository: 'acme/small', status: 'scanned' },
      ])
    },
  )

  it('in the second page of a sweep names what is missing', async () => {
    const plans = Object.fromEntries(
      Array.from({ length: 101 }, (_, index) => [`r${String(index).padStart(3, '0')}`, {}]),
    )
    await using place = await ScanWorld.create(plans)
    place.server.setFaults([{ on: { operation: 'graphql' }, skip: 1, do: { kind: 'status', status: 502 } }])
    const result = await place.coordinator().scan(ACME)
    expect(result.ledger.filter(({ status }) => status === 'failed')).toEqual([
      {
        repository: 'acme/*',
        status: 'failed',
        why: expect.stringContaining('only the first 100 were listed') as string,
      },
    ])
    expect(result.complete).toBe(false)
  })

  it('in one repository of a sweep is a gap, never a repository less', async () => {
    await using place = await world()
    const rewrite = (body: Buffer): Buffer => spoilListing(body, ({ nodes }) => void nodes.splice(0, 1, null))
    place.server.setFaults([{ on: { operation: 'graphql' }, times: 1, do: { kind: 'rewrite', rewrite } }])
    const result = await place.coordinator().scan(ACME)
    expect(result.ledger.map(({ repository, status }) => `${repository} ${status}`)).toEqual([
      'acme/* failed',
      'acme/small scanned',
    ])
    expect(result.complete).toBe(false)
  })

  it.each([
    [
      'fewer repositories than there are',
      (listing: Listing) => void listing.nodes.pop(),
      'only 1 of 2 repositories were listed',
    ],
    [
      'no list at all',
      (listing: Listing) => void Object.assign(listing, { nodes: null }),
      'only 0 of 2 repositories were listed',
    ],
    [
      'a next page that has no beginning',
      (listing: Listing) => {
        listing.nodes.pop()
        Object.assign(listing, { pageInfo: { hasNextPage: true, endCursor: null } })
      },
      'only 1 of 2 repositories were listed',
    ],
    [
      'a branch that cannot be read',
      ({ nodes }: Listing) => {
        Object.assign(nodes[0] ?? {}, { defaultBranchRef: null })
      },
      'its default branch cannot be read',
    ],
  ])('in a sweep that answers %s is a gap', async (_, spoil, why) => {
    await using place = await world()
    place.server.setFaults([
      { on: { operation: 'graphql' }, times: 1, do: { kind: 'rewrite', rewrite: (body) => spoilListing(body, spoil) } },
    ])
    const result = await place.coordinator().scan(ACME)
    expect(result.complete).toBe(false)
    expect(result.ledger).toContainEqual({
      repository: expect.stringMatching(/^acme\//) as string,
      status: 'failed',
      why,
    })
  })

  it('in a repository that the scope leaves out is no gap', async () => {
    await using place = await world()
    const unreadable = ({ nodes }: Listing): void => void Object.assign(nodes[0] ?? {}, { defaultBranchRef: null })
    const rewrite = (body: Buffer): Buffer => spoilListing(body, unreadable)
    place.server.setFaults([{ on: { operation: 'graphql' }, times: 1, do: { kind: 'rewrite', rewrite } }])
    const result = await place.coordinator().scan({ ...ACME, exclude: ['acme/large'] })
    expect(result).toMatchObject({ complete: true, ledger: [{ repository: 'acme/small', status: 'scanned' }] })
  })

  it('in one of two organisations does not throw away the other', async () => {
    await using place = await world()
    place.server.setFaults([{ on: { operation: 'graphql', body: /"other"/ }, do: { kind: 'status', status: 502 } }])
    const result = await place.coordinator().scan({ organizations: ['other', 'acme'] })
    expect(result.findings).toHaveLength(2)
    expect(result.ledger.at(-1)).toMatchObject({ repository: 'other/*', status: 'failed' })
  })

  it('in the names after the first hundred names each of them', async () => {
    await using place = await world()
    place.server.setFaults([
      { on: { operation: 'graphql', body: /r0: repository/ }, skip: 1, do: { kind: 'status', status: 500 } },
    ])
    const names = Array.from({ length: 101 }, (_, index) => `acme/n${index}`)
    const result = await place.coordinator().scan({ repositories: names })
    expect(result.ledger).toHaveLength(101)
    expect(result.ledger.find(({ repository }) => repository === 'acme/n100')?.why).toContain('500')
  })

  it.each([
    ['the token is refused', { kind: 'status', status: 401 }, 1],
    ['nothing is answered any more', { kind: 'cut' }, 5],
  ] satisfies readonly (readonly [string, Action, number])[])(
    'stops asking once %s, and names every repository',
    async (_, action, most) => {
      const plans = Object.fromEntries(
        Array.from({ length: 30 }, (_unused, index) => [
          `r${index}`,
          { files: { 'package-lock.json': npmLock({ [`own-${index}`]: '1.0.0' }) } },
        ]),
      )
      await using place = await ScanWorld.create(plans)
      place.server.setFaults([{ on: { operation: 'tree' }, do: action }])
      const result = await place.coordinator({ maxConcurrent: 1, retryAttempts: 0 }).scan(ACME, TREES_BY_REST)
      expect(result.ledger.map(({ status }) => status)).toEqual(Array.from({ length: 30 }, () => 'failed'))
      expect(place.server.journal.entries.filter(({ operation }) => operation === 'tree')).toHaveLength(most)
    },
  )

  it('stops fetching once nothing is answered any more, and names every file', async () => {
    const plans = Object.fromEntries(
      Array.from({ length: 30 }, (_unused, index) => [
        `r${index}`,
        { files: { 'package-lock.json': npmLock({ [`own-${index}`]: '1.0.0' }) } },
      ]),
    )
    await using place = await ScanWorld.create(plans)
    place.server.setFaults([
      { on: { operation: 'blob' }, do: { kind: 'cut' } },
      { on: { operation: 'graphql', body: /isTruncated/ }, do: { kind: 'cut' } },
    ])
    const result = await place.coordinator({ maxConcurrent: 1, retryAttempts: 0 }).scan(ACME)
    expect(result.ledger.map(({ status, why }) => `${status} ${why?.slice(0, 17) ?? ''}`)).toEqual(
      Array.from({ length: 30 }, () => 'failed package-lock.json'),
    )
    expect(place.server.journal.entries.filter(({ operation }) => operation === 'blob')).toHaveLength(5)
  })

  it('before anything was read is an error of its kind', async () => {
    await using place = await world()
    const scan = (): Promise<unknown> =>
      place
        .coordinator()
        .scan(ACME)
        .catch((error: unknown) => error)
    place.server.setFaults([{ on: {}, do: { kind: 'cut' } }])
    expect(await scan()).toSatisfy(isNetworkError)
    place.server.setFaults([{ on: {}, do: { kind: 'status', status: 401 } }])
    expect(await scan()).toSatisfy((error) => isGitHubAPIError(error, 401))
    place.server.setFaults([{ on: {}, do: { kind: 'status', status: 429, headers: { 'retry-after': '9' } } }])
    expect(await scan()).toSatisfy(isRateLimitError)
  })
})

describe('a slow server', () => {
  it('is given up after the timeout, as a network error', async () => {
    await using place = await world()
    place.server.setFaults([{ on: { operation: 'tree', path: /\/large\// }, do: { kind: 'hang' } }])
    const result = await place.coordinator({ timeout: '200ms', retryAttempts: 0 }).scan(ACME, TREES_BY_REST)
    expect(result.ledger).toMatchObject([
      { status: 'failed', why: expect.stringContaining('within 200 ms') as string },
      {},
    ])
  })

  it('does not delay the end of a scan that is stopped', async () => {
    await using place = await world()
    const controller = new AbortController()
    const reason = new Error('enough')
    place.server.setFaults([{ on: { operation: 'tree' }, do: { kind: 'hang' } }])
    const scan = place.coordinator().scan(ACME, {
      ...TREES_BY_REST,
      signal: controller.signal,
      onProgress: () => {
        controller.abort(reason)
      },
    })
    await expect(scan).rejects.toBe(reason)
  })
})

describe('the token', () => {
  it('is in no message of any error', async () => {
    await using place = await world()
    const token = 'secret-0123456789'
    place.server.setFaults([{ on: { operation: 'tree' }, do: { kind: 'status', status: 404 } }])
    const result = await place.coordinator({ token }).scan(ACME, TREES_BY_REST)
    expect(JSON.stringify(result)).not.toContain(token)
    const error: unknown = await new GitHubClient({
      token,
      baseUrl: `http://127.0.0.1:${await closedPort()}`,
      retryAttempts: 0,
    })
      .graphql('{ viewer { login } }', {})
      .catch((caught: unknown) => caught)
    expect(String((error as Error).stack)).not.toContain(token)
    expect((error as Error).message).toContain('ECONNREFUSED')
  })

  it.each(['ghp_secret\nGH_OTHER=1', 'ghp secret', 'ghp_sécret'])(
    'that cannot be one is refused without a word of it: %j',
    async (token) => {
      await using place = await world()
      const error: unknown = await place
        .coordinator({ token })
        .scan(ACME)
        .catch((caught: unknown) => caught)
      expect(error).toMatchObject({ code: 'INVALID_CONFIGURATION' })
      expect(String((error as Error).stack)).not.toContain('cret')
      expect(place.server.journal.entries).toEqual([])
    },
  )

  it.each(['http://user:secret@127.0.0.1', 'http://127.0.0.1?token=secret', 'file:///secret', 'secret'])(
    'is refused inside a base URL without a word of it: %s',
    (baseUrl) => {
      expect(() => new GitHubClient({ baseUrl })).toThrow(/^baseUrl must (?!.*secret)/)
    },
  )

  it('that never comes does not hold up the end of a scan that is stopped', async () => {
    await using place = await world()
    const controller = new AbortController()
    const reason = new Error('enough')
    const token = (): Promise<string> => {
      controller.abort(reason)
      return new Promise(() => undefined)
    }
    await expect(place.coordinator({ token }).scan(ACME, { signal: controller.signal })).rejects.toBe(reason)
  })

  it("that its provider refuses is the provider's own error", async () => {
    await using place = await world()
    const refusal = new Error('vault sealed')
    await expect(place.coordinator({ token: () => Promise.reject(refusal) }).scan(ACME)).rejects.toBe(refusal)
  })

  it('is asked for anew with each request, where a function gives it', async () => {
    await using place = await world()
    let given = 0
    const token = (): string => `token-${(given += 1)}`
    await place.coordinator({ token }).scan(ACME)
    const seen = new Set(place.server.journal.entries.map((request) => request.token))
    expect(seen.size).toBe(place.server.journal.entries.length)
  })
})
