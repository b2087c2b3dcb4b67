import { isGitHubAPIError } from '@x/core'

import { inParallel } from '../parallel/in-parallel.ts'
import { type Inventory } from '../scan/inventory.ts'
import { type ListedRepository } from '../client/owner-repositories.ts'
import { type Sweep, type SweepGap, type SweepTools } from './repository-sweep.ts'
import { type SweptRepository } from '../repository.ts'

/** Branches that are asked for at the same time; the client's own limit also holds. */
const BRANCHES_AT_ONCE = 10

/**
 * Lists an owner's repositories on a server without GraphQL: a request for every 100, and one for each in which something
 * was pushed since the inventory has seen it.
 *
 * @throws what the client throws when they cannot be listed whole.
 */
export async function sweepOwnerByRest(tools: SweepTools, owner: string, inventory: Inventory): Promise<Sweep> {
  const listed: ListedRepository[] = []
  for await (const repository of tools.client.listRepositories(owner, tools.call)) listed.push(repository)
  const sweep = await readHeads(tools, listed, inventory)
  if (listed.length > 0) return sweep
  return { repositories: [], gaps: [{ repository: `${owner}/*`, why: 'no repository is visible to this token' }] }
}

/** Finds repositories by `owner/name` on a server without GraphQL: a request for each, and one more as above. */
export async function sweepNamesByRest(
  tools: SweepTools,
  fullNames: readonly string[],
  inventory: Inventory,
): Promise<Sweep> {
  const listed: ListedRepository[] = []
  const gaps: SweepGap[] = []
  const names = new Map<string, string>()
  await inParallel(fullNames, BRANCHES_AT_ONCE, async (repository) => {
    try {
      const found = await tools.client.getRepository(repository, tools.call)
      names.set(repository, found.fullName)
      listed.push(found)
    } catch (error) {
      tools.call.signal?.throwIfAborted()
      gaps.push({ repository, why: (error as Error).message })
    }
  })
  const sweep = await readHeads(tools, listed, inventory)
  return { repositories: sweep.repositories, gaps: [...gaps, ...sweep.gaps], names }
}

async function readHeads(
  { client, call }: SweepTools,
  listed: readonly ListedRepository[],
  inventory: Inventory,
): Promise<Sweep> {
  const known = await inventory.getRepositories(listed.map(({ fullName }) => fullName))
  const repositories: SweptRepository[] = []
  const gaps: SweepGap[] = []
  await inParallel(listed, BRANCHES_AT_ONCE, async (repository) => {
    const { fullName, defaultBranch } = repository
    const before = known.get(fullName)
    try {
      const head = isUnchanged(repository, before)
        ? before?.head
        : await client.getCommit(repository, `refs/heads/${defaultBranch}`, call)
      repositories.push({ ...repository, head })
    } catch (error) {
      call.signal?.throwIfAborted()
      // Nothing was ever pushed ("Git Repository is empty").
      if (isGitHubAPIError(error, 409)) repositories.push(repository)
      else gaps.push({ repository: fullName, why: (error as Error).message })
    }
  })
  return { repositories: repositories.sort((a, b) => (a.fullName < b.fullName ? -1 : 1)), gaps }
}

function isUnchanged({ pushedAt, defaultBranch }: ListedRepository, before: SweptRepository | undefined): boolean {
  return pushedAt !== undefined && before?.pushedAt === pushedAt && before.defaultBranch === defaultBranch
}
