import { type DependencyNode } from './dependency-node.ts'
import { parseLockfile } from './parse-lockfile.ts'
import { type LockedPackage } from './parsed-lockfile.ts'
import { selectFormat } from './select-format.ts'

/** Where a package stands in its file. */
export type PackagePlace = Pick<LockedPackage, 'name' | 'version' | 'line'>

/**
 * Tells through which others packages of a file come, by a shortest way: from one that the project itself asks for to the one
 * that asks for the package; none where the project asks for it. `undefined` where the file does not say, or has no such
 * package. It reads the whole text again, so that `parseLockfile` need not keep what is seldom asked for.
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
  const nearest = new Map<string, LockedPackage[]>()
  for (const found of packages) if (found.direct) nearest.set(placeKey(found), [])
  // The first to be reached is the nearest.
  for (const [{ found }, asker] of reached) {
    const key = placeKey(found)
    if (!nearest.has(key)) nearest.set(key, chainTo(asker, reached))
  }
  return places.map((place) => nearest.get(placeKey(place)))
}

/** A node, and its package. */
interface Step extends DependencyNode {
  readonly found: LockedPackage
}

/** The nodes whose package can be told. */
function stepsOf(nodes: readonly DependencyNode[], packages: readonly LockedPackage[]): Step[] {
  const byLine = Map.groupBy(packages, ({ line }) => line)
  return nodes.flatMap((node) => {
    const found = packageOf(node, byLine.get(node.line) ?? [])
    return found === undefined ? [] : [{ ...node, found }]
  })
}

function packageOf({ name, version }: DependencyNode, onLine: readonly LockedPackage[]): LockedPackage | undefined {
  if (onLine.length < 2) return onLine[0]
  const [found, ...others] = onLine.filter(
    (candidate) => candidate.name === name && (version === undefined || candidate.version === version),
  )
  return others.every((other) => other.version === found?.version) ? found : undefined
}

/** What is reached from what the project asks for, the nearest first, and which asks for it. */
function reach(steps: readonly Step[]): Map<Step, Step | undefined> {
  const byKey = new Map<string, Step[]>()
  for (const step of steps) {
    for (const key of step.keys) {
      const others = byKey.get(key)
      if (others === undefined) byKey.set(key, [step])
      else others.push(step)
    }
  }
  const reached = new Map<Step, Step | undefined>()
  for (const step of steps) if (step.direct ?? step.found.direct) reached.set(step, undefined)
  for (const step of reached.keys()) {
    for (const key of step.requires) {
      for (const next of byKey.get(key) ?? []) if (!reached.has(next)) reached.set(next, step)
      // Whoever has the key is reached now: many that ask for many would take their product.
      byKey.delete(key)
    }
  }
  return reached
}

function chainTo(asker: Step | undefined, reached: ReadonlyMap<Step, Step | undefined>): LockedPackage[] {
  const chain: LockedPackage[] = []
  for (let step = asker; step !== undefined; step = reached.get(step)) chain.push(step.found)
  return chain.reverse()
}

function placeKey({ name, version, line }: PackagePlace): string {
  return JSON.stringify([line, name, version])
}
