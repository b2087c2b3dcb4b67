import { describe, expect, it } from 'vitest'

import { createJiraSite, type JiraServer, type JiraServerOptions, rateLimited, startJiraServer } from '../src/index.ts'

const site = createJiraSite({ issues: 300 })
const start = (options: Partial<JiraServerOptions> = {}): Promise<JiraServer> => startJiraServer({ site, ...options })
const authorization = `Basic ${Buffer.from(`${site.email}:${site.token}`).toString('base64')}`

interface Asked {
  readonly status: number
  readonly headers: Headers
  readonly data: Record<string, unknown> & { issues: { id: string; key: string; fields?: Record<string, unknown> }[] }
}

async function ask(
  { url }: JiraServer,
  path: string,
  body?: unknown,
  method = body === undefined ? 'GET' : 'POST',
): Promise<Asked> {
  const response = await fetch(`${url}/rest/api/3${path}`, {
    method,
    headers: { authorization },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const text = await response.text()
  return {
    status: response.status,
    headers: response.headers,
    data: (text === '' ? {} : JSON.parse(text)) as Asked['data'],
  }
}

describe('createJiraSite()', () => {
  it('makes the same site of the same seed, and another of another', () => {
    expect(createJiraSite({ issues: 300 })).toEqual(site)
    expect(createJiraSite({ issues: 300, seed: 2 })).not.toEqual(site)
    expect([site.keys.length + site.hiddenKeys.length, site.movedKeys.size]).toEqual([300, 6])
  })
})

describe('credentials', () => {
  it('are the email and token of the site, or the token alone', async () => {
    await using server = await start()
    const statusWith = async (headers: Record<string, string>): Promise<number> =>
      (await fetch(`${server.url}/rest/api/3/myself`, { headers })).status
    expect(await statusWith({ authorization })).toBe(200)
    expect(await statusWith({ authorization: `Bearer ${site.token}` })).toBe(200)
    expect(await statusWith({ authorization: 'Bearer other' })).toBe(401)
    expect(await statusWith({})).toBe(401)
  })
})

describe('bulkfetch', () => {
  it('answers in the order of ids, each issue once, and leaves out what is missing or hidden', async () => {
    await using server = await start()
    const [first = '', second = ''] = site.keys
    const [hidden = ''] = site.hiddenKeys
    const asked = [second, 'PAY-99999', hidden, first, first.toLowerCase(), second]
    const { data } = await ask(server, '/issue/bulkfetch', { issueIdsOrKeys: asked, fields: ['summary'] })
    expect(data.issues.map(({ key }) => key)).toEqual([first, second])
    expect(data.issues.map(({ id }) => Number(id))).toEqual(
      data.issues.map(({ id }) => Number(id)).sort((a, b) => a - b),
    )
    expect(Object.keys(data.issues[0]?.fields ?? {})).toEqual(['summary'])
  })

  it('follows a moved issue, under the key of today', async () => {
    await using server = await start()
    const [[former, today] = ['', '']] = site.movedKeys
    const { data } = await ask(server, '/issue/bulkfetch', { issueIdsOrKeys: [former] })
    expect(data.issues.map(({ key }) => key)).toEqual([today])
  })

  it('reports what it was told to report, and refuses more than 100', async () => {
    const [key = ''] = site.keys
    await using server = await start({ bulkFetchErrors: [key] })
    const { data } = await ask(server, '/issue/bulkfetch', { issueIdsOrKeys: [key] })
    expect(data).toMatchObject({ issues: [], issueErrors: [{ errorMessage: expect.any(String) as string }] })
    expect((await ask(server, '/issue/bulkfetch', { issueIdsOrKeys: Array(101).fill('PAY-1') })).status).toBe(400)
    expect((await ask(server, '/issue/bulkfetch', { issueIdsOrKeys: [] })).status).toBe(400)
  })

  it('is not there when it is switched off', async () => {
    await using server = await start({ bulkFetch: false })
    expect((await ask(server, '/issue/bulkfetch', { issueIdsOrKeys: ['PAY-1'] })).status).toBe(404)
  })
})

describe('issues', () => {
  it('are read by key, id or former key, with the fields asked for, and edited', async () => {
    await using server = await startJiraServer({ site: createJiraSite({ issues: 300 }) })
    const [[former, today] = ['', '']] = site.movedKeys
    const { data: byKey } = await ask(server, `/issue/${today}?fields=summary,status`)
    expect(Object.keys(byKey['fields'] as object).sort()).toEqual(['status', 'summary'])
    expect((await ask(server, `/issue/${former}`)).data['key']).toBe(today)
    expect((await ask(server, `/issue/${String(byKey['id'])}`)).data['key']).toBe(today)
    expect((await ask(server, `/issue/${today}`, { fields: { summary: 'New' } }, 'PUT')).status).toBe(204)
    expect((await ask(server, `/issue/${today}`)).data).toMatchObject({ fields: { summary: 'New', comment: {} } })
    const [hidden = ''] = site.hiddenKeys
    for (const key of [hidden, 'NO-1']) {
      expect(await ask(server, `/issue/${key}`)).toMatchObject({
        status: 404,
        data: { errorMessages: ['Issue does not exist or you do not have permission to see it.'] },
      })
    }
  })
})

describe('search/jql', () => {
  it('answers page by page, without a total, and only ids unless fields are named', async () => {
    await using server = await start()
    const asked = { jql: 'project = PAY ORDER BY key ASC', maxResults: 20, fields: ['summary'] }
    const keys: string[] = []
    let nextPageToken: unknown
    do {
      const { data } = await ask(server, '/search/jql', { ...asked, nextPageToken })
      expect(data['total']).toBeUndefined()
      keys.push(...data.issues.map(({ key }) => key))
      nextPageToken = data['nextPageToken']
      expect(data['isLast']).toBe(nextPageToken === undefined)
    } while (nextPageToken !== undefined)
    expect(keys).toEqual(site.keys.filter((key) => key.startsWith('PAY-')))
    const { data: bare } = await ask(server, '/search/jql?jql=project%20%3D%20PAY&maxResults=1')
    expect(bare.issues).toEqual([{ id: expect.any(String) as string }])
  })

  it.each([
    ['project in (PAY, "Web shop") AND status = Done', (issue: Record<string, unknown>) => issue['status'] === 'Done'],
    [
      'status != Done AND NOT priority = High and project = PAY',
      (issue: Record<string, unknown>) => issue['status'] !== 'Done' && issue['priority'] !== 'High',
    ],
    [
      '(labels = security OR labels in (flaky)) AND project = OPS',
      (issue: Record<string, unknown>) =>
        (issue['labels'] as string[]).some((label) => ['security', 'flaky'].includes(label)),
    ],
    ['assignee is EMPTY and project = WEB', (issue: Record<string, unknown>) => issue['assignee'] === undefined],
    [
      'summary ~ "checkout safari"',
      (issue: Record<string, unknown>) => /checkout.*safari/i.test(issue['summary'] as string),
    ],
    [
      'updated >= -7d',
      (issue: Record<string, unknown>) => Date.parse(issue['updated'] as string) >= site.now - 7 * 86_400_000,
    ],
    [
      'created < 2026-10-01 AND issuetype = Bug',
      (issue: Record<string, unknown>) => Date.parse(issue['created'] as string) < Date.UTC(2026, 9, 1),
    ],
  ])('finds what %s says', async (jql, holds) => {
    await using server = await start()
    const { data, status } = await ask(server, '/search/jql', { jql, maxResults: 100, fields: ['*all'] })
    expect(status).toBe(200)
    expect(data.issues.length).toBeGreaterThan(0)
    for (const { fields = {} } of data.issues) {
      const nameOf = (name: string): unknown => (fields[name] as { name?: string } | null)?.name
      const { labels, summary, created, updated } = fields
      const assignee = fields['assignee'] ?? undefined
      const [status, priority] = [nameOf('status'), nameOf('priority')]
      expect(holds({ status, priority, labels, summary, created, updated, assignee })).toBe(true)
    }
  })

  it.each([
    ['', 'Unbounded JQL queries are not allowed here. Please add a search restriction to your query.'],
    ['ORDER BY created', 'Unbounded JQL queries are not allowed here. Please add a search restriction to your query.'],
    ['color = red', "Field 'color' does not exist or you do not have permission to view it."],
    ['project = ', "Error in the JQL Query: 'the end' was not expected here."],
    ['project = PAY AND', "Error in the JQL Query: 'the end' was not expected here."],
    ['(project = PAY', "Error in the JQL Query: 'the end' was not expected here."],
    ['project PAY', "Error in the JQL Query: 'PAY' was not expected here."],
  ])('refuses %j', async (jql, message) => {
    await using server = await start()
    expect(await ask(server, '/search/jql', { jql })).toMatchObject({ status: 400, data: { errorMessages: [message] } })
  })

  it('refuses the token of another query', async () => {
    await using server = await start()
    const { data } = await ask(server, '/search/jql', { jql: 'project = PAY', maxResults: 1 })
    const { status } = await ask(server, '/search/jql', { jql: 'project = WEB', nextPageToken: data['nextPageToken'] })
    expect(status).toBe(400)
  })
})

describe('the rest', () => {
  it('lists projects, fields and users', async () => {
    await using server = await start()
    expect((await ask(server, '/project/search')).data).toMatchObject({
      total: 4,
      isLast: true,
      values: [{ key: 'PAY' }, {}, {}, {}],
    })
    expect((await ask(server, '/project/WEB')).data).toMatchObject({ name: 'Web shop' })
    expect((await ask(server, '/field')).data).toContainEqual(expect.objectContaining({ id: 'summary' }))
    expect((await ask(server, '/users/search?startAt=1&maxResults=2')).data).toEqual(site.users.slice(1, 3))
    expect((await ask(server, `/user?accountId=${site.users[1]?.accountId ?? ''}`)).data).toEqual(site.users[1])
    for (const path of ['/project/NONE', '/user?accountId=x', '/nothing', '/issue/A/b'])
      expect((await ask(server, path)).status).toBe(404)
  })
})

describe('faults and the journal', () => {
  it('limit, cut and delay what they are for, and are noted', async () => {
    await using server = await start({
      faults: [
        { on: { request: /project/ }, times: 1, do: rateLimited(3, 'jira-quota-tenant-based') },
        { on: { request: /field/ }, do: { kind: 'cut' } },
        { on: { request: /myself/ }, skip: 1, every: 2, do: { kind: 'status', status: 500 } },
      ],
    })
    const limited = await ask(server, '/project')
    expect([limited.status, limited.headers.get('retry-after'), limited.headers.get('ratelimit-reason')]).toEqual([
      429,
      '3',
      'jira-quota-tenant-based',
    ])
    expect((await ask(server, '/project')).status).toBe(200)
    await expect(ask(server, '/field')).rejects.toThrow('fetch failed')
    const statuses: number[] = []
    for (let index = 0; index < 5; index += 1) statuses.push((await ask(server, '/myself')).status)
    expect(statuses).toEqual([200, 200, 500, 200, 500])
    expect(server.journal.entries.map(({ status, fault }) => [status, fault]).slice(0, 3)).toEqual([
      [429, 'status'],
      [200, undefined],
      [0, 'cut'],
    ])
    expect(server.journal.summary().requests).toBe(8)
    expect(server.journal.peakConcurrency).toBe(1)
    server.journal.clear()
    expect(server.journal.summary()).toEqual({ requests: 0, bytes: 0 })
  })
})
