import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

import { Octokit } from '@octokit/core'
import { retry } from '@octokit/plugin-retry'
import { throttling } from '@octokit/plugin-throttling'
import { SqliteCache } from '@x/cache-sqlite'
import { BatchCoordinator, GitHubClient, IocCatalog, RateBudget } from '@x/github-batch'
import { isDependencyFile, parseLockfile } from '@x/lockfiles'
import pLimit from 'p-limit'

import { type Benchmark, type Scale } from '../benchmark.ts'
import { countText, decadesTo } from '../sizes.ts'
import { type ServerCost } from './server-cost.ts'

const REPOSITORIES = 200
/** For a first look. */
const FEW_REPOSITORIES = 20
/** Where only requests are counted. */
const MOST_REPOSITORIES = 1_000
const LATENCY_MS = 40
const AT_ONCE = 10
const OWNER = 'acme'
const NOTHING_CHANGED = '@x/github-batch, nothing changed'
const FILE_BY_FILE = '@octokit/core, file by file'
const CATALOG = new IocCatalog([{ ecosystem: 'npm', name: 'bad', version: '6.6.6', source: 'bench' }])
/** Where a tool that lists no trees looks for a lockfile: the three that each repository has, and seventeen more. */
const CANDIDATES = [
  ...['', 'web/', 'services/api/', 'tools/', 'app/'].flatMap((folder) =>
    ['package-lock.json', 'yarn.lock', 'pnpm-lock.yaml', 'npm-shrinkwrap.json'].map((name) => `${folder}${name}`),
  ),
]

const ThrottledOctokit = Octokit.plugin(throttling, retry)

interface Answer {
  readonly findings: number
  readonly cost: ServerCost
}

let server: ChildProcess | undefined
let url = ''
let bad = 0

/** One server for all contestants, in a process of its own. */
async function openServer(repositories: number, latencyMs: number): Promise<void> {
  server = fork(join(import.meta.dirname, 'github-server.ts'), [String(repositories), String(latencyMs)])
  const [ready] = (await once(server, 'message')) as [{ url: string; bad: number }]
  url = ready.url
  bad = ready.bad
}

function closeServer(): void {
  server?.disconnect()
  server = undefined
}

async function costSoFar(): Promise<ServerCost> {
  const answer = once(server ?? process, 'message')
  server?.send('cost')
  const [cost] = (await answer) as [ServerCost]
  return cost
}

async function scan(cache: SqliteCache, budget?: RateBudget): Promise<Answer> {
  const client = new GitHubClient({ token: 'bench', baseUrl: url, budget })
  const coordinator = new BatchCoordinator({ client, cache, catalog: CATALOG })
  const { findings, complete } = await coordinator.scan({ organizations: [OWNER] })
  if (!complete) throw new Error('The scan is not complete.')
  return { findings: findings.length, cost: await costSoFar() }
}

function newCache(): SqliteCache {
  return new SqliteCache({ path: ':memory:', maxSizeBytes: 1_000_000_000 })
}

function octokit(): Octokit {
  const wait = (): boolean => true
  return new ThrottledOctokit({
    auth: 'bench',
    baseUrl: url,
    throttle: { onRateLimit: wait, onSecondaryRateLimit: wait },
    log: { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined },
  })
}

async function repositoryNames(client: Octokit): Promise<string[]> {
  const names: string[] = []
  for (let page = 1; ; page += 1) {
    const { data } = await client.request('GET /orgs/{org}/repos', { org: OWNER, per_page: 100, page })
    names.push(...data.map(({ name }) => name))
    if (data.length < 100) return names
  }
}

/** The listed packages of a file, or none where there is no such file. */
async function findingsIn(client: Octokit, repo: string, path: string): Promise<number> {
  try {
    const { data } = await client.request('GET /repos/{owner}/{repo}/contents/{path}', {
      owner: OWNER,
      repo,
      path,
      headers: { accept: 'application/vnd.github.raw' },
    })
    return CATALOG.match(parseLockfile(path, data as unknown as string).packages).length
  } catch (error) {
    if ((error as { status?: number }).status === 404) return 0
    throw error
  }
}

async function fileByFile(): Promise<Answer> {
  const client = octokit()
  const limit = pLimit(AT_ONCE)
  const names = await repositoryNames(client)
  const files = names.flatMap((repo) => CANDIDATES.map((path) => limit(() => findingsIn(client, repo, path))))
  return { findings: sum(await Promise.all(files)), cost: await costSoFar() }
}

