import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { type ScanResult } from '@x/github-batch'
import { createFixtureOrganisation, startGitHubServer } from '@x/github-server'

import { type GitHubScanWork, scanGitHub } from './scan-github.ts'

/** Scans the organisation of a GitHub-compatible server that runs meanwhile. */
export async function scanBundled(work: Omit<GitHubScanWork, 'token'>): Promise<ScanResult> {
  const { log, signal } = work.invocation
  const folder = await mkdtemp(join(tmpdir(), 'x-demo-'))
  try {
    log.note('Building an organisation of real git repositories…')
    const { name, repositories, token } = await createFixtureOrganisation(join(folder, 'repositories'))
    signal.throwIfAborted()
    await using server = await startGitHubServer({ repositories, tokens: [token] })
    log.note(`A GitHub-compatible server with ${repositories.length} repositories runs at ${server.url}.`)
    const { includeArchived, includeForks, exclude, fast } = work.options
    const scope = { organizations: [name], includeArchived, includeForks, exclude, rootFilesOnly: fast }
    return await scanGitHub((scans, how) => scans.scan(scope, how), {
      ...work,
      token,
      options: { ...work.options, apiUrl: server.url },
    })
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
