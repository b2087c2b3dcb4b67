import { LockfileReading } from '../../lockfile-reading.ts'
import { type ParsedLockfile } from '../../parsed-lockfile.ts'
import { readNpmDependencies } from './npm-dependencies-section.ts'
import { type NpmDependencyEntries } from './npm-dependency-entries.ts'
import { readNpmPackages } from './npm-packages-section.ts'
import { readNpmSections } from './npm-sections.ts'

/**
 * Reads `package-lock.json`, `npm-shrinkwrap.json` and `node_modules/.package-lock.json`, versions 1 to 3, and the older
 * `npm-shrinkwrap.json` that states none. Version 2 lists everything twice; `packages` counts, as it does for npm 7 and later, and what
 * `dependencies` has besides is a problem.
 */
export function parseNpmLockfile(text: string): ParsedLockfile {
  const reading = new LockfileReading()
  const { problems } = reading
  const { version, packages, dependencies } = readNpmSections(text, { requirementsOf: 'folders', problems })
  if (typeof packages === 'object') {
    readNpmPackages(packages, reading)
    if (typeof dependencies === 'object') addOlder(dependencies, reading)
  } else if (typeof dependencies === 'object') readNpmDependencies(dependencies, reading)
  // A project without dependencies has neither section, but only in version 1.
  else if (version !== 1 || packages !== undefined || dependencies !== undefined)
    problems.push({ line: 1, reason: 'There is no section "packages" or "dependencies".' })
  return reading.result()
}

/** npm 6 installs from the section `dependencies`, whatever version the file states: what stands only there is not to be missed. */
function addOlder(dependencies: NpmDependencyEntries, { packages, problems }: LockfileReading): void {
  const older = new LockfileReading()
  readNpmDependencies(dependencies, older)
  const known = new Set<string | undefined>()
  for (const { name, version, resolved } of packages) known.add(`${name}@${version}`).add(resolved)
  const reasons = new Set(problems.map(({ reason }) => reason))

  for (const found of older.packages) {
    const { name, version, line, source, resolved } = found
    const isOwn = source === 'file' || source === 'link' || source === 'workspace'
    // There an address stands in the place of the version.
    const isKnownByAddress = source !== 'registry' && known.has(resolved)
    if (isOwn || isKnownByAddress || known.has(`${name}@${version}`)) continue
    packages.push(found)
    problems.push({
      line,
      reason: `${name} ${version} stands only in "dependencies", which npm 6 installs from.`,
    })
  }
  for (const problem of older.problems) if (!reasons.has(problem.reason)) problems.push(problem)
}
