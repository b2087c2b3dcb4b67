import { LockfileFault, placeOf } from '../lockfile-fault.ts'

const TAB = 0x09
const NEWLINE = 0x0a
const RETURN = 0x0d
const SPACE = 0x20
const QUOTE = 0x22
const COMMA = 0x2c
const SLASH = 0x2f
const COLON = 0x3a
const OPEN_ARRAY = 0x5b
const BACKSLASH = 0x5c
const CLOSE_ARRAY = 0x5d
const OPEN_OBJECT = 0x7b
const CLOSE_OBJECT = 0x7d

/** What stands behind the text. */
const END = 0

/** Four times what a lockfile of 64 MiB holds. */
const MAX_CONTAINERS = 2_000_000

const LITERAL = /true|false|null|-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y
const ESCAPE = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y

/** How to read. */
export interface JsonCursorOptions {
  /** Whether there may be comments, and commas before a closing bracket, as in `bun.lock`. */
  readonly extended?: boolean | undefined
}

/**
 * Walks over a JSON text once, strictly, and builds nothing but what it is asked for. Each value is read, entered or skipped by the
 * caller, in the order of the text; what is skipped is checked as well. Memory grows only with the depth of what is skipped.
 *
 * Every method throws a LockfileFault `MALFORMED` at the first character that cannot stand where it stands, or at the object or
 * array that is one too many.
 */
export class JsonCursor {
  /** V8 drops all code that was compiled for a class when it collects garbage and no instance is alive: this one always is. */
  static readonly living: JsonCursor = new JsonCursor('')

  readonly #text: string
  readonly #bytes: Uint8Array
  readonly #extended: boolean
  /** Where it stands: behind white space and comments. */
  #offset = 0
  /** The byte there. */
  #code = END
  #line = 1
  #itemLine = 1
  /** Whether nothing of the innermost object or array has been read yet. */
  #isFirst = false
  /** How many characters were escaped so far. */
  #escapes = 0
  #containers = 0

  constructor(text: string, { extended = false }: JsonCursorOptions = {}) {
    this.#text = text
    this.#bytes = bytesOf(text)
    this.#extended = extended
    this.#goTo(0)
  }

  /** The line of the key or item that was gone to last, counted from 1. */
  get line(): number {
    return this.#itemLine
  }

  /** Goes into the object that comes next; false, and nothing is read, where something else does. */
  enterObject(): boolean {
    return this.#enter(OPEN_OBJECT)
  }

  /** Goes into the array that comes next; false, and nothing is read, where something else does. */
  enterArray(): boolean {
    return this.#enter(OPEN_ARRAY)
  }

