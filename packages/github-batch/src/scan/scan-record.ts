import { assertScanScope, type ScanScope } from '../sweep/scan-scope.ts'
import { isNumber, isText, objectOf, type Shape } from '../files/value-shape.ts'

/** A scan as the store remembers it. */
export interface ScanRecord {
  /** By which it is resumed. */
  readonly id: string
  /** What is scanned. */
  readonly scope: ScanScope
  /** Milliseconds since the Unix epoch. */
  readonly startedAt: number
  /** When the store last heard of it: milliseconds since the Unix epoch. */
  readonly updatedAt: number
  /** `running` is also one that was killed; `incomplete` ended with something that could not be read. */
  readonly status: 'running' | 'complete' | 'incomplete'
  /** How many repositories it has; 0 until they are listed. */
  readonly repositories: number
  /** Of them, how many are scanned or skipped. */
  readonly done: number
  /** Of them, how many failed. */
  readonly failed: number
  /** How many findings there are. */
  readonly findings: number
}

/** A scan as a store keeps it; its scope is one that could be scanned. */
export const SCAN_RECORD: Shape = objectOf({
  id: isText,
  scope: isScope,
  startedAt: isNumber,
  updatedAt: isNumber,
  status: isText,
  repositories: isNumber,
  done: isNumber,
  failed: isNumber,
  findings: isNumber,
})

function isScope(value: unknown): boolean {
  try {
    assertScanScope(value as ScanScope)
    return true
  } catch {
    return false
  }
}
