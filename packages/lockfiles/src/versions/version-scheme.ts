/** One condition on a version. */
export interface Comparator {
  /** How the version has to stand to the one named. */
  readonly operator: '<' | '<=' | '=' | '>=' | '>' | '!='
  /** The version named, in the ecosystem's notation. */
  readonly version: string
}

/** What a requirement's text says. */
export interface VersionRange {
  /** One of them has to hold whole; one without a comparator admits every version. */
  readonly alternatives: readonly (readonly Comparator[])[]
  /** A rule beyond the order, such as that pre-releases have to be asked for: whether it leaves a version out. */
  readonly excludes?: (version: string, alternative: readonly Comparator[]) => boolean
}

/** How one ecosystem writes and orders versions. */
export interface VersionScheme {
  /** Negative, zero or positive as `a` is older than, as good as or newer than `b`; undefined where one is no version. */
  readonly compare: (a: string, b: string) => number | undefined
  /** How a version stands to one that a requirement names, where that differs from the order. */
  readonly compareToNamed?: (version: string, named: string) => number | undefined
  /** The same text for versions that are the same; undefined for what is no version. */
  readonly normalize: (version: string) => string | undefined
  /** Reads a requirement; undefined when it is none of this ecosystem. */
  readonly parseRange: (text: string) => VersionRange | undefined
}

/** Every version: also what a tag or an empty requirement may turn out to be. */
export const ANY_VERSION: VersionRange = { alternatives: [[]] }

/** Compares whole numbers of any length, written without a sign. */
export function compareNumerals(a: string, b: string): number {
  const left = a.replace(/^0+(?=\d)/, '')
  const right = b.replace(/^0+(?=\d)/, '')
  if (left.length !== right.length) return left.length - right.length
  return compareTexts(left, right)
}

/** Compares by UTF-16 units. */
export function compareTexts(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/** The number that follows, written out. */
export function incremented(numeral: string): string {
  return String(BigInt(numeral) + 1n)
}
