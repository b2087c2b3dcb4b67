import { type DataTable, dataList, dataTables, dataText, dataTexts, isDataTable } from '../syntax/data-value.ts'
import { readJsonObject } from '../syntax/json-document.ts'
import { LockfileFault } from '../lockfile-fault.ts'
import { LockfileReading } from '../lockfile-reading.ts'
import { type ParsedLockfile } from '../parsed-lockfile.ts'
import { addSbomPackage } from './sbom-package.ts'

/** Whether a JSON text is an SBOM of SPDX. */
export function isSpdx(text: string): boolean {
  return /"spdxVersion"\s*:|"@context"\s*:\s*"https:\/\/spdx\.org\//.test(text)
}

/**
 * Reads SPDX 2.2 and 2.3 in JSON, as GitHub exports it: packages with a package URL among their references. The packages that
 * the document describes are the project's own.
 */
export function parseSpdx(text: string): ParsedLockfile {
  const reading = new LockfileReading()
  const document = readJsonObject(text, reading)
  const version = dataText(document, 'spdxVersion')
  if (version === undefined || !/^SPDX-2\.\d+$/.test(version)) {
    throw new LockfileFault('UNSUPPORTED_VERSION', `The spdxVersion ${JSON.stringify(version)} is not SPDX-2.`)
  }
  const own = findDescribed(document)
  const direct = findDirect(document, own)
  for (const { value, line } of dataList(document, 'packages')) {
    if (!isDataTable(value)) {
      reading.misunderstood(line, 'packages', 'it is no object')
      continue
    }
    const id = dataText(value, 'SPDXID') ?? ''
    const place = value.get('name')?.line ?? line
    const purls = dataTables(value, 'externalRefs')
      .filter((reference) => dataText(reference, 'referenceType') === 'purl')
      .map((reference) => dataText(reference, 'referenceLocator') ?? '')
    const common = { version: dataText(value, 'versionInfo'), line: place, direct: direct.has(id), dev: false }
    if (own.has(id)) continue
    if (purls.length === 0) reading.misunderstood(place, dataText(value, 'name') ?? id, 'it has no package URL')
    for (const purl of purls) addSbomPackage(reading, { purl, ...common })
  }
  return reading.result()
}

function findDescribed(document: DataTable): Set<string> {
  const described = relationsOf(document).filter(
    ({ from, type }) => from === 'SPDXRef-DOCUMENT' && type === 'DESCRIBES',
  )
  return new Set([...dataTexts(document, 'documentDescribes'), ...described.map(({ to }) => to)])
}

function findDirect(document: DataTable, own: ReadonlySet<string>): Set<string> {
  const relations = relationsOf(document)
  return new Set([
    ...relations.filter(({ from, type }) => own.has(from) && type === 'DEPENDS_ON').map(({ to }) => to),
    ...relations.filter(({ to, type }) => own.has(to) && type === 'DEPENDENCY_OF').map(({ from }) => from),
  ])
}

function relationsOf(document: DataTable): { from: string; type: string; to: string }[] {
  return dataTables(document, 'relationships').map((relation) => ({
    from: dataText(relation, 'spdxElementId') ?? '',
    type: dataText(relation, 'relationshipType') ?? '',
    to: dataText(relation, 'relatedSpdxElement') ?? '',
  }))
}
