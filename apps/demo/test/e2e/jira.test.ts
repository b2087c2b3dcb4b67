import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { createJiraSite, type JiraServer, startJiraServer } from '@x/jira-server'
import { SqliteCache } from '@x/cache-sqlite'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'

import { FIELD_LIST_KEY } from '../../src/commands/jira/field-ids.ts'
import { nobodysUrl } from './local-github.ts'
import { type Run, runProgram, type RunOptions } from './run-program.ts'

const site = createJiraSite({ issues: 400 })
let folder = ''
let server: JiraServer
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'x-demo-jira-'))
  server = await startJiraServer({ site })
})
afterAll(async () => {
  await server.close()
  await rm(folder, { recursive: true })
})
beforeEach(() => {
  server.journal.clear()
})

const loginPage = { kind: 'status', status: 200, headers: { 'content-type': 'text/html' }, body: '<html>' } as const
const asJson = { 'content-type': 'application/json' }

let caches = 0
const freshCache = (): string => join(folder, `${(caches += 1)}.sqlite`)
const environment = (): Record<string, string> => ({
  JIRA_URL: server.url,
  JIRA_EMAIL: site.email,
  JIRA_TOKEN: site.token,
})
const jira = (words: readonly string[], { env = environment(), ...options }: RunOptions = {}): Promise<Run> =>
  runProgram(['jira', ...words], { env, ...options })
const requests = (): number => server.journal.summary().requests

interface ReadIssue {
  asked: string
  key?: string
  fields?: Record<string, unknown>
  error?: string
}

