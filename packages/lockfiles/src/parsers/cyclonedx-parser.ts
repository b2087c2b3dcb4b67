import { type DependencyNode } from '../dependency-node.ts'
import {
  type DataEntry,
  type DataTable,
  dataList,
  dataTable,
  dataTables,
  dataText,
  dataTexts,
  isDataTable,
} from '../syntax/data-value.ts'
import { readJsonObject } from '../syntax/json-document.ts'
import { LockfileFault } from '../lockfile-fault.ts'
import { LockfileReading } from '../lockfile-reading.ts'
import { type ParsedLockfile } from '../parsed-lockfile.ts'
import { readPackageUrl } from '../identity/package-url.ts'
import { addSbomPackage } from './sbom-package.ts'

/** What need not have a package URL: it is no package of a registry. */
const PACKAGE_TYPES = new Set(['library', 'framework'])

/** Whether a JSON text is an SBOM of CycloneDX. */
export function isCycloneDx(text: string): boolean {
  return /"bomFormat"\s*:\s*"CycloneDX"/.test(text)
}

/** Reads CycloneDX 1.2 to 1.7 in JSON: components with a package URL, also nested ones. */
export function parseCycloneDx(text: string): ParsedLockfile {
  const reading = new LockfileReading()
  const bom = readJsonObject(text, reading)
  const version = dataText(bom, 'specVersion')
  if (version === undefined || !/^1\.\d+$/.test(version)) {
    throw new LockfileFault('UNSUPPORTED_VERSION', `The specVersion ${JSON.stringify(version)} is not 1.`)
  }
  const direct = findDirect(bom)
  for (const { value, line } of componentsOf(bom, reading)) {
    if (!isDataTable(value)) reading.misunderstood(line, 'components', 'it is no object')
    else readComponent(value, { reading, line: lineOf(value, line), direct })
  }
  return reading.result()
}

/** Who asks for whom, by the references of the graph. */
export function readCycloneDxNodes(text: string): DependencyNode[] {
  const bom = readJsonObject(text, { problems: [] })
  const graph = new Map(
    dataTables(bom, 'dependencies').map((entry) => [dataText(entry, 'ref'), dataTexts(entry, 'dependsOn')]),
  )
  return [...componentsOf(bom, new LockfileReading())].flatMap(({ value, line }) => {
    if (!isDataTable(value)) return []
    const purl = readPackageUrl(dataText(value, 'purl') ?? '')
    const reference = referenceOf(value)
    const version = purl?.version ?? dataText(value, 'version')
    const requires = graph.get(reference) ?? []
    return [{ line: lineOf(value, line), name: purl?.name, version, keys: [reference], requires }]
  })
}

/** Nested ones too. */
function* componentsOf(bom: DataTable, reading: LockfileReading): Iterable<DataEntry> {
  const open: DataEntry[] = []
  const enter = (holder: DataTable): void => {
    reading.expect('list', holder, 'components')
    for (const below of dataList(holder, 'components')) open.push(below)
  }
  enter(bom)
  for (let entry = open.pop(); entry !== undefined; entry = open.pop()) {
    yield entry
    if (isDataTable(entry.value)) enter(entry.value)
  }
}

function lineOf(component: DataTable, line: number): number {
  return component.get('name')?.line ?? line
}

function referenceOf(component: DataTable): string {
  return dataText(component, 'bom-ref') ?? dataText(component, 'purl') ?? ''
}

function readComponent(
  component: DataTable,
  { reading, line, direct }: { reading: LockfileReading; line: number; direct: ReadonlySet<string> },
): void {
  const purl = dataText(component, 'purl')
  const name = dataText(component, 'name') ?? ''
  if (purl === undefined) {
    const type = dataText(component, 'type') ?? 'library'
    if (PACKAGE_TYPES.has(type)) reading.misunderstood(line, name, 'it has no package URL')
    return
  }
  const dev = dataTables(component, 'properties').some((property) => {
    return (
      /^cdx:\w+:(?:package:)?development$/.test(dataText(property, 'name') ?? '') &&
      dataText(property, 'value') === 'true'
    )
  })
  addSbomPackage(reading, {
    purl,
    version: dataText(component, 'version'),
    line,
    direct: direct.has(referenceOf(component)),
    dev,
  })
}

/** The references that the project's own entry of the graph depends on. */
function findDirect(bom: DataTable): Set<string> {
  const root = dataText(dataTable(dataTable(bom, 'metadata'), 'component'), 'bom-ref')
  const entries = dataTables(bom, 'dependencies').filter((entry) => dataText(entry, 'ref') === root)
  return new Set(root === undefined ? [] : entries.flatMap((entry) => dataTexts(entry, 'dependsOn')))
}
