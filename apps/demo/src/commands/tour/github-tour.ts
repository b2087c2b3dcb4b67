import { randomUUID } from 'node:crypto'
import { join } from 'node:path'

import { BatchCoordinator, GitHubClient, IocCatalog, type ScanResult } from '@x/github-batch'
import { createFixtureOrganisation, type GitHubServer, startGitHubServer } from '@x/github-server'

import { openCache } from '../../cache/open-cache.ts'
import { scanCachePurpose } from '../../cache/scan-cache.ts'
import { type Invocation } from '../../cli/command.ts'
import { PROGRAM, programVersion } from '../../cli/program.ts'
import { tableText } from '../../formats/table.ts'
import { columnsText } from '../../output/columns-text.ts'
import { ScanView } from '../../view/scan-view.ts'
import { readFileByFile } from './file-by-file.ts'

/** Starts a server, scans its organisation cold and then warm, and compares the calls with those of a reader of single files. */
export async function githubTour(folder: string, invocation: Invocation): Promise<void> {
  const { log, signal, style } = invocation
  log.note('Building an organisation of real git repositories…')
  const { name: organization, repositories, token } = await createFixtureOrganisation(join(folder, 'repositories'))
  signal.throwIfAborted()
  await using server = await startGitHubServer({ repositories })
  print(`A GitHub-compatible server with ${repositories.length} repositories runs at ${server.url}.\n\n`)
  const cachePath = join(folder, 'cache.sqlite')
  const scan = (label: string): Promise<ScanResult> =>
    scanOnce({ label, client: new GitHubClient({ token, baseUrl: server.url }), organization, cachePath, invocation })

  const naive = await measure(server, 'file by file', () => readFileByFile(server.url, { organization, token, signal }))
  const startedAt = new Date()
  const cold = await measure(server, 'cold scan', () => scan('cold scan'))
  const report = {
    result: cold.result,
    id: randomUUID(),
    startedAt,
    endedAt: new Date(),
    version: programVersion(),
    catalog: IocCatalog.bundled(),
    webUrl: undefined,
  }
  print(`${tableText(report, { style, verbose: false })}\n`)
  const warm = await measure(server, 'warm scan', () => scan('warm scan'))
  const rows = [['', 'requests', 'REST points', 'GraphQL points'], naive.row, cold.row, warm.row]
  print(`What each way asked of the server, by the server's own journal:\n\n${columnsText(rows)}\n`)
  print(`Scan your own: GITHUB_TOKEN=… ${PROGRAM} scan --org NAME\n`)
}

function print(text: string): void {
  process.stdout.write(text)
}

interface OneScan {
  readonly label: string
  readonly client: GitHubClient
  readonly organization: string
  readonly cachePath: string
  readonly invocation: Invocation
}

/** Each scan opens the cache anew, as a second run of the program would. */
async function scanOnce({ label, client, organization, cachePath, invocation }: OneScan): Promise<ScanResult> {
  const { log, signal } = invocation
  const { cache } = await openCache(cachePath, scanCachePurpose())
  const view = new ScanView(log, { label, namesFindings: false })
  try {
    const coordinator = new BatchCoordinator({ client, cache })
    return await coordinator.scan({ organizations: [organization] }, { signal, onProgress: view.update })
  } finally {
    view.end()
    await cache.close()
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