describe('jira issues', () => {
  it('reads a hundred in a request, and nothing a second time', async () => {
    const words = ['issues', '--stdin', '--json', '--cache', freshCache()]
    const keys = site.keys.slice(0, 250)
    const cold = await jira(words, { input: keys.join('\n') })
    expect(cold).toMatchObject({ code: 0, stderr: '250 issues, 3 requests.\n' })
    expect(requests()).toBe(3)
    const issues = JSON.parse(cold.stdout) as ReadIssue[]
    expect(issues.map(({ asked }) => asked)).toEqual(keys)
    expect(Object.keys(issues[0]?.fields ?? {}).toSorted()).toEqual(['assignee', 'status', 'summary', 'updated'])
    const warm = await jira(words, { input: keys.join(', ') })
    expect(warm).toMatchObject({ code: 0, stdout: cold.stdout, stderr: '250 issues, 0 requests.\n' })
    expect(requests()).toBe(3)
    expect((await jira([...words, '--fresh'], { input: keys.join(' ') })).stderr).toBe('250 issues, 3 requests.\n')
  })

  it('reads what a query finds: its keys, and of these the issues that are not there yet', async () => {
    const cache = freshCache()
    await jira(['issues', 'PAY-1', '--cache', cache])
    const words = ['issues', '--jql', 'project = PAY ORDER BY key', '--format', 'csv', '--cache', cache]
    const { stdout, code, stderr } = await jira(words)
    expect(code).toBe(0)
    const count = site.keys.filter((key) => key.startsWith('PAY-')).length
    expect(stdout.trimEnd().split('\r\n')).toHaveLength(count + 1)
    expect(stderr).toBe(`${count} issues, ${1 + Math.ceil((count - 1) / 100)} requests.\n`)
    expect((await jira(words)).stderr).toBe(`${count} issues, 0 requests.\n`)
  })

  it('names what is missing or may not be seen, reads the rest, and exits 6', async () => {
    const [hidden = ''] = site.hiddenKeys
    const [[former = '', today = ''] = []] = site.movedKeys
    const { code, stdout } = await jira([
      'issues',
      'PAY-1',
      'PAY-99999',
      hidden,
      former,
      '--format',
      'json',
      '--cache',
      ':memory:',
    ])
    expect(code).toBe(6)
    const issues = JSON.parse(stdout) as ReadIssue[]
    expect(issues.map(({ asked, key }) => [asked, key])).toEqual([
      ['PAY-1', 'PAY-1'],
      ['PAY-99999', undefined],
      [hidden, undefined],
      [former, today],
    ])
    expect(issues[1]?.error).toContain('404')
    const table = await jira(['issues', 'PAY-1', 'PAY-99999', '--cache', ':memory:'])
    expect(table.stdout).toMatch(/^key +summary +status +assignee +updated\n/)
    expect(table.stdout).toContain('PAY-99999  not read:')
  })

  it('limits only a file of its own to what issues need', async () => {
    const cache = freshCache()
    const env = { ...environment(), XDG_CACHE_HOME: join(folder, 'xdg') }
    const limitOf = async (...place: string[]): Promise<unknown> => {
      await jira(['issues', 'PAY-1', ...place], { env })
      const { stdout } = await runProgram(['cache', 'status', '--json', ...place], { env })
      return (JSON.parse(stdout) as { maxSizeBytes: number }[])[0]?.maxSizeBytes
    }
    expect(await limitOf()).toBe(100 * 1024 ** 2)
    // A scan may keep what it read in the same file.
    expect(await limitOf('--cache', cache)).toBe(2 * 1024 ** 3)
  })

  it('asks for missing issues a hundred in a request, too', async () => {
    const input = Array.from({ length: 1_000 }, (_, index) => `NONE-${index + 1}`).join('\n')
    const run = await jira(['issues', '--stdin', '--json', '--cache', ':memory:'], { input })
    expect(run).toMatchObject({ code: 6, stderr: '1,000 issues, 20 requests.\n' })
  })

  it('takes fields by id and by name, and looks names up once', async () => {
    const cache = freshCache()
    const words = [
      'issues',
      'PAY-1',
      '--fields',
      'Summary,labels',
      '--fields',
      'issuetype',
      '--format',
      'csv',
      '--cache',
      cache,
    ]
    expect((await jira(words)).stdout).toMatch(/^asked,key,summary,labels,issuetype,error\r\nPAY-1,PAY-1,/)
    expect(requests()).toBe(2)
    await jira(words)
    expect(requests()).toBe(2)
    const wrong = await jira(['issues', 'PAY-1', '--fields', 'Sumary', '--cache', cache])
    expect(wrong).toMatchObject({ code: 1, stderr: 'Jira has no field "Sumary". Did you mean "Summary"?\n' })
  })

  it('keeps what one account reads apart from what another does', async () => {
    await jira(['issues', 'PAY-1'])
    server.journal.clear()
    expect((await jira(['issues', 'PAY-1'])).code).toBe(0)
    expect(requests()).toBe(0)
    const other = await jira(['issues', 'PAY-1'], { env: { ...environment(), JIRA_EMAIL: 'other@example.com' } })
    expect(other.code).toBe(2)
    expect(requests()).toBeGreaterThan(0)
  })

  it('tries it at once on a server of its own', async () => {
    const { code, stdout, stderr } = await runProgram(['jira', 'issues', 'PAY-1', '--try', '--cache', ':memory:'])
    expect(code).toBe(0)
    expect(stdout).toContain('PAY-1')
    expect(stderr).toContain('A Jira-compatible server with')
  })
})

describe('the list of fields', () => {
  const words = ['issues', 'PAY-1', '--fields', 'Summary', '--format', 'csv']

  it('is not kept where the answer is none', async () => {
    await using other = await startJiraServer({ site, faults: [{ on: { request: /field$/ }, do: loginPage }] })
    const env = { ...environment(), JIRA_URL: other.url }
    const cached = ['--cache', freshCache()]
    for (const command of [words, ['warm', '--fields']]) {
      const { code, stderr } = await jira([...command, ...cached], { env })
      expect(code).toBe(4)
      expect(stderr).toContain(
        `GET ${other.url}/rest/api/3/field: 200, and the answer is no list of fields. Check JIRA_URL`,
      )
    }
    other.setFaults([])
    expect((await jira([...words, ...cached], { env })).stdout).toContain('PAY-1,PAY-1,')
  })

  it('is asked for again where what is kept is none, and with --fresh', async () => {
    const path = freshCache()
    using cache = new SqliteCache({ path })
    cache.set(FIELD_LIST_KEY, '<html>', { category: 'field' })
    expect((await jira([...words, '--cache', path])).code).toBe(0)
    const renamed = [{ id: 'labels', name: 'Summary' }]
    cache.set(FIELD_LIST_KEY, renamed, { category: 'field' })
    expect((await jira([...words, '--cache', path])).stdout).toMatch(/^asked,key,labels,/)
    expect((await jira([...words, '--fresh', '--cache', path])).stdout).toMatch(/^asked,key,summary,/)
  })
})

