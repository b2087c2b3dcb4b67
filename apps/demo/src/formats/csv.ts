import { csvLine } from './csv-line.ts'
import { isWarning, type Match, type ScanReport } from './scan-report.ts'

const COLUMNS = 'kind,repository,file,line,ecosystem,package,version,range,direct,through,source,reference,why'.split(
  ',',
)

type Row = Partial<Record<(typeof COLUMNS)[number], string | number | boolean | undefined>>

/** A row for each finding and warning, and for each repository that was skipped or failed (RFC 4180). */
export function csvText({ result: { findings, warnings, ledger } }: ScanReport): string {
  const rows = [
    ...[...findings, ...warnings].map(matchRow),
    ...ledger
      .filter(({ status }) => status !== 'scanned')
      .map(({ status, repository, why }): Row => ({ kind: status, repository, why })),
  ]
  return [COLUMNS, ...rows.map((row) => COLUMNS.map((column) => row[column]))].map(csvLine).join('')
}

function matchRow(match: Match): Row {
  if (isWarning(match)) return { kind: 'warning', ...match }
  const { through, ...finding } = match
  return { kind: 'finding', ...finding, through: through?.join(' > ') }
}
