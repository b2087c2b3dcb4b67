import {
  type Comparator,
  compareNumerals,
  compareTexts,
  incremented,
  type VersionRange,
  type VersionScheme,
} from './version-scheme.ts'

const VERSION = /^\s*(?:\d+(?:\.[\da-z]+)*(?:-[\da-z-]+(?:\.[\da-z-]+)*)?)?\s*$/i

/** The parts as `Gem::Version` of RubyGems 3 sees them, without zeros at the end of the release and of the whole. */
function read(text: string): string[] | undefined {
  if (!VERSION.test(text)) return undefined
  const segments = segmentsOf(text)
  const firstWord = segments.findIndex(isWord)
  const release = firstWord === -1 ? segments : segments.slice(0, firstWord)
  return [...withoutZeros(release), ...withoutZeros(segments.slice(release.length))]
}

function segmentsOf(text: string): string[] {
  return text.replaceAll('-', '.pre.').match(/\d+|[a-z]+/gi) ?? ['0']
}

function isWord(segment: string): boolean {
  return !/^\d/.test(segment)
}

function withoutZeros(segments: readonly string[]): string[] {
  return segments.slice(0, segments.findLastIndex((segment) => !/^0+$/.test(segment)) + 1)
}

/** The order of `Gem::Version`. */
function compare(a: string, b: string): number | undefined {
  const [left, right] = [read(a), read(b)]
  return left === undefined || right === undefined ? undefined : compareSegments(left, right)
}

function compareSegments(left: readonly string[], right: readonly string[]): number {
  for (let index = 0; index < Math.max(left.length, right.length); index++) {
    const [mine = '0', its = '0'] = [left[index], right[index]]
    if (isWord(mine) !== isWord(its)) return isWord(mine) ? -1 : 1
    const order = isWord(mine) ? compareTexts(mine, its) : compareNumerals(mine, its)
    if (order !== 0) return order
  }
  return 0
}

/** Reads `>= 1.0, < 2`, `~> 1.2.3`, `1.0`. */
function parseRange(text: string): VersionRange | undefined {
  const comparators: Comparator[] = []
  for (const part of text.split(',')) {
    const [, operator = '=', version = ''] = /^(=|!=|>=|<=|~>|>|<)?\s*(\S*)$/.exec(part.trim()) ?? []
    if (version === '' && part.trim() === '') continue
    if (version === '' || read(version) === undefined) return undefined
    if (operator === '~>') comparators.push({ operator: '>=', version }, { operator: '<', version: bumped(version) })
    else comparators.push({ operator: operator as Comparator['operator'], version })
  }
  return { alternatives: [comparators] }
}

/** `~> 2.1.0` ends before 2.2 and its pre-releases, of which `2.2.A` is the least. */
function bumped(version: string): string {
  const segments = segmentsOf(version)
  const firstWord = segments.findIndex(isWord)
  const release = firstWord === -1 ? segments : segments.slice(0, firstWord)
  const kept = release.length > 1 ? release.slice(0, -1) : release
  return [...kept.slice(0, -1), incremented(kept.at(-1) ?? '0'), 'A'].join('.')
}

/** RubyGems and Bundler. */
export const GEM_VERSIONS: VersionScheme = {
  compare,
  normalize: (version) => read(version)?.join('.'),
  parseRange,
}
