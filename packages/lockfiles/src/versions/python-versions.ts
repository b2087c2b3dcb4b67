import {
  compareNumerals,
  compareTexts,
  type Comparator,
  incremented,
  type VersionRange,
  type VersionScheme,
} from './version-scheme.ts'

/** A version as PEP 440 has it (packaging.python.org/specifications/version-specifiers, November 2026). */
interface PythonVersion {
  readonly epoch: string
  /** Without zeros at its end. */
  readonly release: readonly string[]
  /** The release as it is written. */
  readonly written: readonly string[]
  readonly pre: readonly [phase: 'a' | 'b' | 'rc', numeral: string] | undefined
  readonly post: string | undefined
  readonly dev: string | undefined
  readonly local: readonly string[]
}

const VERSION =
  /^\s*v?(?:(\d+)!)?(\d+(?:\.\d+)*)(?:[-_.]?(alpha|a|beta|b|preview|pre|c|rc)[-_.]?(\d*))?(?:-(\d+)|[-_.]?(?:post|rev|r)[-_.]?(\d*))?(?:([-_.]?dev)[-_.]?(\d*))?(?:\+([a-z\d]+(?:[-_.][a-z\d]+)*))?\s*$/i

const PHASES: ReadonlyMap<string, 'a' | 'b' | 'rc'> = new Map([
  ['a', 'a'],
  ['alpha', 'a'],
  ['b', 'b'],
  ['beta', 'b'],
  ['c', 'rc'],
  ['rc', 'rc'],
  ['pre', 'rc'],
  ['preview', 'rc'],
])

function read(text: string): PythonVersion | undefined {
  const match = VERSION.exec(text)
  if (match === null) return undefined
  const [, epoch, release = '', phase, preNumeral, implicitPost, postNumeral, dev, devNumeral, local] = match
  const written = release.split('.').map(plain)
  return {
    epoch: plain(epoch),
    release: written.slice(0, written.findLastIndex((numeral) => numeral !== '0') + 1),
    written,
    pre: readPhase(phase, preNumeral),
    post: implicitPost === undefined && postNumeral === undefined ? undefined : plain(implicitPost ?? postNumeral),
    dev: dev === undefined ? undefined : plain(devNumeral),
    local: local?.toLowerCase().split(/[-_.]/) ?? [],
  }
}

function readPhase(word: string | undefined, numeral: string | undefined): PythonVersion['pre'] {
  const phase = word === undefined ? undefined : PHASES.get(word.toLowerCase())
  return phase === undefined ? undefined : [phase, plain(numeral)]
}

function plain(numeral = ''): string {
  return numeral.replace(/^0+(?=\d)/, '') || '0'
}

function order(a: PythonVersion, b: PythonVersion): number {
  return comparePublic(a, b) || compareLocal(a.local, b.local)
}

function comparePublic(a: PythonVersion, b: PythonVersion): number {
  return (
    compareNumerals(a.epoch, b.epoch) ||
    compareReleases(a.release, b.release) ||
    phaseOf(a) - phaseOf(b) ||
    compareNumerals(a.pre?.[1] ?? '0', b.pre?.[1] ?? '0') ||
    compareOptional(a.post, b.post, -1) ||
    compareOptional(a.dev, b.dev, 1)
  )
}

function compareReleases(a: readonly string[], b: readonly string[]): number {
  for (let index = 0; index < Math.max(a.length, b.length); index++) {
    const result = compareNumerals(a[index] ?? '0', b[index] ?? '0')
    if (result !== 0) return result
  }
  return 0
}

/** `1.0.dev1` comes before `1.0a1`, which comes before `1.0`. */
function phaseOf({ pre, post, dev }: PythonVersion): number {
  if (pre !== undefined) return { a: 1, b: 2, rc: 3 }[pre[0]]
  return post === undefined && dev !== undefined ? 0 : 4
}

/** `missing`: how one that has none stands to one that has. */
function compareOptional(a: string | undefined, b: string | undefined, missing: -1 | 1): number {
  if (a === undefined || b === undefined) return a === b ? 0 : a === undefined ? missing : -missing
  return compareNumerals(a, b)
}

/** The other way round than in semver: numbers come after words, and a longer one after its own beginning. */
function compareLocal(a: readonly string[], b: readonly string[]): number {
  for (const [index, left] of a.entries()) {
    const right = b[index]
    if (right === undefined) return 1
    const isNumber = [/^\d+$/.test(left), /^\d+$/.test(right)]
    if (isNumber[0] !== isNumber[1]) return isNumber[0] ? 1 : -1
    const result = isNumber[0] ? compareNumerals(left, right) : compareTexts(left, right)
    if (result !== 0) return result
  }
  return a.length - b.length
}

function write({ epoch, release, pre, post, dev, local }: PythonVersion): string {
  const parts = [
    epoch === '0' ? '' : `${epoch}!`,
    release.length === 0 ? '0' : release.join('.'),
    pre === undefined ? '' : pre.join(''),
    post === undefined ? '' : `.post${post}`,
    dev === undefined ? '' : `.dev${dev}`,
    local.length === 0 ? '' : `+${local.map((part) => (/^\d+$/.test(part) ? plain(part) : part)).join('.')}`,
  ]
  return parts.join('')
}

const SPECIFIER = /^(~=|===|[<>!=]=|[<>^~]|)\s*([^\s<>=!~^]\S*)$/

