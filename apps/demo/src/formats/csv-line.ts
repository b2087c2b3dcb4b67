type Cell = string | number | boolean | undefined

/** A line of comma-separated values with its end (RFC 4180). */
export function csvLine(cells: readonly Cell[]): string {
  return `${cells.map(cellText).join(',')}\r\n`
}

function cellText(value: Cell): string {
  if (typeof value !== 'string') return value === undefined ? '' : String(value)
  const text = isFormula(value) ? `'${value}` : value
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

/** What a spreadsheet would calculate ("CSV Injection", owasp.org, 2026-11); a scoped name of npm is none. */
function isFormula(text: string): boolean {
  return /^[=+\-@\t\r]/.test(text) && !/^@[\w.-]+\/[\w.-]+$/.test(text)
}
