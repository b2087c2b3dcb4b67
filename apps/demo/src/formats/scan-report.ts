import { type Finding, type ScanResult, type Warning } from '@x/github-batch'

/** A result, and what a document about it has to say of where it comes from. */
export interface ScanReport {
  readonly result: ScanResult
  /** A UUID. */
  readonly id: string
  readonly startedAt: Date
  readonly endedAt: Date
  /** The program that made it. */
  readonly version: string
  /** What was looked for. */
  readonly catalog: { readonly size: number; readonly hash: string }
  /** Where the repositories can be looked at, without a slash at the end; absent: they are folders of this machine. */
  readonly webUrl: string | undefined
}

/** What both mean to a reader: a listed package that is, or may be, there. */
export type Match = Finding | Warning

/** How each document calls the program. */
export const TOOL_NAME = 'x-demo'

/** The same for every finding: what is listed ran with the rights of whoever installed it. */
export const WHAT_TO_DO: string =
  'Remove the package or move to a version that is not listed, install again from a clean lockfile, and treat the ' +
  'secrets of every machine that installed it as known to others.'

export function isWarning(match: Match): match is Warning {
  return 'range' in match
}

/** How a package got there: what asks for it, as far as that is known. */
export function wayText(match: Match): string {
  if (isWarning(match)) return `asked for as ${match.range}`
  if (match.through !== undefined) return `through ${match.through.join(' > ')}`
  return match.direct ? 'direct' : 'transitive'
}

/** `event-stream@3.3.6`. */
export function packageLabel(match: Match): string {
  return `${match.package}@${match.version}`
}
