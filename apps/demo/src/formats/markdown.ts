import { type LedgerEntry } from '@x/github-batch'

import { countText } from '../output/count-text.ts'
import { costText } from './cost-text.ts'
import { type Match, packageLabel, type ScanReport, wayText, WHAT_TO_DO } from './scan-report.ts'

/** For an issue or the comment on a pull request. */
export function markdownText(report: ScanReport): string {
  const { findings, warnings, ledger, complete, cost } = report.result
  const failed = ledger.filter(({ status }) => status === 'failed')
  const scanned = ledger.filter(({ status }) => status === 'scanned').length
  const parts = [
    `## ${headline(findings.length, complete)}`,
    findings.length === 0 ? '' : `${matchTable(findings, report)}\n\n${WHAT_TO_DO}`,
    warnings.length === 0 ? '' : `### Could resolve to a listed version\n\n${matchTable(warnings, report)}`,
    failed.length === 0 ? '' : `### Not read, so this scan is incomplete\n\n${failed.map(listItem).join('\n')}`,
    `${countText(scanned, 'repository', 'repositories')} scanned, ${ledger.length - failed.length - scanned} skipped, ` +
      `${failed.length} failed. ${costText(cost)}`,
  ]
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`
}

function headline(findings: number, complete: boolean): string {
  if (findings > 0) return countText(findings, 'compromised package')
  return complete ? 'No compromised package found' : 'No compromised package in what could be read'
}

function matchTable(matches: readonly Match[], report: ScanReport): string {
  const rows = matches.map((match) => {
    const place = `${match.file}:${match.line}`
    const linked =
      report.webUrl === undefined
        ? escape(place)
        : `[${escape(place)}](${report.webUrl}/${match.repository}/blob/HEAD/${encodePath(match.file)}#L${match.line})`
    const listed =
      match.reference === undefined ? escape(match.source) : `[${escape(match.source)}](${encodeURI(match.reference)})`
    return `| ${[escape(match.repository), linked, escape(packageLabel(match)), escape(wayText(match)), listed].join(' | ')} |`
  })
  return ['| repository | file | package | | listed by |', '| --- | --- | --- | --- | --- |', ...rows].join('\n')
}

function listItem({ repository, why }: LedgerEntry): string {
  return `- ${escape(repository)}: ${escape(why ?? 'no reason given')}`
}

function encodePath(file: string): string {
  return file
    .split('/')
    .map(encodeURIComponent)
    .join('/')
    .replace(/[()]/g, (bracket) => (bracket === '(' ? '%28' : '%29'))
}

/** Names come from repositories: none of them becomes markup, a mention or a second line. */
function escape(text: string): string {
  return text
    .replace(/[\r\n]+/g, ' ')
    .replace(/[&<>]/g, (sign) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;' })[sign] ?? sign)
    .replace(/[\\`*_[\]|#~!]/g, '\\$&')
    .replace(/@/g, '@\u200B')
}