/** Reads `>=1.0, !=1.5.*, <2`; nothing is any version. Also what Poetry adds: `^1.2`, `~1.2`, a bare `1.2.3`, and `||`. */
function parseRange(text: string): VersionRange | undefined {
  const alternatives: Comparator[][] = []
  let asksForPrerelease = false
  for (const alternative of text.split(/\|\|?/)) {
    const read = readSpecifiers(alternative)
    if (read === undefined || alternatives.length > MAX_ALTERNATIVES) return undefined
    alternatives.push(...read.alternatives)
    asksForPrerelease ||= read.asksForPrerelease
  }
  return { alternatives, excludes: (version, alternative) => excludes(version, alternative, asksForPrerelease) }
}

/** All that commas join have to hold. */
function readSpecifiers(text: string): { alternatives: Comparator[][]; asksForPrerelease: boolean } | undefined {
  let alternatives: Comparator[][] = [[]]
  let asksForPrerelease = false
  for (const part of text.split(',').map((specifier) => specifier.trim())) {
    if (part === '' || part === '*') continue
    const [, operator, version = ''] = SPECIFIER.exec(part) ?? []
    const found = operator === undefined ? undefined : readSpecifier(operator === '' ? '==' : operator, version)
    if (found === undefined) return undefined
    alternatives = alternatives.flatMap((left) => found.map((right) => [...left, ...right]))
    // BAD: `!=1.0a1` does not ask for pre-releases, it only leaves one out.
    asksForPrerelease ||= operator !== '!=' && isPrerelease(read(version))
    if (alternatives.length > MAX_ALTERNATIVES) return undefined
  }
  return { alternatives, asksForPrerelease }
}

/** `!=1.*` doubles them; nobody needs more. */
const MAX_ALTERNATIVES = 64

function readSpecifier(operator: string, version: string): Comparator[][] | undefined {
  const isPrefix = version.endsWith('.*')
  const named = read(isPrefix ? version.slice(0, -2) : version)
  if (operator === '===') return [[{ operator: '=', version }]]
  if (named === undefined) return undefined
  if (isPrefix) return readPrefix(operator, named)
  switch (operator) {
    case '~=':
      return named.written.length < 2 ? undefined : [fromUntil(named, named.written.length - 1)]
    case '~':
      return [fromUntil(named, Math.min(named.written.length, 2))]
    case '^': {
      const first = named.written.findIndex((numeral) => numeral !== '0')
      return [fromUntil(named, first === -1 ? named.written.length : first + 1)]
    }
    default:
      return [[{ operator: operator === '==' ? '=' : (operator as Comparator['operator']), version }]]
  }
}

/** `==1.*`: whatever begins so, pre-releases too; `!=1.*`: whatever does not. */
function readPrefix(operator: string, named: PythonVersion): Comparator[][] | undefined {
  const first = `${writePrefix(named)}.dev0`
  const end = `${writeNext(named, named.written.length)}.dev0`
  if (operator === '!=') return [[{ operator: '<', version: first }], [{ operator: '>=', version: end }]]
  if (operator !== '==') return undefined
  return [
    [
      { operator: '>=', version: first },
      { operator: '<', version: end },
    ],
  ]
}

/** From a version on, up to where the last of so many numbers is raised. */
function fromUntil(named: PythonVersion, length: number): Comparator[] {
  return [
    { operator: '>=', version: write(named) },
    { operator: '<', version: `${writeNext(named, length)}.dev0` },
  ]
}

function writePrefix({ epoch, written }: PythonVersion): string {
  return `${epoch}!${written.join('.')}`
}

function writeNext({ epoch, written }: PythonVersion, length: number): string {
  const kept = written.slice(0, length)
  kept[length - 1] = incremented(kept[length - 1] ?? '0')
  return `${epoch}!${kept.join('.')}`
}

function isPrerelease(version: PythonVersion | undefined): boolean {
  return version?.pre !== undefined || version?.dev !== undefined
}

/** Pre-releases have to be asked for; `<1.0` leaves out `1.0rc1`, and `>1.0` leaves out `1.0.post1`. */
function excludes(text: string, alternative: readonly Comparator[], asksForPrerelease: boolean): boolean {
  const version = read(text)
  if (version === undefined) return true
  if (isPrerelease(version) && !asksForPrerelease) return true
  return alternative.some(({ operator, version: name }) => {
    const named = read(name)
    if (named === undefined || !isSameRelease(version, named)) return false
    if (operator === '<') {
      return isPrerelease(version) && !isPrerelease(named) && (named.post === undefined || version.post !== undefined)
    }
    const isPost = version.post !== undefined && named.post === undefined
    return operator === '>' && isPost && version.pre?.join('') === named.pre?.join('')
  })
}

function isSameRelease(a: PythonVersion, b: PythonVersion): boolean {
  return compareNumerals(a.epoch, b.epoch) === 0 && compareReleases(a.release, b.release) === 0
}

/** PyPI, after PEP 440. */
export const PYTHON_VERSIONS: VersionScheme = {
  compare: (a, b) => {
    const [left, right] = [read(a), read(b)]
    return left === undefined || right === undefined ? undefined : order(left, right)
  },
  normalize: (version) => {
    const found = read(version)
    return found === undefined ? undefined : write(found)
  },
  compareToNamed: (version, name) => {
    const [left, right] = [read(version), read(name)]
    if (left === undefined || right === undefined) return undefined
    return right.local.length === 0 ? comparePublic(left, right) : order(left, right)
  },
  parseRange,
}
