import { type DependencyNode } from '../dependency-node.ts'
import { type DataTable, dataList, dataTables, dataText, dataTexts, isDataTable } from '../syntax/data-value.ts'
import { readJsonObject } from '../syntax/json-document.ts'
import { LockfileFault } from '../lockfile-fault.ts'
import { LockfileReading } from '../lockfile-reading.ts'
import { type ParsedLockfile } from '../parsed-lockfile.ts'
import { readPackageUrl } from '../identity/package-url.ts'
import { addSbomPackage } from './sbom-package.ts'

/** What one package is to another that asks for it; npm tells development, optional and peer dependencies apart. */
const REQUIRED_BY = /^(?:(?:[A-Z]+_)?DEPENDENCY_OF|PREREQUISITE_FOR)$/

/** Whether a JSON text is an SBOM of SPDX. */
export function isSpdx(text: string): boolean {
  return /"spdxVersion"\s*:|"@context"\s*:\s*"https:\/\/spdx\.org\//.test(text)
}

/**
 * Reads SPDX 2.2 and 2.3 in JSON, as GitHub exports it: packages with a package URL among their references. The one package
 * that the document describes is the project; where it describes several, as some tools have it list all, they are read too.
 */
export function parseSpdx(text: string): ParsedLockfile {
  const reading = new LockfileReading()
  const document = readJsonObject(text, reading)
  const version = dataText(document, 'spdxVersion')
  if (version === undefined || !/^SPDX-2\.\d+$/.test(version)) {
    throw new LockfileFault('UNSUPPORTED_VERSION', `The spdxVersion ${JSON.stringify(version)} is not SPDX-2.`)
  }
  const described = findDescribed(document)
  const own = described.size > 1 ? new Set<string>() : described
  const direct = findDirect(document, described)
  reading.expect('list', document, 'packages')
  for (const { value, line } of dataList(document, 'packages')) {
    if (!isDataTable(value)) reading.misunderstood(line, 'packages', 'it is no object')
    else if (!own.has(idOf(value))) {
      readPackage(value, { reading, line: value.get('name')?.line ?? line, direct: direct.has(idOf(value)) })
    }
  }
  return reading.result()
}

/** Who asks for whom, by the ids of the document. */
export function readSpdxNodes(text: string): DependencyNode[] {
  const document = readJsonObject(text, { problems: [] })
  const required = idsByAsker(requirementsOf(document))
  return dataList(document, 'packages').flatMap(({ value, line }) => {
    if (!isDataTable(value)) return []
    const purl = readPackageUrl(purlsOf(value)[0] ?? '')
    const version = purl?.version ?? dataText(value, 'versionInfo')
    const requires = required.get(idOf(value)) ?? []
    return [{ line: value.get('name')?.line ?? line, name: purl?.name, version, keys: [idOf(value)], requires }]
  })
}

function idsByAsker(requirements: readonly { by: string; id: string }[]): Map<string, string[]> {
  const grouped = Map.groupBy(requirements, ({ by }) => by)
  return new Map(Array.from(grouped, ([by, all]) => [by, all.map(({ id }) => id)]))
}

function idOf(entry: DataTable): string {
  return dataText(entry, 'SPDXID') ?? ''
}

function readPackage(
  entry: DataTable,
  { reading, line, direct }: { reading: LockfileReading; line: number; direct: boolean },
): void {
  const purls = purlsOf(entry)
  if (purls.length === 0) reading.misunderstood(line, dataText(entry, 'name') ?? idOf(entry), 'it has no package URL')
  const version = dataText(entry, 'versionInfo')
  for (const purl of purls) addSbomPackage(reading, { purl, version, line, direct, dev: false })
}

/** Some tools write out the whole name of the type: http://spdx.org/rdf/references/purl. */
function purlsOf(entry: DataTable): string[] {
  return dataTables(entry, 'externalRefs')
    .filter((reference) => /(?:^|\/)purl$/.test(dataText(reference, 'referenceType') ?? ''))
    .map((reference) => dataText(reference, 'referenceLocator') ?? '')
}

function findDescribed(document: DataTable): Set<string> {
  const described = relationsOf(document).filter(
    ({ from, type }) => from === 'SPDXRef-DOCUMENT' && type === 'DESCRIBES',
  )
  return new Set([...dataTexts(document, 'documentDescribes'), ...described.map(({ to }) => to)])
}

function findDirect(document: DataTable, own: ReadonlySet<string>): Set<string> {
  return new Set(requirementsOf(document).flatMap(({ by, id }) => (own.has(by) ? [id] : [])))
}

/** What is required, and by what: written in either direction. */
function requirementsOf(document: DataTable): { by: string; id: string }[] {
  return relationsOf(document).flatMap(({ from, type, to }) => {
    if (type === 'DEPENDS_ON') return [{ by: from, id: to }]
    return REQUIRED_BY.test(type) ? [{ by: to, id: from }] : []
  })
}

function relationsOf(document: DataTable): { from: string; type: string; to: string }[] {
  return dataTables(document, 'relationships').map((relation) => ({
    from: dataText(relation, 'spdxElementId') ?? '',
    type: dataText(relation, 'relationshipType') ?? '',
    to: dataText(relation, 'relatedSpdxElement') ?? '',
  }))
}
