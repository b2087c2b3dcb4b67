import { type GitHubCallOptions, type GitHubClient } from './github-client.ts'
import { type Sweep, sweepNames, sweepOwner } from './repository-sweep.ts'
import { type ScanScope } from './scan-scope.ts'

/**
 * Lists what is in scope. What cannot be listed is a gap, unless nothing at all can be.
 *
 * @throws what the client throws first, when no sweep read anything; the signal's reason when it aborts.
 */
export async function sweepScope(
  client: GitHubClient,
  { organizations = [], repositories = [] }: ScanScope,
  options: GitHubCallOptions,
): Promise<Sweep> {
  const sweeps: Sweep[] = []
  const failures: { readonly repository: string; readonly error: Error }[] = []
  const attempt = async (names: readonly string[], sweep: () => Promise<Sweep>): Promise<void> => {
    try {
      sweeps.push(await sweep())
    } catch (error) {
      options.signal?.throwIfAborted()
      failures.push(...names.map((repository) => ({ repository, error: error as Error })))
    }
  }
  for (const owner of new Set(organizations)) await attempt([`${owner}/*`], () => sweepOwner(client, owner, options))
  const names = [...new Set(repositories)]
  if (names.length > 0) await attempt(names, () => sweepNames(client, names, options))
  if (sweeps.length === 0 && failures[0] !== undefined) throw failures[0].error
  const byName = new Map(sweeps.flatMap((sweep) => sweep.repositories.map((found) => [found.fullName, found])))
  const gaps = failures.map(({ repository, error }) => ({ repository, why: error.message }))
  return { repositories: [...byName.values()], gaps: [...sweeps.flatMap((sweep) => sweep.gaps), ...gaps] }
}
