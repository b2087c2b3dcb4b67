import { type ScanReport } from './scan-report.ts'

/** The result itself: the one document for programs, kept stable. */
export function jsonText({ result }: ScanReport): string {
  return `${JSON.stringify(result, undefined, 2)}\n`
}
