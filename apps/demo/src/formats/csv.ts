import { isWarning, type Match, type ScanReport } from './scan-report.ts'

const COLUMNS = 'kind,repository,file,line,ecosystem,package,version,range,direct,source,reference,why'.split(',')

type Row = Partial<Record<(typeof COLUMNS)[number], string | number | boolean | undefined>>

/** A row for each finding and warning, and for each repository that was skipped or failed (RFC 4180). */
export function csvText({ result: { findings, warnings, ledger } }: ScanReport): string {
  const rows = [
    ...[...findings, ...warnings].map(matchRow),
    ...ledger
      .filter(({ status }) => status !== 'scanned')
      .map(({ status, repository, why }): Row => ({ kind: status, repository, why })),
  ]
  return [COLUMNS.join(','), ...rows.map((row) => COLUMNS.map((column) => cell(row[column])).join(','))]
    .map((line) => `${line}\r\n`)
    .join('')
}

function matchRow(match: Match): Row {
  return { kind: isWarning(match) ? 'warning' : 'finding', ...match }
}

function cell(value: string | number | boolean | undefined): string {
  if (typeof value !== 'string') return value === undefined ? '' : String(value)
  const text = isFormula(value) ? `'${value}` : value
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

/** What a spreadsheet would calculate ("CSV Injection", owasp.org, 2026-11); a scoped name of npm is none. */
function isFormula(text: string): boolean {
  return /^[=+\-@\t\r]/.test(text) && !/^@[\w.-]+\/[\w.-]+$/.test(text)
}
