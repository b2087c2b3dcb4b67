import { packageUrl } from './package-url.ts'
import { isWarning, type Match, packageLabel, type ScanReport, TOOL_NAME, wayText, WHAT_TO_DO } from './scan-report.ts'

/** Embedded malicious code (cwe.mitre.org). */
const MALICIOUS_CODE = 506

/**
 * CycloneDX 1.6: the listed packages as components, each with the places where it was seen, and a vulnerability for each
 * list that names it. It is no inventory of what is not listed. What could not be read stands in the metadata.
 */
export function cycloneDxText(report: ScanReport): string {
  const { result, id, endedAt, version, catalog } = report
  const { findings, warnings, ledger, complete } = result
  const matches = Map.groupBy([...findings, ...warnings], (match) =>
    packageUrl({ ecosystem: match.ecosystem, name: match.package, version: match.version }),
  )
  const document = {
    $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    serialNumber: `urn:uuid:${id}`,
    version: 1,
    metadata: {
      timestamp: endedAt.toISOString(),
      tools: { components: [{ type: 'application', name: TOOL_NAME, version }] },
      properties: [
        property('complete', String(complete)),
        property('catalog', catalog.hash),
        ...ledger
          .filter(({ status }) => status === 'failed')
          .map(({ repository, why }) => property('not-read', `${repository}: ${why ?? 'no reason given'}`)),
      ],
    },
    components: Array.from(matches, ([purl, found]) => componentOf(purl, found)),
    vulnerabilities: Array.from(matches, ([purl, found]) => vulnerabilityOf(purl, found)),
  }
  return `${JSON.stringify(document, undefined, 2)}\n`
}

function property(name: string, value: string): { name: string; value: string } {
  return { name: `${TOOL_NAME}:${name}`, value }
}

function componentOf(purl: string, matches: readonly Match[]): object {
  const [match] = matches
  return {
    type: 'library',
    'bom-ref': purl,
    name: match?.package,
    version: match?.version,
    purl,
    evidence: {
      occurrences: matches.map((one) => ({
        location: `${one.repository}/${one.file}`,
        line: one.line,
        additionalContext: wayText(one),
      })),
    },
  }
}

function vulnerabilityOf(purl: string, matches: readonly Match[]): object {
  const [match] = matches
  if (match === undefined) return {}
  const { source, reference } = match
  const installed = matches.some((one) => !isWarning(one))
  return {
    'bom-ref': `listed:${purl}`,
    source: { name: source, ...(reference === undefined ? {} : { url: reference }) },
    ratings: [{ severity: 'critical', method: 'other' }],
    cwes: [MALICIOUS_CODE],
    description: `${packageLabel(match)} is known to be compromised.`,
    recommendation: WHAT_TO_DO,
    advisories: reference === undefined ? [] : [{ url: reference }],
    analysis: installed
      ? { state: 'exploitable', detail: 'A lockfile pins it, or a manifest asks for exactly this version.' }
      : { state: 'in_triage', detail: 'A range in a manifest admits it.' },
    affects: [{ ref: purl }],
  }
}
