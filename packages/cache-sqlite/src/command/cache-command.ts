import { parseArgs } from 'node:util'

import { DEFAULT_CATEGORY, EXIT_CODES, type ExitCode, exitCodeOf, type InvalidateFilter } from '@x/core'

import { SqliteCache } from '../sqlite-cache.ts'
import { CacheFile, type CacheFileKey, type CacheFileStatus } from './cache-file.ts'
import { formatBytes } from './format-bytes.ts'

const HELP = `Looks into a cache file of @x/cache-sqlite.

  x-cache status FILE [--json]                     How much it holds, by category.
  x-cache keys FILE [GLOB] [--category NAME]       Its keys: category, tab, key.
  x-cache get FILE KEY [--category NAME]           A value, as it is stored.
  x-cache clear FILE [--category NAME] [--pattern GLOB] [--key KEY] [--dry-run] [--force]
                                                   Removes entries: all, or those that meet every condition.
                                                   Asks first; --force does not, --dry-run only shows them.
  x-cache verify FILE                              Whether the file is whole and its counts are right.

The category of get is "default" unless given. Expired entries that still lie in the file are shown as well.

Exit codes: 0 done, 1 wrong usage or no such key, 3 the file cannot be used or is damaged, 130 stopped.
`

/** Where a command writes, and whom it asks. */
export interface CommandStreams {
  /** Writes what was asked for. */
  readonly print: (text: string) => void
  /** Writes what went wrong. */
  readonly complain: (text: string) => void
  /** Asks a person for a yes; absent where there is none to ask. */
  readonly confirm?: ((question: string) => Promise<boolean>) | undefined
}

/** Wrong use of the command. */
class UsageError extends Error {}

/** Runs one command, and answers how it ended. */
export async function runCacheCommand(args: readonly string[], streams: CommandStreams): Promise<ExitCode> {
  try {
    return await run(args, streams)
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    streams.complain(`${message}\n${error instanceof UsageError ? 'Try x-cache --help.\n' : ''}`)
    return exitCodeOf(error)
  }
}

async function run(args: readonly string[], streams: CommandStreams): Promise<ExitCode> {
  const { values, positionals } = parse(args)
  if (values.help === true) {
    streams.print(HELP)
    return EXIT_CODES.success
  }
  const [command, file, argument] = positionals
  assertUsage(positionals, Object.keys(values))
  const path = file ?? ''
  switch (command) {
    case 'status':
      return showStatus(path, { ...streams, isJson: values.json === true })
    case 'keys':
      return showKeys(path, { pattern: argument, category: values.category }, streams)
    case 'get':
      return showValue(path, { key: argument, category: values.category }, streams)
    case 'verify':
      return verify(path, streams)
    default:
      return await clear(path, values, streams)
  }
}

function assertUsage([command = '', file, ...rest]: readonly string[], options: readonly string[]): void {
  const known = Object.hasOwn(OPTIONS, command) ? OPTIONS[command] : undefined
  if (known === undefined) throw new UsageError(command === '' ? 'No command.' : `Unknown command: ${command}.`)
  if (file === undefined) throw new UsageError(`No file to ${command}.`)
  const misplaced = options.find((name) => !known.includes(name))
  if (misplaced !== undefined) throw new UsageError(`${command} has no option --${misplaced}.`)
  const extra = command === 'keys' || command === 'get' ? rest.slice(1) : rest
  if (extra.length > 0) throw new UsageError(`Too much: ${extra.join(' ')}.`)
}

const OPTIONS: Readonly<Record<string, readonly string[]>> = {
  status: ['json'],
  keys: ['category'],
  get: ['category'],
  clear: ['category', 'pattern', 'key', 'dry-run', 'force'],
  verify: [],
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        json: { type: 'boolean' },
        category: { type: 'string' },
        pattern: { type: 'string' },
        key: { type: 'string' },
        'dry-run': { type: 'boolean' },
        force: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    })
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error), { cause: error })
  }
}

function showStatus(path: string, { print, isJson }: CommandStreams & { isJson: boolean }): ExitCode {
  using file = new CacheFile(path)
  const status = file.status()
  print(isJson ? `${JSON.stringify(status, undefined, 2)}\n` : statusText(status))
  return EXIT_CODES.success
}