describe('jira warm', () => {
  it('reads projects, fields and users in one batch, and field names cost nothing then', async () => {
    const cache = freshCache()
    const { code, stdout, stderr } = await jira(['warm', '--all', '--cache', cache])
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' })
    expect(stderr).toMatch(
      /^4 projects are in the cache\.\n\d+ fields are in the cache\.\n6 users are in the cache\.\n3 requests\.\n$/,
    )
    await jira(['issues', 'PAY-1', '--fields', 'Summary', '--cache', cache])
    expect(requests()).toBe(4)
  })

  it.each([['[]'], ['null'], ['{}'], ['<html>'], ['[{}]']])(
    'takes %s for no list, names what was asked, and keeps what could be read',
    async (body) => {
      const cache = freshCache()
      const fault = {
        on: { request: /users/ },
        do: body === '<html>' ? loginPage : { ...loginPage, headers: asJson, body },
      }
      await using other = await startJiraServer({ site, faults: [fault] })
      const env = { ...environment(), JIRA_URL: other.url }
      const { code, stderr } = await jira(['warm', '--all', '--cache', cache], { env })
      expect(code).toBe(1)
      expect(stderr).toContain(
        `Not all could be read: GET ${other.url}/rest/api/3/users/search: 200, and the answer is no`,
      )
      other.journal.clear()
      expect((await jira(['issues', 'PAY-1', '--fields', 'Summary', '--cache', cache], { env })).code).toBe(0)
      expect(other.journal.summary().requests).toBe(1)
    },
  )

  it('reads users until a page is not full', async () => {
    const [someone] = site.users
    if (someone === undefined) throw new Error('no user')
    const users = Array.from({ length: 2_300 }, (_, index) => ({ ...someone, accountId: `user-${index}` }))
    await using other = await startJiraServer({ site: { ...site, users } })
    const cache = ['--cache', freshCache()]
    const { stderr } = await jira(['warm', '--users', ...cache], { env: { ...environment(), JIRA_URL: other.url } })
    expect(stderr).toBe('2300 users are in the cache.\n3 requests.\n')
    const kept = await runProgram(['cache', 'keys', '--category', 'user', ...cache])
    expect(kept.stdout.trimEnd().split('\n')).toHaveLength(2_300)
  })

  it('does not turn in a circle', async () => {
    const body = JSON.stringify(Array.from({ length: 1_000 }, (_, index) => ({ accountId: `user-${index}` })))
    await using other = await startJiraServer({
      site,
      faults: [{ on: {}, do: { ...loginPage, headers: asJson, body } }],
    })
    const run = await jira(['warm', '--users'], { env: { ...environment(), JIRA_URL: other.url } })
    expect(run).toMatchObject({ code: 1, stderr: expect.stringContaining('the same users again and again') as string })
  })

  it('leaves what was kept when a part cannot be read, and says which', async () => {
    const cache = freshCache()
    await jira(['warm', '--all', '--cache', cache])
    server.setFaults([{ on: { request: /field/ }, do: { kind: 'status', status: 403, headers: {}, body: '{}' } }])
    const { code, stderr } = await jira(['warm', '--all', '--cache', cache])
    server.setFaults([])
    expect(code).toBe(1)
    expect(stderr).toContain('Not all could be read: GET')
    server.journal.clear()
    await jira(['issues', 'PAY-1', '--fields', 'Summary', '--cache', cache])
    expect(requests()).toBe(1)
  })
})

