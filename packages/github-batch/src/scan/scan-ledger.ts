import { type RepositoryOutcome } from './scan-journal.ts'
import { type Finding, type LedgerEntry, type Warning } from './scan-result.ts'

/** What a scan has found out so far, by repository: each ends with one line. */
export class ScanLedger {
  readonly findings: Finding[] = []
  readonly warnings: Warning[] = []
  readonly entries: LedgerEntry[] = []
  /** Why a repository is skipped that has nothing to read. */
  readonly #nothing: string
  /** Of repositories that have no line yet. */
  readonly #open = new Map<string, { gaps: string[]; findings: Finding[]; warnings: Warning[] }>()
  #failed = 0

  constructor(nothing: string) {
    this.#nothing = nothing
  }

  /** How many repositories failed. */
  get failed(): number {
    return this.#failed
  }

  /** Notes something that could not be read. */
  addGap(repository: string, why: string): void {
    this.#at(repository).gaps.push(why)
  }

  addFinding(finding: Finding): void {
    this.findings.push(finding)
    this.#at(finding.repository).findings.push(finding)
  }

  addWarning(warning: Warning): void {
    this.warnings.push(warning)
    this.#at(warning.repository).warnings.push(warning)
  }

  /** Ends a repository of which so many files were to be read. */
  close(repository: string, files: number): RepositoryOutcome {
    const { gaps, findings, warnings } = this.#at(repository)
    this.#open.delete(repository)
    const entry = this.#enter(this.#entry(repository, gaps, files))
    return { entry, findings, warnings }
  }

  skip(repository: string, why: string): LedgerEntry {
    return this.#enter({ repository, status: 'skipped', why })
  }

  fail(repository: string, why: string): LedgerEntry {
    return this.#enter({ repository, status: 'failed', why })
  }

  /** Takes over what an earlier run has finished. */
  adopt({ entry, findings, warnings }: RepositoryOutcome): void {
    // BAD: push(...findings). Very many are more arguments than the stack holds.
    for (const finding of findings) this.findings.push(finding)
    for (const warning of warnings) this.warnings.push(warning)
    this.#enter(entry)
  }

  /** Everything, in the order of the places. */
  sorted(): { findings: Finding[]; warnings: Warning[]; ledger: LedgerEntry[] } {
    return {
      findings: this.findings.toSorted(byPlace),
      warnings: this.warnings.toSorted(byPlace),
      ledger: this.entries.toSorted((a, b) => (a.repository < b.repository ? -1 : 1)),
    }
  }

  #entry(repository: string, gaps: readonly string[], files: number): LedgerEntry {
    if (gaps.length > 0) return { repository, status: 'failed', why: gaps.join('; ') }
    return files === 0 ? { repository, status: 'skipped', why: this.#nothing } : { repository, status: 'scanned' }
  }

  #enter(entry: LedgerEntry): LedgerEntry {
    this.entries.push(entry)
    if (entry.status === 'failed') this.#failed += 1
    return entry
  }

  #at(repository: string): { gaps: string[]; findings: Finding[]; warnings: Warning[] } {
    let open = this.#open.get(repository)
    if (open === undefined) {
      open = { gaps: [], findings: [], warnings: [] }
      this.#open.set(repository, open)
    }
    return open
  }
}

type Place = Pick<Finding, 'repository' | 'file' | 'line'>

function byPlace(a: Place, b: Place): number {
  if (a.repository !== b.repository) return a.repository < b.repository ? -1 : 1
  if (a.file !== b.file) return a.file < b.file ? -1 : 1
  return a.line - b.line
}