function statusText({ path, maxSizeBytes, fileBytes, walBytes, byCategory, ...all }: CacheFileStatus): string {
  const limit = maxSizeBytes === null ? 'no limit' : `limit ${formatBytes(maxSizeBytes)}`
  const rows = Object.entries(byCategory).map(([name, stats]) => [plain(name), ...amounts(stats)])
  const table = [...rows, ['all', ...amounts(all)]]
  const widths = [0, 1, 2].map((column) => Math.max(...table.map((row) => (row[column] ?? '').length)))
  const lines = table.map(([name = '', entries = '', bytes = '']) =>
    `  ${name.padEnd(widths[0] ?? 0)}  ${entries.padStart(widths[1] ?? 0)}  ${bytes.padStart(widths[2] ?? 0)}`.trimEnd(),
  )
  return [
    `${path}: ${formatBytes(fileBytes)} on disk, write-ahead log ${formatBytes(walBytes)}, ${limit}`,
    ...lines,
    '',
  ].join('\n')
}

function amounts({ entryCount, totalSizeBytes }: CacheFileStatus['byCategory'][string]): [string, string] {
  return [`${entryCount} ${entryCount === 1 ? 'entry' : 'entries'}`, formatBytes(totalSizeBytes)]
}

function showKeys(path: string, filter: InvalidateFilter, { print }: CommandStreams): ExitCode {
  using file = new CacheFile(path)
  for (const found of file.keys(filter)) print(keyLine(found))
  return EXIT_CODES.success
}

function showValue(
  path: string,
  { key, category = DEFAULT_CATEGORY }: { key: string | undefined; category: string | undefined },
  { print, complain }: CommandStreams,
): ExitCode {
  if (key === undefined) throw new UsageError('No key to get.')
  using file = new CacheFile(path)
  const text = file.text({ category, key })
  if (text === undefined) {
    complain(`There is no ${JSON.stringify(key)} in the category ${JSON.stringify(category)}.\n`)
    return EXIT_CODES.general
  }
  print(`${text}\n`)
  return EXIT_CODES.success
}

function verify(path: string, { print, complain }: CommandStreams): ExitCode {
  using file = new CacheFile(path)
  const problems = file.problems()
  for (const problem of problems) complain(`${problem}\n`)
  if (problems.length > 0) return EXIT_CODES.cacheDatabase
  print(`${path} is whole, and its counts are right.\n`)
  return EXIT_CODES.success
}

interface ClearOptions extends Omit<InvalidateFilter, 'tag'> {
  readonly 'dry-run'?: boolean | undefined
  readonly force?: boolean | undefined
}

async function clear(path: string, options: ClearOptions, { print, confirm }: CommandStreams): Promise<ExitCode> {
  const { key, pattern, category, 'dry-run': isDry = false, force = false } = options
  const filter = { key, pattern, category }
  const count = countOf(path, filter, isDry ? print : undefined)
  if (isDry) {
    print(`${entriesText(count)} would go.\n`)
    return EXIT_CODES.success
  }
  if (!force) {
    if (confirm === undefined)
      throw new UsageError('Nobody to ask here: give --force, or --dry-run to see what would go.')
    if (!(await confirm(`Remove ${entriesText(count)} from ${path}? [y/N] `))) {
      print('Nothing was removed.\n')
      return EXIT_CODES.success
    }
  }
  using cache = new SqliteCache({ path, maxSizeBytes: Infinity })
  const isEverything = key === undefined && pattern === undefined && category === undefined
  const removed = isEverything ? cache.clear() : cache.invalidate(filter)
  print(`${entriesText(removed)} removed.\n`)
  return EXIT_CODES.success
}

function countOf(path: string, filter: InvalidateFilter, print: CommandStreams['print'] | undefined): number {
  using file = new CacheFile(path)
  let count = 0
  for (const found of file.keys(filter)) {
    count += 1
    print?.(keyLine(found))
  }
  return count
}

function entriesText(count: number): string {
  return `${count} ${count === 1 ? 'entry' : 'entries'}`
}

function keyLine({ category, key }: CacheFileKey): string {
  return `${plain(category)}\t${plain(key)}\n`
}

/** As it is, or as JSON where it would break the line or could move the cursor. */
function plain(text: string): string {
  return /[\p{Cc}\p{Cf}\p{Cs}]/u.test(text) || text === '' ? JSON.stringify(text) : text
}
