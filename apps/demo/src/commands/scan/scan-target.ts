import { UsageError } from '../../cli/program-error.ts'

export interface TargetOptions {
  readonly org: readonly string[]
  readonly repo: readonly string[]
  readonly path: readonly string[]
  readonly exclude: readonly string[]
  readonly fast: boolean
  readonly try: boolean
}

/** What a command line names: folders of this machine, the bundled server, or repositories of GitHub. */
export type ScanTarget =
  | { readonly kind: 'paths'; readonly paths: readonly string[] }
  | { readonly kind: 'bundled' }
  | { readonly kind: 'github'; readonly organizations: readonly string[]; readonly repositories: readonly string[] }

/** @throws UsageError where nothing is named, or things that do not go together. */
export function scanTarget({ org, repo, path, exclude, fast, try: bundled }: TargetOptions): ScanTarget {
  const named = [
    ...(org.length + repo.length > 0 ? ['--org or --repo'] : []),
    ...(path.length > 0 ? ['--path'] : []),
    ...(bundled ? ['--try'] : []),
  ]
  if (named.length === 0) throw new UsageError('Nothing to scan: give --org, --repo, --path or --try.')
  if (named.length > 1) throw new UsageError(`Give one of ${named.join(', ')} at a time.`)
  if (path.length > 0) return { kind: 'paths', paths: path }
  if (exclude.length > 0) throw new UsageError('--exclude goes with --path.')
  if (fast) throw new UsageError('--fast goes with --path.')
  return bundled ? { kind: 'bundled' } : githubTarget(org, repo)
}

function githubTarget(organizations: readonly string[], names: readonly string[]): ScanTarget {
  const repositories = names.map((repository) => qualify(repository, organizations))
  const idle = organizations.find(
    (name) => repositories.length > 0 && !repositories.some((other) => isOwnedBy(other, name)),
  )
  if (idle !== undefined)
    throw new UsageError(`--org ${idle} would not be scanned: no --repo is of it. Scan it by itself.`)
  // --repo narrows: the organisation then only says whose repository it is.
  return { kind: 'github', organizations: repositories.length > 0 ? [] : organizations, repositories }
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
