import { expect, test } from 'vitest'

import { get, graphql, json, post, scratchServer, TOKEN } from './scratch.ts'

const FILES = { 'a.txt': 'a' }
const RATE_LIMIT = '{ rateLimit { remaining } }'

function clockAt(now: number): { now: () => number; advance: (ms: number) => void } {
  let time = now
  return {
    now: () => time,
    advance: (ms) => {
      time += ms
    },
  }
}

function budgetOf({ headers }: Response): unknown[] {
  return ['limit', 'remaining', 'used', 'reset', 'resource'].map((name) => headers.get(`x-ratelimit-${name}`))
}

test('REST points are counted by token until the hour is over', async () => {
  const clock = clockAt(1_000_000_000)
  const { server } = await scratchServer({ one: { files: FILES } }, { clock, limits: { restPerHour: 2 } })
  const ask = (token = TOKEN): Promise<Response> => get(server, '/repos/acme/one', { token })
  expect(budgetOf(await ask())).toEqual(['2', '1', '1', '1003600', 'core'])
  clock.advance(1_800_000)
  expect(budgetOf(await get(server, '/repos/acme/gone'))).toEqual(['2', '0', '2', '1003600', 'core'])
  const refused = await ask()
  expect(refused.status).toBe(403)
  expect(budgetOf(refused)).toEqual(['2', '0', '2', '1003600', 'core'])
  expect(refused.headers.has('retry-after')).toBe(false)
  expect(await refused.json()).toMatchObject({ message: expect.stringMatching(/^API rate limit exceeded/) as string })
  expect((await ask('another')).status).toBe(200)
  clock.advance(1_799_999)
  expect((await ask()).status).toBe(403)
  clock.advance(1)
  expect(budgetOf(await ask())).toEqual(['2', '1', '1', '1007200', 'core'])
  expect(server.journal.entries.map(({ status, points }) => [status, points])).toEqual([
    [200, 1],
    [404, 1],
    [403, 0],
    [200, 1],
    [403, 0],
    [200, 1],
  ])
})

test('GraphQL has a budget of its own, and answers 200 with RATE_LIMITED when it is used up', async () => {
  const { server } = await scratchServer({ one: {} }, { limits: { graphqlPointsPerHour: 1 } })
  expect((await graphql(server, RATE_LIMIT)).data).toEqual({ rateLimit: { remaining: 0 } })
  const refused = await post(server, { query: RATE_LIMIT })
  expect(refused.status).toBe(200)
  expect(budgetOf(refused).slice(0, 3)).toEqual(['1', '0', '1'])
  expect(refused.headers.get('x-ratelimit-resource')).toBe('graphql')
  expect(await refused.json()).toMatchObject({ errors: [{ type: 'RATE_LIMITED' }] })
  expect((await get(server, '/repos/acme/one')).status).toBe(200)
})

test('without a token there are 60 requests in an hour', async () => {
  const { server } = await scratchServer({ one: {} })
  expect((await get(server, '/repos/acme/one', { token: '' })).headers.get('x-ratelimit-limit')).toBe('60')
  expect(server.journal.entries[0]?.token).toBe('')
})

test('rate_limit is free and shows both budgets', async () => {
  const { server } = await scratchServer({ one: {} })
  await get(server, '/repos/acme/one')
  await graphql(server, RATE_LIMIT)
  const before = await json(get(server, '/rate_limit'))
  expect(before).toMatchObject({
    resources: { core: { used: 1, remaining: 4999, limit: 5000 }, graphql: { used: 1 } },
    rate: { used: 1 },
  })
  expect(await json(get(server, '/rate_limit'))).toEqual(before)
  expect(server.journal.summary()).toMatchObject({ requests: 4, restPoints: 1, graphqlPoints: 1 })
})

test('a limit that is Infinity never ends and shows as a large number', async () => {
  const { server } = await scratchServer({}, { limits: { restPerHour: Infinity, graphqlPointsPerHour: Infinity } })
  expect((await graphql(server, '{ rateLimit { limit remaining } }')).errors).toBeUndefined()
  expect(await json(get(server, '/rate_limit'))).toMatchObject({ rate: { limit: 2_147_483_647 } })
})

