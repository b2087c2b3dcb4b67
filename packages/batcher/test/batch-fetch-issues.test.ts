import { getEventListeners } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { SqliteCache } from '@x/cache-sqlite'
import { type CacheStore, isHttpStatusError } from '@x/core'
import { createJiraSite, type JiraServer, type JiraServerOptions, rateLimited, startJiraServer } from '@x/jira-server'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { batchFetchIssues, createJiraClient, type HttpClient, type IssueFailure, type JiraIssue } from '../src/index.ts'
import { answering } from './scripted-client.ts'

const site = createJiraSite({ issues: 1_100 })
const start = (options: Partial<JiraServerOptions> = {}): Promise<JiraServer> => startJiraServer({ site, ...options })
const clientOf = ({ url }: JiraServer): HttpClient =>
  createJiraClient({ baseUrl: url, email: site.email, token: site.token })
const keyOf = (outcome: JiraIssue | IssueFailure | undefined): string =>
  outcome === undefined ? 'nothing' : 'error' in outcome ? outcome.error.message : outcome.key

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'batch-fetch-issues-'))
})
afterAll(async () => {
  await rm(folder, { recursive: true })
})

describe('batchFetchIssues()', () => {
  it('reads 1,000 issues in 10 requests, each under its key, in the order asked', async () => {
    await using server = await start()
    const keys = site.keys.slice(0, 1_000).toReversed()
    const seen: [number, number][] = []
    const issues = await batchFetchIssues(clientOf(server), keys, {
      fields: ['summary'],
      onProgress: (done, total) => seen.push([done, total]),
    })
    expect(server.journal.summary().requests).toBe(10)
    expect([...issues.keys()]).toEqual(keys)
    for (const [key, issue] of issues) expect(keyOf(issue)).toBe(key)
    expect(
      [...issues.values()].every((issue) => 'fields' in issue && typeof issue.fields['summary'] === 'string'),
    ).toBe(true)
    expect(seen).toEqual(Array.from({ length: 1_000 }, (_, index) => [index + 1, 1_000]))
  })

  it('finds moved issues under the key asked for, and says what is missing, hidden, or no key', async () => {
    await using server = await start()
    const [first = '', second = ''] = site.keys
    const [[former, today] = ['', '']] = site.movedKeys
    const [hidden = ''] = site.hiddenKeys
    const asked = [second, former, 'PAY-99999', hidden, '../../../admin', '', first]
    const issues = await batchFetchIssues(clientOf(server), asked)
    expect([...issues.keys()]).toEqual(asked)
    expect([second, former, first].map((key) => keyOf(issues.get(key)))).toEqual([second, today, first])
    for (const key of ['PAY-99999', hidden]) {
      expect(issues.get(key)).toMatchObject({ error: { name: 'HttpStatusError', statusCode: 404 } })
      expect(keyOf(issues.get(key))).toContain('Issue does not exist or you do not have permission to see it.')
    }
    expect(keyOf(issues.get('../../../ADMIN'.toLowerCase()))).toBe('"../../../ADMIN" is no issue key and no id.')
    expect(keyOf(issues.get(''))).toBe('"" is no issue key and no id.')
    const requests = server.journal.entries.map(({ method, path }) => `${method} ${path.split('?')[0] ?? ''}`)
    expect(requests.sort()).toEqual([
      ...['PAY-99999', hidden, former].map((key) => `GET /rest/api/3/issue/${key}`).sort(),
      'POST /rest/api/3/issue/bulkfetch',
    ])
  })

  it('asks together again for what was left out, and finds each moved issue in few requests', async () => {
    await using server = await start()
    const missing = Array.from({ length: 2_000 }, (_, index) => `PAY-${100_000 + index}`)
    const [[former, today] = ['', '']] = site.movedKeys
    // Its key of today is asked for as well: the answer to both names it once.
    const asked = [today, ...missing.slice(0, 900), former, ...missing.slice(900)]
    const issues = await batchFetchIssues(clientOf(server), asked)
    expect([...issues.keys()]).toEqual(asked)
    expect([keyOf(issues.get(former)), keyOf(issues.get(today))]).toEqual([today, today])
    for (const key of missing)
      expect(issues.get(key)).toMatchObject({ error: { name: 'HttpStatusError', statusCode: 404 } })
    expect(server.journal.summary().requests).toBeLessThanOrEqual(21 + 21 + 15)
  })

  it('takes nothing for missing that bulkfetch may have named in a way it does not know', async () => {
    const client = answering(({ method, endpoint }) => {
      const key = endpoint.split('/').at(-1) ?? ''
      return method === 'GET' ? { id: key, key, fields: {} } : { issues: [{ name: 'PAY-1' }] }
    })
    const keys = site.keys.slice(0, 20)
    const issues = await batchFetchIssues(client, keys)
    expect(keys.map((key) => keyOf(issues.get(key)))).toEqual(keys)
  })

  it('asks for each singly where most of what was left out has moved', async () => {
    const all = createJiraSite({ issues: 1_100 })
    const moved = all.issues.slice(0, 200).map((issue, index) => ({ ...issue, formerKeys: [`OLD-${index + 1}`] }))
    await using server = await start({ site: { ...all, issues: moved } })
    const asked = moved.flatMap(({ formerKeys, hidden }) => (hidden ? [] : formerKeys))
    const issues = await batchFetchIssues(clientOf(server), asked)
    expect([...issues.values()].filter((issue) => 'error' in issue)).toEqual([])
    expect(server.journal.summary().requests).toBeLessThanOrEqual(asked.length + 4)
  })

  it('asks for nothing more where neither bulkfetch nor the first issue is answered by Jira', async () => {
    const notFound = { kind: 'status', status: 404, headers: { 'content-type': 'text/html' }, body: '<html>' } as const
    await using server = await start({ faults: [{ on: {}, do: notFound }] })
    const issues = await batchFetchIssues(clientOf(server), site.keys.slice(0, 250))
    expect([...issues.values()].every((issue) => 'error' in issue)).toBe(true)
    expect(issues.values().next().value).toMatchObject({
      error: {
        name: 'UnreadableAnswerError',
        message: `GET ${server.url}/rest/api/3/issue/${site.keys[0] ?? ''}: 404, and the answer is not one of Jira`,
      },
    })
    expect(server.journal.summary().requests).toBe(4)
  })

  it('asks once for what is named twice, in either case, or by key and id', async () => {
    await using server = await start()
    const [key = ''] = site.keys
    const id = String(site.issues.find((issue) => issue.key === key)?.id)
    const seen: number[] = []
    const asked = [key, key.toLowerCase(), id, key]
    const issues = await batchFetchIssues(clientOf(server), asked, { onProgress: (done) => seen.push(done) })
    expect([...issues].map(([name, issue]) => [name, keyOf(issue)])).toEqual(
      [key, key.toLowerCase(), id].map((name) => [name, key]),
    )
    expect(seen).toEqual([1, 2, 3])
    expect(server.journal.summary().requests).toBe(1)
  })

  it('reads singly what bulkfetch could not return', async () => {
    const [key = '', other = ''] = site.keys
    await using server = await start({ bulkFetchErrors: [key] })
    const issues = await batchFetchIssues(clientOf(server), [key, other], { fields: ['summary'] })
    expect([key, other].map((name) => keyOf(issues.get(name)))).toEqual([key, other])
    expect(server.journal.entries.at(-1)?.path).toBe(`/rest/api/3/issue/${key}?fields=summary`)
  })

  it('reads singly where the server has no bulkfetch, by version 2 of the API where it is told so', async () => {
    await using server = await start({ bulkFetch: false })
    const keys = site.keys.slice(0, 250)
    const issues = await batchFetchIssues(clientOf(server), keys, { apiVersion: 2 })
    expect(keys.map((key) => keyOf(issues.get(key)))).toEqual(keys)
    const singles = server.journal.entries.filter(
      ({ path }) => path.startsWith('/rest/api/2/issue/') && !path.includes('bulk'),
    )
    expect(singles).toHaveLength(250)
    expect(server.journal.peakConcurrency).toBeLessThanOrEqual(10)
  })

  it('waits for limits, and sends what may pass again', async () => {
    await using server = await start({
      faults: [
        { on: { request: /bulkfetch/ }, times: 1, do: rateLimited(0) },
        { on: { request: /bulkfetch/ }, times: 1, do: { kind: 'cut' } },
      ],
    })
    const issues = await batchFetchIssues(clientOf(server), site.keys.slice(0, 100))
    expect([...issues.values()].filter((issue) => 'error' in issue)).toEqual([])
    expect(server.journal.entries.map(({ status }) => status)).toEqual([429, 0, 200])
  })

  it('gives every key of a request that fails for good its error', async () => {
    await using server = await start({ faults: [{ on: { body: /PAY-1"/ }, do: { kind: 'status', status: 400 } }] })
    const keys = site.keys.slice(0, 150)
    const issues = await batchFetchIssues(clientOf(server), keys)
    const failed = [...issues.values()].filter((issue) => 'error' in issue)
    expect(failed).toHaveLength(100)
    expect(failed.every((issue) => 'error' in issue && isHttpStatusError(issue.error, 400))).toBe(true)
  })

  it('asks for nothing more where an answer is not one of Jira, and names its address', async () => {
    const login = { kind: 'status', status: 200, headers: { 'content-type': 'text/html' }, body: '<html>' } as const
    const keys = site.keys.slice(0, 250)
    for (const bulkFetch of [true, false]) {
      const on = { request: bulkFetch ? /./ : /GET/ }
      await using server = await start({ bulkFetch, faults: [{ on, do: login }] })
      const issues = await batchFetchIssues(clientOf(server), keys)
      for (const issue of issues.values()) expect(issue).toMatchObject({ error: { name: 'UnreadableAnswerError' } })
      expect(keyOf(issues.get(keys[0] ?? ''))).toContain(`${server.url}/rest/api/3/issue/`)
      if (bulkFetch) expect(server.journal.summary().requests).toBe(3)
    }
  })

  it('says 401 for every key when the credentials are refused', async () => {
    await using server = await start()
    const client = createJiraClient({ baseUrl: server.url, email: site.email, token: 'wrong' })
    const [issue] = (await batchFetchIssues(client, ['PAY-1'])).values()
    expect(issue).toMatchObject({ error: { name: 'HttpStatusError', statusCode: 401 } })
  })

  it('answers nothing when it is asked for nothing', async () => {
    await using server = await start()
    expect(await batchFetchIssues(clientOf(server), [])).toEqual(new Map())
    expect(server.journal.summary().requests).toBe(0)
  })

  it('rejects with the reason when its signal aborts, before or meanwhile', async () => {
    const reason = new Error('enough')
    const controller = new AbortController()
    await using server = await start({ faults: [{ on: {}, skip: 1, do: { kind: 'hang' } }] })
    const { signal } = controller
    await expect(batchFetchIssues(clientOf(server), ['PAY-1'], { signal: AbortSignal.abort(reason) })).rejects.toBe(
      reason,
    )
    expect(server.journal.summary().requests).toBe(0)
    const onProgress = (): void => {
      controller.abort(reason)
    }
    await expect(batchFetchIssues(clientOf(server), site.keys.slice(0, 300), { signal, onProgress })).rejects.toBe(
      reason,
    )
  })

  it('puts one listener on its signal, for all calls that have it, and none afterwards', async () => {
    const { signal } = new AbortController()
    const listeners = (): number => getEventListeners(signal, 'abort').length
    const seen: number[] = []
    const client = answering(() => {
      seen.push(listeners())
      return { issues: [{ id: '1', key: 'PAY-1' }] }
    })
    await Promise.all([1, 2, 3].map(() => batchFetchIssues(client, ['PAY-1'], { signal })))
    expect(seen).toEqual([1, 1, 1])
    expect(listeners()).toBe(0)
  })
})

describe('with a cache', () => {
  it('asks the cache first, and keeps what was fetched under the key asked for', async () => {
    await using server = await start()
    using cache = new SqliteCache({ path: join(folder, 'issues.sqlite') })
    const [[former, today] = ['', '']] = site.movedKeys
    const keys = [...site.keys.slice(0, 120), former]
    const seen: number[] = []
    for (let round = 0; round < 2; round += 1) {
      const onProgress = (done: number): number => seen.push(done)
      const issues = await batchFetchIssues(clientOf(server), keys, { cache, onProgress })
      expect(keyOf(issues.get(former))).toBe(today)
    }
    expect(seen).toHaveLength(242)
    expect(server.journal.summary().requests).toBe(3)
    expect(cache.get<JiraIssue>(former, { category: 'issue' })?.key).toBe(today)
    expect(cache.invalidate({ pattern: 'PAY-*', category: 'issue' })).toBeGreaterThan(0)
  })

  it('keeps issues with other fields apart, and failures not at all', async () => {
    await using server = await start()
    using cache = new SqliteCache({ path: join(folder, 'fields.sqlite') })
    const [key = ''] = site.keys
    const fetch = async (...fields: string[]): Promise<string[]> => {
      const issue = (await batchFetchIssues(clientOf(server), [key, 'PAY-99999'], { cache, fields })).get(key)
      return issue === undefined || 'error' in issue ? [] : Object.keys(issue.fields).sort()
    }
    expect(await fetch('summary')).toEqual(['summary'])
    expect(await fetch('summary', 'status')).toEqual(['status', 'summary'])
    expect(await fetch('status', 'summary', 'status')).toEqual(['status', 'summary'])
    expect(server.journal.entries.filter(({ path }) => path.includes('bulkfetch'))).toHaveLength(3)
    const asked = server.journal.summary().requests
    await batchFetchIssues(clientOf(server), [key], { cache, fields: ['summary'] })
    expect(server.journal.summary().requests).toBe(asked)
  })

  it('does not bring back what was invalidated while it was fetched', async () => {
    await using server = await start()
    using cache = new SqliteCache({ path: join(folder, 'epochs.sqlite') })
    const client = clientOf(server)
    const keys = site.keys.slice(0, 3)
    const meddling: HttpClient = {
      request: async (request) => {
        const answer = await client.request(request)
        cache.invalidate({ key: keys[1] ?? '', category: 'issue' })
        return answer
      },
    }
    const issues = await batchFetchIssues(meddling, keys, { cache })
    expect(keyOf(issues.get(keys[1] ?? ''))).toBe(keys[1])
    expect(cache.has(keys[1] ?? '', { category: 'issue' })).toBe(false)
  })

  it('goes on without keeping an issue that is too large for the cache', async () => {
    await using server = await start()
    using cache = new SqliteCache({ path: join(folder, 'small.sqlite'), maxSizeBytes: 1_500 })
    const keys = site.keys.slice(0, 5)
    const issues = await batchFetchIssues(clientOf(server), keys, { cache, fields: ['*all'] })
    expect(keys.map((key) => keyOf(issues.get(key)))).toEqual(keys)
  })

  it.each(['getMany', 'getEpoch', 'setMany'] as const)(
    'rejects with the reason of its signal while the cache hangs in %s()',
    async (method) => {
      await using server = await start()
      using cache = new SqliteCache({ path: ':memory:' })
      const user = new AbortController()
      const reason = new Error('left')
      const hanging = new Proxy<CacheStore>(cache, {
        get(target, name) {
          const member: unknown = Reflect.get(target, name)
          if (name !== method) return typeof member === 'function' ? (member.bind(target) as unknown) : member
          return () => {
            setImmediate(() => {
              user.abort(reason)
            })
            return Promise.withResolvers().promise
          }
        },
      })
      const fetching = batchFetchIssues(clientOf(server), site.keys.slice(0, 2), {
        cache: hanging,
        signal: user.signal,
      })
      await expect(fetching).rejects.toBe(reason)
    },
  )

  it('throws what the cache throws', async () => {
    await using server = await start()
    const cache = new SqliteCache({ path: ':memory:' })
    cache.close()
    await expect(batchFetchIssues(clientOf(server), site.keys.slice(0, 2), { cache })).rejects.toMatchObject({
      code: 'STORE_CLOSED',
    })
  })
})
