import { once } from 'node:events'
import { mkdir, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { type AddressInfo } from 'node:net'
import { join } from 'node:path'

import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { nobodysUrl, useLocalGitHub } from './local-github.ts'
import { BUILT, runProgram } from './run-program.ts'

const github = useLocalGitHub()
let nobody = ''
/** Takes no request for an hour. */
let limited = ''
const limiting = createServer((_, response) => {
  response.writeHead(429, { 'retry-after': '3600' }).end()
})
beforeAll(async () => {
  nobody = await nobodysUrl()
  limiting.listen(0, '127.0.0.1')
  await once(limiting, 'listening')
  limited = `http://127.0.0.1:${(limiting.address() as AddressInfo).port}`
})
afterAll(() => {
  limiting.close()
})

describe.concurrent('what goes wrong', () => {
  it.each([
    ['an unknown command', 1, () => ['scna'], 'There is no command "scna". Did you mean "scan"?'],
    ['an unknown option', 1, () => ['scan', '--colour'], "Unknown option '--colour'. Did you mean --color?"],
    ['two formats', 1, () => ['scan', '--json', '--format', 'csv'], 'Give --json or --format csv, not both.'],
    ['nothing to scan', 1, () => ['scan'], 'Nothing to scan: give --org, --team, --repo, --path or --try.'],
    ['two things to scan', 1, () => ['scan', '--path', '.', '--try'], 'Give one of --path, --try at a time.'],
    ['nobody’s repository', 1, () => ['scan', '--repo', 'web'], 'Whose repository is "web"?'],
    ['an idle organisation', 1, () => ['scan', '--org', 'a', '--repo', 'b/c'], '--org a would not be scanned'],
    ['a glob of owners', 1, () => ['scan', '--repo', 'a*/b'], 'The owner must be named.'],
    [
      'a scan that is not known',
      1,
      () => github.scanWords('--resume', 'x'),
      'The cache knows no scan "x": begin a new one.',
    ],
    [
      'another scope for a resumed scan',
      1,
      () => github.scanWords('--resume', 'x', '--include-forks'),
      '--include-forks does not go with --resume: a resumed scan keeps what it was begun with.',
    ],
    ['a malformed glob', 1, () => ['scan', '--path', '.', '--exclude', '['], '--exclude: Unclosed [ in the glob'],
    ['a path that is not there', 1, () => ['scan', '--path', '/nowhere'], 'Cannot scan /nowhere: it is not there.'],
    ['a file that is no dependency file', 1, () => ['scan', '--path', BUILT], 'it has the name of no dependency file.'],
    [
      'a file that is no cache',
      3,
      () => ['cache', 'status', '--cache', BUILT],
      `The cache ${BUILT} is damaged or no SQLite database. Check --cache, or remove the file: it fills again.`,
    ],
    [
      'a cache that is no cache',
      3,
      () => github.scanWords('--org', 'acme', '--cache', BUILT),
      'Check --cache, or remove',
    ],
    [
      'a port that is taken',
      1,
      () => ['serve', 'jira', '-q', '--port', new URL(github.server.url).port],
      'is taken. Choose another with --port.',
    ],
    ['a URL that is none', 1, () => ['scan', '--org', 'a', '--api-url', 'localhost:1'], '--api-url must be an http or'],
    [
      'a list that is not there',
      1,
      () => github.scanWords('--org', 'acme', '--ioc', '/nowhere/list.txt'),
      'Cannot read the IOC list /nowhere/list.txt: there is no such file.',
    ],
    [
      'an API that nobody serves',
      4,
      () => ['scan', '--org', 'acme', '--api-url', nobody, '--cache', ':memory:'],
      'ECONNREFUSED',
    ],
    ['a configuration that is not there', 2, () => ['scan', '--config', '/nowhere'], 'Cannot read the configuration'],
    [
      'a cache of another kind',
      1,
      () => ['scan', '--path', '.', '--cache', 'mysql://x'],
      '--cache must be a file, redis:// and the like, redis or :memory:, not "mysql://x".',
    ],
    ['a misspelt :memory:', 1, () => ['jira', 'issues', 'A-1', '--cache', ':memry:'], 'not ":memry:".'],
    ['a file as a URL', 1, () => ['cache', 'status', '--cache', 'file:///x'], 'not "file:///x".'],
    [
      'a password in the address of GitHub',
      1,
      () => ['scan', '--org', 'a', '--api-url', 'http://u:secret@localhost'],
      '--api-url must hold no user, password, query or fragment: a token is taken from the environment.',
    ],
    [
      'a password in the address of Jira',
      1,
      () => ['jira', 'issues', 'A-1', '--url', 'http://u:secret@localhost'],
      '--url must hold no user',
    ],
    [
      'a cache in a place that is no folder',
      3,
      () => github.scanWords('--org', 'acme', '--cache', join(BUILT, 'x.sqlite')),
      'To do without a cache: --cache :memory:.',
    ],
    [
      'a limit that is not waited for',
      4,
      () => github.scanWords('--org', 'limited', '--api-url', limited, '--max-wait', '1s'),
      'longer than --max-wait allows.',
    ],
    [
      'a limit of Jira that is not waited for',
      4,
      () => ['jira', 'issues', '--jql', 'project = A', '--url', limited, '--cache', ':memory:'],
      'the server takes no requests until',
    ],
    [
      'a Redis that cannot be written',
      3,
      () => ['jira', 'warm', '--all', '--try', '-q', '--cache', nobody.replace('http:', 'redis:')],
      'Check that it runs and can be reached, and what --cache names.',
    ],
    [
      'a list of scans in a format that is for results',
      1,
      () => github.scanWords('--list-scans', '--format', 'sarif', '--output', join(github.folder, 'list.sarif')),
      '--list-scans is written as table or json, not as sarif.',
    ],
    [
      'a list of scans where no Redis answers',
      3,
      () => ['scan', '--list-scans', '--cache', nobody.replace('http:', 'redis:')],
      'No Redis answers at redis://',
    ],
  ])('says what is wrong with %s in one line and exits %i', async (_, exitCode, words, message) => {
    const env = { ...github.withToken.env, JIRA_TOKEN: 'token' }
    const { code, stderr, stdout } = await runProgram(words(), { env })
    expect(stderr).toContain(message)
    expect(stderr).not.toMatch(/secret|maxWait|commandTimeout/)
    expect(stderr.trimEnd().split('\n')).toHaveLength(1)
    expect(stdout).toBe('')
    expect(code).toBe(exitCode)
  })

  it('names the line of a malformed list', async () => {
    const list = join(github.folder, 'malformed.json')
    await writeFile(list, '{\n  "npm": {\n    "a": [1]\n  }\n}\n')
    const { code, stderr } = await runProgram(github.scanWords('--org', 'acme', '--ioc', list), github.withToken)
    expect(stderr).toContain('malformed.json:3: the versions of "a" must be a list')
    expect(code).toBe(1)
  })

  it('exits 3 where the cache is a folder', async () => {
    const path = join(github.folder, 'folder')
    await mkdir(path)
    const words = ['scan', '--org', 'acme', '--api-url', github.server.url, '--cache', path]
    const { code, stderr } = await runProgram(words, github.withToken)
    expect(code).toBe(3)
    expect(stderr).toContain(path)
    expect(stderr.trimEnd().split('\n')).toHaveLength(1)
  })

  it('exits 2 without a token for GitHub itself, and with one that is refused', async () => {
    const missing = await runProgram(['scan', '--org', 'acme', '--cache', ':memory:'])
    expect(missing).toMatchObject({ code: 2, stdout: '' })
    expect(missing.stderr).toContain('No token: set GITHUB_TOKEN')
    const refused = await runProgram(github.scanWords('--org', 'acme'), { env: { GH_TOKEN: 'wrong' } })
    expect(refused).toMatchObject({ code: 2, stdout: '' })
    expect(refused.stderr).toContain('Bad credentials')
    expect(refused.stderr).not.toContain('wrong')
  })

  it('prints a stack only with --debug', async () => {
    const words = ['scan', '--org', 'acme', '--ioc', '/nowhere/list.txt']
    expect((await runProgram(words, github.withToken)).stderr).not.toContain('    at ')
    expect((await runProgram([...words, '--debug'], github.withToken)).stderr).toContain('    at ')
  })
})
