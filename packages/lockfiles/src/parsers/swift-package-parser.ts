import { type DataEntry, type DataTable, dataList, dataTable, dataText, isDataTable } from '../syntax/data-value.ts'
import { readJsonObject } from '../syntax/json-document.ts'
import { LockfileFault } from '../lockfile-fault.ts'
import { LockfileReading } from '../lockfile-reading.ts'
import { repositoryName } from '../identity/package-coordinates.ts'
import { type PackageIdentity } from '../identity/package-identity.ts'
import { type ParsedLockfile } from '../parsed-lockfile.ts'

/**
 * Reads `Package.resolved` versions 1 to 3. A package's name is its repository, `github.com/owner/name`, or `scope.name` where a
 * registry has it. The file does not say what the project asks for: `direct` is false.
 */
export function parseSwiftPackages(text: string): ParsedLockfile {
  const reading = new LockfileReading()
  const lockfile = readJsonObject(text, reading)
  const version = dataText(lockfile, 'version')
  if (version === undefined || !/^[123]$/.test(version)) {
    throw new LockfileFault('UNSUPPORTED_VERSION', `The version ${JSON.stringify(version)} is not 1, 2 or 3.`)
  }
  const holder = version === '1' ? dataTable(lockfile, 'object') : lockfile
  if (!holder.has('pins')) reading.problems.push({ line: 1, reason: 'There is no list "pins".' })
  reading.expect('list', holder, 'pins')
  for (const { value, line } of dataList(holder, 'pins')) {
    const pin = isDataTable(value) ? value : new Map<string, DataEntry>()
    const named = ['repositoryURL', 'location', 'identity'].find((key) => (dataText(pin, key) ?? '') !== '')
    const place = named === undefined ? undefined : pin.get(named)?.line
    const read = readPin(pin)
    if (read === undefined) reading.misunderstood(place ?? line, 'pins', 'it has no address, version or revision')
    else reading.packages.push({ ...read, ecosystem: 'swift', line: place ?? line, direct: false, dev: false })
  }
  return reading.result()
}

function readPin(pin: DataTable): PackageIdentity | undefined {
  const kind = dataText(pin, 'kind')
  const state = dataTable(pin, 'state')
  const version = dataText(state, 'version')
  const location = locationOf(pin)
  const name = dataText(pin, 'identity') ?? location
  if (name === '') return undefined
  if (kind === 'registry') return version === undefined ? undefined : { name, version, source: 'registry' }
  if (kind === 'localSourceControl' || kind === 'fileSystem') {
    return { name, version: version ?? '', source: 'file', resolved: location }
  }
  const pinned = version ?? dataText(state, 'revision') ?? ''
  return pinned === ''
    ? undefined
    : { name: repositoryName(location), version: pinned, source: 'git', resolved: location }
}

function locationOf(pin: DataTable): string {
  return dataText(pin, 'repositoryURL') ?? dataText(pin, 'location') ?? ''
}
