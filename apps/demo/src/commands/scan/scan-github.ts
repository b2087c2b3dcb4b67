import { isGitHubAPIError, isNetworkError } from '@x/core'
import { BatchCoordinator, GitHubClient, type IocCatalog, RateBudget, type ScanResult } from '@x/github-batch'

import { openCache } from '../../cache/open-cache.ts'
import { scanCachePurpose } from '../../cache/scan-cache.ts'
import { type Invocation } from '../../cli/command.ts'
import { environmentVariable } from '../../cli/environment-variable.ts'
import { ConfigurationError } from '../../cli/program-error.ts'
import { ScanView } from '../../view/scan-view.ts'
import { type ScanOptions } from './run-scan.ts'

export interface GitHubScope {
  readonly organizations: readonly string[]
  readonly repositories: readonly string[]
}

export interface GitHubScanWork {
  readonly options: Omit<ScanOptions, 'org' | 'repo' | 'path' | 'exclude' | 'fast' | 'try' | 'ioc'>
  readonly catalog: IocCatalog
  readonly token: string | undefined
  readonly invocation: Invocation
}

/** The token of the environment; none is needed for a server that asks for none. */
export function githubToken(apiUrl: string): string | undefined {
  const token = environmentVariable('GITHUB_TOKEN') ?? environmentVariable('GH_TOKEN')
  if (token === undefined && new URL(apiUrl).hostname === 'api.github.com') {
    throw new ConfigurationError(
      'No token: set GITHUB_TOKEN or GH_TOKEN. A token that reads public repositories is enough for those.',
    )
  }
  return token
}

/** Scans repositories of GitHub, or of a server like it. */
export async function scanGitHub(scope: GitHubScope, work: GitHubScanWork): Promise<ScanResult> {
  try {
    return await scanWith(scope, work)
  } catch (error) {
    throw withNextStep(error, work.token)
  }
}

async function scanWith(scope: GitHubScope, work: GitHubScanWork): Promise<ScanResult> {
  const { token, options, catalog, invocation } = work
  const { log, signal } = invocation
  const { cache, place } = await openCache(options.cache, scanCachePurpose())
  const budget = new RateBudget({
    rateLimitBuffer: options.rateLimitBuffer,
    maxWait: options.maxWait,
    onWait: (wait) => {
      view.waiting(wait)
    },
  })
  const client = new GitHubClient({ token, baseUrl: options.apiUrl, budget, maxConcurrent: options.maxConcurrent })
  const view = new ScanView(log, { label: 'scan', spending: () => client.usage })
  const onCacheError = once((error: unknown) => {
    log.note(`The cache fails, and the scan goes on without it: ${(error as Error).message}`)
  })
  try {
    const coordinator = new BatchCoordinator({ client, cache, catalog, onCacheError })
    const { includeArchived, includeForks } = options
    return await coordinator.scan({ ...scope, includeArchived, includeForks }, { signal, onProgress: view.update })
  } catch (error) {
    view.end()
    if (signal.aborted && place !== undefined)
      log.note(`What was fetched is kept in ${place}: the same scan goes on from there.`)
    throw error
  } finally {
    view.end()
    await cache.close()
  }
}

/** The packages know what happened; only the command knows which of its options to look at. */
function withNextStep(error: unknown, token: string | undefined): unknown {
  if (isGitHubAPIError(error, 401))
    error.message += token === undefined ? ' Set GITHUB_TOKEN.' : ' Check GITHUB_TOKEN or GH_TOKEN.'
  else if (isNetworkError(error)) error.message += '. Check --api-url and the connection.'
  else if (isGitHubAPIError(error)) error.message += '. Check --api-url: GitHub Enterprise needs https://HOST/api/v3.'
  return error
}

function once<Args extends readonly unknown[]>(fn: (...args: Args) => void): (...args: Args) => void {
  let called = false
  return (...args) => {
    if (!called) fn(...args)
    called = true
  }
}
