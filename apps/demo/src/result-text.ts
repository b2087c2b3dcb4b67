import { type Finding, type LedgerEntry, type ScanResult } from '@x/github-batch'

/** A result for people: findings first, then what could not be read, then what it cost. */
export function resultText({ findings, ledger, cost, complete }: ScanResult): string {
  const failed = ledger.filter(({ status }) => status === 'failed')
  const skipped = ledger.filter(({ status }) => status === 'skipped')
  const scanned = ledger.length - failed.length - skipped.length
  return [
    findingsText(findings, complete),
    failed.length > 0 ? listText(`NOT READ, so this scan is incomplete:`, failed) : '',
    skipped.length > 0 ? listText('Skipped:', skipped) : '',
    `${count(scanned, 'repository', 'repositories')} scanned, ${skipped.length} skipped, ${failed.length} failed. ` +
      `${count(cost.requests, 'request')} (${cost.restPoints} REST points, ${cost.graphqlPoints} GraphQL points), ` +
      `${sizeText(cost.bytes)}, ${count(cost.cacheHits, 'answer')} from the cache.\n`,
  ]
    .filter((part) => part !== '')
    .join('\n')
}

/** Rows under a heading, each column as wide as its widest cell; numbers to the right. */
export function tableText(rows: readonly (readonly (string | number)[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => String(row[column]).length)))
  const cell = (value: string | number, column: number): string =>
    column === 0 ? String(value).padEnd(widths[column] ?? 0) : String(value).padStart(widths[column] ?? 0)
  return rows.map((row) => `  ${row.map(cell).join('   ')}\n`).join('')
}

function findingsText(findings: readonly Finding[], complete: boolean): string {
  if (findings.length === 0)
    return complete ? 'No compromised package found.\n' : 'No compromised package in what could be read.\n'
  const repositories = new Set(findings.map(({ repository }) => repository)).size
  const heading = `${count(findings.length, 'compromised package')} in ${count(repositories, 'repository', 'repositories')}:\n`
  const lines = findings.map((finding) => {
    const { repository, file, line, version, source, reference, direct } = finding
    const place = `${repository}  ${file}:${line}  ${finding.package}@${version}`
    const listed = reference === undefined ? source : `${source}  ${reference}`
    return `  ${printable(place)}  (${direct ? 'direct' : 'transitive'})\n      ${printable(listed)}\n`
  })
  return `${heading}${lines.join('')}`
}

function listText(heading: string, entries: readonly LedgerEntry[]): string {
  const lines = entries.map(({ repository, why }) => `  ${printable(`${repository}: ${why ?? 'no reason given'}`)}\n`)
  return `${heading}\n${lines.join('')}`
}

/** Names and messages come from repositories: what would steer the terminal is written out. */
function printable(text: string): string {
  return text.replace(/\p{Cc}/gu, (control) => `\\u${control.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

function count(number: number, one: string, many = `${one}s`): string {
  return `${number} ${number === 1 ? one : many}`
}

function sizeText(bytes: number): string {
  if (bytes < 1_024) return `${bytes} B`
  if (bytes < 1_024 ** 2) return `${(bytes / 1_024).toFixed(1)} KB`
  return `${(bytes / 1_024 ** 2).toFixed(1)} MB`
}
