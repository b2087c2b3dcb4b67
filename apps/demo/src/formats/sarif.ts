import { createHash } from 'node:crypto'

import { type LedgerEntry } from '@x/github-batch'

import { isWarning, type Match, packageLabel, type ScanReport, TOOL_NAME, wayText, WHAT_TO_DO } from './scan-report.ts'

/**
 * SARIF 2.1.0 (docs.oasis-open.org/sarif), a run for each repository that something is to be said of, so that each can be
 * shown, or uploaded, beside its own files. What could not be read is a notification, and its run not successful.
 */
export function sarifText(report: ScanReport): string {
  const { findings, warnings, ledger } = report.result
  const matches = Map.groupBy([...findings, ...warnings], ({ repository }) => repository)
  const failed = Map.groupBy(
    ledger.filter(({ status }) => status === 'failed'),
    ({ repository }) => repository,
  )
  const named = new Set([...matches.keys(), ...failed.keys()])
  const runs = Array.from(named, (repository) =>
    runOf(report, { repository, matches: matches.get(repository) ?? [], failed: failed.get(repository) ?? [] }),
  )
  const document = {
    $schema: 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json',
    version: '2.1.0',
    runs: runs.length > 0 ? runs : [runOf(report, { repository: undefined, matches: [], failed: [] })],
  }
  return `${JSON.stringify(document, undefined, 2)}\n`
}

interface RunContent {
  readonly repository: string | undefined
  readonly matches: readonly Match[]
  readonly failed: readonly LedgerEntry[]
}

function runOf(report: ScanReport, { repository, matches, failed }: RunContent): object {
  const rules = Map.groupBy(matches, ruleId)
  const ruleIds = [...rules.keys()]
  return {
    tool: {
      driver: {
        name: TOOL_NAME,
        version: report.version,
        rules: Array.from(rules, ([id, [match]]) => (match === undefined ? { id } : ruleOf(id, match))),
      },
    },
    invocations: [
      {
        executionSuccessful: failed.length === 0,
        startTimeUtc: report.startedAt.toISOString(),
        endTimeUtc: report.endedAt.toISOString(),
        toolExecutionNotifications: failed.map(({ why }) => ({
          level: 'error',
          message: { text: `Not read: ${why ?? 'no reason given'}` },
        })),
      },
    ],
    ...provenanceOf(report, repository),
    columnKind: 'utf16CodeUnits',
    results: matches.map((match) => resultOf(match, ruleIds.indexOf(ruleId(match)))),
  }
}

/** Where the files of a run can be found; a folder of this machine is not told to others. */
function provenanceOf({ webUrl }: ScanReport, repository: string | undefined): object {
  if (repository === undefined) return {}
  const automationDetails = { id: `${TOOL_NAME}/${repository}/` }
  if (webUrl === undefined || repository.endsWith('/*')) return { automationDetails }
  return { automationDetails, versionControlProvenance: [{ repositoryUri: `${webUrl}/${repository}` }] }
}

function ruleId({ ecosystem, package: name }: Match): string {
  return `compromised-package/${ecosystem}/${name}`
}

function ruleOf(id: string, { ecosystem, package: name, source, reference }: Match): object {
  return {
    id,
    shortDescription: { text: `The ${ecosystem} package ${name} is known to be compromised.` },
    fullDescription: { text: `Listed by: ${source}.` },
    help: { text: WHAT_TO_DO },
    ...(reference !== undefined && URL.canParse(reference) ? { helpUri: reference } : {}),
    defaultConfiguration: { level: 'error' },
    properties: { tags: ['security', 'supply-chain', 'external/cwe/cwe-506'], 'security-severity': '9.8' },
  }
}

function resultOf(match: Match, ruleIndex: number): object {
  const { repository, file, line, source } = match
  const label = packageLabel(match)
  const text = isWarning(match)
    ? `${match.range} admits ${label}, which is listed by: ${source}.`
    : `${label} (${wayText(match)}) is listed by: ${source}. ${WHAT_TO_DO}`
  return {
    ruleId: ruleId(match),
    ruleIndex,
    level: isWarning(match) ? 'warning' : 'error',
    message: { text },
    locations: [
      {
        physicalLocation: {
          artifactLocation: { uri: file.split('/').map(encodeURIComponent).join('/') },
          region: { startLine: line },
        },
        logicalLocations: [{ fullyQualifiedName: repository, kind: 'module' }],
      },
    ],
    partialFingerprints: { 'listedPackage/v1': fingerprint([repository, file, match.ecosystem, label]) },
  }
}

/** The same wherever the entry moves within its file. */
function fingerprint(parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex')
}
