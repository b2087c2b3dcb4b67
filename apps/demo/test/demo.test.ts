import { once } from 'node:events'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { type ScanResult } from '@x/github-batch'
import {
  buildRepository,
  createFixtureOrganisation,
  type FixtureOrganisation,
  type GitHubServer,
  startGitHubServer,
} from '@x/github-server'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'

import { runDemo, startDemo } from './run-demo.ts'

let folder = ''
let organisation: FixtureOrganisation
let server: GitHubServer
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'x-demo-test-'))
  organisation = await createFixtureOrganisation(join(folder, 'repositories'))
  server = await startGitHubServer({ repositories: organisation.repositories, tokens: [organisation.token] })
})
afterEach(() => {
  server.setFaults([])
})
afterAll(async () => {
  await server.close()
  await rm(folder, { recursive: true })
})

/** An address where nobody listens: the port was free a moment ago. */
let nobody = ''
beforeAll(async () => {
  const listener = createServer().listen(0, '127.0.0.1')
  await once(listener, 'listening')
  nobody = `http://127.0.0.1:${(listener.address() as AddressInfo).port}`
  listener.close()
  await once(listener, 'close')
})

let caches = 0
function scanWords(...more: readonly string[]): string[] {
  return ['scan', '--api-url', server.url, '--cache', join(folder, `cache-${(caches += 1)}.sqlite`), ...more]
}
const withToken = (): Record<string, string> => ({ GITHUB_TOKEN: organisation.token })

describe('pnpm demo', () => {
  it('scans cold and warm, prints the findings and what each way cost, and exits 0', async () => {
    const { code, stdout } = await runDemo([])
    expect(code).toBe(0)
    for (const { repository, file, line, package: name, version } of organisation.expected.findings) {
      expect(stdout).toContain(`acme/${repository}  ${file}:${line}  ${name}@${version}`)
    }
    const requests = (row: string): number => Number(new RegExp(`^ *${row} +(\\d+)`, 'm').exec(stdout)?.[1])
    expect(requests('file by file')).toBeGreaterThan(requests('cold scan'))
    expect(requests('cold scan')).toBeGreaterThan(requests('warm scan'))
    expect(requests('warm scan')).toBe(1)
  })

  it('explains itself', async () => {
    const { code, stdout } = await runDemo(['--help'])
    expect(code).toBe(0)
    expect(stdout).toContain('pnpm demo scan --org NAME')
  })
})

