import { type LockedPackage, type LockfileProblem } from '../parsed-lockfile.ts'
import { contradictingTarball } from './package-address.ts'
import { type PackageIdentity } from './package-identity.ts'

/** What an entry says of a package besides what it is. */
type PackagePlace = Pick<LockedPackage, 'line' | 'direct' | 'dev'>

/**
 * Adds a package of npm's registry or of npm's kinds of address. One whose tarball is another one's is a problem, and is added as that one
 * too: what is fetched is what is installed, but a tool that goes by the name fetches what the name says. So is one of which a registry's
 * address does not tell what it has.
 */
export function addInstalled(
  { packages, problems }: { packages: LockedPackage[]; problems: LockfileProblem[] },
  { name, version, source, resolved }: PackageIdentity,
  { line, direct, dev }: PackagePlace,
): void {
  // BAD: spread. V8 keeps the shape of a literal when it collects garbage, and what was compiled for it.
  const locked: LockedPackage =
    resolved === undefined
      ? { name, version, ecosystem: 'npm', line, direct, dev, source }
      : { name, version, ecosystem: 'npm', line, direct, dev, source, resolved }
  packages.push(locked)
  const tarball = contradictingTarball(locked)
  if (tarball === undefined) return
  if (tarball === 'unknown') {
    const address = JSON.stringify(resolved)
    problems.push({
      line,
      reason: `${name} ${version} is fetched from ${address}, which names no package and version.`,
    })
    return
  }
  packages.push({ ...locked, ...tarball })
  problems.push({ line, reason: `${name} ${version} is fetched from a tarball of ${tarball.name} ${tarball.version}.` })
}
