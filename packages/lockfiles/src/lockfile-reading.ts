import { type LockedPackage, type LockfileProblem, type PackageRange, type ParsedLockfile } from './parsed-lockfile.ts'
import { exactVersionOf, isRange } from './versions/package-versions.ts'

/** A table of JSON, TOML or YAML. */
type Holder = ReadonlyMap<string, { readonly value: unknown; readonly line: number }>

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

  /** Notes a section of another kind than its format has; one that is absent, or without a value, lists nothing. */
  expect(kind: 'list' | 'object', holder: Holder, section: string): void {
    const { value, line = 1 } = holder.get(section) ?? {}
    if (value === undefined || value === null || value === '') return
    if (kind === 'list' ? Array.isArray(value) : value instanceof Map) return
    this.problems.push({ line, reason: `The section ${JSON.stringify(section)} is no ${kind}.` })
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
