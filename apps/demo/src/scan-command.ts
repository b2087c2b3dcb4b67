import { SqliteCache } from '@x/cache-sqlite'
import { CacheError, EXIT_CODES, isGitHubAPIError, isNetworkError } from '@x/core'
import { BatchCoordinator, GitHubClient, IocCatalog, RateBudget, type ScanResult } from '@x/github-batch'

import { type ScanCommand } from './command-line.ts'
import { defaultCachePath } from './default-cache-path.ts'
import { environmentVariable } from './environment-variable.ts'
import { ProgressView } from './progress-view.ts'
import { resultText } from './result-text.ts'

/** Dependency files of some thousand repositories. */
export const CACHE_BYTES: number = 2 * 1024 ** 3

/** Scans what the command line names; the result goes to stdout, everything else to stderr. */
export async function runScan(command: ScanCommand, signal: AbortSignal): Promise<number> {
  const token = environmentVariable('GITHUB_TOKEN') ?? environmentVariable('GH_TOKEN')
  if (token === undefined && new URL(command.apiUrl).hostname === 'api.github.com') {
    throw new CacheError('INVALID_CONFIGURATION', {
      message: 'No token: set GITHUB_TOKEN or GH_TOKEN. A token that reads public repositories is enough for those.',
    })
  }
  const catalog = command.iocPaths.length > 0 ? await IocCatalog.load(command.iocPaths) : IocCatalog.bundled()
  const unread = [...catalog.ecosystems].filter((ecosystem) => ecosystem !== 'npm')
  if (unread.length > 0) {
    process.stderr.write(
      `The list has packages of ${unread.join(', ')}, which are not looked for: only npm lockfiles are read so far.\n`,
    )
  }
  const cachePath = command.cachePath ?? defaultCachePath()
  const cache = new SqliteCache({ path: cachePath, maxSizeBytes: CACHE_BYTES })
  const view = new ProgressView('scan')
  try {
    const budget = new RateBudget({ maxWait: command.maxWait, onWait: view.waiting })
    const client = new GitHubClient({ token, baseUrl: command.apiUrl, budget })
    const onCacheError = once((error: unknown) => {
      view.note(`The cache fails, and the scan goes on without it: ${(error as Error).message}`)
    })
    const coordinator = new BatchCoordinator({ client, cache, catalog, onCacheError })
    const result = await coordinator.scan(command, { signal, onProgress: view.update })
    view.end()
    process.stdout.write(command.json ? `${JSON.stringify(result, undefined, 2)}\n` : resultText(result))
    return exitCodeOfResult(result)
  } catch (error) {
    view.end()
    if (signal.aborted && cachePath !== ':memory:') {
      process.stderr.write(`What was fetched is kept in ${cachePath}: the same scan goes on from there.\n`)
    }
    throw withNextStep(error, token)
  } finally {
    cache.close()
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

function exitCodeOfResult({ complete, findings }: ScanResult): number {
  if (!complete) return EXIT_CODES.scanIncomplete
  return findings.length > 0 ? EXIT_CODES.threatsFound : EXIT_CODES.success
}

function once<Args extends readonly unknown[]>(fn: (...args: Args) => void): (...args: Args) => void {
  let called = false
  return (...args) => {
    if (!called) fn(...args)
    called = true
  }
}
