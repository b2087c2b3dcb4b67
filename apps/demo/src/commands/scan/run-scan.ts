import { randomUUID } from 'node:crypto'

import { compileGlob, type Duration, EXIT_CODES, type ExitCode } from '@x/core'
import { type BatchStrategy, IocCatalog, type ScanResult } from '@x/github-batch'

import { type Invocation } from '../../cli/command.ts'
import { programVersion } from '../../cli/program.ts'
import { type ScanFormat } from '../../formats/scan-format-names.ts'
import { formatScan } from '../../formats/scan-format.ts'
import { type ScanReport } from '../../formats/scan-report.ts'
import { scanCheckouts } from '../../local/scan-checkout.ts'
import { countText } from '../../output/count-text.ts'
import { openResultOutput } from '../../output/result-output.ts'
import { PLAIN_STYLE } from '../../output/style.ts'
import { ScanView } from '../../view/scan-view.ts'
import { type ScanTarget, scanTarget, type TargetOptions } from './scan-target.ts'

export interface ScanOptions extends TargetOptions {
  readonly ioc: readonly string[]
  readonly apiUrl: string
  readonly cache: string | undefined
  readonly offline: boolean
  readonly fullSweep: boolean
  readonly budget: number | undefined
  readonly strategy: BatchStrategy
  readonly batchSize: number | undefined
  readonly maxConcurrent: number
  readonly rateLimitBuffer: number
  readonly maxWait: Duration
  readonly format: ScanFormat
  readonly output: string | undefined
  readonly failOn: 'findings' | 'incomplete' | 'never'
}

/** Scans what the options name; the result goes to its output, everything else to stderr. */
export async function runScan(options: ScanOptions, invocation: Invocation): Promise<ExitCode> {
  const { log } = invocation
  const target = scanTarget(options)
  const catalog = options.ioc.length > 0 ? await IocCatalog.load(options.ioc) : IocCatalog.bundled()
  log.detail(`Listed: ${countText(catalog.size, 'package version')}.`)
  const output = await openResultOutput(options.output)
  try {
    if (target.kind === 'list') {
      await output.write(await (await import('./list-scans.ts')).listScans(options.cache, options.format))
      return EXIT_CODES.success
    }
    const startedAt = new Date()
    const result = await scanOf(target, { options, catalog, invocation })
    const report: ScanReport = {
      result,
      id: randomUUID(),
      startedAt,
      endedAt: new Date(),
      version: programVersion(),
      catalog,
      webUrl: target.kind === 'github' || target.kind === 'resume' ? webUrlOf(options.apiUrl) : undefined,
    }
    const style = output.path === undefined ? invocation.style : PLAIN_STYLE
    await output.write(formatScan(options.format, report, { style, verbose: log.isVerbose }))
    if (output.path !== undefined) log.note(`The result is in ${output.path}.`)
    return exitCodeOfResult(result, options.failOn)
  } finally {
    await output.close()
  }
}

interface ScanWork {
  readonly options: ScanOptions
  readonly catalog: IocCatalog
  readonly invocation: Invocation
}

async function scanOf(target: Exclude<ScanTarget, { kind: 'list' }>, work: ScanWork): Promise<ScanResult> {
  switch (target.kind) {
    case 'paths':
      return scanPaths(target.paths, work)
    case 'bundled':
      return (await import('./scan-bundled.ts')).scanBundled(work)
    case 'github':
    case 'resume': {
      const { scanGitHub, githubToken } = await import('./scan-github.ts')
      const withToken = { ...work, token: githubToken(work.options) }
      if (target.kind === 'resume') return scanGitHub((scans, how) => scans.resume(target.id, how), withToken)
      return scanGitHub((scans, how) => scans.scan(target.scope, how), withToken)
    }
  }
}

async function scanPaths(paths: readonly string[], { options, catalog, invocation }: ScanWork): Promise<ScanResult> {
  const globs = options.exclude.map((pattern) => compileGlob(pattern))
  const view = new ScanView(invocation.log, { label: 'scan' })
  try {
    return await scanCheckouts(paths, {
      catalog,
      rootOnly: options.fast,
      isExcluded: (path) => globs.some((glob) => glob.matches(path)),
      signal: invocation.signal,
      onProgress: view.update,
    })
  } finally {
    view.end()
  }
}

/** Where people look at what the API serves: Enterprise has both on one host. */
function webUrlOf(apiUrl: string): string {
  const url = new URL(apiUrl)
  return url.hostname === 'api.github.com' ? 'https://github.com' : url.origin
}

function exitCodeOfResult({ complete, findings }: ScanResult, failOn: ScanOptions['failOn']): ExitCode {
  if (failOn === 'never') return EXIT_CODES.success
  if (!complete) return EXIT_CODES.scanIncomplete
  return findings.length > 0 && failOn === 'findings' ? EXIT_CODES.threatsFound : EXIT_CODES.success
}
