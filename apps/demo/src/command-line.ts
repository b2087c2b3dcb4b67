import { parseArgs } from 'node:util'

import { type Duration, toMilliseconds } from '@x/core'

/** A command line that cannot be understood. */
export class UsageError extends Error {
  override readonly name = 'UsageError'

  constructor(problem: string) {
    super(`${problem} See "pnpm demo --help".`)
  }
}

export interface ScanCommand {
  readonly name: 'scan'
  readonly organizations: readonly string[]
  readonly repositories: readonly string[]
  readonly includeArchived: boolean
  readonly includeForks: boolean
  readonly apiUrl: string
  readonly iocPaths: readonly string[]
  readonly cachePath: string | undefined
  readonly maxWait: Duration
  readonly json: boolean
}

export type Command = ScanCommand | { readonly name: 'tour' | 'help' }

export const HELP = `Scans the repositories of a GitHub organisation for compromised packages, with few API calls.

  pnpm demo                        A tour of a minute: starts a GitHub-compatible server on this machine, scans
                                   its organisation cold and then warm, and counts the calls that were saved.
  pnpm demo scan --org NAME        Scans an organisation or user of GitHub, or of the server at --api-url.

What to scan
  --org NAME             An organisation or user; may be repeated.
  --repo OWNER/NAME      Only this repository; may be repeated. Beside one --org, NAME alone will do, and only the
                         repositories named are scanned.
  --include-archived     Scan archived repositories too; otherwise they are counted as skipped.
  --include-forks        Scan forks too; otherwise they are counted as skipped.
  --ioc FILE             A list of compromised packages instead of the bundled one; may be repeated. JSON such as
                         {"npm": {"event-stream": ["3.3.6"]}}, or lines of [ecosystem:]name:version.

How
  --api-url URL          The REST API: https://HOST/api/v3 for GitHub Enterprise. Default: https://api.github.com
  --cache FILE           Where to keep what was fetched. Default: a file in the user's cache folder.
  --max-wait DURATION    The longest time to wait for a rate limit to lift, such as 90s or 5m. Default: 65m
  --json                 Print the result as one JSON document.
  --debug                Print where an error came from.
  --help                 This text.

GITHUB_TOKEN or GH_TOKEN holds the token. Ctrl-C stops and keeps what was fetched: the next scan goes on from there.

Exit codes: 0 clean, 1 wrong usage or a failure, 2 no or a refused token, 3 the cache cannot be used, 4 GitHub cannot be
reached, 5 compromised packages found, 6 something could not be read (whatever was found), 130 interrupted.
`

/**
 * Reads a command line.
 *
 * @throws UsageError saying what is wrong with it.
 */
export function parseCommand(words: readonly string[]): Command {
  const { values, positionals } = parseWords(words)
  if (values.help === true || positionals[0] === 'help') return { name: 'help' }
  const [name, ...rest] = positionals
  if (rest.length > 0) throw new UsageError(`What is ${JSON.stringify(rest[0])}?`)
  if (name === undefined) {
    const [option] = Object.keys(values).filter((key) => key !== 'debug')
    if (option !== undefined) throw new UsageError(`--${option} belongs to a command: "pnpm demo scan --${option} …".`)
    return { name: 'tour' }
  }
  if (name !== 'scan') throw new UsageError(`There is no command ${JSON.stringify(name)}.`)
  return scanCommand(values)
}

const OPTIONS = {
  org: { type: 'string', multiple: true },
  repo: { type: 'string', multiple: true },
  'include-archived': { type: 'boolean' },
  'include-forks': { type: 'boolean' },
  ioc: { type: 'string', multiple: true },
  'api-url': { type: 'string' },
  cache: { type: 'string' },
  'max-wait': { type: 'string' },
  json: { type: 'boolean' },
  debug: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const

type Values = ReturnType<typeof parseArgs<{ options: typeof OPTIONS }>>['values']

function parseWords(words: readonly string[]): { values: Values; positionals: string[] } {
  try {
    return parseArgs({ args: [...words], options: OPTIONS, allowPositionals: true })
  } catch (error) {
    const [sentence = ''] = (error as Error).message.split(/\. |\n/)
    throw new UsageError(sentence.endsWith('.') ? sentence : `${sentence}.`)
  }
}

function scanCommand(values: Values): ScanCommand {
  const organizations = values.org ?? []
  const repositories = (values.repo ?? []).map((repository) => qualify(repository, organizations))
  const idle = organizations.find(
    (name) => repositories.length > 0 && !repositories.some((other) => isOwnedBy(other, name)),
  )
  if (idle !== undefined)
    throw new UsageError(`--org ${idle} would not be scanned: no --repo is of it. Scan it by itself.`)
  if (organizations.length + repositories.length === 0) throw new UsageError('Nothing to scan: give --org or --repo.')
  const apiUrl = values['api-url'] ?? 'https://api.github.com'
  if (!/^https?:$/.test(URL.parse(apiUrl)?.protocol ?? ''))
    throw new UsageError('--api-url must be an http or https URL.')
  return {
    name: 'scan',
    // --repo narrows: the organisation then only says whose repository it is.
    organizations: repositories.length > 0 ? [] : organizations,
    repositories,
    includeArchived: values['include-archived'] === true,
    includeForks: values['include-forks'] === true,
    apiUrl,
    iocPaths: values.ioc ?? [],
    cachePath: values.cache,
    maxWait: readDuration(values['max-wait'] ?? '65m'),
    json: values.json === true,
  }
}

function qualify(repository: string, organizations: readonly string[]): string {
  if (repository.includes('/')) return repository
  const [organization, ...others] = organizations
  if (organization !== undefined && others.length === 0) return `${organization}/${repository}`
  throw new UsageError(`Whose repository is ${JSON.stringify(repository)}? Write OWNER/NAME, or give one --org.`)
}

function isOwnedBy(repository: string, owner: string): boolean {
  return repository.toLowerCase().startsWith(`${owner.toLowerCase()}/`)
}

function readDuration(text: string): Duration {
  try {
    toMilliseconds(text as Duration)
    return text as Duration
  } catch (error) {
    throw new UsageError(`--max-wait: ${(error as Error).message}`)
  }
}
