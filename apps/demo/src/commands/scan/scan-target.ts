import { compileGlob, escapeGlob } from '@x/core'
import { type ScanScope } from '@x/github-batch'

import { UsageError } from '../../cli/program-error.ts'

export interface TargetOptions {
  readonly org: readonly string[]
  readonly team: readonly string[]
  readonly repo: readonly string[]
  readonly path: readonly string[]
  readonly exclude: readonly string[]
  readonly includeArchived: boolean
  readonly includeForks: boolean
  readonly fast: boolean
  readonly try: boolean
  readonly resume: string | undefined
  readonly listScans: boolean
}

/** What a command line names. */
export type ScanTarget =
  /** Folders of this machine. */
  | { readonly kind: 'paths'; readonly paths: readonly string[] }
  /** The organisation of the bundled server. */
  | { readonly kind: 'bundled' }
  /** Repositories of GitHub. */
  | { readonly kind: 'github'; readonly scope: ScanScope }
  /** A scan that was begun before. */
  | { readonly kind: 'resume'; readonly id: string }
  /** No scan, but a list of them. */
  | { readonly kind: 'list' }

/** @throws UsageError where nothing is named, or things that do not go together. */
export function scanTarget(options: TargetOptions): ScanTarget {
  const { org, team, repo, path, resume, listScans } = options
  for (const pattern of options.exclude) assertGlob('--exclude', pattern)
  const targets: readonly (readonly [name: string, isNamed: boolean, target: () => ScanTarget])[] = [
    ['--org, --team or --repo', org.length + team.length + repo.length > 0, () => githubTarget(options)],
    ['--path', path.length > 0, () => ({ kind: 'paths', paths: path })],
    ['--try', options.try, () => ({ kind: 'bundled' })],
    ['--resume', resume !== undefined, () => ({ kind: 'resume', id: resume ?? '' })],
    ['--list-scans', listScans, () => ({ kind: 'list' })],
  ]
  const named = targets.filter(([, isNamed]) => isNamed)
  const [first, second] = named
  if (first === undefined) throw new UsageError('Nothing to scan: give --org, --team, --repo, --path or --try.')
  if (second !== undefined) throw new UsageError(`Give one of ${named.map(([name]) => name).join(', ')} at a time.`)
  return first[2]()
}

function githubTarget({ org, team, repo, exclude, includeArchived, includeForks, fast }: TargetOptions): ScanTarget {
  const names = repo.map((name) => qualify(name, org))
  const idle = org.find((name) => names.length > 0 && !names.some((other) => isOwnedBy(other, name)))
  if (idle !== undefined)
    throw new UsageError(`--org ${idle} would not be scanned: no --repo is of it. Scan it by itself.`)
  const rest = { teams: team, exclude, includeArchived, includeForks, rootFilesOnly: fast }
  if (names.length === 0) return { kind: 'github', scope: { organizations: org, ...rest } }
  // --repo narrows: an organisation beside it only says whose repository it is.
  const globs = names.filter(isGlob)
  for (const glob of globs) assertGlob('--repo', glob)
  const repositories = names.filter((name) => !isGlob(name))
  if (globs.length === 0) return { kind: 'github', scope: { repositories, ...rest } }
  if (team.length > 0)
    throw new UsageError('A --repo with a glob does not go with --team: give --exclude, or scan it by itself.')
  const organizations = [...new Set(globs.map((glob) => ownerOf(glob)))]
  return {
    kind: 'github',
    scope: { organizations, repositories, include: [...globs, ...repositories.map(escapeGlob)], ...rest },
  }
}

function qualify(repository: string, organizations: readonly string[]): string {
  if (repository.includes('/')) return repository
  const [organization, ...others] = organizations
  if (organization !== undefined && others.length === 0) return `${organization}/${repository}`
  throw new UsageError(`Whose repository is ${JSON.stringify(repository)}? Write OWNER/NAME, or give one --org.`)
}

function ownerOf(glob: string): string {
  const owner = glob.slice(0, glob.indexOf('/'))
  if (isGlob(owner)) throw new UsageError(`Whose repositories are ${JSON.stringify(glob)}? The owner must be named.`)
  return owner
}

function isGlob(name: string): boolean {
  return /[*?[]/.test(name)
}

function assertGlob(option: string, pattern: string): void {
  try {
    compileGlob(pattern)
  } catch (error) {
    throw new UsageError(`${option}: ${(error as Error).message}`)
  }
}

function isOwnedBy(repository: string, owner: string): boolean {
  return repository.toLowerCase().startsWith(`${owner.toLowerCase()}/`)
}
