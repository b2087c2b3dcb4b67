import type { Ecosystem } from '@x/lockfiles'

/** What lists call the ecosystems, in small letters. */
const ECOSYSTEMS: ReadonlyMap<string, Ecosystem> = new Map([
  ['npm', 'npm'],
  ['pypi', 'pypi'],
  ['golang', 'golang'],
  ['go', 'golang'],
  ['cargo', 'cargo'],
  ['crates', 'cargo'],
  ['gem', 'gem'],
  ['composer', 'composer'],
  ['maven', 'maven'],
  ['swift', 'swift'],
  ['nuget', 'nuget'],
  ['hex', 'hex'],
  ['pub', 'pub'],
])

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
