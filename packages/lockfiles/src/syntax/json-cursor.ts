import { closingQuote } from './quoted-string.ts'

const QUOTE = 0x22
const COMMA = 0x2c
const NEWLINE = 0x0a
const SPACE = 0x20
const OPEN_ARRAY = 0x5b
const CLOSE_ARRAY = 0x5d
const OPEN_OBJECT = 0x7b
const CLOSE_OBJECT = 0x7d

/** Walks over a text that `JSON.parse` has taken, and knows the line it is on, which `JSON.parse` does not tell. */
export class JsonCursor {
  readonly #text: string
  #offset = 0
  #line = 1

  constructor(text: string) {
    this.#text = text
  }

  /**
   * Steps into the object that comes next and visits its keys in the order of the text, repeated ones each time.
   * `visit` may read the key's value with this method; a value it leaves is skipped, and so is one that is no object.
   */
  readObject(visit: (key: string, line: number) => void): void {
    this.#skipSpace()
    if (this.#text.charCodeAt(this.#offset) !== OPEN_OBJECT) {
      this.#skipValue()
      return
    }
    this.#offset++
    while (this.#atKey()) {
      const line = this.#line
      const key = this.#readKey()
      const before = this.#offset
      visit(key, line)
      if (this.#offset === before) this.#skipValue()
    }
    this.#offset++
  }

  /** Goes to the next key; false at the closing brace. */
  #atKey(): boolean {
    this.#skipSpace()
    if (this.#text.charCodeAt(this.#offset) === COMMA) {
      this.#offset++
      this.#skipSpace()
    }
    return this.#text.charCodeAt(this.#offset) === QUOTE
  }

  /** Skips the value that comes next, to the comma or bracket behind it. Locals, because it sees almost every character. */
  #skipValue(): void {
    const text = this.#text
    let offset = this.#offset
    let line = this.#line
    for (let depth = 0; offset < text.length; offset++) {
      const code = text.charCodeAt(offset)
      if (code === QUOTE) offset = closingQuote(text, offset)
      else if (code === NEWLINE) line++
      else if (code === OPEN_OBJECT || code === OPEN_ARRAY) depth++
      else if (code === CLOSE_OBJECT || code === CLOSE_ARRAY) {
        if (--depth < 0) break
      } else if (code === COMMA && depth === 0) break
    }
    this.#offset = offset
    this.#line = line
  }

  /** Reads the key it stands on and steps behind its colon. */
  #readKey(): string {
    const start = this.#offset
    const end = closingQuote(this.#text, start) + 1
    this.#offset = end
    this.#skipSpace()
    this.#offset++
    const key = this.#text.slice(start, end)
    return key.includes('\\') ? (JSON.parse(key) as string) : key.slice(1, -1)
  }

  #skipSpace(): void {
    for (let code = this.#text.charCodeAt(this.#offset); code <= SPACE; code = this.#text.charCodeAt(this.#offset)) {
      if (code === NEWLINE) this.#line++
      this.#offset++
    }
  }
}
