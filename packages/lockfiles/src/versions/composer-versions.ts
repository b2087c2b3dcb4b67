import {
  compareNumerals,
  incremented,
  type Comparator,
  type VersionRange,
  type VersionScheme,
} from './version-scheme.ts'

interface ComposerVersion {
  /** Four of them. */
  readonly numbers: readonly string[]
  /** `dev` 0, `alpha` 1, `beta` 2, `RC` 3, none 4, `patch` 5. */
  readonly stability: number
  /** What stands behind it: `1` in `beta1`. */
  readonly numerals: readonly string[]
}

const VERSION =
  /^\s*v?(\d+)(?:\.(\d+))?(?:\.(\d+))?(?:\.(\d+))?(?:[._-]?(?:(stable|beta|b|rc|alpha|a|patch|pl|p)(\d*(?:[.-]\d+)*))?)([.-]?dev)?(?:\+\S*)?(?:[@#]\S*)?\s*$/i

const STABLE = 4
const STABILITIES: ReadonlyMap<string, number> = new Map([
  ['a', 1],
  ['alpha', 1],
  ['b', 2],
  ['beta', 2],
  ['rc', 3],
  ['stable', STABLE],
  ['p', 5],
  ['pl', 5],
  ['patch', 5],
])

/** After `VersionParser::normalize` of composer/semver 3 (read November 2026); undefined for branches, which have no order. */
function read(text: string): ComposerVersion | undefined {
  const match = VERSION.exec(text)
  if (match === null) return undefined
  const [, major, minor, patch, fourth, word = 'stable', tail = '', dev] = match
  const numbers = [major, minor, patch, fourth].map((numeral) => numeral?.replace(/^0+(?=\d)/, '') ?? '0')
  const stability = STABILITIES.get(word.toLowerCase()) ?? STABLE
  if (dev !== undefined && stability === STABLE) return { numbers, stability: 0, numerals: [] }
  return { numbers, stability, numerals: [...(tail.match(/\d+/g) ?? []), ...(dev === undefined ? [] : ['-1'])] }
}

/** The order of `version_compare` in PHP, of normalized versions. */
function compare(a: string, b: string): number | undefined {
  const [left, right] = [read(a), read(b)]
  if (left === undefined || right === undefined) return undefined
  for (const [index, numeral] of left.numbers.entries()) {
    const order = compareNumerals(numeral, right.numbers[index] ?? '0')
    if (order !== 0) return order
  }
  return left.stability - right.stability || compareTails(left.numerals, right.numerals)
}

function compareTails(a: readonly string[], b: readonly string[]): number {
  for (let index = 0; index < Math.max(a.length, b.length); index++) {
    const [mine, its] = [a[index], b[index]]
    if (mine === undefined || its === undefined) return its === '-1' || (mine !== undefined && mine !== '-1') ? 1 : -1
    if (mine === '-1' || its === '-1') return mine === its ? 0 : mine === '-1' ? -1 : 1
    const order = compareNumerals(mine, its)
    if (order !== 0) return order
  }
  return 0
}

/** Four numbers and the stability's rank. */
function normalize(text: string): string | undefined {
  const version = read(text)
  // A branch is the same as itself.
  if (version === undefined) return /^dev-|-dev$/.test(text) ? text : undefined
  const { numbers, stability, numerals } = version
  return [
    numbers.join('.'),
    stability === STABLE ? '' : `-${stability}`,
    ...numerals.map((numeral) => `.${numeral}`),
  ].join('')
}

const MAX_ALTERNATIVES = 64

/** "Versions and constraints" of getcomposer.org: `^1.2`, `~1.2`, `1.2.*`, `1.0 - 2.0`, `>=1.0 <2.0`, `||`. */
function parseRange(text: string): VersionRange | undefined {
  const alternatives: Comparator[][] = []
  for (const alternative of text.split(/\s*\|\|?\s*/)) {
    const comparators = readConstraints(alternative)
    if (comparators === undefined || alternatives.length === MAX_ALTERNATIVES) return undefined
    alternatives.push(comparators)
  }
  return { alternatives }
}

function readConstraints(text: string): Comparator[] | undefined {
  // What a hyphen with spaces joins is one constraint.
  const parts = text
    .trim()
    .replace(/([<>=!]=?|\^|~)\s+/g, '$1')
    .replace(/ +- +/g, HYPHEN)
    .split(/[\s,]+/)
  const found = parts.map((part) => {
    const [from = '', to] = part.replace(/@\w+$/, '').split(HYPHEN)
    return to === undefined ? readConstraint(from) : readHyphen(from, to)
  })
  return found.includes(undefined) ? undefined : found.flatMap((comparators) => comparators ?? [])
}

const HYPHEN = '\0'

/** `1.0 - 2.0`: up to whatever the second may mean. */
function readHyphen(from: string, to: string): Comparator[] | undefined {
  const start = readConstraint(`>=${from}`)
  const end = readConstraint(/^v?\d+\.\d+\.\d+/.test(to) || !isRelease(to) ? `<=${to}` : `${to}.*`)
  return start === undefined ? undefined : end && [...start, ...end.filter(({ operator }) => operator !== '>=')]
}

const WILDCARD = /^(?:==?)?v?(\d+(?:\.\d+)*)\.[*xX](?:\.[*xX])*$/

function readConstraint(part: string): Comparator[] | undefined {
  if (part === '' || /^v?[*xX](?:\.[*xX])*$/.test(part)) return []
  const prefix = WILDCARD.exec(part)?.[1]
  if (prefix !== undefined) return until(prefix, prefix.split('.').length - 1)
  const [, operator = '', version = ''] = /^([<>]=?|==?|!=|<>|\^|~)?(.*)$/s.exec(part) ?? []
  if (read(version) !== undefined) return readOperator(operator, version)
  return operator === '' && /^dev-|-dev$/.test(version) ? [{ operator: '=', version }] : undefined
}

function readOperator(operator: string, version: string): Comparator[] {
  const numbers = numbersOf(version)
  switch (operator) {
    case '^': {
      const first = numbers.findIndex((numeral) => !/^0+$/.test(numeral))
      return until(version, first === -1 ? numbers.length - 1 : Math.min(first, 2))
    }
    case '~':
      return until(version, Math.max(0, numbers.length - 2))
    case '':
    case '==':
      return [{ operator: '=', version }]
    case '<>':
      return [{ operator: '!=', version }]
    default:
      // `<1.0` leaves out 1.0-dev, `>=1.0` takes it in.
      return [
        {
          operator: operator as Comparator['operator'],
          version: isRelease(version) && (operator === '<' || operator === '>=') ? `${version}-dev` : version,
        },
      ]
  }
}

function isRelease(version: string): boolean {
  return /^v?[\d.]+$/.test(version)
}

function numbersOf(version: string): string[] {
  return /^v?([\d.]+)/.exec(version)?.[1]?.split('.').filter(Boolean) ?? []
}

/** From a version on, up to where the number at `index` is raised. */
function until(version: string, index: number): Comparator[] {
  const numbers = numbersOf(version)
  const end = [...numbers.slice(0, index), incremented(numbers[index] ?? '0')].join('.')
  return [
    { operator: '>=', version: isRelease(version) ? `${version}-dev` : version },
    { operator: '<', version: `${end}-dev` },
  ]
}

/** Composer and Packagist. */
export const COMPOSER_VERSIONS: VersionScheme = { compare, normalize, parseRange }
