import { isJsonRecord, type JsonRecord } from '../../syntax/json-record.ts'
import { type NestedLines, readNpmDependencyLines } from './npm-dependency-lines.ts'
import { addInstalled } from '../../identity/add-installed.ts'
import { addressOf, type PackageIdentity } from '../../identity/package-identity.ts'
import { readRegistryTarball, sourceOfAddress, versionOfAddress } from '../../identity/package-address.ts'
import { isExactVersion, isPackageName, readAlias } from '../../identity/package-name.ts'
import { type LockedPackage, type LockfileProblem, type ParsedLockfile } from '../../parsed-lockfile.ts'

/** One level of `dependencies`: a `node_modules` folder. */
interface Level {
  readonly entries: JsonRecord
  readonly parent: Level | undefined
  /** What other entries were found to require from this level. */
  readonly required: Set<string>
}

/**
 * Reads the nested section `dependencies` of version 1. The file does not say what the project asks for: `direct` is
 * everything of the top level that no other entry requires.
 */
export function readNpmDependencies(text: string, dependencies: JsonRecord): ParsedLockfile {
  const lines = readNpmDependencyLines(text)
  const reader = new DependenciesReader([...lines.problems])
  const top: Level = { entries: dependencies, parent: undefined, required: new Set() }
  reader.readLevel(top, lines.top)
  const { problems } = reader
  const packages: LockedPackage[] = []
  for (const { key, level, ...read } of reader.found) {
    const direct = level === top && !top.required.has(key)
    addInstalled({ packages, problems }, { ...read, ecosystem: 'npm', direct })
  }
  return { packages, ranges: [], problems: problems.sort((a, b) => a.line - b.line) }
}

class DependenciesReader {
  readonly found: (PackageIdentity & { line: number; dev: boolean; key: string; level: Level })[] = []
  readonly problems: LockfileProblem[]

  constructor(problems: LockfileProblem[]) {
    this.problems = problems
  }

  readLevel(level: Level, lines: NestedLines): void {
    for (const [key, { line, nested }] of lines) {
      const entry = level.entries[key]
      const read = isJsonRecord(entry) ? readEntry(key, entry) : 'its value is no object'
      if (typeof read === 'string') this.#report(key, line, read)
      else {
        this.found.push({ ...read, line, dev: isJsonRecord(entry) && entry['dev'] === true, key, level })
      }
      if (!isJsonRecord(entry)) continue

      const inner = entry['dependencies']
      const innerLevel: Level = { entries: isJsonRecord(inner) ? inner : {}, parent: level, required: new Set() }
      markRequired(entry['requires'], innerLevel)
      if (inner === undefined) continue
      if (!isJsonRecord(inner)) this.#report(key, line, '"dependencies" is no object')
      else if (nested === undefined) this.#report(key, line, 'its dependencies are nested too deeply')
      else this.readLevel(innerLevel, nested)
    }
  }

  #report(key: string, line: number, reason: string): void {
    this.problems.push({ line, reason: `The entry ${JSON.stringify(key)} is not understood: ${reason}.` })
  }
}

/** The package, or why there is none. */
function readEntry(key: string, entry: JsonRecord): PackageIdentity | string {
  const { version, resolved } = entry
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

/** Marks what `requires` finds, looking as Node does: in the entry's own folder first, then upwards. */
function markRequired(requires: unknown, own: Level): void {
  if (!isJsonRecord(requires)) return
  for (const name of Object.keys(requires)) {
    let level: Level | undefined = own
    while (level !== undefined && !Object.hasOwn(level.entries, name)) level = level.parent
    level?.required.add(name)
  }
}
