import { type DependencyNode } from './dependency-node.ts'
import { contradictingTarball } from './identity/package-address.ts'
import { parseLockfile } from './parse-lockfile.ts'
import { type LockedPackage } from './parsed-lockfile.ts'
import { selectFormat } from './select-format.ts'

/** No real way is longer; without a bound, a hostile file with many ends of a long one would fill the memory. */
const LONGEST_WAY = 100

/** Where a package stands in its file. */
export type PackagePlace = Pick<LockedPackage, 'name' | 'version' | 'line'>

/**
 * Tells through which others packages of a file come, by a shortest way: from one that the project itself asks for to the one
 * that asks for the package; none where the project asks for it. `undefined` where the file does not say, has no such
 * package, or the way is longer than a hundred packages. It reads the whole text again, so that `parseLockfile` need not keep what is seldom asked for.
 *
 * @param path - as for `parseLockfile`.
 * @param text - as for `parseLockfile`.
 * @param places - packages as `parseLockfile` gave them, of this text.
 * @returns One answer for each place, in the same order.
 * @throws LockfileError as `parseLockfile` does.
 */
export function whyInstalled(
  path: string,
  text: string,
  places: readonly PackagePlace[],
): (readonly LockedPackage[] | undefined)[] {
  const { packages } = parseLockfile(path, text)
  const { format, content } = selectFormat(path, text)
  const reached = reach(stepsOf(format.readNodes?.(content) ?? [], packages))
  const askers = new Map<string, Step | undefined>()
  for (const found of packages) if (found.direct) askers.set(placeKey(found), undefined)
  // The first to be reached is the nearest.
  for (const [{ found }, asker] of reached) {
    for (const key of [placeKey(found), tarballKey(found)]) {
      if (key !== undefined && !askers.has(key)) askers.set(key, asker)
    }
  }
  return places.map((place) => {
    const key = placeKey(place)
    return askers.has(key) ? chainTo(askers.get(key), reached) : undefined
  })
}

/** A node, and its package. */
interface Step extends DependencyNode {
  readonly found: LockedPackage
}

/** The nodes whose package can be told. */
function stepsOf(nodes: readonly DependencyNode[], packages: readonly LockedPackage[]): Step[] {
  const packageOf = packageFinder(packages)
  return nodes.flatMap((node) => {
    const found = packageOf(node)
    return found === undefined ? [] : [{ ...node, found }]
  })
}

/**
 * Tells a node's package: the one on its line, or of several the one with its name and version. Where an entry is listed twice, as
 * what it says and as what its tarball is, that is the former.
 */
function packageFinder(packages: readonly LockedPackage[]): (node: DependencyNode) => LockedPackage | undefined {
  const byLine = Map.groupBy(packages, ({ line }) => line)
  const byPlace = Map.groupBy(packages, placeKey)
  const byName = new Map<string, LockedPackage | undefined>()
  for (const found of packages) {
    const key = nameKey(found)
    const isOther = byName.has(key) && byName.get(key)?.version !== found.version
    byName.set(key, isOther ? undefined : (byName.get(key) ?? found))
  }
  return ({ line, name = '', version }) => {
    const [first, second, third] = byLine.get(line) ?? []
    const isOneEntry =
      third === undefined && first !== undefined && second !== undefined && tarballKey(first) === placeKey(second)
    if (second === undefined || isOneEntry) return first
    return version === undefined
      ? byName.get(nameKey({ line, name }))
      : byPlace.get(placeKey({ line, name, version }))?.[0]
  }
}

/** What is reached from what the project asks for, the nearest first, and which asks for it. */
function reach(steps: readonly Step[]): Map<Step, Step | undefined> {
  const byKey = stepsByKey(steps)
  const reached = new Map<Step, Step | undefined>()
  // Entries of one key may share what is asked for: all of it is reached with the first of them.
  const followed = new Set<readonly string[]>()
  for (const step of steps) if (step.direct ?? step.found.direct) reached.set(step, undefined)
  for (const step of reached.keys()) {
    if (followed.has(step.requires)) continue
    followed.add(step.requires)
    for (const key of step.requires) {
      for (const next of byKey.get(key) ?? []) if (!reached.has(next)) reached.set(next, step)
      // Whoever has the key is reached now: many that ask for many would take their product.
      byKey.delete(key)
    }
  }
  return reached
}

function stepsByKey(steps: readonly Step[]): Map<string, Step[]> {
  const byKey = new Map<string, Step[]>()
  for (const step of steps) {
    for (const key of step.keys) {
      const others = byKey.get(key)
      if (others === undefined) byKey.set(key, [step])
      else others.push(step)
    }
  }
  return byKey
}

function chainTo(asker: Step | undefined, reached: ReadonlyMap<Step, Step | undefined>): LockedPackage[] | undefined {
  const chain: LockedPackage[] = []
  for (let step = asker; step !== undefined; step = reached.get(step)) {
    if (chain.push(step.found) > LONGEST_WAY) return undefined
  }
  return chain.reverse()
}

function nameKey({ name, line }: Pick<PackagePlace, 'name' | 'line'>): string {
  return `${line} ${name}`
}

/** The key of what the package's tarball is, where that is another one; then it is in the file too. */
function tarballKey(found: LockedPackage): string | undefined {
  const tarball = contradictingTarball(found)
  return typeof tarball === 'object' ? placeKey({ ...tarball, line: found.line }) : undefined
}

function placeKey({ name, version, line }: PackagePlace): string {
  return JSON.stringify([line, name, version])
}
