import { type DataTable, dataText, isDataTable } from '../syntax/data-value.ts'
import { readJsonObject } from '../syntax/json-document.ts'
import { LockfileReading } from '../lockfile-reading.ts'
import { addressOf, type PackageIdentity } from '../identity/package-identity.ts'
import { type ParsedLockfile } from '../parsed-lockfile.ts'
import { pinnedVersion } from './python-requirement.ts'
import { pythonSource } from './python-source.ts'

/** Reads `Pipfile.lock`, version 6 and before: every section but `_meta` lists packages. What the project asks for has an index. */
export function parsePipfileLock(text: string): ParsedLockfile {
  const reading = new LockfileReading()
  const lockfile = readJsonObject(text, reading)
  for (const [section, { value, line }] of lockfile) {
    if (section === '_meta') continue
    if (!isDataTable(value)) reading.misunderstood(line, section, 'its value is no object')
    else readSection(value, { reading, dev: section === 'develop' })
  }
  if (!lockfile.has('default')) reading.problems.push({ line: 1, reason: 'There is no section "default".' })
  return reading.result()
}

function readSection(section: DataTable, { reading, dev }: { reading: LockfileReading; dev: boolean }): void {
  for (const [name, { value, line }] of section) {
    const read = isDataTable(value) ? readEntry(name, value) : undefined
    if (read === undefined || !isDataTable(value))
      reading.misunderstood(line, name, 'it has no exact version and no address')
    else reading.packages.push({ ...read, ecosystem: 'pypi', line, direct: value.has('index'), dev })
  }
}

function readEntry(name: string, entry: DataTable): PackageIdentity | undefined {
  const git = dataText(entry, 'git')
  if (git !== undefined) return { name, version: dataText(entry, 'ref') ?? git, source: 'git', ...addressOf(git) }
  const version = pinnedVersion(dataText(entry, 'version') ?? '')
  const address = dataText(entry, 'file') ?? dataText(entry, 'path')
  if (address !== undefined) return pythonSource(name, address, version)
  return version === undefined ? undefined : { name, version, source: 'registry' }
}
