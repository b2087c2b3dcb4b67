import { compileGlob, isGitHubAPIError } from '@x/core'

import { sweepPushed } from './incremental-sweep.ts'
import { type Inventory } from '../scan/inventory.ts'
import { ownerList, type RepositoryList, teamList } from './repository-list.ts'
import { type Sweep, type SweepGap, sweepList, sweepNames, type SweepTools } from './repository-sweep.ts'
import { sweepNamesByRest, sweepOwnerByRest } from './rest-sweep.ts'
import { type ScanScope } from './scan-scope.ts'

/** How to list what is in scope. */
export interface ScopeSweepOptions extends SweepTools {
  /** What earlier sweeps have found, and what this one adds to. */
  readonly inventory: Inventory
  /** Now: milliseconds since the Unix epoch. */
  readonly now: number
  /** `auto`: only what was pushed since, where the last full sweep is not older than this. */
  readonly fullSweepAfterMs: number
}

/**
 * Lists what is in scope. What cannot be listed is a gap, unless nothing at all can be.
 *
 * @throws what the client throws first, when no sweep read anything; the signal's reason when it aborts.
 */
export async function sweepScope(scope: ScanScope, options: ScopeSweepOptions): Promise<Sweep> {
  const sweeps: Sweep[] = []
  const failures: { readonly repository: string; readonly error: Error }[] = []
  const attempt = async (names: readonly string[], sweep: () => Promise<Sweep>): Promise<void> => {
    try {
      sweeps.push(await sweep())
    } catch (error) {
      options.call.signal?.throwIfAborted()
      failures.push(...names.map((repository) => ({ repository, error: error as Error })))
    }
  }
  for (const list of listsOf(scope)) await attempt([`${list.name}/*`], () => sweepOne(list, options))
  const names = [...new Set(scope.repositories)]
  if (names.length > 0) await attempt(names, () => sweepNamed(names, options))
  if (sweeps.length === 0 && failures[0] !== undefined) throw failures[0].error
  const gaps = failures.map(({ repository, error }) => ({ repository, why: error.message }))
  return within(scope, [...sweeps, { repositories: [], gaps }])
}

/** Lists what is in scope by the inventory alone. */
export async function sweepInventory(scope: ScanScope, inventory: Inventory): Promise<Sweep> {
  const names = new Set(scope.repositories)
  const gaps: SweepGap[] = []
  for (const list of listsOf(scope)) {
    const index = await inventory.getIndex(list.name)
    if (index === undefined) gaps.push({ repository: `${list.name}/*`, why: NOT_KEPT })
    for (const name of index?.names ?? []) names.add(name)
  }
  const known = await inventory.getRepositories([...names])
  for (const name of names) if (!known.has(name)) gaps.push({ repository: name, why: NOT_KEPT })
  return within(scope, [{ repositories: [...known.values()], gaps }])
}

/** Why something is missing from a scan that may not ask. */
export const NOT_KEPT = 'the store does not have it: scan without offline first'

function listsOf({ organizations = [], teams = [] }: ScanScope): RepositoryList[] {
  return [...[...new Set(organizations)].map(ownerList), ...[...new Set(teams)].map(teamList)]
}

async function sweepOne(list: RepositoryList, options: ScopeSweepOptions): Promise<Sweep> {
  const { inventory, now, fullSweepAfterMs } = options
  if (options.client.lacksGraphql) return sweepByRest(list, options)
  const index = await inventory.getIndex(list.name)
  let sweep: Sweep | undefined
  try {
    if (index !== undefined && now - index.sweptAt < fullSweepAfterMs) {
      sweep = await sweepPushed(options, list, { index, inventory })
      if (sweep !== undefined) return sweep
    }
    sweep = await sweepList(options, list)
  } catch (error) {
    if (!isGitHubAPIError(error, 404)) throw error
    return sweepByRest(list, options)
  }
  await keep(list, sweep, options)
  return sweep
}

async function keep(
  { name }: RepositoryList,
  { repositories, gaps }: Sweep,
  { inventory, now }: ScopeSweepOptions,
): Promise<void> {
  await inventory.setRepositories(repositories)
  if (gaps.length > 0) return
  const newest = repositories.reduce((time, { pushedAt = '' }) => (pushedAt > time ? pushedAt : time), '')
  const names = repositories.map(({ fullName }) => fullName)
  await inventory.setIndex(name, { sweptAt: now, total: names.length, newest, names })
}

async function sweepNamed(names: readonly string[], options: ScopeSweepOptions): Promise<Sweep> {
  let sweep: Sweep
  try {
    if (options.client.lacksGraphql) sweep = await sweepNamesByRest(options, names, options.inventory)
    else sweep = await sweepNames(options, names)
  } catch (error) {
    if (!isGitHubAPIError(error, 404)) throw error
    sweep = await sweepNamesByRest(options, names, options.inventory)
  }
  await options.inventory.setRepositories(sweep.repositories)
  return sweep
}

async function sweepByRest(list: RepositoryList, options: ScopeSweepOptions): Promise<Sweep> {
  if (list.name.includes('/')) {
    return { repositories: [], gaps: [{ repository: `${list.name}/*`, why: 'a team is listed by GraphQL alone' }] }
  }
  const sweep = await sweepOwnerByRest(options, list.name, options.inventory)
  await keep(list, sweep, options)
  return sweep
}

/** All of them once, and of them and of the gaps only those that the scope's patterns admit. */
function within(scope: ScanScope, sweeps: readonly Sweep[]): Sweep {
  const byName = new Map(sweeps.flatMap((sweep) => sweep.repositories.map((found) => [found.fullName, found])))
  const isWithin = admission(scope)
  const repositories = [...byName.values()].filter(({ fullName }) => isWithin(fullName))
  const all = sweeps.flatMap((sweep) => sweep.gaps)
  // What a list lacks (`owner/*`) may be anything.
  const gaps = all.filter(({ repository }) => repository.endsWith('/*') || isWithin(repository))
  const leftOut = byName.size + all.length - gaps.length
  // Nothing was looked at: that must not read as "clean".
  if (repositories.length === 0 && leftOut > 0) {
    gaps.push({ repository: '*/*', why: `none of ${leftOut} repositories is admitted by the patterns` })
  }
  return { repositories, gaps, names: new Map(sweeps.flatMap(({ names = new Map() }) => [...names])) }
}

/** Whether the scope's patterns admit a repository, by its `owner/name`. */
function admission({ include = ['*'], exclude = [] }: ScanScope): (fullName: string) => boolean {
  const [included, excluded] = [include, exclude].map((patterns) =>
    patterns.map((pattern) => compileGlob(pattern.toLowerCase())),
  )
  return (fullName) => {
    const name = fullName.toLowerCase()
    return (
      included?.some((glob) => glob.matches(name)) === true && excluded?.some((glob) => glob.matches(name)) !== true
    )
  }
}
