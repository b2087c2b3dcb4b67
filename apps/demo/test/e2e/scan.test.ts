import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readdir, readFile, readlink, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

import { type ResumableScanResult, type ScanResult } from '@x/github-batch'
import { buildRepository, startGitHubServer } from '@x/github-server'
import { describe, expect, it } from 'vitest'

import { useLocalGitHub } from './local-github.ts'
import { BUILT, programEnvironment, runProgram, SOURCES, startProgram } from './run-program.ts'

const github = useLocalGitHub()

/** A list of which nothing is there. */
async function emptyList(): Promise<string> {
  const list = join(github.folder, 'nothing.txt')
  await writeFile(list, 'never-published:0.0.0\n')
  return list
}

describe('scan', () => {
  it('finds what is known to be bad and nothing else, accounts for every repository, and exits 5', async () => {
    const { organisation } = github
    const words = github.scanWords('--org', 'acme', '--include-forks', '--json')
    const { code, stdout, stderr } = await runProgram(words, github.withToken)
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
    const { findings, manifestFindings } = organisation.expected
    expect(new Set(found)).toEqual(new Set([...findings, ...manifestFindings]))
    expect(result.findings.find(({ package: name }) => name === 'flatmap-stream')?.through).toEqual([
      'event-stream@3.3.6',
    ])
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

  it('runs from its sources as it does when built', async () => {
    const words = github.scanWords('--org', 'acme', '--format', 'csv')
    const built = await runProgram(words, github.withToken)
    const sources = await runProgram(words, { ...github.withToken, main: SOURCES })
    expect(sources.stdout).toBe(built.stdout)
    expect(sources.code).toBe(built.code)
    expect(built.code).toBe(5)
  })

  it('exits 0 where nothing is found, with nothing but the result on stdout, and nothing on stderr', async () => {
    const words = github.scanWords('--org', 'acme', '--ioc', await emptyList())
    const { code, stdout, stderr } = await runProgram(words, github.withToken)
    expect(code).toBe(0)
    expect(stdout).toMatch(/^No compromised package found\.\n/)
    expect(stderr).toBe('')
  })

  it('exits 6 and names a repository that the token cannot read', async () => {
    const [vault = ''] = github.organisation.expected.unreadable
    const { code, stdout } = await runProgram(github.scanWords('--org', 'acme', '--repo', vault), github.withToken)
    expect(code).toBe(6)
    expect(stdout).toContain(`acme/${vault}: Could not resolve`)
    expect(stdout).toContain('NOT READ')
  })

  it('exits as --fail-on has it', async () => {
    const [vault = ''] = github.organisation.expected.unreadable
    const whole = github.scanWords('--org', 'acme')
    const gap = github.scanWords('--org', 'acme', '--repo', vault, '--repo', 'stream-tools')
    const codeOf = async (words: readonly string[], failOn: string): Promise<number | null> =>
      (await runProgram([...words, '--fail-on', failOn], github.withToken)).code
    expect(await codeOf(whole, 'incomplete')).toBe(0)
    expect(await codeOf(gap, 'incomplete')).toBe(6)
    expect(await codeOf(gap, 'never')).toBe(0)
  })

  it('says what was found as it comes, unless it is to be quiet', async () => {
    const words = github.scanWords('--org', 'acme')
    expect((await runProgram(words, github.withToken)).stderr).toContain(
      'found: acme/stream-tools  package-lock.json:556  event-stream@3.3.6',
    )
    expect((await runProgram([...words, '--quiet'], github.withToken)).stderr).toBe('')
  })

  it('narrows by globs, teams and exclusions', async () => {
    const repositories = async (...words: string[]): Promise<string[]> => {
      const { stdout } = await runProgram(github.scanWords(...words, '--format', 'json'), github.withToken)
      return (JSON.parse(stdout) as ScanResult).ledger.map(({ repository }) => repository)
    }
    expect(await repositories('--repo', 'acme/s*-t*', '--repo', 'acme/payroll')).toEqual([
      'acme/payroll',
      'acme/stream-tools',
    ])
    expect(await repositories('--org', 'acme', '--repo', 'web*', '--exclude', '*/website')).toEqual([
      'acme/web-shop',
      'acme/web-shop-next',
    ])
  })

  it('matches a new list against what is kept without asking for anything', async () => {
    const words = github.scanWords('--org', 'acme')
    await runProgram([...words, '--full-sweep', '--strategy', 'conservative', '--batch-size', '3'], github.withToken)
    github.server.journal.clear()
    const list = join(github.folder, 'new.txt')
    await writeFile(list, 'flatmap-stream:0.1.1\n')
    const { code, stdout } = await runProgram([...words, '--offline', '--ioc', list])
    expect(code).toBe(5)
    expect(stdout).toMatch(/^1 compromised package in 1 repository:/)
    expect(github.server.journal.entries).toEqual([])
  })

  it('stops before its budget, names what is missing, and resumes by id', async () => {
    const words = github.scanWords('--org', 'acme')
    const first = await runProgram([...words, '--budget', '2', '--format', 'json'], github.withToken)
    expect(first.code).toBe(6)
    expect(github.server.journal.summary().restPoints + github.server.journal.summary().graphqlPoints).toBeGreaterThan(
      0,
    )
    const { id, cost } = JSON.parse(first.stdout) as ResumableScanResult
    expect(cost.restPoints + cost.graphqlPoints).toBeLessThanOrEqual(2)
    expect(first.stderr).toContain(`x-demo scan --resume ${id} goes on`)
    const place = words.slice(0, 5).filter((word) => word !== 'scan')
    const listed = await runProgram(['scan', ...place, '--list-scans'])
    expect(listed.stdout).toMatch(new RegExp(`${id} .* incomplete .* acme\n`))
    const [record] = JSON.parse((await runProgram(['scan', ...place, '--list-scans', '--json'])).stdout) as [unknown]
    expect(record).toMatchObject({ id, status: 'incomplete', scope: { organizations: ['acme'] } })
    const everyDay = { env: { ...github.withToken.env, X_DEMO_EXCLUDE: '*', X_DEMO_FAST: 'true' } }
    const resumed = await runProgram(['scan', ...place, '--resume', id, '--format', 'json'], everyDay)
    expect(resumed.code).toBe(5)
    expect((JSON.parse(resumed.stdout) as ResumableScanResult).id).toBe(id)
  })

  it('looks at nothing below the root with --fast, and asks for less', async () => {
    const scan = async (...words: string[]): Promise<ScanResult> => {
      const { stdout } = await runProgram(github.scanWords('--org', 'acme', '--json', ...words), github.withToken)
      return JSON.parse(stdout) as ScanResult
    }
    const whole = await scan()
    const fast = await scan('--fast')
    expect(fast.findings).toEqual(whole.findings.filter(({ file }) => !file.includes('/')))
    expect(fast.cost.bytes).toBeLessThan(whole.cost.bytes)
    expect(fast.ledger.some(({ why }) => why === 'no dependency file at its root')).toBe(true)
  })

  it('tries everything at once on a server of its own', async () => {
    const { code, stdout, stderr } = await runProgram(['scan', '--try', '--cache', ':memory:'])
    expect(code).toBe(5)
    expect(stdout).toContain('acme/stream-tools  package-lock.json:556  event-stream@3.3.6')
    expect(stderr).toContain('A GitHub-compatible server with')
  })

  it('prints nothing of a repository that could change the terminal', async () => {
    const gitDir = join(github.folder, 'odd.git')
    const lockfile = JSON.stringify({ lockfileVersion: 3, packages: { 'node_modules/bad': { version: '6.6.6' } } })
    const files = { 'x\u001B[2J/package-lock.json': lockfile }
    await buildRepository(gitDir, {
      branch: 'main',
      commits: [{ message: 'Begin', date: '2026-01-01T00:00:00Z', files }],
    })
    const [record] = github.organisation.repositories
    if (record === undefined) throw new Error('no repository')
    const odd = { ...record, gitDir, name: 'odd', defaultBranch: 'main', private: false, archived: false, fork: false }
    await using other = await startGitHubServer({ repositories: [odd] })
    const list = join(github.folder, 'bad.txt')
    await writeFile(list, 'bad:6.6.6\n')
    const words = ['scan', '--org', 'acme', '--api-url', other.url, '--cache', ':memory:', '--ioc', list]
    const { stdout, stderr, code } = await runProgram(words, github.withToken)
    expect(code).toBe(5)
    expect(stdout + stderr).not.toContain('\u001B')
    expect(stdout).toContain('x\\u001b[2J/package-lock.json:1')
  })
})

describe('scan --output', () => {
  it('writes the whole result to a file, whatever stood there, and nothing to stdout', async () => {
    const folder = join(github.folder, 'output')
    await mkdir(folder)
    await writeFile(join(folder, 'result.sarif'), 'old', { mode: 0o600 })
    await symlink('result.sarif', join(folder, 'link'))
    const words = github.scanWords('--org', 'acme', '--format', 'sarif', '--output', join(folder, 'link'))
    const { code, stdout, stderr } = await runProgram(words, github.withToken)
    expect({ code, stdout }).toEqual({ code: 5, stdout: '' })
    expect(stderr).toContain('The result is in')
    expect((await readdir(folder)).toSorted()).toEqual(['link', 'result.sarif'])
    expect(JSON.parse(await readFile(join(folder, 'result.sarif'), 'utf8'))).toMatchObject({ version: '2.1.0' })
  })

  it('writes to a device as it is, and takes - as stdout', async () => {
    const words = github.scanWords('--org', 'acme', '--format', 'csv')
    expect(await runProgram([...words, '--output', '/dev/null', '-q'], github.withToken)).toEqual({
      code: 5,
      stdout: '',
      stderr: '',
    })
    expect((await runProgram([...words, '--output', '-'], github.withToken)).stdout).toMatch(/^kind,repository/)
  })

  it.each(['link', '/dev/fd/1'])('writes to the pipe behind %s, and replaces nothing', async (output) => {
    const folder = await mkdtemp(join(github.folder, 'pipe-'))
    await symlink('/proc/self/fd/1', join(folder, 'link'))
    const words = github.scanWords('--org', 'acme', '--json', '-q', '--output', output)
    const env = programEnvironment(github.withToken.env)
    const shell = ['-c', '"$@" | cat', 'sh', process.execPath, BUILT, ...words]
    const { stdout } = await promisify(execFile)('sh', shell, { cwd: folder, env, maxBuffer: Infinity })
    expect(JSON.parse(stdout)).toHaveProperty('findings')
    expect(await readdir(folder)).toEqual(['link'])
    expect(await readlink(join(folder, 'link'))).toBe('/proc/self/fd/1')
  })

  it('makes the file that a link leads to, and leaves the link', async () => {
    const folder = await mkdtemp(join(github.folder, 'dangling-'))
    await symlink('new.json', join(folder, 'link'))
    const words = github.scanWords('--org', 'acme', '--json', '-q', '--output', join(folder, 'link'))
    expect((await runProgram(words, github.withToken)).code).toBe(5)
    expect(await readlink(join(folder, 'link'))).toBe('new.json')
    expect(JSON.parse(await readFile(join(folder, 'new.json'), 'utf8'))).toHaveProperty('findings')
  })

  it('leaves what stood there when the scan fails, and nothing beside it', async () => {
    const folder = join(github.folder, 'kept')
    await mkdir(folder)
    await writeFile(join(folder, 'result.json'), 'old')
    const words = github.scanWords('--org', 'acme', '--output', join(folder, 'result.json'))
    expect((await runProgram(words, { env: { GITHUB_TOKEN: 'wrong' } })).code).toBe(2)
    expect(await readdir(folder)).toEqual(['result.json'])
    expect(await readFile(join(folder, 'result.json'), 'utf8')).toBe('old')
  })

  it.each([
    ['/nowhere/result.json', 'Cannot write /nowhere/result.json: its folder is not there.'],
    ['/', 'Cannot write /: it is a folder.'],
  ])('says before it asks for anything that %s cannot be written', async (path, message) => {
    github.server.journal.clear()
    const { code, stderr } = await runProgram(github.scanWords('--org', 'acme', '--output', path), github.withToken)
    expect({ code, stderr }).toEqual({ code: 1, stderr: `${message}\n` })
    expect(github.server.journal.entries).toEqual([])
  })
})

describe('scan --path', () => {
  it('scans a folder of this machine without asking anybody', async () => {
    const folder = join(github.folder, 'checkout')
    await mkdir(folder)
    const lockfile = { lockfileVersion: 3, packages: { 'node_modules/flatmap-stream': { version: '0.1.1' } } }
    await writeFile(join(folder, 'package-lock.json'), JSON.stringify(lockfile, undefined, 2))
    const { code, stdout, stderr } = await runProgram(['scan', '--path', '.', '--format', 'json'], { cwd: folder })
    expect(code).toBe(5)
    expect((JSON.parse(stdout) as ScanResult).findings).toMatchObject([
      { repository: 'checkout', file: 'package-lock.json', line: 4, package: 'flatmap-stream' },
    ])
    expect(stderr).toBe('found: checkout  package-lock.json:4  flatmap-stream@0.1.1\n')
    const excluded = await runProgram(['scan', '--path', folder, '--exclude', '*.json'])
    expect(excluded.code).toBe(0)
    expect(excluded.stdout).toContain('Skipped: 1 no dependency file that is read.')
  })

  it('exits 6 for a file that it cannot read', async () => {
    const folder = join(github.folder, 'broken')
    await mkdir(folder)
    await writeFile(join(folder, 'package-lock.json'), '{')
    const { code, stdout } = await runProgram(['scan', '--path', folder])
    expect(code).toBe(6)
    expect(stdout).toContain('package-lock.json:1')
  })
})

describe('interrupted', () => {
  it('keeps what was fetched on Ctrl-C and exits 130', async () => {
    const arrived = Promise.withResolvers<undefined>()
    const rewrite = (body: Buffer): Buffer => {
      arrived.resolve(undefined)
      return body
    }
    github.server.setFaults([
      { on: { operation: 'tree' }, times: 1, do: { kind: 'rewrite', rewrite } },
      // Without an end to these the scan can only end by being stopped.
      { on: { operation: 'tree' }, do: { kind: 'hang' } },
    ])
    const words = github.scanWords('--org', 'acme')
    const { child, ended } = startProgram(words, github.withToken)
    await arrived.promise
    child.kill('SIGINT')
    const { code, stderr } = await ended
    expect(code).toBe(130)
    expect(stderr).toContain('What was fetched is kept in')
    const listed = await runProgram([...words, '--list-scans'].filter((word) => word !== '--org' && word !== 'acme'))
    expect(listed.stdout).toMatch(/ unfinished .* acme\n/)
    expect(stderr).toContain('Stopped.')
  })

  it('ends as it would when its reader goes away', async () => {
    const { child, ended } = startProgram(github.scanWords('--org', 'acme', '--format', 'json'), github.withToken)
    child.stdout?.destroy()
    child.stderr?.destroy()
    expect((await ended).code).toBe(5)
  })
})