test('too many requests in a minute meet the secondary limit, with retry-after', async () => {
  const clock = clockAt(1_000_000_000)
  const limits = { restPointsPerMinute: 2, graphqlPointsPerMinute: 1, retryAfter: 7 }
  const { server } = await scratchServer({ one: {} }, { clock, limits })
  const statuses = async (): Promise<number[]> => {
    const answers: number[] = []
    for (let i = 0; i < 3; i += 1) answers.push((await get(server, '/repos/acme/one')).status)
    return answers
  }
  expect(await statuses()).toEqual([200, 200, 403])
  const refused = await get(server, '/repos/acme/one')
  expect(refused.headers.get('retry-after')).toBe('7')
  expect(refused.headers.get('x-ratelimit-remaining')).toBe('4998')
  expect(await refused.json()).toMatchObject({
    message: expect.stringMatching(/^You have exceeded a secondary rate limit/) as string,
  })
  expect((await post(server, { query: RATE_LIMIT })).status).toBe(200)
  expect((await post(server, { query: RATE_LIMIT })).status).toBe(403)
  clock.advance(60_000)
  expect(await statuses()).toEqual([200, 200, 403])
})

test('processor time meets the secondary limit: GraphQL its own before that of both together', async () => {
  const clock = clockAt(1_000_000_000)
  const limits = { processorMsPerMinute: 150, graphqlProcessorMsPerMinute: 90 }
  const { server } = await scratchServer({ one: { files: FILES } }, { clock, limits })
  const rest = async (): Promise<number> => (await get(server, '/repos/acme/one')).status
  const query = async (): Promise<number> => (await post(server, { query: RATE_LIMIT })).status
  // 50 ms each and a little; then 30 ms each and a little.
  expect([await query(), await query(), await query()]).toEqual([200, 200, 403])
  expect([await rest(), await rest(), await rest()]).toEqual([200, 200, 403])
  expect((await get(server, '/rate_limit')).status).toBe(200)
  clock.advance(60_000)
  expect([await rest(), await query()]).toEqual([200, 200])
})

test('an answer takes as long as its processor time says', async () => {
  const seen: number[] = []
  const latencyMs = (processorMs: number): number => {
    seen.push(Math.floor(processorMs))
    return 0
  }
  const { server } = await scratchServer({ one: { files: { 'a.txt': 'a'.repeat(100_000) } } }, { latencyMs })
  await get(server, '/repos/acme/one')
  await get(server, '/repos/acme/one/contents/a.txt', { headers: { accept: 'application/vnd.github.raw' } })
  await post(server, { query: RATE_LIMIT })
  expect(seen).toEqual([30, 35, 50])
})

test('retry-after can be absent', async () => {
  const { server } = await scratchServer({ one: {} }, { limits: { restPointsPerMinute: 0, retryAfter: undefined } })
  const refused = await get(server, '/repos/acme/one')
  expect(refused.status).toBe(403)
  expect(refused.headers.has('retry-after')).toBe(false)
})

test('requests in flight at once are counted by token, and the slot is free with the answer', async () => {
  const hang = { on: { path: /trees/ }, do: { kind: 'hang' } } as const
  const { server } = await scratchServer({ one: {} }, { limits: { concurrent: 1 }, faults: [hang] })
  for (let i = 0; i < 5; i += 1) expect((await get(server, '/repos/acme/one')).status).toBe(200)
  server.journal.clear()
  const hanging = expect(get(server, '/repos/acme/one/git/trees/main')).rejects.toThrow('fetch failed')
  while (server.journal.entries.length < 1) await new Promise(setImmediate)
  const refused = await get(server, '/repos/acme/one')
  expect(refused.status).toBe(403)
  expect(await refused.json()).toMatchObject({ message: expect.stringContaining('secondary rate limit') as string })
  expect((await get(server, '/repos/acme/one', { token: 'another' })).status).toBe(200)
  expect((await get(server, '/rate_limit')).status).toBe(200)
  expect(server.journal.peakConcurrency).toBe(2)
  await server.close()
  await hanging
})

test('the journal says what each request was, and shows no token', async () => {
  const { server } = await scratchServer({ one: { files: FILES } })
  await get(server, '/repos/acme/one/git/trees/main?recursive=1')
  await get(server, '/repos/acme/one/contents/a.txt')
  await get(server, '/repos/acme/one/commits/main')
  await get(server, '/api/v3/orgs/acme/repos')
  const answer = await get(server, '/nothing')
  const { bytes, ...entry } = server.journal.entries[4] ?? { bytes: 0 }
  expect(bytes).toBe(Buffer.byteLength(await answer.text()))
  expect(entry).toEqual({
    method: 'GET',
    path: '/nothing',
    operation: 'other',
    bucket: 'core',
    points: 1,
    status: 404,
    token: 'ests',
  })
  expect(server.journal.entries.map(({ operation }) => operation)).toEqual([
    'tree',
    'contents',
    'commit',
    'repositories',
    'other',
  ])
  expect(JSON.stringify(server.journal.entries)).not.toContain(TOKEN)
  server.journal.clear()
  expect(server.journal.entries).toEqual([])
  expect(server.journal.summary()).toEqual({ requests: 0, restPoints: 0, graphqlPoints: 0, bytes: 0 })
})
