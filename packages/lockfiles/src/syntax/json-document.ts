import { type DataEntry, type DataTable, type DataValue, isDataTable } from './data-value.ts'
import { LockfileFault, placeOf } from '../lockfile-fault.ts'
import { type LockfileProblem } from '../parsed-lockfile.ts'

/** No lockfile is nested this deeply. */
const MAX_DEPTH = 200

/** Twice what an SBOM of 64 MiB holds. */
const MAX_VALUES = 8_000_000

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y
const LITERALS: ReadonlyMap<string, DataValue> = new Map([
  ['true', true],
  ['false', false],
  ['null', null],
])

/** How to read, and where to say what is odd. */
export interface JsonReading {
  /** Told of keys that stand twice in one object: the last one counts, as for `JSON.parse`. */
  readonly problems: LockfileProblem[]
  /** Whether there may be comments, and commas before a closing bracket, as in `bun.lock`. */
  readonly extended?: boolean
}

/**
 * Reads a JSON text whose outermost value is an object, with the lines of its keys. Linear in time and memory.
 *
 * @throws LockfileFault `MALFORMED` at the first character that cannot stand where it stands.
 */
export function readJsonObject(text: string, reading: JsonReading): DataTable {
  const value = new JsonReader(text, reading).readText()
  if (isDataTable(value)) return value
  throw new LockfileFault('MALFORMED', 'The file holds no JSON object.', { line: 1, column: 1 })
}

class JsonReader {
  readonly #text: string
  readonly #problems: LockfileProblem[]
  readonly #extended: boolean
  #offset = 0
  #line = 1
  #values = 0

  constructor(text: string, { problems, extended = false }: JsonReading) {
    this.#text = text
    this.#problems = problems
    this.#extended = extended
  }

  readText(): DataValue {
    const value = this.#readValue(0)
    this.#skipSpace()
    if (this.#offset < this.#text.length) this.#fail('the end')
    return value
  }

  #readValue(depth: number): DataValue {
    this.#skipSpace()
    if (depth > MAX_DEPTH || ++this.#values > MAX_VALUES) {
      throw new LockfileFault(
        'MALFORMED',
        'There are too many values, or too deep ones.',
        placeOf(this.#text, this.#offset),
      )
    }
    const character = this.#text[this.#offset]
    switch (character) {
      case '{':
        return this.#readObject(depth)
      case '[':
        return this.#readArray(depth)
      case '"':
        return this.#readString()
      default:
        return this.#readScalar()
    }
  }

  #readObject(depth: number): DataTable {
    const table = new Map<string, DataEntry>()
    this.#offset++
    for (let isFirst = true; !this.#closes('}', isFirst); isFirst = false) {
      this.#skipSpace()
      const line = this.#line
      if (this.#text[this.#offset] !== '"') this.#fail('a key')
      const key = this.#readString()
      this.#skipSpace()
      if (this.#text[this.#offset] !== ':') this.#fail('":"')
      this.#offset++
      if (table.delete(key)) {
        this.#problems.push({ line, reason: `The key ${JSON.stringify(key)} is repeated; the last one counts.` })
      }
      table.set(key, { value: this.#readValue(depth + 1), line })
    }
    return table
  }

  #readArray(depth: number): DataEntry[] {
    const list: DataEntry[] = []
    this.#offset++
    for (let isFirst = true; !this.#closes(']', isFirst); isFirst = false) {
      this.#skipSpace()
      const line = this.#line
      list.push({ value: this.#readValue(depth + 1), line })
    }
    return list
  }

  /** Steps over the closing bracket, or over the comma before the next item. */
  #closes(bracket: '}' | ']', isFirst: boolean): boolean {
    this.#skipSpace()
    const text = this.#text
    if (!isFirst && text[this.#offset] === ',') {
      this.#offset++
      if (!this.#extended) return false
      this.#skipSpace()
      if (text[this.#offset] !== bracket) return false
    } else if (!isFirst && text[this.#offset] !== bracket) this.#fail(`"," or "${bracket}"`)
    if (text[this.#offset] !== bracket) return false
    this.#offset++
    return true
  }

  #readString(): string {
    const text = this.#text
    const start = this.#offset + 1
    let end = start
    let isEscaped = false
    for (let code = text.charCodeAt(end); code !== 0x22; code = text.charCodeAt(++end)) {
      if (code === 0x5c) {
        isEscaped = true
        end++
      } else if (!(code >= 0x20)) {
        this.#offset = end
        this.#fail("the string's closing quote")
      }
    }
    this.#offset = end + 1
    return isEscaped ? this.#unescape(start - 1, end + 1) : text.slice(start, end)
  }

  #unescape(start: number, end: number): string {
    try {
      return JSON.parse(this.#text.slice(start, end)) as string
    } catch {
      this.#offset = start
      return this.#fail('a string with known escapes')
    }
  }

  #readScalar(): DataValue {
    for (const [word, value] of LITERALS) {
      if (this.#text.startsWith(word, this.#offset)) {
        this.#offset += word.length
        return value
      }
    }
    NUMBER.lastIndex = this.#offset
    const [number] = NUMBER.exec(this.#text) ?? []
    if (number === undefined) return this.#fail('a value')
    this.#offset = NUMBER.lastIndex
    return number
  }

  #skipSpace(): void {
    const text = this.#text
    for (;;) {
      const code = text.charCodeAt(this.#offset)
      if (code === 0x0a) this.#line++
      else if (code !== 0x20 && code !== 0x0d && code !== 0x09) {
        if (code !== 0x2f || !this.#extended) return
        this.#skipComment()
        continue
      }
      this.#offset++
    }
  }

  #skipComment(): void {
    const text = this.#text
    const isLine = text[this.#offset + 1] === '/'
    if (!isLine && text[this.#offset + 1] !== '*') this.#fail('a comment')
    const close = text.indexOf(isLine ? '\n' : '*/', this.#offset + 2)
    if (close === -1 && !isLine) this.#fail('a comment that ends')
    const end = close === -1 ? text.length : isLine ? close : close + 2
    for (let offset = this.#offset; offset < end; offset++) if (text.charCodeAt(offset) === 0x0a) this.#line++
    this.#offset = end
  }

  #fail(expected: string): never {
    const point = this.#text.codePointAt(this.#offset)
    const found = point === undefined ? 'the end' : JSON.stringify(String.fromCodePoint(point))
    throw new LockfileFault('MALFORMED', `Expected ${expected}, found ${found}.`, placeOf(this.#text, this.#offset))
  }
}
