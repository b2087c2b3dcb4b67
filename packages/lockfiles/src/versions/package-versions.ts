import { type Ecosystem } from '../ecosystem.ts'
import { COMPOSER_VERSIONS } from './composer-versions.ts'
import { GEM_VERSIONS } from './gem-versions.ts'
import { MAVEN_VERSIONS } from './maven-versions.ts'
import { NUGET_VERSIONS } from './nuget-versions.ts'
import { PYTHON_VERSIONS } from './python-versions.ts'
import {
  CARGO_VERSIONS,
  GO_VERSIONS,
  HEX_VERSIONS,
  NPM_VERSIONS,
  PUB_VERSIONS,
  SWIFT_VERSIONS,
} from './semantic-schemes.ts'
import { type Comparator, type VersionScheme } from './version-scheme.ts'

const SCHEMES: Readonly<Record<Ecosystem, VersionScheme>> = {
  npm: NPM_VERSIONS,
  pypi: PYTHON_VERSIONS,
  golang: GO_VERSIONS,
  cargo: CARGO_VERSIONS,
  gem: GEM_VERSIONS,
  composer: COMPOSER_VERSIONS,
  maven: MAVEN_VERSIONS,
  swift: SWIFT_VERSIONS,
  nuget: NUGET_VERSIONS,
  hex: HEX_VERSIONS,
  pub: PUB_VERSIONS,
}

function schemeOf(ecosystem: Ecosystem): VersionScheme {
  if (Object.hasOwn(SCHEMES, ecosystem)) return SCHEMES[ecosystem]
  throw new TypeError(`Not an ecosystem: ${ecosystem as string}. There are ${Object.keys(SCHEMES).join(', ')}.`)
}

/** No version and no requirement is longer; a hostile one costs nothing. */
const MAX_LENGTH = 1024

/**
 * Compares two versions by the order of their ecosystem: semver, PEP 440, Maven's, RubyGems' and so on.
 *
 * @returns negative when `a` is older than `b`, positive when it is newer, 0 when both are the same version; undefined when one of them is no
 * version there (or longer than 1,024 characters).
 */
export function compareVersions(ecosystem: Ecosystem, a: string, b: string): number | undefined {
  if (a.length > MAX_LENGTH || b.length > MAX_LENGTH) return undefined
  return schemeOf(ecosystem).compare(a, b)
}

const PLAIN = /^(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)$/

/**
 * One spelling for versions that are the same: `1.0` of PyPI is `1.0.0`, `v1.2.3` of Go is `1.2.3`. What is no version
 * stays as it is.
 */
export function normalizeVersion(ecosystem: Ecosystem, version: string): string {
  // Most versions of npm are written as they should be.
  if (ecosystem === 'npm' && PLAIN.test(version)) return version
  return version.length > MAX_LENGTH ? version : (schemeOf(ecosystem).normalize(version) ?? version)
}

/**
 * Whether a requirement admits a version, by the rules of the ecosystem, also those for pre-releases. A tag of npm, such as
 * `latest`, may mean any version.
 *
 * @returns undefined when the version or the requirement is not understood (or longer than 1,024 characters): treat it as a yes
 * where a no has to be certain.
 */
export function satisfies(ecosystem: Ecosystem, version: string, range: string): boolean | undefined {
  const parsed = parseRange(ecosystem, range)
  const scheme = schemeOf(ecosystem)
  if (parsed === undefined || !isVersion(ecosystem, version)) return undefined
  const compare = scheme.compareToNamed ?? scheme.compare
  for (const alternative of parsed.alternatives) {
    const holds = alternative.map((comparator) => holdsFor(comparator, compare(version, comparator.version)))
    if (holds.includes(undefined)) return undefined
    if (!holds.includes(false) && parsed.excludes?.(version, alternative) !== true) return true
  }
  return false
}

function holdsFor({ operator }: Comparator, order: number | undefined): boolean | undefined {
  if (order === undefined) return undefined
  switch (operator) {
    case '<':
      return order < 0
    case '<=':
      return order <= 0
    case '=':
      return order === 0
    case '>=':
      return order >= 0
    case '>':
      return order > 0
    case '!=':
      return order !== 0
  }
}

/** The one version that a requirement admits, as it is written; undefined when it admits several, or none. */
export function exactVersionOf(ecosystem: Ecosystem, range: string): string | undefined {
  const [only, ...others] = parseRange(ecosystem, range)?.alternatives ?? []
  const [comparator, ...more] = only ?? []
  if (others.length > 0 || more.length > 0 || comparator?.operator !== '=') return undefined
  return comparator.version
}

/** Whether a text is a version of the ecosystem. */
export function isVersion(ecosystem: Ecosystem, version: string): boolean {
  const scheme = schemeOf(ecosystem)
  return version.length <= MAX_LENGTH && (PLAIN.test(version) || scheme.normalize(version) !== undefined)
}

/** Whether a requirement is understood. */
export function isRange(ecosystem: Ecosystem, range: string): boolean {
  return parseRange(ecosystem, range) !== undefined
}

/** A stretch of versions. An end that is absent is open. */
export interface VersionInterval {
  /** The first version that belongs to it. */
  readonly from?: string | undefined
  /** The first version behind it. */
  readonly before?: string | undefined
  /** The last version that belongs to it. */
  readonly through?: string | undefined
}

/** Whether a version lies in an interval; undefined when one of them is not understood. */
export function isWithin(ecosystem: Ecosystem, version: string, interval: VersionInterval): boolean | undefined {
  for (const comparator of comparatorsOf(interval)) {
    const holds = holdsFor(comparator, compareVersions(ecosystem, version, comparator.version))
    if (holds !== true) return holds
  }
  return true
}

function comparatorsOf({ from, before, through }: VersionInterval): Comparator[] {
  return [
    ...(from === undefined ? [] : [{ operator: '>=', version: from } as const]),
    ...(before === undefined ? [] : [{ operator: '<', version: before } as const]),
    ...(through === undefined ? [] : [{ operator: '<=', version: through } as const]),
  ]
}

/**
 * Whether a requirement may admit a version of an interval, as far as their ends tell: no false only where they cannot
 * meet.
 *
 * @returns undefined when the requirement or an end is not understood.
 */
export function overlaps(ecosystem: Ecosystem, range: string, interval: VersionInterval): boolean | undefined {
  const parsed = parseRange(ecosystem, range)
  if (parsed === undefined) return undefined
  let isKnown = true
  for (const alternative of parsed.alternatives) {
    const meets = meet(ecosystem, [...alternative, ...comparatorsOf(interval)])
    if (meets === true) return true
    if (meets === undefined) isKnown = false
  }
  return isKnown ? false : undefined
}

/** Whether every lower end lies before every upper end. */
function meet(ecosystem: Ecosystem, comparators: readonly Comparator[]): boolean | undefined {
  for (const lower of comparators) {
    if (!['>', '>=', '='].includes(lower.operator)) continue
    for (const upper of comparators) {
      if (!['<', '<=', '='].includes(upper.operator)) continue
      const order = compareVersions(ecosystem, lower.version, upper.version)
      if (order === undefined) return undefined
      if (order > 0 || (order === 0 && (lower.operator === '>' || upper.operator === '<'))) return false
    }
  }
  return true
}

function parseRange(ecosystem: Ecosystem, range: string): ReturnType<VersionScheme['parseRange']> {
  return range.length > MAX_LENGTH ? undefined : schemeOf(ecosystem).parseRange(range)
}
