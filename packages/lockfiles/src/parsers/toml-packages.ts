import { type DataTable, dataList, dataText, isDataTable } from '../syntax/data-value.ts'
import { type LockfileReading } from '../lockfile-reading.ts'

/** An entry `[[package]]` of a lockfile in TOML. */
export interface TomlPackage {
  /** Its content. */
  readonly entry: DataTable
  /** Its name, not empty. */
  readonly name: string
  /** The line of its name. */
  readonly line: number
}

/** The entries of an array of tables; what has no name is a problem. */
export function readTomlPackages(document: DataTable, key: string, reading: LockfileReading): TomlPackage[] {
  const packages: TomlPackage[] = []
  for (const { value, line } of dataList(document, key)) {
    const name = isDataTable(value) ? dataText(value, 'name') : undefined
    if (name === undefined || name === '' || !isDataTable(value)) reading.misunderstood(line, key, 'it has no name')
    else packages.push({ entry: value, name, line: value.get('name')?.line ?? line })
  }
  reading.expect('list', document, key)
  return packages
}
