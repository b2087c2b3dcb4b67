import { type DependencyNode } from '../dependency-node.ts'
import { type DataTable, dataTable, dataText, dataTexts } from '../syntax/data-value.ts'
import { LockfileFault } from '../lockfile-fault.ts'
import { LockfileReading } from '../lockfile-reading.ts'
import { normalizeName } from '../identity/package-coordinates.ts'
import { addressOf, type PackageIdentity } from '../identity/package-identity.ts'
import { type ParsedLockfile } from '../parsed-lockfile.ts'
import { readTomlDocument } from '../syntax/toml-document.ts'
import { readTomlPackages } from './toml-packages.ts'

/**
 * Reads `poetry.lock`, lock versions 1 and 2. The file does not say what the project asks for: `direct` is what no other entry
 * requires.
 */
export function parsePoetryLock(text: string): ParsedLockfile {
  const reading = new LockfileReading()
  const lockfile = readTomlDocument(text)
  const version = dataText(dataTable(lockfile, 'metadata'), 'lock-version') ?? '1.0'
  if (!/^[12](?:\.|$)/.test(version)) {
    throw new LockfileFault('UNSUPPORTED_VERSION', `The lock-version ${version} is not 1 or 2.`)
  }
  const entries = readTomlPackages(lockfile, 'package', reading)
  const required = new Set(entries.flatMap(({ entry }) => requiredBy(entry)))
  for (const { entry, name, line } of entries) {
    const read = readEntry(name, entry)
    if (typeof read === 'string') reading.misunderstood(line, name, read)
    else {
      const direct = !required.has(normalizeName('pypi', name))
      reading.packages.push({ ...read, ecosystem: 'pypi', line, direct, dev: isDevelopment(entry) })
    }
  }
  return reading.result()
}

/** Who asks for whom, by normalised names. */
export function readPoetryNodes(text: string): DependencyNode[] {
  const entries = readTomlPackages(readTomlDocument(text), 'package', new LockfileReading())
  return entries.map(({ entry, name, line }) => {
    return { line, keys: [normalizeName('pypi', name)], requires: requiredBy(entry) }
  })
}

function requiredBy(entry: DataTable): string[] {
  return Array.from(dataTable(entry, 'dependencies').keys(), (name) => normalizeName('pypi', name))
}

function readEntry(name: string, entry: DataTable): PackageIdentity | string {
  const version = dataText(entry, 'version')
  if (version === undefined || version === '') return 'it has no version'
  const source = dataTable(entry, 'source')
  const type = dataText(source, 'type')
  const url = dataText(source, 'url')
  switch (type) {
    case undefined:
      return { name, version, source: 'registry' }
    case 'legacy':
      return { name, version, source: 'registry', ...addressOf(url) }
    case 'git':
    case 'url':
      return { name, version, source: type, ...addressOf(url) }
    case 'file':
    case 'directory':
      return { name, version, source: 'file', ...addressOf(url) }
    default:
      return `its source ${JSON.stringify(type)} is of no known kind`
  }
}

/** Version 1 has a category, version 2.1 groups; those between do not say. */
function isDevelopment(entry: DataTable): boolean {
  const groups = dataTexts(entry, 'groups')
  return dataText(entry, 'category') === 'dev' || (groups.length > 0 && !groups.includes('main'))
}
