import { addInstalled } from '../../identity/add-installed.ts'
import { isTarballOf, sourceOfAddress, versionOfAddress } from '../../identity/package-address.ts'
import { addressOf, type PackageIdentity } from '../../identity/package-identity.ts'
import { isExactVersion, isPackageName } from '../../identity/package-name.ts'
import { type LockfileReading } from '../../lockfile-reading.ts'
import { type PackageSource } from '../../parsed-lockfile.ts'
import { installedIn } from './installed-folders.ts'
import { type NpmPackageEntries, type NpmPackageEntry } from './npm-package-entries.ts'

const REQUIREMENTS = ['dependencies', 'devDependencies', 'optionalDependencies', 'peerDependencies'] as const

/** Reads the section `packages` of versions 2 and 3: one entry per folder that is installed or belongs to the project. */
export function readNpmPackages(entries: NpmPackageEntries, reading: LockfileReading): void {
  const direct = findDirect(entries)
  for (const [location, entry] of entries) {
    // The project itself.
    if (location === '') continue
    const { line } = entry
    const read = entry.isObject ? readEntry(location, entry, entries) : 'its value is no object'
    if (typeof read === 'string') {
      reading.misunderstood(line, location, read)
      continue
    }
    const isDirect = direct.has(location) || read.source === 'link' || read.source === 'workspace'
    addInstalled(reading, read, { line, direct: isDirect, dev: entry.dev === true })
  }
}

/** The package, or why there is none. */
function readEntry(location: string, entry: NpmPackageEntry, entries: NpmPackageEntries): PackageIdentity | string {
  const { folderName } = entry
  const name = entry.name ?? folderName ?? location.slice(location.lastIndexOf('/') + 1)
  if (typeof name !== 'string') return '"name" is no string'
  if (!isPackageName(name)) return `${JSON.stringify(name)} is no package name`
  const resolved = entry.resolved ?? false
  if (typeof resolved !== 'string' && resolved !== false) return '"resolved" is no string'

  if (entry.link === true) {
    const version = versionOrNone(targetOf(resolved, entries) ?? entry)
    return { name, version, source: 'link', ...addressOf(resolved) }
  }
  if (folderName !== undefined) return readInstalled(name, entry, resolved === false ? '' : resolved)
  return { name, version: versionOrNone(entry), source: 'workspace', ...addressOf(resolved) }
}

function targetOf(folder: string | false, entries: NpmPackageEntries): NpmPackageEntry | undefined {
  const target = folder === false ? undefined : entries.get(folder)
  return target?.isObject === true ? target : undefined
}

function readInstalled(name: string, entry: NpmPackageEntry, resolved: string): PackageIdentity | string {
  const { version: stated } = entry
  if (isExactVersion(stated) && isTarballOf(name, stated, resolved)) {
    return { name, version: stated, source: 'registry', resolved }
  }
  // An entry without an address is bundled, or the address was left out by configuration.
  const source = resolved === '' ? 'registry' : sourceOfAddress(resolved)
  if (source === undefined) return `${JSON.stringify(resolved)} is no known kind of address`
  const version = readVersion(entry, source)
  if (version === undefined) return 'it has no exact version'
  return resolved === '' ? { name, version, source } : { name, version, source, resolved }
}

function readVersion({ version, resolved }: NpmPackageEntry, source: PackageSource): string | undefined {
  if (source === 'registry') return isExactVersion(version) ? version : undefined
  if (typeof version === 'string' && version !== '') return version
  if (version !== undefined || typeof resolved !== 'string') return undefined
  return source === 'git' || source === 'url' ? versionOfAddress(resolved) : ''
}

function versionOrNone({ version }: NpmPackageEntry): string {
  return typeof version === 'string' ? version : ''
}

/** The locations that the project and its folders ask for, found as Node would find them: upwards from the folder. */
function findDirect(entries: NpmPackageEntries): Set<string> {
  const wanted = new Map<string, string[]>()
  for (const [location, { folderName, requirements }] of entries) {
    if (folderName !== undefined) continue
    wanted.set(
      location,
      REQUIREMENTS.flatMap((kind) => requirements.get(kind) ?? []),
    )
  }
  const findIn = installedIn(entries, { wanted: new Set([...wanted.values()].flat()) })
  const direct = new Set<string>()
  for (const [folder, required] of wanted) {
    const find = findIn(folder)
    for (const name of required) {
      const location = find(name)
      if (location !== undefined) direct.add(location)
    }
  }
  return direct
}
