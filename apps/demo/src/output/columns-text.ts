/** Rows under a heading, each column as wide as its widest cell; the first to the left, numbers to the right. */
export function columnsText(rows: readonly (readonly (string | number)[])[]): string {
  const columns = Math.max(0, ...rows.map((row) => row.length))
  const widths = Array.from({ length: columns }, (_, column) =>
    Math.max(...rows.map((row) => String(row[column] ?? '').length)),
  )
  const cell = (value: string | number, column: number): string =>
    column === 0 ? String(value).padEnd(widths[column] ?? 0) : String(value).padStart(widths[column] ?? 0)
  return rows.map((row) => `  ${row.map(cell).join('   ')}`.trimEnd() + '\n').join('')
}
