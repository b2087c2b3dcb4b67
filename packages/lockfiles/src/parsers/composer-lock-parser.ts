import { type DependencyNode } from '../dependency-node.ts'
import {
  type DataEntry,
  type DataTable,
  type DataValue,
  dataList,
  dataTable,
  dataText,
  isDataTable,
} from '../syntax/data-value.ts'
import { readJsonObject } from '../syntax/json-document.ts'
import { LockfileReading } from '../lockfile-reading.ts'
import { addressOf, type PackageIdentity } from '../identity/package-identity.ts'
import { type ParsedLockfile } from '../parsed-lockfile.ts'

/** Reads `composer.lock` of Composer 1 and 2. The file does not say what the project asks for: `direct` is what no other entry requires. */
export function parseComposerLock(text: string): ParsedLockfile {
  const reading = new LockfileReading()
  const lockfile = readJsonObject(text, reading)
  if (!lockfile.has('packages')) reading.problems.push({ line: 1, reason: 'There is no section "packages".' })
  for (const section of ['packages', 'packages-dev']) {
    if (!isDataTable(lockfile.get(section)?.value)) reading.expect('list', lockfile, section)
  }
  const entries = entriesOf(lockfile)
  const required = new Set(entries.flatMap(({ value }) => requiredBy(value)))
  for (const entry of entries) {
    const { value, dev } = entry
    const read = isDataTable(value) ? readEntry(value) : undefined
    const line = lineOf(entry)
    if (read === undefined) reading.misunderstood(line, 'packages', 'it has no name and version')
    else reading.packages.push({ ...read, ecosystem: 'composer', line, direct: !required.has(read.name), dev })
  }
  return reading.result()
}

/** Who asks for whom. */
export function readComposerNodes(text: string): DependencyNode[] {
  return entriesOf(readJsonObject(text, { problems: [] })).map((entry) => {
    const name = isDataTable(entry.value) ? (dataText(entry.value, 'name') ?? '') : ''
    return { line: lineOf(entry), name, keys: [name], requires: requiredBy(entry.value) }
  })
}

function entriesOf(lockfile: DataTable): (DataEntry & { readonly dev: boolean })[] {
  return [
    ...itemsOf(lockfile, 'packages').map((entry) => ({ ...entry, dev: false })),
    ...itemsOf(lockfile, 'packages-dev').map((entry) => ({ ...entry, dev: true })),
  ]
}

/** To Composer, written in PHP, an object is a list of its values. */
function itemsOf(lockfile: DataTable, section: string): readonly DataEntry[] {
  const value = lockfile.get(section)?.value
  return isDataTable(value) ? [...value.values()] : dataList(lockfile, section)
}

function requiredBy(entry: DataValue): string[] {
  return isDataTable(entry) ? [...dataTable(entry, 'require').keys()] : []
}

function lineOf({ value, line }: DataEntry): number {
  return (isDataTable(value) ? value.get('name')?.line : undefined) ?? line
}

function readEntry(entry: DataTable): PackageIdentity | undefined {
  const name = dataText(entry, 'name')
  const version = dataText(entry, 'version')
  if (name === undefined || name === '' || version === undefined || version === '') return undefined
  const dist = dataTable(entry, 'dist')
  const source = dataTable(entry, 'source')
  const address = addressOf(dataText(dist, 'url') ?? dataText(source, 'url'))
  if (dataText(dist, 'type') === 'path') return { name, version, source: 'file', ...address }
  // What Packagist or a mirror of it gave has an address for notifications.
  const isPublished = entry.has('notification-url') || dataText(source, 'type') === undefined
  return { name, version, source: isPublished ? 'registry' : 'git', ...address }
}
