import { isJsonRecord, type JsonRecord } from '../../syntax/json-record.ts'
import { readNpmPackageLines } from './npm-package-lines.ts'
import { addInstalled } from '../../identity/add-installed.ts'
import { addressOf, type PackageIdentity } from '../../identity/package-identity.ts'
import { isTarballOf, sourceOfAddress, versionOfAddress } from '../../identity/package-address.ts'
import { isExactVersion, isPackageName } from '../../identity/package-name.ts'
import {
  type LockedPackage,
  type LockfileProblem,
  type PackageSource,
  type ParsedLockfile,
} from '../../parsed-lockfile.ts'

const FOLDER = 'node_modules/'

/** No real folder lies deeper or has a longer path; without a bound, a hostile file would make quadratic work. */
const MAX_DEPTH = 64
const MAX_PATH = 4096

const NO_OBJECT = 'its value is no object'
const REQUIREMENTS = ['dependencies', 'devDependencies', 'optionalDependencies', 'peerDependencies'] as const

/** Reads the section `packages` of versions 2 and 3: one entry per folder that is installed or belongs to the project. */
export function readNpmPackages(text: string, packages: JsonRecord): ParsedLockfile {
  const { locations, lines, problems: repeated } = readNpmPackageLines(text, packages)
  const found: LockedPackage[] = []
  const problems: LockfileProblem[] = [...repeated]
  const names = locations.map(nameOfLocation)
  const direct = findDirect(packages, { locations, names })

  for (const [index, location] of locations.entries()) {
    // The project itself.
    if (location === '') continue
    const line = lines[index] ?? 1
    // BAD: Object.values(). With this many keys it took twice as long (Node 24, November 2026).
    const entry = packages[location]
    const read = isJsonRecord(entry) ? readEntry({ location, folderName: names[index], entry }, packages) : NO_OBJECT
    if (typeof read === 'string') {
      problems.push({ line, reason: `The entry ${JSON.stringify(location)} is not understood: ${read}.` })
      continue
    }
    const { name, version, source, resolved } = read
    const isDirect = direct.has(location) || source === 'link' || source === 'workspace'
    const dev = isJsonRecord(entry) && entry['dev'] === true
    addInstalled(
      { packages: found, problems },
      resolved === undefined
        ? { name, version, ecosystem: 'npm', line, direct: isDirect, dev, source }
        : { name, version, ecosystem: 'npm', line, direct: isDirect, dev, source, resolved },
    )
  }
  return { packages: found, ranges: [], problems: problems.sort((a, b) => a.line - b.line) }
}

interface Place {
  readonly location: string
  /** The name that the location gives; undefined for a folder of the project. */
  readonly folderName: string | undefined
  readonly entry: JsonRecord
}

/** The package, or why there is none. */
function readEntry({ location, folderName, entry }: Place, packages: JsonRecord): PackageIdentity | string {
  const name = entry['name'] ?? folderName ?? location.slice(location.lastIndexOf('/') + 1)
  const resolved = entry['resolved'] ?? false
  if (!isPackageName(name)) return `${JSON.stringify(name)} is no package name`
  if (resolved !== false && typeof resolved !== 'string') return '"resolved" is no string'

  const address = resolved === false || resolved === '' ? undefined : resolved
  if (entry['link'] === true) {
    const version = versionOrNone(targetOf(resolved, packages) ?? entry)
    return { name, version, source: 'link', ...addressOf(address) }
  }
  if (folderName === undefined)
    return { name, version: versionOrNone(entry), source: 'workspace', ...addressOf(address) }
  return readInstalled(name, entry, address)
}

function readInstalled(name: string, entry: JsonRecord, resolved: string | undefined): PackageIdentity | string {
  // An entry without an address is bundled, or the address was left out by configuration.
  const source = resolved === undefined || isTarballOf(name, resolved) ? 'registry' : sourceOfAddress(resolved)
  if (source === undefined) return `${JSON.stringify(resolved)} is no known kind of address`
  const version = readVersion(entry, source)
  if (version === undefined) return 'it has no exact version'
  return resolved === undefined ? { name, version, source } : { name, version, source, resolved }
}

function targetOf(folder: string | false, packages: JsonRecord): JsonRecord | undefined {
  const target = folder !== false && Object.hasOwn(packages, folder) ? packages[folder] : undefined
  return isJsonRecord(target) ? target : undefined
}

function readVersion(entry: JsonRecord, source: PackageSource): string | undefined {
  const { version, resolved } = entry
  if (source === 'registry') return isExactVersion(version) ? version : undefined
  if (typeof version === 'string' && version !== '') return version
  if (version !== undefined || typeof resolved !== 'string') return undefined
  return source === 'git' || source === 'url' ? versionOfAddress(resolved) : ''
}

function versionOrNone(entry: JsonRecord): string {
  return typeof entry['version'] === 'string' ? entry['version'] : ''
}

/** The name that a location under `node_modules` gives; undefined for a folder of the project. */
export function nameOfLocation(location: string): string | undefined {
  const start = location.lastIndexOf(`/${FOLDER}`)
  if (start !== -1) return location.slice(start + 1 + FOLDER.length)
  return location.startsWith(FOLDER) ? location.slice(FOLDER.length) : undefined
}

interface Locations {
  readonly locations: readonly string[]
  /** The name that each location gives; undefined for a folder of the project. */
  readonly names: readonly (string | undefined)[]
}

/** The locations that the project and its folders ask for, found as Node would find them: upwards from the folder. */
function findDirect(packages: JsonRecord, { locations, names }: Locations): Set<string> {
  const wanted = new Map<string, string[]>()
  for (const [index, folder] of locations.entries()) {
    if (names[index] !== undefined) continue
    const entry = packages[folder]
    if (!isJsonRecord(entry)) continue
    wanted.set(
      folder,
      REQUIREMENTS.flatMap((kind) => (isJsonRecord(entry[kind]) ? Object.keys(entry[kind]) : [])),
    )
  }
  const installed = groupByFolder({ locations, names }, new Set([...wanted.values()].flat()))

  const direct = new Set<string>()
  for (const [folder, requirements] of wanted) {
    const reachable = installedAbove(folder, installed)
    for (const name of requirements) {
      const location = reachable.find((group) => group.has(name))?.get(name)
      if (location !== undefined) direct.add(location)
    }
  }
  return direct
}

/** Locations by the folder whose `node_modules` they are in, and by the name they are found under. */
type InstalledByFolder = ReadonlyMap<string, ReadonlyMap<string, string>>

function groupByFolder({ locations, names }: Locations, wanted: ReadonlySet<string>): InstalledByFolder {
  const groups = new Map<string, Map<string, string>>()
  for (const [index, location] of locations.entries()) {
    const name = names[index]
    if (name === undefined || !wanted.has(name)) continue
    const folder = location.slice(0, -(FOLDER.length + name.length)).replace(/\/$/, '')
    const group = groups.get(folder)
    if (group === undefined) groups.set(folder, new Map([[name, location]]))
    else group.set(name, location)
  }
  return groups
}

/** What a module in `folder` can reach, the nearest first. */
function installedAbove(folder: string, installed: InstalledByFolder): ReadonlyMap<string, string>[] {
  const reachable = []
  let base = folder.length > MAX_PATH ? '' : folder
  for (; base !== '' && reachable.length < MAX_DEPTH; base = base.slice(0, Math.max(0, base.lastIndexOf('/')))) {
    const names = installed.get(base)
    if (names !== undefined) reachable.push(names)
  }
  const top = installed.get('')
  if (top !== undefined) reachable.push(top)
  return reachable
}
