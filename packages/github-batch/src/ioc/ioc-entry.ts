import type { Ecosystem } from '@x/lockfiles'

/** What lists call the ecosystems, in small letters. */
const ECOSYSTEMS: ReadonlyMap<string, Ecosystem> = new Map([
  ['npm', 'npm'],
  ['pypi', 'pypi'],
  ['golang', 'golang'],
  ['go', 'golang'],
  ['cargo', 'cargo'],
  ['crates', 'cargo'],
  ['crates.io', 'cargo'],
  ['rubygems', 'gem'],
  ['packagist', 'composer'],
  ['gem', 'gem'],
  ['composer', 'composer'],
  ['maven', 'maven'],
  ['swift', 'swift'],
  ['nuget', 'nuget'],
  ['hex', 'hex'],
  ['pub', 'pub'],
])

/** What OSV calls them: osv-schema, "defined ecosystems", November 2026. */
const OSV_ECOSYSTEMS: ReadonlyMap<string, Ecosystem> = new Map([
  ['npm', 'npm'],
  ['PyPI', 'pypi'],
  ['Go', 'golang'],
  ['crates.io', 'cargo'],
  ['RubyGems', 'gem'],
  ['Packagist', 'composer'],
  ['Maven', 'maven'],
  ['SwiftURL', 'swift'],
  ['NuGet', 'nuget'],
  ['Hex', 'hex'],
  ['Pub', 'pub'],
])

/** The ecosystem that an OSV document means, with or without the registry behind a colon; undefined for one without lockfiles here. */
export function osvEcosystem(name: string): Ecosystem | undefined {
  return OSV_ECOSYSTEMS.get(name.replace(/:.*$/s, ''))
}

/** The names that a list may use. */
export const ECOSYSTEM_NAMES: readonly string[] = [...ECOSYSTEMS.keys()]

/** The ecosystem that a list means, in whatever case. */
export function ecosystemNamed(name: string): Ecosystem | undefined {
  return ECOSYSTEMS.get(name.toLowerCase())
}

/**
 * A version as lockfiles write it; `null` for `*`, any; `undefined` for what is no exact version: a range that is taken
 * for a version would never match.
 */
export function exactVersion(ecosystem: Ecosystem, text: string): string | null | undefined {
  if (text === '*') return null
  if (ecosystem !== 'npm') return /^(?=.*\d)\w[\w.+!~-]*$/.test(text) ? text : undefined
  const [, version] = /^[v=]?(\d+\.\d+\.\d+(?:-[\w.-]+)?(?:\+[\w.-]+)?)$/.exec(text) ?? []
  return version
}
