import {
  caret,
  compared,
  exactOrBeginning,
  excludesUnasked,
  floorOf,
  type PartialVersion,
  raised,
  readPartialVersion,
  tilde,
} from './semantic-range.ts'
import {
  compareIdentifiers,
  compareSemanticVersions,
  readSemanticVersion,
  writeSemanticVersion,
} from './semantic-version.ts'
import { ANY_VERSION, type Comparator, type VersionRange, type VersionScheme } from './version-scheme.ts'

/** The order of semver.org. */
function compare(a: string, b: string): number | undefined {
  const left = readSemanticVersion(a)
  const right = readSemanticVersion(b)
  return left === undefined || right === undefined ? undefined : compareSemanticVersions(left, right)
}

/** Without zeros in front and without a build. */
function normalize(text: string): string | undefined {
  const version = readSemanticVersion(text)
  return version === undefined ? undefined : writeSemanticVersion(version)
}

/** Pub orders builds too: `1.0.0+1` comes after `1.0.0`. After `Version.compareTo` of pub_semver 2. */
function compareWithBuild(a: string, b: string): number | undefined {
  const left = readSemanticVersion(a)
  const right = readSemanticVersion(b)
  if (left === undefined || right === undefined) return undefined
  const order = compareSemanticVersions(left, right)
  if (order !== 0 || left.build === right.build) return order
  if (left.build === '' || right.build === '') return left.build === '' ? -1 : 1
  return compareIdentifiers(left.build.split('.'), right.build.split('.'))
}

/** Without zeros in front. */
function normalizeWithBuild(text: string): string | undefined {
  const version = readSemanticVersion(text)
  if (version === undefined) return undefined
  return writeSemanticVersion(version) + (version.build === '' ? '' : `+${version.build}`)
}

/** Goes over a requirement's parts; undefined as soon as one of them is not understood. */
function readParts(
  parts: readonly string[],
  read: (operator: string, partial: PartialVersion) => Comparator[] | undefined,
): Comparator[] | undefined {
  const comparators: Comparator[] = []
  for (const part of parts) {
    const [operator = ''] = /^(?:[<>]=?|==?|!=|\^|~>?)?/.exec(part) ?? []
    const partial = readPartialVersion(part.slice(operator.length).trim())
    const found = partial === undefined ? undefined : read(operator, partial)
    if (found === undefined) return undefined
    comparators.push(...found)
  }
  return comparators
}

function readOperator(operator: string, partial: PartialVersion): Comparator[] | undefined {
  switch (operator) {
    case '<':
    case '<=':
    case '>':
    case '>=':
      return compared(operator, partial)
    case '^':
      return caret(partial)
    case '~':
    case '~>':
      return tilde(partial)
    case '':
    case '=':
      return exactOrBeginning(partial)
    default:
      return undefined
  }
}

/** `1.2.3 - 2.3`: both ends belong to it, and whatever the second may mean. */
function readHyphen(from: string, to: string): Comparator[] | undefined {
  const first = readPartialVersion(from)
  const last = readPartialVersion(to)
  if (first === undefined || last === undefined) return undefined
  return [...compared('>=', first), ...compared('<=', last)]
}

/** After node-semver 7 `classes/range.js`, read November 2026. What is no range is a tag, and may point to any version. */
function parseNpmRange(text: string): VersionRange | undefined {
  const alternatives: Comparator[][] = []
  for (const alternative of text.split('||')) {
    const trimmed = alternative.trim().replace(/\s+/g, ' ')
    const [, from, to] = /^(\S+) - (\S+)$/.exec(trimmed) ?? []
    const parts = trimmed.replace(/(^|[\s<>=^~])([<>]=?|=|\^|~>?) (?=\S)/g, '$1$2').split(' ')
    const comparators =
      from !== undefined && to !== undefined
        ? readHyphen(from, to)
        : readParts(trimmed === '' ? [] : parts, readOperator)
    if (comparators === undefined) return /^[a-z][\w.-]*$/i.test(text.trim()) ? ANY_VERSION : undefined
    // What `>=0.0.0` would leave out, a pre-release of 0.0.0, another comparator may ask for.
    alternatives.push(comparators.filter(({ operator, version }) => operator !== '>=' || version !== '0.0.0'))
  }
  // Beside `*`, and `>=0.0.0` is that, npm forgets the others, and with them the pre-releases that they ask for.
  const any = alternatives.find(({ length }) => length === 0)
  return { alternatives: any === undefined ? alternatives : [any], excludes: excludesUnasked }
}

