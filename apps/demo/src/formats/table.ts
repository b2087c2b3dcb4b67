import { type LedgerEntry, type ScanResult } from '@x/github-batch'

import { countText } from '../output/count-text.ts'
import { printable } from '../output/printable.ts'
import { type Style } from '../output/style.ts'
import { costText } from './cost-text.ts'
import { type FormatLayout } from './scan-format.ts'
import { type Match, packageLabel, type ScanReport, wayText, WHAT_TO_DO } from './scan-report.ts'

/** For people: findings first, then what could not be read, then what it cost. */
export function tableText({ result }: ScanReport, { style, verbose }: FormatLayout): string {
  const { ledger, cost, warnings } = result
  const failed = ledger.filter(({ status }) => status === 'failed')
  const skipped = ledger.filter(({ status }) => status === 'skipped')
  const scanned = ledger.length - failed.length - skipped.length
  return [
    findingsText(result, style),
    warnings.length > 0
      ? `${style.yellow('Could resolve to a listed version')}, in ${placesOf(warnings)}:\n${matchLines(warnings, style)}`
      : '',
    failed.length > 0 ? listText(style.red('NOT READ, so this scan is incomplete:'), failed) : '',
    skipped.length > 0 ? skippedText(skipped, verbose) : '',
    `${countText(scanned, 'repository', 'repositories')} scanned, ${skipped.length} skipped, ${failed.length} failed. ` +
      `${costText(cost)}\n`,
  ]
    .filter((part) => part !== '')
    .join('\n')
}

function findingsText({ findings, complete }: ScanResult, style: Style): string {
  if (findings.length === 0) {
    return complete
      ? `${style.green('No compromised package found.')}\n`
      : `${style.yellow('No compromised package in what could be read.')}\n`
  }
  const heading = `${countText(findings.length, 'compromised package')} in ${placesOf(findings)}:`
  return `${style.bold(style.red(heading))}\n${matchLines(findings, style)}\nWhat to do: ${WHAT_TO_DO}\n`
}

function matchLines(matches: readonly Match[], style: Style): string {
  const lines = matches.map((match) => {
    const { repository, file, line, source, reference } = match
    const place = printable(`${repository}  ${file}:${line}`)
    const listed = reference === undefined ? source : `${source}  ${reference}`
    return `  ${place}  ${style.bold(printable(packageLabel(match)))}  (${printable(wayText(match))})\n      ${style.dim(printable(listed))}\n`
  })
  return lines.join('')
}

function placesOf(matches: readonly Match[]): string {
  return countText(new Set(matches.map(({ repository }) => repository)).size, 'repository', 'repositories')
}

function skippedText(skipped: readonly LedgerEntry[], verbose: boolean): string {
  if (verbose) return listText('Skipped:', skipped)
  const reasons = Map.groupBy(skipped, ({ why }) => why ?? 'no reason given')
  const counts = Array.from(reasons, ([why, entries]) => `${entries.length} ${printable(why)}`)
  return `Skipped: ${counts.join(', ')}.\n`
}

function listText(heading: string, entries: readonly LedgerEntry[]): string {
  const lines = entries.map(({ repository, why }) => `  ${printable(`${repository}: ${why ?? 'no reason given'}`)}\n`)
  return `${heading}\n${lines.join('')}`
}
