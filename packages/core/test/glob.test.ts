import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compileGlob, escapeGlob } from '../src/index.ts'

/** Half a pair each, a whole pair, and what means something in a pattern. */
const UNITS = ['a', 'b', 'c', 'B', '-', '!', '^', '\ud83d', '\ude00', '😀', '\n', '*', '?', '[', ']', '\\'] as const
const texts = fc.string({ unit: fc.constantFrom(...UNITS), maxLength: 8 })

describe('compileGlob()', () => {
  it('matches what a slow, obvious matcher matches, and refuses what it refuses', () => {
    fc.assert(
      fc.property(texts, texts, (pattern, text) => {
        const tokens = referenceTokens(pattern)
        if (tokens === undefined) expect(() => compileGlob(pattern)).toThrow(RangeError)
        else expect(compileGlob(pattern).matches(text)).toBe(referenceMatch(tokens, Array.from(text)))
      }),
      { numRuns: 10_000 },
    )
  })

  it.each([
    ['*\ude00', '😀', false],
    ['*\ude00', 'a\ude00', true],
    ['\ud83d*', '😀', false],
    ['\ud83d?', '😀', false],
    ['?', '😀', true],
    ['??', '😀', false],
    ['*?', '😀', true],
    ['\ud83d\\\ude00', '😀', true],
    ['\ud83d\\\ude00?', '😀a', true],
    ['[\ud83d\\\ude00]', '😀', false],
  ])('takes %j for code points: %j %j', (pattern, text, isMatch) => {
    expect(compileGlob(pattern).matches(text)).toBe(isMatch)
  })

  it('matches every text that is written as its own pattern, and no other', () => {
    fc.assert(
      fc.property(texts, texts, (text, other) => {
        const glob = compileGlob(escapeGlob(text))
        expect(glob.isLiteral).toBe(true)
        expect(glob.literalPrefix).toBe(text)
        expect(glob.matches(text)).toBe(true)
        expect(glob.matches(other)).toBe(other === text)
      }),
    )
  })

  it('begins every match with its literal prefix', () => {
    fc.assert(
      fc.property(texts, texts, (pattern, text) => {
        fc.pre(referenceTokens(pattern) !== undefined)
        const glob = compileGlob(pattern)
        if (glob.matches(text)) expect(text.startsWith(glob.literalPrefix)).toBe(true)
        if (glob.isLiteral) expect(glob.matches(text)).toBe(text === glob.literalPrefix)
      }),
      { numRuns: 5_000 },
    )
  })

  it.each([
    ['PROJ-*', 'PROJ-', false],
    ['a\\*b?', 'a*b', false],
    ['[a]b', '', false],
    ['', '', true],
    ['a\\[b', 'a[b', true],
  ])('%o has the literal prefix %o', (pattern, literalPrefix, isLiteral) => {
    expect(compileGlob(pattern)).toMatchObject({ literalPrefix, isLiteral })
  })

  it('asks for at most text × pattern code points, whatever the pattern', () => {
    const pattern = `${'a*'.repeat(30)}b`
    const text = 'a'.repeat(10_000)
    let steps = 0
    const counted = {
      length: text.length,
      startsWith: (prefix: string) => text.startsWith(prefix),
      codePointAt(index: number) {
        steps += 1
        return text.codePointAt(index)
      },
    }
    expect(compileGlob(pattern).matches(counted as unknown as string)).toBe(false)
    expect(steps).toBeGreaterThan(text.length)
    expect(steps).toBeLessThanOrEqual(2 * text.length * pattern.length)
  })
})

type ReferenceToken = '*' | ((point: number) => boolean)

/** The pattern, token by token; `undefined` for a malformed one. */
function referenceTokens(pattern: string): readonly ReferenceToken[] | undefined {
  // A text cannot tell two surrogates that meet from the pair that they are: an escape between them says nothing.
  const points = Array.from(pattern.replace(/([\ud800-\udbff])\\([\udc00-\udfff])/g, joinOutsideOfClasses))
  const tokens: ReferenceToken[] = []
  for (let point = points.shift(); point !== undefined; point = points.shift()) {
    if (point === '*') tokens.push('*')
    else if (point === '?') tokens.push(() => true)
    else if (point === '[') {
      const token = referenceClass(points)
      if (token === undefined) return undefined
      tokens.push(token)
    } else {
      const literal = point === '\\' ? points.shift() : point
      if (literal === undefined) return undefined
      tokens.push((other) => other === literal.codePointAt(0))
    }
  }
  return tokens

  function joinOutsideOfClasses(whole: string, high: string, low: string, offset: number): string {
    return isInsideOfClass(pattern.slice(0, offset)) ? whole : high + low
  }
}

/** Takes a class, from behind its `[` to its `]`. */
function referenceClass(points: string[]): ReferenceToken | undefined {
  const isNegated = points[0] === '!'
  if (isNegated) points.shift()
  const members: (readonly [from: number, to: number])[] = []
  while (points.length > 0) {
    if (points[0] === ']' && members.length > 0) {
      points.shift()
      return (point) => isNegated !== members.some(([from, to]) => from <= point && point <= to)
    }
    const from = takeMember(points)
    const isRange = points[0] === '-' && points[1] !== undefined && points[1] !== ']'
    if (isRange) points.shift()
    const to = isRange ? takeMember(points) : from
    if (from === undefined || to === undefined || to < from) return undefined
    members.push([from, to])
  }
  return undefined
}

function takeMember(points: string[]): number | undefined {
  const point = points.shift()
  return (point === '\\' ? points.shift() : point)?.codePointAt(0)
}

function isInsideOfClass(beginning: string): boolean {
  const points = Array.from(beginning)
  for (let point = points.shift(); point !== undefined; point = points.shift()) {
    if (point === '\\') points.shift()
    else if (point === '[' && referenceClass(points) === undefined) return true
  }
  return false
}

function referenceMatch(tokens: readonly ReferenceToken[], points: readonly string[]): boolean {
  const [token, ...rest] = tokens
  if (token === undefined) return points.length === 0
  if (token === '*') {
    return referenceMatch(rest, points) || (points.length > 0 && referenceMatch(tokens, points.slice(1)))
  }
  const point = points[0]?.codePointAt(0)
  return point !== undefined && token(point) && referenceMatch(rest, points.slice(1))
}