/** "Specifying dependencies" in the Cargo book: no operator means `^`; all that are joined by commas have to hold. */
function parseCargoRange(text: string): VersionRange | undefined {
  const comparators = readParts(
    text.split(',').map((part) => part.trim()),
    (operator, partial) => (operator === '' && !partial.isWild ? caret(partial) : readOperator(operator, partial)),
  )
  return comparators === undefined ? undefined : { alternatives: [comparators], excludes: excludesUnasked }
}

/** After `VersionConstraint.parse` of pub_semver 2, read November 2026: a maximum leaves out its own pre-releases, unless the minimum is one. */
function parsePubRange(text: string): VersionRange | undefined {
  const trimmed = text.trim()
  if (trimmed === '' || trimmed === 'any') return ANY_VERSION
  const parts = trimmed.replace(/([<>]=?|\^)\s+/g, '$1').split(/\s+|(?<=\d)(?=[<>])/)
  const comparators = readParts(parts, (operator, partial) => {
    const version = floorOf(partial)
    if (operator === '<') return [{ operator, version }]
    if (operator === '^') return compatible(partial)
    return operator === '' ? [{ operator: '=', version }] : readOperator(operator, partial)
  })
  if (comparators === undefined) return undefined
  const minima = comparators.filter(({ operator }) => operator.startsWith('>')).map(({ version }) => version)
  const minimum = minima.sort((a, b) => compare(a, b) ?? 0).at(-1) ?? ''
  const ends = comparators.map(({ operator, version }) => {
    const isWhole = operator !== '<' || version.includes('-') || minimum.startsWith(`${version}-`)
    return { operator, version: isWhole ? version : `${version}-0` }
  })
  return { alternatives: [ends] }
}

/** `^1.2.3` of pub: below 1.0.0 the minor number is what breaks, also where it is zero. */
function compatible(partial: PartialVersion): Comparator[] {
  const next = raised(partial, /^0+$/.test(partial.numbers[0] ?? '') ? 1 : 0)
  return [
    { operator: '>=', version: floorOf(partial) },
    { operator: '<', version: `${next}-0` },
  ]
}

/** "Requirements" of Elixir's Version module: `and`, `or`, and `~>` for whatever differs in the last number only. */
function parseHexRange(text: string): VersionRange | undefined {
  const alternatives: Comparator[][] = []
  for (const alternative of text.trim().split(/\s+or\s+/)) {
    const parts = alternative.replace(/(~>|[<>]=?|==|!=)\s+/g, '$1').split(/\s+and\s+|\s*,\s*/)
    const comparators = readParts(parts, (operator, partial) => {
      if (operator === '~>') return pessimistic(partial)
      const version = floorOf(partial)
      if (operator === '!=') return [{ operator, version }]
      return operator === '==' || operator === '' ? [{ operator: '=', version }] : readOperator(operator, partial)
    })
    if (comparators === undefined) return undefined
    alternatives.push(comparators)
  }
  return { alternatives }
}

function pessimistic(partial: PartialVersion): Comparator[] | undefined {
  const place = partial.numbers.length - 2
  if (place < 0) return undefined
  return [
    { operator: '>=', version: floorOf(partial) },
    { operator: '<', version: `${raised(partial, place)}-0` },
  ]
}

/** Comparators with spaces or commas between them: for ecosystems whose manifests are not read. */
function parsePlainRange(text: string): VersionRange | undefined {
  const comparators = readParts(
    text
      .trim()
      .replace(/([<>]=?|=)\s+/g, '$1')
      .split(/[\s,]+/),
    (operator, partial) => readOperator(operator, partial),
  )
  return comparators === undefined ? undefined : { alternatives: [comparators] }
}

/** npm, after node-semver. */
export const NPM_VERSIONS: VersionScheme = { compare, normalize, parseRange: parseNpmRange }

/** Cargo. */
export const CARGO_VERSIONS: VersionScheme = { compare, normalize, parseRange: parseCargoRange }

/** Elixir and Erlang. */
export const HEX_VERSIONS: VersionScheme = { compare, normalize, parseRange: parseHexRange }

/** Go: `v1.2.3`, `v0.0.0-20210101000000-abcdef123456`, `v2.0.0+incompatible`. */
export const GO_VERSIONS: VersionScheme = { compare, normalize, parseRange: parsePlainRange }

/** Swift. */
export const SWIFT_VERSIONS: VersionScheme = { compare, normalize, parseRange: parsePlainRange }

/** Dart and Flutter. */
export const PUB_VERSIONS: VersionScheme = {
  compare: compareWithBuild,
  normalize: normalizeWithBuild,
  parseRange: parsePubRange,
}
