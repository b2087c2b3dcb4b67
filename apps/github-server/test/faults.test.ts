import { describe, expect, test } from 'vitest'

import { type FaultAction } from '../src/fault.ts'
import { get, graphql, post, scratchServer } from './scratch.ts'

const ONE = { one: { files: { 'a.txt': 'a'.repeat(5000), 'b.txt': 'b' } } }
const RAW = { accept: 'application/vnd.github.raw' }
const PATH = '/repos/acme/one/contents/a.txt'
const QUERY = `{ repository(owner: "acme", name: "one") { f1: object(expression: "HEAD:a.txt") { oid }
  f2: object(expression: "HEAD:b.txt") { oid } } }`

test('a status fault answers instead, costs nothing, and comes after `skip`, `times` times', async () => {
  const fault = { on: { operation: 'contents' }, skip: 1, times: 2, do: { kind: 'status', status: 502 } } as const
  const { server } = await scratchServer(ONE, { faults: [fault] })
  const statuses: number[] = []
  for (let i = 0; i < 5; i += 1) statuses.push((await get(server, PATH)).status)
  expect(statuses).toEqual([200, 502, 502, 200, 200])
  expect((await get(server, '/repos/acme/one')).status).toBe(200)
  expect(server.journal.entries.map(({ points, fault: kind }) => [points, kind])).toEqual([
    [1, undefined],
    [0, 'status'],
    [0, 'status'],
    [1, undefined],
    [1, undefined],
    [1, undefined],
  ])
  server.setFaults([{ ...fault, skip: 0, times: 1 }])
  expect((await get(server, PATH)).status).toBe(502)
  expect((await get(server, PATH)).status).toBe(200)
})

test('a status fault has the headers and the body that it was given', async () => {
  const act: FaultAction = {
    kind: 'status',
    status: 403,
    headers: { 'x-ratelimit-remaining': '0', 'retry-after': '3' },
    body: { message: 'No' },
  }
  const { server } = await scratchServer(ONE, { faults: [{ on: {}, do: act }] })
  const response = await get(server, PATH)
  expect(response.headers.get('x-ratelimit-remaining')).toBe('0')
  expect(response.headers.get('retry-after')).toBe('3')
  expect(await response.json()).toEqual({ message: 'No' })
  server.setFaults([{ on: {}, do: { kind: 'status', status: 502, body: '<html>' } }])
  expect(await (await get(server, PATH)).text()).toBe('<html>')
})

test('all that a condition names must hold', async () => {
  const act: FaultAction = { kind: 'status', status: 500 }
  const on = { path: /\?ref=main$/g, token: 'unlucky' }
  const { server } = await scratchServer(ONE, { faults: [{ on, do: act }] })
  const statusOf = async (path: string, token: string): Promise<number> => (await get(server, path, { token })).status
  expect(await statusOf(PATH, 'unlucky')).toBe(200)
  expect(await statusOf(`${PATH}?ref=main`, 'lucky')).toBe(200)
  expect(await statusOf(`${PATH}?ref=main`, 'unlucky')).toBe(500)
  expect(await statusOf(`${PATH}?ref=main`, 'unlucky')).toBe(500)
  server.setFaults([{ on: { body: /f2: object/ }, do: act }])
  expect((await post(server, { query: QUERY })).status).toBe(500)
  expect((await post(server, { query: '{ rateLimit { cost } }' })).status).toBe(200)
})

describe('cut', () => {
  test('destroys the socket before anything is sent', async () => {
    const { server } = await scratchServer(ONE, { faults: [{ on: {}, times: 1, do: { kind: 'cut' } }] })
    await expect(get(server, PATH)).rejects.toThrow('fetch failed')
    expect((await get(server, PATH)).status).toBe(200)
    expect(server.journal.entries[0]).toMatchObject({ status: 0, bytes: 0, points: 0, fault: 'cut' })
  })

  test.each([0, 1, 4999, 5000, 9999])('destroys the socket after %d bytes of the body', async (afterBytes) => {
    const { server } = await scratchServer(ONE, { faults: [{ on: {}, do: { kind: 'cut', afterBytes } }] })
    const response = await get(server, PATH, RAW)
    expect(response.status).toBe(200)
    let received = 0
    const read = async (): Promise<void> => {
      for await (const chunk of response.body ?? []) received += (chunk as Uint8Array).length
    }
    await expect(read()).rejects.toThrow('terminated')
    expect(received).toBe(Math.min(afterBytes, 5000))
    expect(server.journal.entries[0]).toMatchObject({ status: 200, bytes: received, points: 1 })
  })
})

test('a hanging request is never answered, and does not hinder close()', async () => {
  const { server } = await scratchServer(ONE, { faults: [{ on: {}, do: { kind: 'hang' } }] })
  const controller = new AbortController()
  const asked = fetch(`${server.url}${PATH}`, { signal: controller.signal })
  const second = get(server, PATH)
  const failed = Promise.all([expect(asked).rejects.toThrow('aborted'), expect(second).rejects.toThrow('fetch failed')])
  while (server.journal.entries.length < 2) await new Promise(setImmediate)
  controller.abort()
  await server.close()
  await failed
  expect(server.journal.entries).toMatchObject([{ fault: 'hang', status: 0 }, { fault: 'hang' }])
})

test('a delayed request is answered as it would have been, and does not hinder close()', async () => {
  const { server } = await scratchServer(ONE, { faults: [{ on: {}, times: 1, do: { kind: 'delay', ms: 5 } }] })
  expect((await get(server, PATH)).status).toBe(200)
  expect(server.journal.entries[0]).toMatchObject({ fault: 'delay', points: 1 })
  server.setFaults([{ on: {}, do: { kind: 'delay', ms: 2_000_000_000 } }])
  const failed = expect(get(server, PATH)).rejects.toThrow('fetch failed')
  while (server.journal.peakConcurrency === 0) await new Promise(setImmediate)
  await server.close()
  await failed
})

describe('lies', () => {
  test('GraphQL errors come with the data or without it', async () => {
    const errors = [{ type: 'RESOURCE_LIMITS_EXCEEDED', message: 'Too much.' }]
    const { server } = await scratchServer(ONE, { faults: [{ on: {}, do: { kind: 'graphqlErrors', errors } }] })
    expect(await graphql(server, QUERY)).toEqual({ data: null, errors })
    server.setFaults([{ on: {}, do: { kind: 'graphqlErrors', errors, data: 'keep' } }])
    expect(await graphql(server, QUERY)).toMatchObject({ data: { repository: { f1: {} } }, errors })
  })

  test('aliases become null, each with its error', async () => {
    const act: FaultAction = { kind: 'nullAliases', pattern: /^f2$/, type: 'TIMEOUT', message: 'Timed out.' }
    const { server } = await scratchServer(ONE, { faults: [{ on: {}, do: act }] })
    const { data, errors } = await graphql(server, QUERY)
    expect(data).toMatchObject({ repository: { f1: { oid: expect.any(String) as string }, f2: null } })
    expect(errors).toEqual([{ type: 'TIMEOUT', path: ['repository', 'f2'], message: 'Timed out.' }])
  })

  test('a body is rewritten, with a length to match', async () => {
    const rewrite = (body: Buffer): Buffer => Buffer.concat([body.subarray(1), Buffer.from('!!')])
    const { server } = await scratchServer(ONE, { faults: [{ on: {}, do: { kind: 'rewrite', rewrite } }] })
    const text = await (await get(server, PATH, RAW)).text()
    expect(text).toBe(`${'a'.repeat(4999)}!!`)
    expect(server.journal.entries[0]?.bytes).toBe(5001)
  })
})
