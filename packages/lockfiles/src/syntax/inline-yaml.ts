import { closingQuote } from './quoted-string.ts'
import { failYaml } from './yaml-value.ts'

const SPACE = 0x20
const TAB = 0x09
const HASH = 0x23
const COLON = 0x3a

/** Characters that start something other than a plain scalar. */
const INDICATORS = new Set(',[]{}#&*!|>\'"%@`')

const ESCAPE = /\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U(00[01][0-9a-fA-F]{5})|([^]?))/g
const ESCAPES: Readonly<Record<string, string>> = {
  '0': '\0',
  a: '\x07',
  b: '\b',
  t: '\t',
  n: '\n',
  v: '\v',
  f: '\f',
  r: '\r',
  e: '\x1B',
  ' ': ' ',
  '"': '"',
  '/': '/',
  '\\': '\\',
  N: '\x85',
  _: '\xA0',
  L: '\u2028',
  P: '\u2029',
}

/** A part of one line: reading starts at `start` and must end before `end`. */
export interface LinePart {
  /** The whole text. */
  readonly text: string
  /** The offset of the first character. */
  readonly start: number
  /** The offset behind the line's last character. */
  readonly end: number
}

/** What was read, and the offset behind it. */
export interface Read<T> {
  /** The value. */
  readonly value: T
  /** Where to go on. */
  readonly end: number
}

/** The offset of the next character that is no space; `end` when there is none. */
export function skipSpaces(text: string, start: number, end: number): number {
  let offset = start
  while (offset < end && text.charCodeAt(offset) === SPACE) offset++
  return offset
}

/** Whether nothing but spaces and a comment follow on the line. `start` is behind something: a comment needs a space. */
export function isRestEmpty(text: string, start: number, end: number): boolean {
  const offset = skipSpaces(text, start, end)
  return offset === end || (offset > start && text.charCodeAt(offset) === HASH)
}

/** Whether a colon at `offset` ends a key: a space or the line's end follows. */
export function endsKey(text: string, offset: number, end: number): boolean {
  return text.charCodeAt(offset) === COLON && (offset + 1 === end || text.charCodeAt(offset + 1) === SPACE)
}

/**
 * Reads a string in single or double quotes. It may go on over several lines, which are folded into one; then the
 * caller has to check their indentation.
 */
export function readQuoted({ text, start }: LinePart): Read<string> {
  const isSingle = text[start] === "'"
  const close = isSingle ? closingApostrophe(text, start) : closingQuote(text, start)
  if (close === -1) return failYaml(text, start, 'The string does not end.')
  const content = fold(text, { start, close })
  return { value: isSingle ? content.replaceAll("''", "'") : unescape(text, start, content), end: close + 1 }
}

function fold(text: string, { start, close }: { start: number; close: number }): string {
  const content = text.slice(start + 1, close)
  if (!content.includes('\n')) return content
  const lines = content.split(/\r?\n/).map((line, index, all) => {
    const unindented = index === 0 ? line : line.replace(/^ */, '')
    const folded = index === all.length - 1 ? unindented : trimmed(unindented, 0, unindented.length).value
    // An empty line is a line break, a backslash at the end takes one away: nobody writes them into a lockfile.
    if (/^(?:\t.*|.*[\t\\]|)$/s.test(folded)) failYaml(text, start, 'The string is not understood.')
    return folded
  })
  return lines.join(' ')
}

function closingApostrophe(text: string, start: number): number {
  let close = text.indexOf("'", start + 1)
  while (close !== -1 && text[close + 1] === "'") close = text.indexOf("'", close + 2)
  return close
}

/** Reads a plain scalar up to a comment, a `: ` or the line's end. */
export function readPlain(part: LinePart): Read<string> {
  const { text, start, end } = part
  checkPlainStart(part)
  let offset = start
  for (; offset < end; offset++) {
    const code = text.charCodeAt(offset)
    if (code === COLON && endsKey(text, offset, end)) break
    if (code === HASH && text.charCodeAt(offset - 1) === SPACE) break
    if (code === TAB) failYaml(text, offset, 'A tab stands outside of quotes.')
  }
  return trimmed(text, start, offset)
}

/** Refuses what starts something other than a plain scalar. */
export function checkPlainStart({ text, start, end }: LinePart): void {
  const code = text.charCodeAt(start)
  // Nearly every scalar.
  if (start < end && isLetterOrDigit(code)) return
  const character = text.charAt(start)
  const next = start + 1 < end ? text.charAt(start + 1) : ' '
  const isIndicator = INDICATORS.has(character) || ('-?:'.includes(character) && (next === ' ' || next === '\t'))
  if (start >= end || isIndicator) failYaml(text, start, 'This is not understood.')
}

function isLetterOrDigit(code: number): boolean {
  return (code >= 0x61 && code <= 0x7a) || (code >= 0x30 && code <= 0x39) || (code >= 0x41 && code <= 0x5a)
}

/** Only spaces: `trimEnd` would also cut a no-break space, which belongs to the scalar. */
export function trimmed(text: string, start: number, stop: number): Read<string> {
  let end = stop
  while (end > start && text.charCodeAt(end - 1) === SPACE) end--
  return { value: text.slice(start, end), end }
}

function unescape(text: string, start: number, content: string): string {
  if (!content.includes('\\')) return content
  return content.replaceAll(ESCAPE, (match: string, ...groups: (string | undefined)[]) => {
    const code = groups[0] ?? groups[1] ?? groups[2]
    const point = code === undefined ? undefined : Number.parseInt(code, 16)
    if (point !== undefined && point <= 0x10ffff) return String.fromCodePoint(point)
    const escape = groups[3] ?? ''
    const character = Object.hasOwn(ESCAPES, escape) ? ESCAPES[escape] : undefined
    return character ?? failYaml(text, start, `The escape ${JSON.stringify(match)} is not known.`)
  })
}
