import type { Ecosystem } from '@x/lockfiles'

import { type GitHubUsage } from '../client/usage-meter.ts'

/** A listed package that a repository has installed, or of which a manifest asks for a listed version and no other. */
export interface Finding {
  /** `owner/name`. */
  readonly repository: string
  /** The dependency file, from the root of the repository. */
  readonly file: string
  /** Where in the file, counted from 1. */
  readonly line: number
  /** The purl type of the package's registry. */
  readonly ecosystem: Ecosystem
  /** The package's real name. */
  readonly package: string
  /** The version that is installed, or asked for. */
  readonly version: string
  /** The lists that name it. */
  readonly source: string
  /** Where to read about it. */
  readonly reference?: string | undefined
  /** Whether the repository asks for it itself. */
  readonly direct: boolean
  /**
   * Where it does not: the packages, as `name@version`, through which it comes, from one that the repository asks for to the
   * one that asks for it. Absent where the file does not say, or its content is kept no longer.
   */
  readonly through?: readonly string[] | undefined
}

/** A range in a manifest that admits a listed version and others. */
export interface Warning extends Omit<Finding, 'direct' | 'through'> {
  /** As the manifest has it. */
  readonly range: string
}

/** What became of a repository. */
export interface LedgerEntry {
  /** `owner/name`, or `owner/*` where it is not known which repositories are missing. */
  readonly repository: string
  /** Scanned: it has lockfiles that can be read, and every one was. Failed: at least one thing could not be; findings may still exist. */
  readonly status: 'scanned' | 'skipped' | 'failed'
  /** Why it was skipped or failed. */
  readonly why?: string | undefined
}

/**
 * What a scan cost, and what it saved. A request whose answer never came whole may have cost a point more than is counted.
 */
export interface ScanCost extends GitHubUsage {
  /** Trees, contents and parsed files that were not asked for because the store had them. */
  readonly cacheHits: number
}

/** The one document that a scan ends with. */
export interface ScanResult {
  /** Empty only means clean where `complete` is true. */
  readonly findings: readonly Finding[]
  /** "Could resolve to": never a finding. */
  readonly warnings: readonly Warning[]
  /** One entry for each repository. */
  readonly ledger: readonly LedgerEntry[]
  /** What was sent while it ran. */
  readonly cost: ScanCost
  /** Whether nothing failed. */
  readonly complete: boolean
}

/** The same, of a scan that can be resumed. */
export interface ResumableScanResult extends ScanResult {
  /** By which it is resumed where it is not complete. */
  readonly id: string
}
