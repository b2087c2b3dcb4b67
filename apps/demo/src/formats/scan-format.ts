import { PLAIN_STYLE, type Style } from '../output/style.ts'
import { csvText } from './csv.ts'
import { cycloneDxText } from './cyclonedx.ts'
import { jsonText } from './json.ts'
import { markdownText } from './markdown.ts'
import { sarifText } from './sarif.ts'
import { type ScanFormat } from './scan-format-names.ts'
import { type ScanReport } from './scan-report.ts'
import { tableText } from './table.ts'

/** How a format is laid out, where it is for people. */
export interface FormatLayout {
  readonly style: Style
  /** Name what is skipped, too. */
  readonly verbose: boolean
}

/** Each format is a file of this folder, a line here and a name. */
const FORMATS: Readonly<Record<ScanFormat, (report: ScanReport, layout: FormatLayout) => string>> = {
  table: tableText,
  json: jsonText,
  sarif: sarifText,
  markdown: markdownText,
  csv: csvText,
  cyclonedx: cycloneDxText,
}

/** The result of a scan as a text that ends with a line break. */
export function formatScan(
  format: ScanFormat,
  report: ScanReport,
  layout: FormatLayout = { style: PLAIN_STYLE, verbose: false },
): string {
  return FORMATS[format](report, layout)
}
