import { type LockedPackage, type LockfileProblem } from '../parsed-lockfile.ts'
import { contradictingTarball } from './package-address.ts'

/**
 * Adds a package. One whose tarball is another one's is a problem, and is added as that one too: what is fetched is what is
 * installed, but a tool that goes by the name fetches what the name says.
 */
export function addInstalled(
  { packages, problems }: { packages: LockedPackage[]; problems: LockfileProblem[] },
  locked: LockedPackage,
): void {
  packages.push(locked)
  const tarball = contradictingTarball(locked)
  if (tarball === undefined) return
  const { name, version, line } = locked
  packages.push({ ...locked, ...tarball })
  problems.push({ line, reason: `${name} ${version} is fetched from a tarball of ${tarball.name} ${tarball.version}.` })
}
