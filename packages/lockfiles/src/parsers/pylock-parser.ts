import { type DependencyNode } from '../dependency-node.ts'
import { type DataTable, dataTable, dataTables, dataText } from '../syntax/data-value.ts'
import { LockfileFault } from '../lockfile-fault.ts'
import { LockfileReading } from '../lockfile-reading.ts'
import { normalizeName } from '../identity/package-coordinates.ts'
import { addressOf, type PackageIdentity } from '../identity/package-identity.ts'
import { type ParsedLockfile } from '../parsed-lockfile.ts'
import { pythonSource } from './python-source.ts'
import { readTomlDocument } from '../syntax/toml-document.ts'
import { readTomlPackages } from './toml-packages.ts'

/**
 * Reads `pylock.toml` version 1 (PEP 751). `direct` is what no other entry is noted to require; where nothing is noted, that is
 * everything.
 */
export function parsePylock(text: string): ParsedLockfile {
  const reading = new LockfileReading()
  const lockfile = readTomlDocument(text)
  const version = dataText(lockfile, 'lock-version')
  if (version === undefined || !/^1\.\d+$/.test(version)) {
    throw new LockfileFault('UNSUPPORTED_VERSION', `The lock-version ${JSON.stringify(version)} is not 1.`)
  }
  const entries = readTomlPackages(lockfile, 'packages', reading)
  const required = new Set(entries.flatMap(({ entry }) => requiredBy(entry)))
  for (const { entry, name, line } of entries) {
    const read = readEntry(name, entry)
    if (read === undefined) reading.misunderstood(line, name, 'it has no version and no address')
    else
      reading.packages.push({
        ...read,
        ecosystem: 'pypi',
        line,
        direct: !required.has(normalizeName('pypi', name)),
        dev: false,
      })
  }
  return reading.result()
}

/** Who asks for whom, by normalised names. */
export function readPylockNodes(text: string): DependencyNode[] {
  const entries = readTomlPackages(readTomlDocument(text), 'packages', new LockfileReading())
  return entries.map(({ entry, name, line }) => {
    return { line, keys: [normalizeName('pypi', name)], requires: requiredBy(entry) }
  })
}

function requiredBy(entry: DataTable): string[] {
  return dataTables(entry, 'dependencies').map((required) => normalizeName('pypi', dataText(required, 'name') ?? ''))
}

function readEntry(name: string, entry: DataTable): PackageIdentity | undefined {
  const version = dataText(entry, 'version')
  if (entry.has('vcs')) {
    const vcs = dataTable(entry, 'vcs')
    const commit = dataText(vcs, 'commit-id') ?? ''
    return { name, version: version ?? commit, source: 'git', ...placeOf(vcs) }
  }
  if (entry.has('directory'))
    return { name, version: version ?? '', source: 'file', ...placeOf(dataTable(entry, 'directory')) }
  if (entry.has('archive')) {
    const archive = dataTable(entry, 'archive')
    const url = dataText(archive, 'url')
    return url === undefined
      ? { name, version: version ?? '', source: 'file', ...placeOf(archive) }
      : pythonSource(name, url, version)
  }
  return version === undefined
    ? undefined
    : { name, version, source: 'registry', ...addressOf(dataText(entry, 'index')) }
}

function placeOf(table: DataTable): { resolved?: string } {
  return addressOf(dataText(table, 'url') ?? dataText(table, 'path'))
}
