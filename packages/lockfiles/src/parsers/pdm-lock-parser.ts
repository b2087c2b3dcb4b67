import { type DependencyNode } from '../dependency-node.ts'
import { type DataTable, dataText, dataTexts } from '../syntax/data-value.ts'
import { LockfileReading } from '../lockfile-reading.ts'
import { normalizeName } from '../identity/package-coordinates.ts'
import { type PackageIdentity } from '../identity/package-identity.ts'
import { type ParsedLockfile } from '../parsed-lockfile.ts'
import { readPythonRequirement } from './python-requirement.ts'
import { pythonSource } from './python-source.ts'
import { readTomlDocument } from '../syntax/toml-document.ts'
import { readTomlPackages } from './toml-packages.ts'

/**
 * Reads `pdm.lock`, lock versions 3 and 4. The file does not say what the project asks for: `direct` is what no other entry requires.
 * `dev` is what is in the group `dev` alone.
 */
export function parsePdmLock(text: string): ParsedLockfile {
  const reading = new LockfileReading()
  const entries = readTomlPackages(readTomlDocument(text), 'package', reading)
  const required = new Set(
    entries.flatMap(({ entry, name }) => {
      // With an extra, a package has a second entry that requires the first.
      return requiredBy(entry).filter((other) => other !== normalizeName('pypi', name))
    }),
  )
  for (const { entry, name, line } of entries) {
    const read = readEntry(name, entry)
    const groups = dataTexts(entry, 'groups')
    const dev = groups.length > 0 && groups.every((group) => group === 'dev')
    if (read === undefined) reading.misunderstood(line, name, 'it has no version')
    else
      reading.packages.push({
        ...read,
        ecosystem: 'pypi',
        line,
        direct: !required.has(normalizeName('pypi', name)),
        dev,
      })
  }
  return reading.result()
}

/** Who asks for whom, by normalised names. */
export function readPdmNodes(text: string): DependencyNode[] {
  const entries = readTomlPackages(readTomlDocument(text), 'package', new LockfileReading())
  return entries.map(({ entry, name, line }) => {
    return { line, keys: [normalizeName('pypi', name)], requires: requiredBy(entry) }
  })
}

function requiredBy(entry: DataTable): string[] {
  return dataTexts(entry, 'dependencies').map((text) => normalizeName('pypi', readPythonRequirement(text)?.name ?? ''))
}

function readEntry(name: string, entry: DataTable): PackageIdentity | undefined {
  const version = dataText(entry, 'version')
  const git = dataText(entry, 'git')
  if (git !== undefined) return pythonSource(name, `git+${git}`, version ?? dataText(entry, 'revision') ?? git)
  const address = dataText(entry, 'url') ?? dataText(entry, 'path')
  if (address !== undefined) return pythonSource(name, address, version)
  return version === undefined || version === '' ? undefined : { name, version, source: 'registry' }
}