describe.concurrent('what goes wrong with Jira', () => {
  it('warms no cache that cannot be opened, and advises none that keeps nothing', async () => {
    const { code, stderr } = await jira(['warm', '--all', '--cache', folder])
    expect(code).toBe(3)
    expect(stderr).not.toContain(':memory:')
  })

  it('asks Jira for names of fields where its cache does not answer', async () => {
    const place = (await nobodysUrl()).replace('http:', 'redis:')
    const { code, stdout } = await jira(['issues', 'PAY-1', '--fields', 'Summary', '--json', '--cache', place])
    expect(code).toBe(0)
    expect(stdout).toContain('"PAY-1"')
  })

  it('warms no cache that does not answer, and exits 3', async () => {
    const place = (await nobodysUrl()).replace('http:', 'redis:')
    const { code, stderr } = await jira(['warm', '--all', '--cache', place])
    expect(code).toBe(3)
    expect(stderr).not.toContain('in the cache')
  })

  it.each<[string, number, () => Promise<Run>, string]>([
    ['no issues', 1, () => jira(['issues']), 'Which issues? Give keys, --jql or --stdin.'],
    ['two kinds of issues', 1, () => jira(['issues', 'A-1', '--stdin']), 'one at a time'],
    [
      'a cache that ends with the command',
      1,
      () => jira(['warm', '--all', '--cache', ':memory:']),
      'Nothing stays in :memory: give --cache a file or a Redis.',
    ],
    ['nothing to warm', 1, () => jira(['warm']), 'Give --projects, --fields, --users or --all.'],
    [
      'a query that Jira refuses',
      1,
      () => jira(['issues', '--jql', 'projct = A', '--cache', ':memory:']),
      "Field 'projct'",
    ],
    ['no address', 2, () => jira(['issues', 'A-1'], { env: {} }), 'Set JIRA_URL or give --url'],
    ['no token', 2, () => jira(['issues', 'A-1'], { env: { JIRA_URL: server.url } }), 'No token: set JIRA_TOKEN'],
    [
      'a token that is refused',
      2,
      () => jira(['issues', 'PAY-1', '--cache', ':memory:'], { env: { ...environment(), JIRA_TOKEN: 'wrong' } }),
      'Check JIRA_EMAIL and JIRA_TOKEN.',
    ],
  ])('says what is wrong with %s in one line and exits %i', async (_, exitCode, run, message) => {
    const { code, stderr, stdout } = await run()
    expect(stderr).toContain(message)
    expect(stderr).not.toContain(site.token)
    expect(stderr.trimEnd().split('\n')).toHaveLength(1)
    expect({ code, stdout }).toEqual({ code: exitCode, stdout: '' })
  })

  it.each<[what: string, words: readonly string[]]>([
    ['a query', ['issues', '--jql', 'project = PAY', '--json']],
    ['keys', ['issues', 'A B-1', ...site.keys.slice(0, 150)]],
  ])('exits 4 where a login page answers %s, keeps nothing of it, and reads again afterwards', async (_, words) => {
    await using login = await startJiraServer({ site, faults: [{ on: {}, do: loginPage }] })
    const cached = [...words, '--cache', freshCache()]
    const run = await jira(cached, { env: { ...environment(), JIRA_URL: login.url } })
    expect(run).toMatchObject({ code: 4, stdout: '' })
    expect(run.stderr).toMatch(
      new RegExp(`^POST ${login.url}/rest/api/3/.*: 200, and the answer is not one of Jira\\. Check JIRA_URL.*\n$`),
    )
    login.setFaults([])
    expect((await jira(cached, { env: { ...environment(), JIRA_URL: login.url } })).stdout).toContain('PAY-1')
  })

  it('exits 4 where nobody answers', async () => {
    const url = await nobodysUrl()
    const { code, stderr } = await jira(['issues', 'PAY-1', '--cache', ':memory:', '--url', url])
    expect(code).toBe(4)
    expect(stderr).toMatch(/[^.]\. Check JIRA_URL and the connection\.\n$/)
  })
})
