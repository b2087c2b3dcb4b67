import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { SqliteCache } from '@x/cache-sqlite'
import { EXIT_CODES } from '@x/core'
import { BatchCoordinator, GitHubClient, type ScanResult } from '@x/github-batch'
import { createFixtureOrganisation, type GitHubServer, startGitHubServer } from '@x/github-server'

import { readFileByFile } from './file-by-file.ts'
import { ProgressView } from './progress-view.ts'
import { resultText, tableText } from './result-text.ts'
import { CACHE_BYTES } from './scan-command.ts'

/** Starts a server, scans its organisation cold and then warm, and compares the calls with those of a reader of single files. */
export async function runTour(signal: AbortSignal): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'x-demo-'))
  try {
    process.stderr.write('Building an organisation of real git repositories…\n')
    const { name: organization, repositories, token } = await createFixtureOrganisation(join(folder, 'repositories'))
    signal.throwIfAborted()
    const server = await startGitHubServer({ repositories })
    try {
      process.stdout.write(
        `A GitHub-compatible server with ${repositories.length} repositories runs at ${server.url}.\n\n`,
      )
      const cachePath = join(folder, 'cache.sqlite')
      const scan = (label: string): Promise<ScanResult> =>
        scanOnce({ label, client: new GitHubClient({ token, baseUrl: server.url }), organization, cachePath, signal })
      const naive = await measure(server, 'file by file', () =>
        readFileByFile(server.url, { organization, token, signal }),
      )
      const cold = await measure(server, 'cold scan', () => scan('cold scan'))
      process.stdout.write(`${resultText(cold.result)}\n`)
      const warm = await measure(server, 'warm scan', () => scan('warm scan'))
      const table = tableText([['', 'requests', 'REST points', 'GraphQL points'], naive.row, cold.row, warm.row])
      process.stdout.write(`What each way asked of the server, by the server's own journal:\n\n${table}\n`)
      process.stdout.write('Scan your own: GITHUB_TOKEN=… pnpm demo scan --org NAME\n')
      return EXIT_CODES.success
    } finally {
      await server.close()
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

interface OneScan {
  readonly label: string
  readonly client: GitHubClient
  readonly organization: string
  readonly cachePath: string
  readonly signal: AbortSignal
}

/** Each scan opens the cache anew, as a second run of the program would. */
async function scanOnce({ label, client, organization, cachePath, signal }: OneScan): Promise<ScanResult> {
  const cache = new SqliteCache({ path: cachePath, maxSizeBytes: CACHE_BYTES })
  const view = new ProgressView(label)
  try {
    const coordinator = new BatchCoordinator({ client, cache })
    return await coordinator.scan({ organizations: [organization] }, { signal, onProgress: view.update })
  } finally {
    view.end()
    cache.close()
  }
}

async function measure<Result>(
  { journal }: GitHubServer,
  name: string,
  run: () => Promise<Result>,
): Promise<{ row: readonly (string | number)[]; result: Result }> {
  journal.clear()
  const result = await run()
  const { requests, restPoints, graphqlPoints } = journal.summary()
  return { row: [name, requests, restPoints, graphqlPoints], result }
}