describe('pnpm demo scan', () => {
  it('finds what is known to be bad and nothing else, accounts for every repository, and exits 5', async () => {
    const { code, stdout, stderr } = await runDemo(scanWords('--org', 'acme', '--include-forks', '--json'), withToken())
    expect(stderr).not.toContain('Error')
    expect(code).toBe(5)
    const result = JSON.parse(stdout) as ScanResult
    const found = result.findings.map(({ repository, file, line, package: name, version }) => ({
      repository: repository.replace('acme/', ''),
      file,
      package: name,
      version,
      line,
    }))
    expect(found).toEqual(organisation.expected.findings)
    expect(result.complete).toBe(true)
    const visible = organisation.repositories.filter(({ name }) => !organisation.expected.unreadable.includes(name))
    expect(result.ledger.map(({ repository }) => repository)).toEqual(
      visible.map(({ name }) => `acme/${name}`).toSorted(),
    )
    expect(
      result.ledger
        .filter(({ why }) => why === 'archived' || why === 'empty')
        .map(({ repository, why }) => ({ repository: repository.slice(5), why })),
    ).toEqual(organisation.expected.skipped)
  })

  it('exits 0 where nothing is found, with nothing but the result on stdout, and nothing on stderr', async () => {
    const list = join(folder, 'nothing.txt')
    await writeFile(list, 'never-published:0.0.0\n')
    const { code, stdout, stderr } = await runDemo(scanWords('--org', 'acme', '--ioc', list), withToken())
    expect(code).toBe(0)
    expect(stdout).toMatch(/^No compromised package found\.\n/)
    expect(stderr).toBe('')
  })

  it('exits 6 and names a repository that the token cannot read', async () => {
    const [vault = ''] = organisation.expected.unreadable
    const { code, stdout } = await runDemo(scanWords('--org', 'acme', '--repo', vault), withToken())
    expect(code).toBe(6)
    expect(stdout).toContain(`acme/${vault}: Could not resolve`)
    expect(stdout).toContain('NOT READ')
  })

  it('keeps what was fetched on Ctrl-C and exits 130', async () => {
    const arrived = Promise.withResolvers<undefined>()
    const rewrite = (body: Buffer): Buffer => {
      arrived.resolve(undefined)
      return body
    }
    server.setFaults([
      { on: { operation: 'tree' }, times: 1, do: { kind: 'rewrite', rewrite } },
      // Without an end to these the scan can only end by being stopped.
      { on: { operation: 'tree' }, do: { kind: 'hang' } },
    ])
    const { child, ended } = startDemo(scanWords('--org', 'acme'), withToken())
    await arrived.promise
    child.kill('SIGINT')
    const { code, stderr } = await ended
    expect(code).toBe(130)
    expect(stderr).toContain('What was fetched is kept in')
    expect(stderr).toContain('Stopped.')
  })

  it.each([
    ['an unknown option', 1, () => ['scan', '--colour'], "Unknown option '--colour'."],
    [
      'a list that is not there',
      1,
      () => scanWords('--org', 'acme', '--ioc', '/nowhere/list.txt'),
      'Cannot read the IOC list /nowhere/list.txt: there is no such file.',
    ],
    [
      'an API that nobody serves',
      4,
      () => ['scan', '--org', 'acme', '--api-url', nobody, '--cache', ':memory:'],
      'ECONNREFUSED',
    ],
  ])('says what is wrong with %s in one line and exits %i', async (_, exitCode, words, message) => {
    const { code, stderr, stdout } = await runDemo(words(), withToken())
    expect(stderr).toContain(message)
    expect(stderr.trimEnd().split('\n')).toHaveLength(1)
    expect(stdout).toBe('')
    expect(code).toBe(exitCode)
  })

  it('names the line of a malformed list', async () => {
    const list = join(folder, 'malformed.json')
    await writeFile(list, '{\n  "npm": {\n    "a": [1]\n  }\n}\n')
    const { code, stderr } = await runDemo(scanWords('--org', 'acme', '--ioc', list), withToken())
    expect(stderr).toContain('malformed.json:3: the versions of "a" must be a list')
    expect(code).toBe(1)
  })

  it('exits 3 where the cache is a folder', async () => {
    const path = join(folder, 'folder')
    await mkdir(path)
    const { code, stderr } = await runDemo(
      ['scan', '--org', 'acme', '--api-url', server.url, '--cache', path],
      withToken(),
    )
    expect(code).toBe(3)
    expect(stderr).toContain(path)
    expect(stderr.trimEnd().split('\n')).toHaveLength(1)
  })

  it('exits 2 without a token for GitHub itself, and with one that is refused', async () => {
    const missing = await runDemo(['scan', '--org', 'acme', '--cache', ':memory:'])
    expect(missing).toMatchObject({ code: 2, stdout: '' })
    expect(missing.stderr).toContain('No token: set GITHUB_TOKEN')
    const refused = await runDemo(scanWords('--org', 'acme'), { GH_TOKEN: 'wrong' })
    expect(refused).toMatchObject({ code: 2, stdout: '' })
    expect(refused.stderr).toContain('Bad credentials')
    expect(refused.stderr).not.toContain('wrong')
  })

  it('prints a stack only with --debug', async () => {
    const words = ['scan', '--org', 'acme', '--ioc', '/nowhere/list.txt']
    expect((await runDemo(words, withToken())).stderr).not.toContain('    at ')
    expect((await runDemo([...words, '--debug'], withToken())).stderr).toContain('    at ')
  })

  it('ends as it would when its reader goes away', async () => {
    const { child, ended } = startDemo(scanWords('--org', 'acme', '--json'), withToken())
    child.stdout?.destroy()
    child.stderr?.destroy()
    expect((await ended).code).toBe(5)
  })

  it('says which packages of a list it does not look for', async () => {
    const list = join(folder, 'python.txt')
    await writeFile(list, 'pypi:ctx:0.1.2\n')
    const { stderr } = await runDemo(scanWords('--org', 'acme', '--ioc', list), withToken())
    expect(stderr).toContain('The list has packages of pypi, which are not looked for')
  })

  it('prints nothing of a repository that could change the terminal', async () => {
    const gitDir = join(folder, 'odd.git')
    const lockfile = JSON.stringify({ lockfileVersion: 3, packages: { 'node_modules/bad': { version: '6.6.6' } } })
    const files = { 'x\u001B[2J/package-lock.json': lockfile }
    await buildRepository(gitDir, {
      branch: 'main',
      commits: [{ message: 'Begin', date: '2026-01-01T00:00:00Z', files }],
    })
    const [record] = organisation.repositories
    if (record === undefined) throw new Error('no repository')
    await using other = await startGitHubServer({
      repositories: [
        { ...record, gitDir, name: 'odd', defaultBranch: 'main', private: false, archived: false, fork: false },
      ],
    })
    const list = join(folder, 'bad.txt')
    await writeFile(list, 'bad:6.6.6\n')
    const words = ['scan', '--org', 'acme', '--api-url', other.url, '--cache', ':memory:', '--ioc', list]
    const { stdout, code } = await runDemo(words, withToken())
    expect(code).toBe(5)
    expect(stdout).not.toContain('\u001B')
    expect(stdout).toContain('x\\u001b[2J/package-lock.json:1')
  })
})
