import { LockfileFault, placeOf } from '../lockfile-fault.ts'

const BARE_KEY = /[\w-]+/y
const SCALAR = /[+\-\w.:]+(?: \d\d:[\d:.]+(?:Z|[+-]\d\d:\d\d)?)?/y
const KNOWN_SCALAR = new RegExp(
  [
    '^(?:true|false',
    '[+-]?(?:0|[1-9](?:_?\\d)*)',
    '0x[\\da-fA-F](?:_?[\\da-fA-F])*|0o[0-7](?:_?[0-7])*|0b[01](?:_?[01])*',
    '[+-]?(?:0|[1-9](?:_?\\d)*)(?:\\.\\d(?:_?\\d)*)?(?:[eE][+-]?\\d(?:_?\\d)*)?',
    '[+-]?(?:inf|nan)',
    '\\d{4}-\\d\\d-\\d\\d(?:[Tt ]\\d\\d:\\d\\d(?::\\d\\d(?:\\.\\d+)?)?(?:[Zz]|[+-]\\d\\d:\\d\\d)?)?',
    '\\d\\d:\\d\\d(?::\\d\\d(?:\\.\\d+)?)?)$',
  ].join('|'),
)
const ESCAPE = /\\(?:([btnfre"\\])|x([\da-fA-F]{2})|u([\da-fA-F]{4})|U([\da-fA-F]{8})|([ \t]*\r?\n\s*)|([^]?))/g
const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['b', '\b'],
  ['t', '\t'],
  ['n', '\n'],
  ['f', '\f'],
  ['r', '\r'],
  ['e', '\x1b'],
  ['"', '"'],
  ['\\', '\\'],
])
/** What must be escaped in a string, but for the line feeds of those over several lines. */
// eslint-disable-next-line no-control-regex
const CONTROL = /[\0-\x08\x0b-\x1f\x7f]/

/** Walks over a TOML text, and knows the line it is on. */
export class TomlCursor {
  readonly #text: string
  #offset = 0
  #line = 1

  constructor(text: string) {
    this.#text = text
  }

  /** Counted from 1. */
  get line(): number {
    return this.#line
  }

  get isAtEnd(): boolean {
    return this.#offset >= this.#text.length
  }

  /** Steps over a piece of the text if it comes next. */
  skip(piece: string): boolean {
    if (!this.#text.startsWith(piece, this.#offset)) return false
    this.#offset += piece.length
    return true
  }

  /** Steps over a piece that has to come next, with spaces before it. */
  expect(piece: string): void {
    this.skipSpaces()
    if (!this.skip(piece)) this.fail(`Expected ${JSON.stringify(piece)}.`)
  }

  /** Skips spaces and tabs. */
  skipSpaces(): void {
    for (;;) {
      const code = this.#text.charCodeAt(this.#offset)
      if (code !== 0x20 && code !== 0x09) return
      this.#offset++
    }
  }

  /** Skips spaces, tabs, line feeds and comments. */
  skipBlank(): void {
    for (;;) {
      this.skipSpaces()
      if (this.#text[this.#offset] === '#') this.#skipComment()
      if (this.#text.startsWith('\r\n', this.#offset)) this.#offset++
      if (this.#text[this.#offset] !== '\n') return
      this.#offset++
      this.#line++
    }
  }

  /** Only a comment may follow on the line. */
  endLine(): void {
    this.skipSpaces()
    if (this.#text[this.#offset] === '#') this.#skipComment()
    if (this.isAtEnd || this.#text[this.#offset] === '\n' || this.#text.startsWith('\r\n', this.#offset)) return
    this.fail('Expected the end of the line.')
  }

  /** Reads a bare or quoted part of a key. */
  readKeyPart(): string {
    const quote = this.#text[this.#offset]
    if (quote === '"' || quote === "'") return this.#readString(quote)
    BARE_KEY.lastIndex = this.#offset
    const [key] = BARE_KEY.exec(this.#text) ?? []
    if (key === undefined) return this.fail('Expected a key.')
    this.#offset += key.length
    return key
  }

  /** Reads a string, number, date or boolean; all but the last as they are written. */
  readScalar(): string | boolean {
    for (const quote of ['"', "'"] as const) {
      if (this.#text.startsWith(quote.repeat(3), this.#offset)) return this.#readLongString(quote)
      if (this.#text[this.#offset] === quote) return this.#readString(quote)
    }
    SCALAR.lastIndex = this.#offset
    const [scalar] = SCALAR.exec(this.#text) ?? []
    if (scalar === undefined || !KNOWN_SCALAR.test(scalar)) return this.fail('Expected a value.')
    this.#offset += scalar.length
    return scalar === 'true' || scalar === 'false' ? scalar === 'true' : scalar
  }

  /**
   * Gives up where it stands.
   *
   * @throws LockfileFault `MALFORMED`, always.
   */
  fail(reason: string): never {
    throw new LockfileFault('MALFORMED', reason, placeOf(this.#text, this.#offset))
  }

  #skipComment(): void {
    const newline = this.#text.indexOf('\n', this.#offset)
    const end = newline === -1 ? this.#text.length : newline
    const comment = this.#text.slice(this.#offset, end).replace(/\r$/, '')
    if (CONTROL.test(comment)) this.fail('A control character stands in a comment.')
    this.#offset += comment.length
  }

  #readString(quote: '"' | "'"): string {
    const text = this.#text
    const start = this.#offset + 1
    let end = start
    for (let character = text[end]; character !== quote; character = text[end]) {
      if (character === undefined || character === '\n') this.fail('The string does not end.')
      end += character === '\\' && quote === '"' ? 2 : 1
    }
    return this.#take(start, end, { quote, length: 1 })
  }

  #readLongString(quote: '"' | "'"): string {
    const text = this.#text
    const fence = quote.repeat(3)
    const start = this.#offset + 3
    let end = start
    while (!text.startsWith(fence, end)) {
      if (end >= text.length) this.fail('The string does not end.')
      end += text[end] === '\\' && quote === '"' ? 2 : 1
    }
    // Up to two quotes may stand before the closing ones.
    for (let more = 0; more < 2 && text[end + 3] === quote; more++) end++
    const first = text.startsWith('\r\n', start) ? 2 : text[start] === '\n' ? 1 : 0
    const value = this.#take(start + first, end, { quote, length: 3 })
    this.#line += text.slice(start, end).split('\n').length - 1
    return value
  }

  #take(start: number, end: number, { quote, length }: { quote: '"' | "'"; length: 1 | 3 }): string {
    const content = this.#text.slice(start, end)
    const printable = length === 3 ? content.replaceAll('\r\n', '\n') : content
    if (CONTROL.test(printable)) this.fail('A control character stands in a string.')
    const value = quote === '"' && content.includes('\\') ? this.#unescape(content, length === 3) : content
    this.#offset = end + length
    return value
  }

  #unescape(content: string, isLong: boolean): string {
    return content.replaceAll(ESCAPE, (_match, ...groups: (string | undefined)[]) => {
      const [short, two, four, eight, fold] = groups
      if (short !== undefined) return ESCAPES.get(short) ?? ''
      if (fold !== undefined && isLong) return ''
      const point = Number.parseInt(two ?? four ?? eight ?? '', 16)
      const isScalar = point <= 0x10_ff_ff && !(point >= 0xd8_00 && point <= 0xdf_ff)
      return isScalar ? String.fromCodePoint(point) : this.fail('The escape is not known.')
    })
  }
}
