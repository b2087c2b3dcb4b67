import { type LockedPackage, type LockfileProblem, type PackageRange, type ParsedLockfile } from './parsed-lockfile.ts'
import { exactVersionOf, isRange } from './versions/package-versions.ts'

/** What a parser has found so far. */
export class LockfileReading {
  /** Keeps what was compiled for the class, as that of `JsonCursor` does. */
  static readonly living: LockfileReading = new LockfileReading()

  readonly packages: LockedPackage[] = []
  readonly ranges: PackageRange[] = []
  readonly problems: LockfileProblem[] = []

  /** Notes an entry that is not understood. */
  misunderstood(line: number, entry: string, why: string): void {
    this.problems.push({ line, reason: `The entry ${JSON.stringify(entry)} is not understood: ${why}.` })
  }

  /** Notes a manifest's requirement, and whether it is one of its ecosystem. */
  require(requirement: Omit<PackageRange, 'exact'>): void {
    const { ecosystem, name, line } = requirement
    const range = requirement.range.trim()
    const exact = exactVersionOf(ecosystem, range)
    this.ranges.push(exact === undefined ? { ...requirement, range } : { ...requirement, range, exact })
    if (!isRange(ecosystem, range)) this.misunderstood(line, name, `${JSON.stringify(range)} is no requirement`)
  }

  /** All of it, in the order of the lines. */
  result(): ParsedLockfile {
    const { packages, ranges, problems } = this
    return { packages: packages.sort(byLine), ranges: ranges.sort(byLine), problems: problems.sort(byLine) }
  }
}

function byLine(a: { readonly line: number }, b: { readonly line: number }): number {
  return a.line - b.line
}
