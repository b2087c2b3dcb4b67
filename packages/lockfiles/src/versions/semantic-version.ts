import { compareNumerals, compareTexts } from './version-scheme.ts'

/** A version as semver.org/spec/v2.0.0 has it. */
export interface SemanticVersion {
  /** Major, minor and patch, as numerals. */
  readonly numbers: readonly [major: string, minor: string, patch: string]
  /** The identifiers behind the `-`; none for a release. */
  readonly prerelease: readonly string[]
  /** What stands behind the `+`. */
  readonly build: string
}

const NUMBERS = /^[v=\s]*(\d+)(?:\.(\d+))?(?:\.(\d+))?/
const SUFFIX = /^(?:-([\da-z.-]+)|([a-z][\da-z.-]*))?(?:\+([\da-z.-]+))?\s*$/i

/** Reads `1.2.3-rc.1+build`; also with a `v` before it, fewer numbers, or no `-`. Undefined when it is something else. */
export function readSemanticVersion(text: string): SemanticVersion | undefined {
  const [core = '', major, minor = '0', patch = '0'] = NUMBERS.exec(text) ?? []
  const suffix = SUFFIX.exec(text.slice(core.length))
  if (major === undefined || suffix === null) return undefined
  const prerelease = suffix[1] ?? suffix[2]
  return { numbers: [major, minor, patch], prerelease: prerelease?.split('.') ?? [], build: suffix[3] ?? '' }
}

/** The text of a version, without zeros in front and without its build. */
export function writeSemanticVersion({ numbers, prerelease }: Omit<SemanticVersion, 'build'>): string {
  const core = numbers.map((numeral) => numeral.replace(/^0+(?=\d)/, '')).join('.')
  return prerelease.length === 0 ? core : `${core}-${prerelease.join('.')}`
}

/** The order of semver.org, section 11: builds do not count. */
export function compareSemanticVersions(a: SemanticVersion, b: SemanticVersion): number {
  for (const index of [0, 1, 2] as const) {
    const order = compareNumerals(a.numbers[index], b.numbers[index])
    if (order !== 0) return order
  }
  if (a.prerelease.length === 0 || b.prerelease.length === 0) return b.prerelease.length - a.prerelease.length
  return compareIdentifiers(a.prerelease, b.prerelease)
}

/** Compares lists of identifiers one by one: numbers by value and before words, a shorter list before a longer one. */
export function compareIdentifiers(a: readonly string[], b: readonly string[]): number {
  for (const [index, left] of a.entries()) {
    const right = b[index]
    if (right === undefined) return 1
    const order = compareIdentifier(left, right)
    if (order !== 0) return order
  }
  return a.length - b.length
}

function compareIdentifier(a: string, b: string): number {
  const isNumber = [/^\d+$/.test(a), /^\d+$/.test(b)]
  if (isNumber[0] !== isNumber[1]) return isNumber[0] ? -1 : 1
  return isNumber[0] ? compareNumerals(a, b) : compareTexts(a, b)
}
