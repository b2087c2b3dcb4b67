import { type DependencyNode } from '../dependency-node.ts'
import { type DataTable, dataTable, dataTables, dataText, isDataList, isDataTable } from '../syntax/data-value.ts'
import { LockfileFault } from '../lockfile-fault.ts'
import { LockfileReading } from '../lockfile-reading.ts'
import { addressOf, type PackageIdentity } from '../identity/package-identity.ts'
import { type ParsedLockfile } from '../parsed-lockfile.ts'
import { pythonSource } from './python-source.ts'
import { reachable } from './reachable.ts'
import { readTomlDocument } from '../syntax/toml-document.ts'
import { readTomlPackages, type TomlPackage } from './toml-packages.ts'

/** Reads `uv.lock` version 1. `direct` is what the project and its workspaces ask for, `dev` what only their development groups reach. */
export function parseUvLock(text: string): ParsedLockfile {
  const reading = new LockfileReading()
  const lockfile = readTomlDocument(text)
  const version = dataText(lockfile, 'version')
  if (version !== '1') {
    throw new LockfileFault('UNSUPPORTED_VERSION', `The version ${JSON.stringify(version)} is not 1.`)
  }
  const entries = entriesOf(lockfile, reading)
  const projects = entries.filter(({ entry }) => isProject(entry))
  // A script, or a root without a project, has no entry of its own.
  const manifest = dataTable(lockfile, 'manifest')
  const production = [
    ...projects.flatMap(({ entry }) => requiredBy(entry)),
    ...dataTables(manifest, 'requirements').map(nameOf),
  ]
  const development = [
    ...projects.flatMap(({ entry }) => namesIn(dataTable(entry, 'dev-dependencies'))),
    ...namesIn(dataTable(manifest, 'dependency-groups')),
  ]
  const edges = edgesOf(entries.filter(({ entry }) => !isProject(entry)))
  const needed = reachable(production, edges)
  const direct = new Set([...production, ...development])

  for (const { entry, name, line } of entries) {
    const read = readEntry(name, entry)
    if (read === undefined) reading.misunderstood(line, name, 'its source is of no known kind, or it has no version')
    else {
      const isOwn = read.source === 'workspace'
      const dev = !isOwn && (projects.length > 0 || direct.size > 0) && !needed.has(name)
      reading.packages.push({ ...read, ecosystem: 'pypi', line, direct: isOwn || direct.has(name), dev })
    }
  }
  return reading.result()
}

/** Who asks for whom. */
export function readUvNodes(text: string): DependencyNode[] {
  return entriesOf(readTomlDocument(text), new LockfileReading()).map(({ entry, name, line }) => {
    return { line, keys: [name], requires: requiredBy(entry) }
  })
}

/** `distribution` is what uv called a package before 0.3, and still reads. */
function entriesOf(lockfile: DataTable, reading: LockfileReading): TomlPackage[] {
  return ['package', 'distribution'].flatMap((key) => readTomlPackages(lockfile, key, reading))
}

function isProject(entry: DataTable): boolean {
  const source = dataTable(entry, 'source')
  return source.has('editable') || source.has('virtual')
}

function readEntry(name: string, entry: DataTable): PackageIdentity | undefined {
  const source = dataTable(entry, 'source')
  const version = dataText(entry, 'version')
  if (isProject(entry)) {
    return {
      name,
      version: version ?? '',
      source: 'workspace',
      ...addressOf(dataText(source, 'editable') ?? dataText(source, 'virtual')),
    }
  }
  const git = dataText(source, 'git')
  if (git !== undefined) return pythonSource(name, `git+${git}`, version ?? git.slice(git.indexOf('#') + 1))
  const address = ['url', 'path', 'directory'].map((key) => dataText(source, key)).find((text) => text !== undefined)
  if (address !== undefined) return pythonSource(name, address, version)
  const registry = dataText(source, 'registry')
  return version === undefined || registry === undefined
    ? undefined
    : { name, version, source: 'registry', ...addressOf(registry) }
}

function edgesOf(entries: readonly TomlPackage[]): Map<string, string[]> {
  const edges = new Map<string, string[]>()
  for (const { entry, name } of entries) {
    const required = edges.get(name)
    if (required === undefined) edges.set(name, requiredBy(entry))
    else for (const other of requiredBy(entry)) required.push(other)
  }
  return edges
}

/** What a package asks for, with its extras. */
function requiredBy(entry: DataTable): string[] {
  return [...dataTables(entry, 'dependencies').map(nameOf), ...namesIn(dataTable(entry, 'optional-dependencies'))]
}

function namesIn(groups: DataTable): string[] {
  const items = [...groups.values()].flatMap(({ value }) => (isDataList(value) ? value : []))
  return items.map(({ value }) => (isDataTable(value) ? nameOf(value) : ''))
}

function nameOf(dependency: DataTable): string {
  return dataText(dependency, 'name') ?? ''
}
