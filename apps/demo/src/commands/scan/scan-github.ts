import { createHash } from 'node:crypto'

import { type CacheStore, isGitHubAPIError, isNetworkError } from '@x/core'
import {
  BatchCoordinator,
  type BatchConfig,
  createBatchConfig,
  GitHubClient,
  type IocCatalog,
  RateBudget,
  type ResumableScanResult,
  type ScanOptions as PackageScanOptions,
} from '@x/github-batch'

import { type OpenedCache, openOptionalCache } from '../../cache/open-cache.ts'
import { scanCachePurpose } from '../../cache/scan-cache.ts'
import { type Invocation } from '../../cli/command.ts'
import { environmentVariable } from '../../cli/environment-variable.ts'
import { once } from '../../cli/once.ts'
import { inOwnWords } from '../../cli/own-words.ts'
import { PROGRAM } from '../../cli/program.ts'
import { advise, ConfigurationError } from '../../cli/program-error.ts'
import { ScanView } from '../../view/scan-view.ts'
import { type ScanOptions } from './run-scan.ts'

export interface GitHubScanWork {
  readonly options: ScanOptions
  readonly catalog: IocCatalog
  readonly token: string | undefined
  readonly invocation: Invocation
}

/** Begins a scan, or goes on with one. */
export type ScanRun = (coordinator: BatchCoordinator, options: PackageScanOptions) => Promise<ResumableScanResult>

/** The token of the environment; none is needed for a server that asks for none, or where nothing is asked for. */
export function githubToken({ apiUrl, offline }: Pick<ScanOptions, 'apiUrl' | 'offline'>): string | undefined {
  const token = environmentVariable('GITHUB_TOKEN') ?? environmentVariable('GH_TOKEN')
  if (token === undefined && !offline && new URL(apiUrl).hostname === 'api.github.com') {
    throw new ConfigurationError(
      'No token: set GITHUB_TOKEN or GH_TOKEN. A token that reads public repositories is enough for those.',
    )
  }
  return token
}

/** Scans repositories of GitHub, or of a server like it. */
export async function scanGitHub(run: ScanRun, work: GitHubScanWork): Promise<ResumableScanResult> {
  const { options, invocation } = work
  const opened = await openOptionalCache(options.cache, scanCachePurpose())
  try {
    const result = await runOn(opened, run, work)
    if (!result.complete && opened.place !== undefined)
      invocation.log.note(`${PROGRAM} scan --resume ${result.id} goes on with what could not be read.`)
    return result
  } catch (error) {
    throw withNextStep(error, work.token)
  } finally {
    await opened.cache.close()
  }
}

async function runOn({ cache, place }: OpenedCache, run: ScanRun, work: GitHubScanWork): Promise<ResumableScanResult> {
  const { options, catalog, invocation } = work
  const { log, signal } = invocation
  const view = new ScanView(log, { label: options.offline ? 'offline scan' : 'scan' })
  const onCacheError = once((error: unknown) => {
    log.note(`The cache fails, and the scan goes on without it: ${inOwnWords((error as Error).message)}`)
  })
  const coordinator = new BatchCoordinator({
    client: clientOf(cache, work),
    cache,
    catalog,
    config: configOf(options),
    onCacheError,
  })
  try {
    return await run(coordinator, {
      signal,
      offline: options.offline,
      maxPoints: options.budget,
      ...(options.fullSweep ? { fullSweepAfter: 0 } : {}),
      onProgress: view.update,
      onEvent: view.tell,
    })
  } catch (error) {
    view.end()
    if (signal.aborted && place !== undefined) {
      const how = view.id === undefined ? 'the same scan' : `${PROGRAM} scan --resume ${view.id}`
      log.note(`What was fetched is kept in ${place}: ${how} goes on from there.`)
    }
    throw error
  } finally {
    view.end()
    const megabytes = Math.round(process.resourceUsage().maxRSS / 1_024)
    log.debug(`Showing it took ${Math.round(log.screen.spentMs)} ms; the program used ${megabytes} MB at most.`)
  }
}

function clientOf(cache: CacheStore, { options, token }: GitHubScanWork): GitHubClient {
  const { apiUrl, maxConcurrent, rateLimitBuffer, maxWait } = options
  // Scans with one token spend from one limit. The token itself is written nowhere.
  const account = createHash('sha256')
    .update(`${apiUrl}\n${token ?? ''}`)
    .digest('hex')
  const budget = new RateBudget({ rateLimitBuffer, maxWait, shared: { store: cache, account } })
  return new GitHubClient({ token, baseUrl: apiUrl, budget, maxConcurrent })
}

function configOf({ strategy, batchSize, maxConcurrent, rateLimitBuffer }: ScanOptions): BatchConfig {
  return createBatchConfig({
    defaultStrategy: strategy,
    maxConcurrentRequests: maxConcurrent,
    rateLimitBuffer,
    defaultBatchSize: batchSize,
    maxBatchSize: batchSize === undefined ? undefined : Math.max(50, batchSize),
  })
}

function withNextStep(error: unknown, token: string | undefined): unknown {
  if (isGitHubAPIError(error, 401))
    advise(error, token === undefined ? 'Set GITHUB_TOKEN.' : 'Check GITHUB_TOKEN or GH_TOKEN.')
  else if (isNetworkError(error)) advise(error, 'Check --api-url and the connection.')
  else if (isGitHubAPIError(error)) advise(error, 'Check --api-url: GitHub Enterprise needs https://HOST/api/v3.')
  return error
}