async function treeAndContents(): Promise<Answer> {
  const client = octokit()
  const limit = pLimit(AT_ONCE)
  const names = await repositoryNames(client)
  const paths = await Promise.all(names.map((repo) => limit(() => lockfilesOf(client, repo))))
  const files = names.flatMap((repo, index) =>
    (paths[index] ?? []).map((path) => limit(() => findingsIn(client, repo, path))),
  )
  return { findings: sum(await Promise.all(files)), cost: await costSoFar() }
}

async function lockfilesOf(client: Octokit, repo: string): Promise<string[]> {
  const { data } = await client.request('GET /repos/{owner}/{repo}/git/trees/{tree_sha}', {
    owner: OWNER,
    repo,
    tree_sha: 'main',
    recursive: 'true',
  })
  return data.tree.map(({ path }) => path).filter((path) => isDependencyFile(path))
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}

async function forgetCost(): Promise<void> {
  await costSoFar()
}

/** What every benchmark of scans has, whatever the number of repositories. */
function scans(
  repositories: number,
  latencyMs: number,
): Omit<Benchmark, 'name' | 'contestants'> & { open: () => Promise<void> } {
  return {
    unit: 'repo',
    operations: repositories,
    repeats: 1,
    check: (answer) => {
      const { findings } = answer as Answer
      if (findings !== bad) throw new Error(`${findings} findings instead of ${bad}`)
    },
    costs: (answer) => {
      const { requests, restPoints, graphqlPoints } = (answer as Answer).cost
      return { requests, points: restPoints + graphqlPoints }
    },
    open: () => openServer(repositories, latencyMs),
  }
}

/** A scan for the first time, the same when nothing has changed, and the ways that people do it. */
function coldAndWarm(repositories: number): Benchmark {
  const { open, ...shared } = scans(repositories, LATENCY_MS)
  let warm: SqliteCache | undefined
  return {
    ...shared,
    name: `${repositories} repositories, ${LATENCY_MS} ms for each answer`,
    // A round takes half a minute, most of it waiting.
    rounds: 3,
    targets: [
      { against: FILE_BY_FILE, ratio: 5 },
      { of: NOTHING_CHANGED, against: FILE_BY_FILE, ratio: 50 },
    ],
    contestants: [
      { name: '@x/github-batch, cold', role: 'ours', open, reset: forgetCost, run: () => scan(newCache()) },
      {
        name: NOTHING_CHANGED,
        role: 'ours',
        open: async () => {
          warm = newCache()
          await scan(warm)
        },
        reset: forgetCost,
        run: () => scan(warm ?? newCache()),
        close: () => {
          warm?.close()
          closeServer()
        },
      },
      { name: FILE_BY_FILE, role: 'peer', reset: forgetCost, run: fileByFile },
      { name: '@octokit/core, trees and contents', role: 'peer', reset: forgetCost, run: treeAndContents },
    ],
  }
}

/** What GitHub allows in a minute, in six hundredths of a second: where only requests are counted. */
function unpaced(): RateBudget {
  const start = Date.now()
  const clock = { now: (): number => start + (Date.now() - start) * 1_000 }
  const delay = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms / 1_000))
  return new RateBudget({ clock, delay })
}

function requestsOf(repositories: number): Benchmark {
  const { open, ...shared } = scans(repositories, 0)
  return {
    ...shared,
    name: `${countText(repositories)} repositories, cold, no latency and no pace`,
    // Only requests are counted here, and they are always the same.
    rounds: 1,
    series: { name: 'repositories, cold', size: repositories },
    contestants: [
      {
        name: '@x/github-batch',
        role: 'ours',
        open,
        reset: forgetCost,
        run: () => scan(newCache(), unpaced()),
        close: closeServer,
      },
      { name: '@octokit/core, trees and contents', role: 'peer', reset: forgetCost, run: treeAndContents },
    ],
  }
}

/** Three lockfiles in each repository, a fifth of them too large for GraphQL. */
export function githubBatchBenchmarks(scale: Scale): readonly Benchmark[] {
  return [
    coldAndWarm(scale === 'full' ? REPOSITORIES : FEW_REPOSITORIES),
    ...decadesTo(MOST_REPOSITORIES, scale).map(requestsOf),
  ]
}
