/** A compiled glob. */
export interface Glob {
  /** What every match begins with, up to the first wildcard: lets a store search an index range instead of everything. */
  readonly literalPrefix: string
  /** Whether the pattern has no wildcard, and so matches `literalPrefix` alone. */
  readonly isLiteral: boolean
  /** Whether the whole text matches. */
  matches(text: string): boolean
}

/** One code point to match: a literal, any, or a class. `*` is `STAR`. */
type Token = number | typeof ANY | typeof STAR | CharacterClass

interface CharacterClass {
  readonly negated: boolean
  readonly ranges: readonly (readonly [from: number, to: number])[]
}

const ANY = '?'
const STAR = '*'

/**
 * Compiles an anchored, case-sensitive glob: `*` is any run of code points, `?` one code point, `[a-c]` one of a class,
 * `[!a-c]` one not of it, `\` takes away the next one's meaning. As in POSIX, `]` directly after `[` or `[!`, and `-`
 * first or last in a class, stand for themselves. Matching costs at most text × pattern, whatever the pattern.
 *
 * @throws RangeError for an unclosed `[`, a trailing `\`, or a range that runs backwards.
 */
export function compileGlob(pattern: string): Glob {
  const tokens = parse(pattern)
  const wildcard = tokens.findIndex((token) => typeof token !== 'number')
  const literals = (wildcard === -1 ? tokens : tokens.slice(0, wildcard)) as number[]
  const literalPrefix = literals.map((point) => String.fromCodePoint(point)).join('')
  if (wildcard === -1) return { literalPrefix, isLiteral: true, matches: (text) => text === literalPrefix }
  const isPrefix = tokens.length === wildcard + 1 && tokens[wildcard] === STAR && !endsInHighSurrogate(literalPrefix)
  const matches = isPrefix
    ? (text: string) => text.startsWith(literalPrefix)
    : (text: string) => text.startsWith(literalPrefix) && matchesTokens(tokens, text)
  return { literalPrefix, isLiteral: false, matches }
}

/** Writes a text as a pattern that matches exactly it. */
export function escapeGlob(text: string): string {
  return text.replace(/[*?[\]\\]/g, '\\$&')
}

function parse(pattern: string): Token[] {
  const points = Array.from(pattern, (character) => character.codePointAt(0) ?? 0)
  const tokens: Token[] = []
  let index = 0
  while (index < points.length) {
    const character = String.fromCodePoint(points[index] ?? 0)
    if (character === '[') {
      const [token, end] = parseClass(points, index, pattern)
      tokens.push(token)
      index = end
    } else if (character === '\\') {
      pushLiteral(tokens, escapedPoint(points, index, pattern))
      index += 2
    } else {
      if (character === STAR || character === ANY) {
        if (character === ANY || tokens.at(-1) !== STAR) tokens.push(character)
      } else pushLiteral(tokens, points[index] ?? 0)
      index += 1
    }
  }
  return tokens
}

/** Two surrogates that only an escape kept apart are one code point in every text. */
function pushLiteral(tokens: Token[], point: number): void {
  const last = tokens.at(-1)
  if (typeof last === 'number' && last >= 0xd800 && last <= 0xdbff && point >= 0xdc00 && point <= 0xdfff) {
    tokens.pop()
    tokens.push(((last - 0xd800) << 10) + (point - 0xdc00) + 0x10000)
  } else tokens.push(point)
}

const BACKSLASH = 0x5c
const BRACKET_CLOSE = 0x5d
const BANG = 0x21
const DASH = 0x2d

function parseClass(points: readonly number[], start: number, pattern: string): [CharacterClass, number] {
  const negated = points[start + 1] === BANG
  const first = start + (negated ? 2 : 1)
  const ranges: [number, number][] = []
  let index = first
  while (index < points.length) {
    if (points[index] === BRACKET_CLOSE && index > first) return [{ negated, ranges }, index + 1]
    const [from, next] = classPoint(points, index, pattern)
    const isRange = points[next] === DASH && next + 1 < points.length && points[next + 1] !== BRACKET_CLOSE
    const [to, end] = isRange ? classPoint(points, next + 1, pattern) : [from, next]
    if (to < from) throw new RangeError(`A range runs backwards in the glob ${JSON.stringify(pattern)}.`)
    ranges.push([from, to])
    index = end
  }
  throw new RangeError(`Unclosed [ in the glob ${JSON.stringify(pattern)}. Write \\[ for the character itself.`)
}

function classPoint(points: readonly number[], index: number, pattern: string): [point: number, next: number] {
  if (points[index] === BACKSLASH) return [escapedPoint(points, index, pattern), index + 2]
  return [points[index] ?? 0, index + 1]
}

function escapedPoint(points: readonly number[], index: number, pattern: string): number {
  const point = points[index + 1]
  if (point === undefined) {
    throw new RangeError(`Trailing \\ in the glob ${JSON.stringify(pattern)}. Write \\\\ for the character itself.`)
  }
  return point
}

/** Only the latest `*` can need more text: an earlier one never has to be tried again. */
function matchesTokens(tokens: readonly Token[], text: string): boolean {
  let tokenIndex = 0
  let textIndex = 0
  let starToken = -1
  let starText = 0
  while (textIndex < text.length) {
    const token = tokens[tokenIndex]
    const point = text.codePointAt(textIndex) ?? 0
    if (token === STAR) {
      starToken = tokenIndex
      starText = textIndex
      tokenIndex += 1
    } else if (token !== undefined && matchesPoint(token, point)) {
      tokenIndex += 1
      textIndex += widthOf(point)
    } else if (starToken !== -1) {
      starText += widthOf(text.codePointAt(starText) ?? 0)
      textIndex = starText
      tokenIndex = starToken + 1
    } else return false
  }
  while (tokens[tokenIndex] === STAR) tokenIndex += 1
  return tokenIndex === tokens.length
}

function matchesPoint(token: Token, point: number): boolean {
  if (typeof token === 'number') return token === point
  if (typeof token === 'string') return true
  return token.negated !== token.ranges.some(([from, to]) => point >= from && point <= to)
}

function widthOf(point: number): number {
  return point > 0xffff ? 2 : 1
}

function endsInHighSurrogate(text: string): boolean {
  const last = text.charCodeAt(text.length - 1)
  return last >= 0xd800 && last <= 0xdbff
}
