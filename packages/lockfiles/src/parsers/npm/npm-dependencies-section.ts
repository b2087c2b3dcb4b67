import { addInstalled } from '../../identity/add-installed.ts'
import { readRegistryTarball, sourceOfAddress, versionOfAddress } from '../../identity/package-address.ts'
import { addressOf, type PackageIdentity } from '../../identity/package-identity.ts'
import { isExactVersion, isPackageName, readAlias } from '../../identity/package-name.ts'
import { type LockfileReading } from '../../lockfile-reading.ts'
import { type NpmDependencyEntries, type NpmDependencyEntry } from './npm-dependency-entries.ts'

/** One level of `dependencies`: a `node_modules` folder. */
interface Level {
  readonly entries: NpmDependencyEntries
  readonly parent: Level | undefined
  /** What other entries were found to require from this level. */
  readonly required: Set<string>
}

const NO_ENTRIES: NpmDependencyEntries = new Map()

/** A package, and the level that it was found on. */
interface Found {
  readonly read: PackageIdentity
  readonly line: number
  readonly dev: boolean
  readonly key: string
  readonly level: Level
}

/**
 * Reads the nested section `dependencies` of version 1. The file does not say what the project asks for: `direct` is
 * everything of the top level that no other entry requires.
 */
export function readNpmDependencies(entries: NpmDependencyEntries, reading: LockfileReading): void {
  const top: Level = { entries, parent: undefined, required: new Set() }
  const found: Found[] = []
  readLevel(top, { found, reading })
  for (const { read, line, dev, key, level } of found) {
    const direct = level === top && !top.required.has(key)
    addInstalled(reading, read, { line, direct, dev })
  }
}

function readLevel(level: Level, results: { found: Found[]; reading: LockfileReading }): void {
  const { found, reading } = results
  for (const [key, entry] of level.entries) {
    const { line, dependencies, requires = [] } = entry
    if (isLeftOut(entry)) continue
    const read = entry.isObject ? readEntry(key, entry) : 'its value is no object'
    if (typeof read === 'string') reading.misunderstood(line, key, read)
    else found.push({ read, line, dev: entry.dev === true, key, level })

    const inner = typeof dependencies === 'object' ? dependencies : NO_ENTRIES
    const innerLevel: Level = { entries: inner, parent: level, required: new Set() }
    for (const name of requires) markRequired(name, innerLevel)
    if (dependencies === 'no object') reading.misunderstood(line, key, '"dependencies" is no object')
    else if (dependencies === 'too deep') reading.misunderstood(line, key, 'its dependencies are nested too deeply')
    else readLevel(innerLevel, results)
  }
}

/** npm 7 and later note so what is for other platforms and was not installed, as `{ "optional": true }` (seen of npm 11, November 2026). */
function isLeftOut({ version, resolved, optional, dependencies }: NpmDependencyEntry): boolean {
  return optional === true && version === undefined && resolved === undefined && dependencies === undefined
}

/** The package, or why there is none. */
function readEntry(key: string, { version, resolved }: NpmDependencyEntry): PackageIdentity | string {
  if (!isPackageName(key)) return 'its key is no package name'
  if (typeof version !== 'string' || version === '') return 'it has no version'
  const address = addressOf(resolved)

  if (version.startsWith('npm:')) {
    const real = readAlias(version)
    if (!isExactVersion(real?.reference)) return `${JSON.stringify(version)} is no exact version`
    return { name: real.name, version: real.reference, source: 'registry', ...address }
  }
  if (isExactVersion(version)) {
    const source = address.resolved === undefined ? 'registry' : sourceOfAddress(address.resolved)
    if (source === undefined) return `${JSON.stringify(resolved)} is no known kind of address`
    return { name: key, version, source, ...address }
  }
  return readAddress(key, version)
}

/** npm writes the address in the place of the version for whatever does not come from a registry by name. */
function readAddress(name: string, address: string): PackageIdentity | string {
  const source = sourceOfAddress(address)
  if (source === undefined) return `${JSON.stringify(address)} is no exact version and no known kind of address`
  if (source === 'git') return { name, version: versionOfAddress(address), source, resolved: address }
  if (source !== 'registry' && source !== 'url') return { name, version: '', source, resolved: address }
  // Asked for by its address, also where that is a registry's: then the address says what it really is.
  const tarball = readRegistryTarball(address)
  return { name: tarball?.name ?? name, version: tarball?.version ?? address, source: 'url', resolved: address }
}

/** Marks the one that Node would find: in the entry's own folder first, then upwards. */
function markRequired(name: string, own: Level): void {
  let level: Level | undefined = own
  while (level !== undefined && !level.entries.has(name)) level = level.parent
  level?.required.add(name)
}