  /** Goes to the next value of the object; undefined where it ends, and it is left. */
  nextKey(): string | undefined {
    if (!this.#goToKey()) return undefined
    const key = this.#takeString()
    this.#skipColon()
    return key
  }

  /** Goes to the next item of the array; false where it ends, and it is left. */
  nextItem(): boolean {
    return this.#goToNext(CLOSE_ARRAY)
  }

  /** Reads the string that comes next; undefined, and nothing is read, where something else does. */
  readString(): string | undefined {
    return this.#code === QUOTE ? this.#takeString() : undefined
  }

  /** Reads the number, true, false or null that comes next, as it is written. */
  readLiteral(): string {
    const start = this.#offset
    const end = this.#endOfLiteral()
    this.#isFirst = false
    this.#goTo(end)
    return this.#text.slice(start, end)
  }

  /** Reads the string, number, true, false or null that comes next; of an object or array nothing but that it is one: `{}`. */
  readScalar(): unknown {
    if (this.#code === QUOTE) return this.#takeString()
    if (this.#code === OPEN_OBJECT || this.#code === OPEN_ARRAY) {
      this.skipValue()
      return {}
    }
    return JSON.parse(this.readLiteral()) as unknown
  }

  /** Steps over the value that comes next. */
  skipValue(): void {
    if (this.#skipScalar()) return
    // Its own stack: nesting must not overflow the call stack.
    const closings: number[] = []
    do {
      if (this.enterObject()) closings.push(CLOSE_OBJECT)
      else if (this.enterArray()) closings.push(CLOSE_ARRAY)
      else this.#skipScalar()
      while (closings.length > 0 && !this.#skipToNext(closings[closings.length - 1])) closings.pop()
    } while (closings.length > 0)
  }

  /** Checks that nothing more comes. */
  finish(): void {
    if (this.#offset < this.#text.length) this.#fail('the end')
  }

  /** Gives up where it stands. */
  refuse(reason: string): never {
    throw new LockfileFault('MALFORMED', reason, placeOf(this.#text, this.#offset))
  }

  #enter(opening: number): boolean {
    if (this.#code !== opening) return false
    if (++this.#containers > MAX_CONTAINERS) this.refuse('The file has too many objects and arrays.')
    this.#isFirst = true
    this.#goTo(this.#offset + 1)
    return true
  }

  #skipScalar(): boolean {
    const code = this.#code
    if (code === QUOTE) this.#goTo(this.#endOfString(this.#offset))
    else if (code === OPEN_OBJECT || code === OPEN_ARRAY) return false
    else this.#goTo(this.#endOfLiteral())
    this.#isFirst = false
    return true
  }

  #skipToNext(closing: number | undefined): boolean {
    if (closing === CLOSE_ARRAY) return this.nextItem()
    if (!this.#goToKey()) return false
    this.#goTo(this.#endOfString(this.#offset))
    this.#skipColon()
    return true
  }

  #goToKey(): boolean {
    if (!this.#goToNext(CLOSE_OBJECT)) return false
    if (this.#code !== QUOTE) this.#fail(this.#isFirst ? 'a key or "}"' : 'a key')
    this.#isFirst = false
    return true
  }

  #skipColon(): void {
    if (this.#code !== COLON) this.#fail('":"')
    this.#goTo(this.#offset + 1)
  }

  /** Goes behind the comma to what comes next; false where the object or array ends, and it is left. */
  #goToNext(closing: number): boolean {
    let isEnd = this.#code === closing
    if (!this.#isFirst && !isEnd) {
      if (this.#code !== COMMA) this.#fail(`"," or "${String.fromCharCode(closing)}"`)
      this.#goTo(this.#offset + 1)
      isEnd = this.#extended && this.#code === closing
    }
    if (isEnd) {
      this.#isFirst = false
      this.#goTo(this.#offset + 1)
      return false
    }
    this.#itemLine = this.#line
    return true
  }

  #takeString(): string {
    const start = this.#offset
    const escapes = this.#escapes
    const end = this.#endOfString(start)
    this.#isFirst = false
    this.#goTo(end)
    return this.#escapes > escapes
      ? (JSON.parse(this.#text.slice(start, end)) as string)
      : this.#text.slice(start + 1, end - 1)
  }

  #endOfString(start: number): number {
    const bytes = this.#bytes
    let offset = start + 1
    for (let code = byteAt(bytes, offset); code !== QUOTE; code = byteAt(bytes, ++offset)) {
      if (code === BACKSLASH) {
        this.#escapes++
        offset = this.#endOf(ESCAPE, offset, 'a known escape') - 1
      } else if (code < SPACE) {
        this.#offset = offset
        this.#fail("the string's closing quote")
      }
    }
    return offset + 1
  }

  #endOfLiteral(): number {
    return this.#endOf(LITERAL, this.#offset, this.#isFirst ? 'a value or "]"' : 'a value')
  }

  #endOf(sticky: RegExp, at: number, expected: string): number {
    sticky.lastIndex = at
    if (sticky.test(this.#text)) return sticky.lastIndex
    this.#offset = at
    return this.#fail(expected)
  }

  /** Goes to an offset, and behind the white space and comments there. */
  #goTo(offset: number): void {
    const code = byteAt(this.#bytes, offset)
    this.#offset = offset
    this.#code = code
    if (code <= SPACE || code === SLASH) this.#skipSpace()
  }

  /** Locals, because it sees many characters. */
  #skipSpace(): void {
    const bytes = this.#bytes
    let offset = this.#offset
    for (;;) {
      const code = byteAt(bytes, offset)
      if (code === NEWLINE) this.#line++
      else if (code === SLASH && this.#extended) offset = this.#lastOfComment(offset)
      else if (code !== SPACE && code !== RETURN && code !== TAB) break
      offset++
    }
    this.#offset = offset
    this.#code = byteAt(bytes, offset)
  }

  /** The end of a comment of several lines, or what stands before the line feed that ends one of a line. */
  #lastOfComment(start: number): number {
    this.#offset = start
    const text = this.#text
    const isLine = text[start + 1] === '/'
    if (!isLine && text[start + 1] !== '*') this.#fail('a comment')
    const close = text.indexOf(isLine ? '\n' : '*/', start + 2)
    if (close === -1 && !isLine) this.#fail('a comment that ends')
    const last = (close === -1 ? text.length : isLine ? close : close + 2) - 1
    for (let offset = start; offset < last; offset++) if (byteAt(this.#bytes, offset) === NEWLINE) this.#line++
    return last
  }

  #fail(expected: string): never {
    const point = this.#text.codePointAt(this.#offset)
    const found = point === undefined ? 'the end' : JSON.stringify(String.fromCodePoint(point))
    return this.refuse(`Expected ${expected}, found ${found}.`)
  }
}

/** One byte for each UTF-16 unit, and `END`: four times as fast to look at as the text (Node 24, November 2026). What JSON has a use for is below 0x80. */
function bytesOf(text: string): Uint8Array {
  const bytes = Buffer.allocUnsafe(text.length + 1)
  bytes[text.length] = END
  if (!/[^\0-\xff]/.test(text)) bytes.write(text, 'latin1')
  else for (let offset = 0; offset < text.length; offset++) bytes[offset] = Math.min(text.charCodeAt(offset), 0xff)
  return bytes
}

function byteAt(bytes: Uint8Array, offset: number): number {
  return bytes[offset] ?? END
}
