import { type IssueFailure, type JiraIssue } from '@x/batcher'

import { type Style } from '../../output/style.ts'
import { csvLine } from '../csv-line.ts'
import { fieldText } from './field-text.ts'
import { issueTable } from './issue-table.ts'
import { type IssueFormat } from './issue-format-names.ts'

/** Issues by the key that was asked for. */
export type Issues = ReadonlyMap<string, JiraIssue | IssueFailure>

export interface IssueLayout {
  /** Ids of fields, in order; `*all` and the like: those that the issues have. */
  readonly fields: readonly string[]
  readonly style: Style
}

const FORMATS: Readonly<Record<IssueFormat, (issues: Issues, layout: IssueLayout) => string>> = {
  table: issueTable,
  json: issueJson,
  csv: issueCsv,
}

export function formatIssues(format: IssueFormat, issues: Issues, layout: IssueLayout): string {
  return FORMATS[format](issues, layout)
}

/** The fields that a table has a column for. */
export function columnsOf(issues: Issues, fields: readonly string[]): string[] {
  if (fields.every((field) => /^\w/.test(field))) return [...fields]
  const found = [...issues.values()].flatMap((issue) => ('error' in issue ? [] : Object.keys(issue.fields)))
  return [...new Set(found)]
}

function issueJson(issues: Issues): string {
  const list = Array.from(issues, ([asked, issue]) =>
    'error' in issue ? { asked, error: issue.error.message } : { asked, ...issue },
  )
  return `${JSON.stringify(list, undefined, 2)}\n`
}

function issueCsv(issues: Issues, { fields }: IssueLayout): string {
  const columns = columnsOf(issues, fields)
  const rows = Array.from(issues, ([asked, issue]) =>
    'error' in issue
      ? [asked, '', ...columns.map(() => ''), issue.error.message]
      : [asked, issue.key, ...columns.map((column) => fieldText(issue.fields[column])), ''],
  )
  return [['asked', 'key', ...columns, 'error'], ...rows].map(csvLine).join('')
}
