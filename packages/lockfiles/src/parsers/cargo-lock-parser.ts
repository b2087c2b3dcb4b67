import { type DependencyNode } from '../dependency-node.ts'
import { type DataTable, dataTable, dataText, dataTexts, isDataTable } from '../syntax/data-value.ts'
import { LockfileFault } from '../lockfile-fault.ts'
import { LockfileReading } from '../lockfile-reading.ts'
import { type PackageIdentity } from '../identity/package-identity.ts'
import { type ParsedLockfile } from '../parsed-lockfile.ts'
import { readTomlDocument } from '../syntax/toml-document.ts'
import { readTomlPackages } from './toml-packages.ts'

const NEWEST_VERSION = 4

/** Reads `Cargo.lock` versions 1 to 4. What has no source is a crate of the project; `direct` is what those ask for. */
export function parseCargoLock(text: string): ParsedLockfile {
  const reading = new LockfileReading()
  const lockfile = readTomlDocument(text)
  const version = dataText(lockfile, 'version') ?? '1'
  if (!/^\d$/.test(version) || Number(version) > NEWEST_VERSION) {
    throw new LockfileFault('UNSUPPORTED_VERSION', `The version ${version} is not one of 1 to ${NEWEST_VERSION}.`)
  }
  const entries = readTomlPackages(lockfile, 'package', reading)
  const root = lockfile.get('root')
  const name = dataText(dataTable(lockfile, 'root'), 'name')
  if (isDataTable(root?.value) && name !== undefined) entries.push({ entry: root.value, name, line: root.line + 1 })

  const own = entries.filter(({ entry }) => !entry.has('source'))
  const direct = new Set(own.flatMap(({ entry }) => requiredBy(entry)))
  for (const { entry, name: crate, line } of entries) {
    const read = readEntry(crate, entry)
    if (typeof read === 'string') reading.misunderstood(line, crate, read)
    else {
      const isDirect = read.source === 'workspace' || direct.has(crate) || direct.has(`${crate} ${read.version}`)
      reading.packages.push({ ...read, ecosystem: 'cargo', line, direct: isDirect, dev: false })
    }
  }
  return reading.result()
}

/** Who asks for whom. */
export function readCargoNodes(text: string): DependencyNode[] {
  const entries = readTomlPackages(readTomlDocument(text), 'package', new LockfileReading())
  return entries.map(({ entry, name, line }) => {
    return { line, keys: [name, `${name} ${dataText(entry, 'version') ?? ''}`], requires: requiredBy(entry) }
  })
}

/** `name`, or `name 1.0.0` where several versions are there; older files write the source too. */
function requiredBy(entry: DataTable): string[] {
  return dataTexts(entry, 'dependencies').map((dependency) => {
    const source = dependency.endsWith(')') ? dependency.indexOf(' (') : -1
    return source === -1 ? dependency : dependency.slice(0, source)
  })
}

function readEntry(name: string, entry: DataTable): PackageIdentity | string {
  const version = dataText(entry, 'version')
  const source = dataText(entry, 'source')
  if (version === undefined || version === '') return 'it has no version'
  if (source === undefined) return { name, version, source: 'workspace' }
  const kind = /^(?:(git)\+|(?:registry|sparse)\+|(path)\+)/.exec(source)
  if (kind === null) return `its source ${JSON.stringify(source)} is of no known kind`
  return {
    name,
    version,
    source: kind[1] === undefined ? (kind[2] === undefined ? 'registry' : 'file') : 'git',
    resolved: source,
  }
}
