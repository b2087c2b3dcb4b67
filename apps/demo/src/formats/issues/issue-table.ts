import { printable } from '../../output/printable.ts'
import { fieldText } from './field-text.ts'
import { columnsOf, type IssueLayout, type Issues } from './issue-format.ts'

const WIDEST_CELL = 60

/** For people: a line for each issue, long texts cut. */
export function issueTable(issues: Issues, { fields, style }: IssueLayout): string {
  const columns = columnsOf(issues, fields)
  const rows = Array.from(issues, ([asked, issue]) =>
    'error' in issue
      ? { cells: [asked, `not read: ${issue.error.message}`], failed: true }
      : { cells: [asked, ...columns.map((column) => fieldText(issue.fields[column]))], failed: false },
  )
  const heading = ['key', ...columns]
  const widths = heading.map((name, column) =>
    Math.max(
      name.length,
      ...rows.map(({ cells, failed }) => (failed && column > 0 ? 0 : cut(cells[column] ?? '').length)),
    ),
  )
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, column) => cut(cell).padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd()
  const lines = rows.map(({ cells, failed }) =>
    failed
      ? style.red(`${printable(cells[0] ?? '').padEnd(widths[0] ?? 0)}  ${printable(cells[1] ?? '')}`)
      : line(cells),
  )
  return [style.bold(line(heading)), ...lines].map((text) => `${text}\n`).join('')
}

function cut(text: string): string {
  const plain = printable(text.replace(/\s+/g, ' '))
  return plain.length > WIDEST_CELL ? `${plain.slice(0, WIDEST_CELL - 1)}…` : plain
}
