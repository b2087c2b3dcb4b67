import { type Inventory, type OwnerIndex } from '../scan/inventory.ts'
import { type RepositoryConnection, type RepositoryList } from './repository-list.ts'
import { readRepository } from './repository-node.ts'
import { type ListOrder, readPage, type Sweep, type SweepTools } from './repository-sweep.ts'
import { type SweptRepository } from '../repository.ts'

const NEWEST_FIRST: ListOrder = { field: 'PUSHED_AT', direction: 'DESC' }

/**
 * Lists an owner or a team from the inventory, after asking only for what was pushed since: the newest pushes first, down
 * to the last one that is known. One point where nothing was pushed.
 *
 * @returns `undefined` where the inventory cannot be trusted: repositories came or went, or cannot be read.
 * @throws what the client throws.
 */
export async function sweepPushed(
  tools: SweepTools,
  list: RepositoryList,
  { index, inventory }: { readonly index: OwnerIndex; readonly inventory: Inventory },
): Promise<Sweep | undefined> {
  const pushed = await readPushed(tools, list, index)
  if (pushed === undefined) return undefined
  const names = new Set(index.names)
  if (pushed.some(({ fullName }) => !names.has(fullName))) return undefined
  const known = new Map(await inventory.getRepositories(index.names))
  for (const repository of pushed) known.set(repository.fullName, repository)
  if (index.names.some((name) => !known.has(name))) return undefined
  await inventory.setRepositories(pushed)
  const newest = pushed.reduce((time, { pushedAt = '' }) => (pushedAt > time ? pushedAt : time), index.newest)
  // Last, so that a sweep that is killed before leaves the next one to see the same again.
  await inventory.setIndex(list.name, { ...index, newest })
  return { repositories: index.names.flatMap((name) => known.get(name) ?? []), gaps: [] }
}

async function readPushed(
  tools: SweepTools,
  list: RepositoryList,
  index: OwnerIndex,
): Promise<SweptRepository[] | undefined> {
  const pushed: SweptRepository[] = []
  for (let after: string | null = null; ;) {
    const { data } = await readPage(tools, list, { after, order: NEWEST_FIRST })
    const connection = list.connectionOf(data)
    const repositories = connection?.totalCount === index.total ? readAll(connection) : undefined
    if (connection === undefined || repositories === undefined) return undefined
    pushed.push(...repositories)
    // Several pushes may have the same second: only an older one is the end.
    const reached = repositories.some(({ pushedAt }) => pushedAt !== undefined && pushedAt < index.newest)
    const { hasNextPage, endCursor } = connection.pageInfo
    if (reached || !hasNextPage || endCursor === null) return pushed
    after = endCursor
  }
}

/** The repositories of a page, if every one can be read. */
function readAll({ nodes }: RepositoryConnection): SweptRepository[] | undefined {
  const read = (nodes ?? [null]).map((node) => (node === null ? 'not readable' : readRepository(node)))
  return read.every((repository) => typeof repository !== 'string') ? read : undefined
}
