import { readIntervals } from './maven-versions.ts'
import { compareIdentifiers } from './semantic-version.ts'
import { compareNumerals, type VersionRange, type VersionScheme } from './version-scheme.ts'

interface NuGetVersion {
  /** One to four numbers, without zeros behind the third. */
  readonly numbers: readonly string[]
  /** In small letters. */
  readonly prerelease: readonly string[]
}

const VERSION = /^\s*v?(\d+)(?:\.(\d+))?(?:\.(\d+))?(?:\.(\d+))?(?:-([\da-z.-]+))?(?:\+[\da-z.-]+)?\s*$/i

/** After `NuGetVersion` and `VersionComparer` of NuGet 6: four numbers, letters in either case, no build. */
function read(text: string): NuGetVersion | undefined {
  const [, major, minor = '0', patch = '0', revision = '0', prerelease] = VERSION.exec(text) ?? []
  if (major === undefined) return undefined
  const numbers = [major, minor, patch, revision].map((numeral) => numeral.replace(/^0+(?=\d)/, ''))
  return { numbers, prerelease: prerelease?.toLowerCase().split('.') ?? [] }
}

/** The order of NuGet. */
function compare(a: string, b: string): number | undefined {
  const [left, right] = [read(a), read(b)]
  if (left === undefined || right === undefined) return undefined
  for (const [index, numeral] of left.numbers.entries()) {
    const order = compareNumerals(numeral, right.numbers[index] ?? '0')
    if (order !== 0) return order
  }
  if (left.prerelease.length === 0 || right.prerelease.length === 0)
    return right.prerelease.length - left.prerelease.length
  return compareIdentifiers(left.prerelease, right.prerelease)
}

/** NuGet's own normal form, in small letters. */
function normalize(text: string): string | undefined {
  const version = read(text)
  if (version === undefined) return undefined
  const { numbers, prerelease } = version
  const core = numbers.slice(0, numbers[3] === '0' ? 3 : 4).join('.')
  return prerelease.length === 0 ? core : `${core}-${prerelease.join('.')}`
}

/** `1.0`: from there on; `[1.0]`, `[1.0,2.0)`; `1.*`: whatever begins so. */
function parseRange(text: string): VersionRange | undefined {
  const trimmed = text.trim()
  if (/^[[(]/.test(trimmed)) return readIntervals(trimmed)
  const floating = /^((?:\d+\.)*)\*(?:-\*)?$/.exec(trimmed)?.[1]
  if (floating !== undefined) {
    const version = floating === '' ? '0' : floating.slice(0, -1)
    return { alternatives: [[{ operator: '>=', version: `${version}-0` }]] }
  }
  return read(trimmed) === undefined ? undefined : { alternatives: [[{ operator: '>=', version: trimmed }]] }
}

/** NuGet. */
export const NUGET_VERSIONS: VersionScheme = { compare, normalize, parseRange }
