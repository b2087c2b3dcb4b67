import { createJiraSite, rateLimited, startJiraServer } from '@x/jira-server'
import { describe, expect, it } from 'vitest'

import { createJiraClient, type HttpClient, searchIssues } from '../src/index.ts'
import { answering } from './scripted-client.ts'

const site = createJiraSite({ issues: 300 })
const clientOf = (url: string): HttpClient => createJiraClient({ baseUrl: url, email: site.email, token: site.token })

async function keysOf(issues: AsyncIterable<{ key: string }>): Promise<string[]> {
  const keys: string[] = []
  for await (const { key } of issues) keys.push(key)
  return keys
}

describe('searchIssues()', () => {
  it('gives every issue of every page, in the order of the query, with the fields asked for', async () => {
    await using server = await startJiraServer({ site, faults: [{ on: {}, skip: 1, times: 1, do: rateLimited(0) }] })
    const expected = site.keys.filter((key) => key.startsWith('PAY-'))
    const issues = searchIssues(clientOf(server.url), 'project = PAY ORDER BY key', {
      pageSize: 20,
      fields: ['summary'],
    })
    expect(await keysOf(issues)).toEqual(expected)
    expect(server.journal.summary().requests).toBe(Math.ceil(expected.length / 20) + 1)
  })

  it('asks for no page that nobody reads', async () => {
    await using server = await startJiraServer({ site })
    const issues = searchIssues(clientOf(server.url), 'project = PAY', { pageSize: 5 })
    expect(server.journal.summary().requests).toBe(0)
    for (let index = 0; index < 5; index += 1) await issues.next()
    expect(server.journal.summary().requests).toBe(1)
    await issues.return()
    expect(await issues.next()).toEqual({ done: true, value: undefined })
    expect(server.journal.summary().requests).toBe(1)
  })

  it('throws what Jira says about a query that it refuses', async () => {
    await using server = await startJiraServer({ site })
    await expect(keysOf(searchIssues(clientOf(server.url), 'color = red'))).rejects.toMatchObject({
      name: 'HttpStatusError',
      statusCode: 400,
      message: `POST ${server.url}/rest/api/3/search/jql: 400 Field 'color' does not exist or you do not have permission to view it.`,
    })
  })

  it('throws the reason when its signal aborts', async () => {
    await using server = await startJiraServer({ site, faults: [{ on: {}, skip: 1, do: { kind: 'hang' } }] })
    const controller = new AbortController()
    const reason = new Error('enough')
    const issues = searchIssues(clientOf(server.url), 'project = PAY', { pageSize: 1, signal: controller.signal })
    await issues.next()
    const second = issues.next()
    controller.abort(reason)
    await expect(second).rejects.toBe(reason)
  })

  it('throws the reason, and gives nothing more, when its signal aborts between issues, on the last page too', async () => {
    const issues = [1, 2, 3].map((id) => ({ id: `${id}`, key: `A-${id}` }))
    for (const read of [1, 2, 3]) {
      const controller = new AbortController()
      const search = searchIssues(
        answering(() => ({ issues })),
        'project = A',
        { signal: controller.signal },
      )
      for (let index = 0; index < read; index += 1) expect((await search.next()).value).toBe(issues[index])
      controller.abort('enough')
      await expect(search.next()).rejects.toBe('enough')
    }
  })

  it('throws the reason itself, be it no error, when its signal aborts while a page is read', async () => {
    const controller = new AbortController()
    const client = answering(() => {
      controller.abort('enough')
      return { issues: [] }
    })
    await expect(searchIssues(client, 'project = A', { signal: controller.signal }).next()).rejects.toBe('enough')
  })

  it.each<[body: unknown]>([['<html>'], [null], [{}], [[]], [{ issues: {} }]])(
    'refuses an answer that has no list of issues, as %j',
    async (body) => {
      const fault = { kind: 'status', status: 200, headers: { 'content-type': 'application/json' }, body } as const
      await using server = await startJiraServer({ site, faults: [{ on: {}, do: fault }] })
      await expect(keysOf(searchIssues(clientOf(server.url), 'project = PAY'))).rejects.toMatchObject({
        name: 'UnreadableAnswerError',
        message: expect.stringContaining(`POST ${server.url}/rest/api/3/search/jql: 200, `) as string,
      })
      expect(server.journal.summary().requests).toBe(1)
    },
  )

  it('does not turn in a circle', async () => {
    let pages = 0
    const client = answering(() => ({ issues: [{ id: '1', key: `A-${(pages += 1)}` }], nextPageToken: 'again' }))
    await expect(keysOf(searchIssues(client, 'project = A'))).rejects.toThrow('the same page twice')
    expect(pages).toBe(2)
  })

  it('refuses a page size of 0 at once', () => {
    expect(() =>
      searchIssues(
        answering(() => ({})),
        'project = A',
        { pageSize: 0 },
      ),
    ).toThrow(new RangeError('pageSize must be a positive integer, not 0.'))
  })
})
