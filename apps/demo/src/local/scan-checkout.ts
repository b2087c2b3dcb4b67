import { readFile, realpath } from 'node:fs/promises'
import { basename, resolve } from 'node:path'

import { Limiter } from '@x/batcher'
import { EXIT_CODES } from '@x/core'
import {
  explainMatches,
  type Finding,
  type IocCatalog,
  type LedgerEntry,
  matchFile,
  type ScanProgress,
  type ScanResult,
  type Warning,
} from '@x/github-batch'
import { isLockfileError, parseLockfile } from '@x/lockfiles'

import { ProgramError } from '../cli/program-error.ts'
import {
  type CheckoutFile,
  NoDependencyFileError,
  systemReason,
  type Walk,
  walkCheckout,
  type WalkOptions,
} from './walk-checkout.ts'

/** The most that a parser takes (`@x/lockfiles`): a larger file is not even read. */
const LARGEST_FILE_BYTES = 64 * 1024 * 1024
const FILES_AT_ONCE = 4

export interface CheckoutScanOptions extends WalkOptions {
  readonly catalog: IocCatalog
  readonly onProgress: (progress: ScanProgress) => void
}

/**
 * Scans folders, or single files, of this machine as a scan of GitHub would; each is a repository in the result, once however often it is given.
 *
 * @throws ProgramError for a path that cannot be read at all; the signal's reason when it aborts.
 */
export async function scanCheckouts(given: readonly string[], options: CheckoutScanOptions): Promise<ScanResult> {
  const paths = await withoutRepetitions(given)
  const scan = new CheckoutScan(options, paths.length)
  const names = namesOf(paths)
  for (const [index, path] of paths.entries()) await scan.read(path, names[index] ?? path)
  return scan.result
}

class CheckoutScan {
  readonly #options: CheckoutScanOptions
  readonly #total: number
  readonly #findings: Finding[] = []
  readonly #warnings: Warning[] = []
  readonly #ledger: LedgerEntry[] = []
  #filesDone = 0
  #bytes = 0

  constructor(options: CheckoutScanOptions, total: number) {
    this.#options = options
    this.#total = total
  }

  get result(): ScanResult {
    return {
      findings: this.#findings.toSorted(byPlace),
      warnings: this.#warnings.toSorted(byPlace),
      ledger: this.#ledger,
      cost: { requests: 0, restPoints: 0, graphqlPoints: 0, bytes: this.#bytes, cacheHits: 0 },
      complete: this.#ledger.every(({ status }) => status !== 'failed'),
    }
  }

  async read(path: string, repository: string): Promise<void> {
    const { files, gaps } = await this.#walk(path)
    const why = gaps.map((gap) => `${gap.path}: ${gap.why}`)
    const limiter = new Limiter({ maxConcurrent: FILES_AT_ONCE })
    const { signal } = this.#options
    await Promise.all(
      files.map((file) => limiter.run(async () => why.push(...(await this.#readFile(file, repository))), { signal })),
    )
    this.#ledger.push(entryOf(repository, why, files.length))
    this.#progress()
  }

  async #walk(path: string): Promise<Walk> {
    try {
      return await walkCheckout(path, this.#options)
    } catch (error) {
      this.#options.signal.throwIfAborted()
      throw new ProgramError(`Cannot scan ${path}: it ${reasonOf(error)}.`, EXIT_CODES.general, { cause: error })
    }
  }

  /** What of a file could not be read. */
  async #readFile(file: CheckoutFile, repository: string): Promise<string[]> {
    const { path, absolutePath, bytes } = file
    if (bytes > LARGEST_FILE_BYTES) return [`${path}: larger than 64 MiB`]
    let text: string
    try {
      text = await readFile(absolutePath, 'utf8')
    } catch (error) {
      return [`${path}: ${systemReason(error)}`]
    }
    this.#bytes += bytes
    try {
      return this.#match(file, { repository, text })
    } catch (error) {
      if (!isLockfileError(error)) throw error
      return [error.message]
    } finally {
      this.#filesDone += 1
      this.#progress()
    }
  }

  #match({ path }: CheckoutFile, { repository, text }: { repository: string; text: string }): string[] {
    const parsed = parseLockfile(path, text)
    const { findings, warnings } = explainMatches(matchFile(this.#options.catalog, parsed), path, text)
    for (const finding of findings) this.#findings.push({ repository, file: path, ...finding })
    for (const warning of warnings) this.#warnings.push({ repository, file: path, ...warning })
    return parsed.problems.map(({ line, reason }) => `${path}:${line}: ${reason}`)
  }

  #progress(): void {
    this.#options.onProgress({
      repositoriesTotal: this.#total,
      repositoriesSearched: this.#ledger.length,
      repositoriesDone: this.#ledger.length,
      filesDone: this.#filesDone,
      findings: this.#findings,
    })
  }
}

function entryOf(repository: string, why: readonly string[], files: number): LedgerEntry {
  if (why.length > 0) return { repository, status: 'failed', why: why.join('; ') }
  return files === 0
    ? { repository, status: 'skipped', why: 'no dependency file that is read' }
    : { repository, status: 'scanned' }
}

/** Each place once, as it was first called. */
async function withoutRepetitions(paths: readonly string[]): Promise<string[]> {
  const firstByPlace = new Map<string, string>()
  for (const path of paths) {
    // What is not there is told when it is read.
    const place = await realpath(path).catch(() => resolve(path))
    if (!firstByPlace.has(place)) firstByPlace.set(place, path)
  }
  return [...firstByPlace.values()]
}

/** The last part of each path, or the whole where that is not enough to tell them apart. */
function namesOf(paths: readonly string[]): string[] {
  const short = paths.map((path) => basename(resolve(path)))
  return short.map((name, index) =>
    name !== '' && short.indexOf(name) === short.lastIndexOf(name) ? name : resolve(paths[index] ?? ''),
  )
}

function reasonOf(error: unknown): string {
  if (error instanceof NoDependencyFileError) return 'has the name of no dependency file'
  return (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'is not there' : systemReason(error)
}

function byPlace(a: Finding | Warning, b: Finding | Warning): number {
  if (a.repository !== b.repository) return a.repository < b.repository ? -1 : 1
  if (a.file !== b.file) return a.file < b.file ? -1 : 1
  return a.line - b.line
}
