import { type DependencyNode } from '../dependency-node.ts'
import { type DataList, type DataTable, dataTable, dataText, isDataList, isDataTable } from '../syntax/data-value.ts'
import { readJsonObject } from '../syntax/json-document.ts'
import { LockfileFault } from '../lockfile-fault.ts'
import { LockfileReading } from '../lockfile-reading.ts'
import { readRegistryTarball, sourceOfAddress, versionOfAddress } from '../identity/package-address.ts'
import { installedIn } from './npm/installed-folders.ts'
import { addInstalled } from '../identity/add-installed.ts'
import { addressOf, type PackageIdentity } from '../identity/package-identity.ts'
import { type Descriptor, isExactVersion, splitDescriptor } from '../identity/package-name.ts'
import { type ParsedLockfile } from '../parsed-lockfile.ts'
import { reachable } from './reachable.ts'

const PRODUCTION = ['dependencies', 'optionalDependencies', 'peerDependencies'] as const

/**
 * Reads `bun.lock` versions 0 to 2. The identity of a package is what its entry begins with, `real@1.0.0`, never its key. `direct` is
 * what the project and its workspaces ask for, `dev` what only their development dependencies reach.
 */
export function parseBunLock(text: string): ParsedLockfile {
  const reading = new LockfileReading()
  const lockfile = readJsonObject(text, { problems: reading.problems, extended: true })
  const version = dataText(lockfile, 'lockfileVersion')
  if (version === undefined || !/^[012]$/.test(version)) {
    throw new LockfileFault('UNSUPPORTED_VERSION', `The lockfileVersion ${JSON.stringify(version)} is not 0, 1 or 2.`)
  }
  for (const section of ['packages', 'workspaces']) reading.expect('object', lockfile, section)
  const packages = dataTable(lockfile, 'packages')
  const findIn = foldersOf(packages)
  const { direct, production } = findRoots(lockfile, findIn)
  const needed = reachable(production, edgesOf(packages, findIn))
  for (const [key, { value, line }] of packages) {
    const read = isDataList(value) ? readEntry(value) : 'its value is no array'
    if (typeof read === 'string') reading.misunderstood(line, key, read)
    else {
      const isDirect = direct.has(key) || read.source === 'workspace'
      const dev = read.source !== 'workspace' && !needed.has(key)
      addInstalled(reading, read, { line, direct: isDirect, dev })
    }
  }
  return reading.result()
}

/** Who asks for whom. */
export function readBunNodes(text: string): DependencyNode[] {
  const packages = dataTable(readJsonObject(text, { problems: [], extended: true }), 'packages')
  const edges = edgesOf(packages, foldersOf(packages))
  return Array.from(packages, ([key, { line }]) => ({ line, keys: [key], requires: edges.get(key) ?? [] }))
}

/** The package, or why there is none. */
function readEntry([first, second]: DataList): PackageIdentity | string {
  const text = first?.value
  const descriptor = typeof text === 'string' ? splitDescriptor(text) : undefined
  if (descriptor === undefined) return 'it does not begin with a name and version'
  const { name, reference } = descriptor
  if (reference.startsWith('root:')) return { name, version: '', source: 'workspace' }
  return isExactVersion(reference)
    ? { name, version: reference, source: 'registry', ...addressOf(second?.value) }
    : readAddressed(descriptor)
}

function readAddressed({ name, reference: resolved }: Descriptor): PackageIdentity | string {
  // A tarball of the project's own folder has no scheme.
  const isOwnTarball = !resolved.includes(':') && /\.(?:tgz|tar\.gz)$/.test(resolved)
  const source = isOwnTarball ? 'file' : sourceOfAddress(resolved)
  if (source === undefined) return `${JSON.stringify(resolved)} is no exact version and no known kind of address`
  if (source === 'git') return { name, version: versionOfAddress(resolved), source, resolved }
  if (source !== 'registry' && source !== 'url') return { name, version: '', source, resolved }
  const tarball = readRegistryTarball(resolved)
  return { name: tarball?.name ?? name, version: tarball?.version ?? resolved, source: 'url', resolved }
}

/** Tells by which key what stands below a key finds a name. */
type FindIn = ReturnType<typeof installedIn>

function foldersOf(packages: DataTable): FindIn {
  return installedIn(
    Array.from(packages.keys(), (key) => [key, { folderName: nameInKey(key) }] as const),
    { between: '/' },
  )
}

/** The package's own name at the end of `parent/name` or `parent/@scope/name`. */
function nameInKey(key: string): string {
  const slash = key.lastIndexOf('/')
  const before = slash < 1 ? 0 : key.lastIndexOf('/', slash - 1) + 1
  return key.slice(key[before] === '@' ? before : slash + 1)
}

/** The keys that the workspaces ask for: `name`, or `workspace/name` where that has its own. */
function findRoots(lockfile: DataTable, findIn: FindIn): { direct: Set<string>; production: Set<string> } {
  const direct = new Set<string>()
  const production = new Set<string>()
  for (const { value } of dataTable(lockfile, 'workspaces').values()) {
    if (!isDataTable(value)) continue
    const find = findIn(dataText(value, 'name') ?? '')
    for (const section of [...PRODUCTION, 'devDependencies']) {
      for (const name of dataTable(value, section).keys()) {
        const key = find(name) ?? name
        direct.add(key)
        if (section !== 'devDependencies') production.add(key)
      }
    }
  }
  return { direct, production }
}

/** What each package asks for, found as Node would find it: nested below it first, then upwards. */
function edgesOf(packages: DataTable, findIn: FindIn): Map<string, string[]> {
  const edges = new Map<string, string[]>()
  for (const [key, { value }] of packages) {
    if (!isDataList(value)) continue
    const info = value.map((item) => item.value).find((item) => isDataTable(item))
    const names = info === undefined ? [] : PRODUCTION.flatMap((section) => [...dataTable(info, section).keys()])
    const find = findIn(key)
    edges.set(
      key,
      names.map((name) => find(name) ?? name),
    )
  }
  return edges
}
