import { checkPlainStart, type Read, readQuoted, trimmed } from './inline-yaml.ts'
import { LineCounter } from './line-counter.ts'
import { failYaml, type YamlEntry, type YamlValue } from './yaml-value.ts'

const MAX_DEPTH = 50

const NEWLINE = 0x0a
const RETURN = 0x0d
const SPACE = 0x20

/**
 * Reads `{a: b, c: [d]}`. It may go on over several lines, as formatters write it; then the caller has to check their
 * indentation. A comment within it is refused.
 */
export function readFlowCollection(text: string, start: number, line: number): Read<YamlValue> {
  const reader = new FlowReader(text, start, line)
  return { value: reader.readValue(0), end: reader.offset }
}

class FlowReader {
  readonly #text: string
  readonly #counter: LineCounter
  offset: number

  constructor(text: string, offset: number, line: number) {
    this.#text = text
    this.offset = offset
    this.#counter = new LineCounter(text, offset, line)
  }

  readValue(depth: number): YamlValue {
    if (depth > MAX_DEPTH) this.#fail('The values are nested too deeply.')
    const character = this.#text[this.offset]
    if (character === '{') return this.#readMap(depth)
    return character === '[' ? this.#readList(depth) : this.#readScalar()
  }

  #readMap(depth: number): YamlValue {
    const map = new Map<string, YamlEntry>()
    this.#skip(1)
    while (this.#text[this.offset] !== '}') {
      const start = this.offset
      const line = this.#counter.lineOf(start)
      const key = this.#readScalar()
      if (map.has(key) || key === '<<') failYaml(this.#text, start, 'The key is repeated or special.')
      // A key's colon stands on its line.
      if (this.#text[this.offset] === ':' && this.#counter.lineOf(this.offset) !== line)
        this.#fail('The colon stands apart from its key.')
      map.set(key, { value: this.#readKeyedValue(depth), line })
      this.#readSeparator('}')
    }
    this.offset++
    return map
  }

  #readKeyedValue(depth: number): YamlValue {
    if (this.#text[this.offset] !== ':') return ''
    this.#skip(1)
    const character = this.#text[this.offset]
    return character === ',' || character === '}' ? '' : this.#readNested(depth)
  }

  #readList(depth: number): YamlValue[] {
    const list: YamlValue[] = []
    this.#skip(1)
    while (this.#text[this.offset] !== ']') {
      list.push(this.#readNested(depth))
      this.#readSeparator(']')
    }
    this.offset++
    return list
  }

  #readNested(depth: number): YamlValue {
    const value = this.readValue(depth + 1)
    this.#skip(0)
    return value
  }

  #readSeparator(close: '}' | ']'): void {
    const character = this.#text[this.offset]
    if (character === ',') this.#skip(1)
    else if (character !== close) this.#fail(`Expected "," or "${close}".`)
  }

  /** Reads a quoted or plain scalar and skips the space behind it. */
  #readScalar(): string {
    const character = this.#text[this.offset]
    const isQuoted = character === '"' || character === "'"
    const read = isQuoted
      ? readQuoted({ text: this.#text, start: this.offset, end: this.#text.length })
      : this.#readPlain()
    this.#skip(read.end - this.offset)
    return read.value
  }

  #readPlain(): Read<string> {
    const text = this.#text
    const start = this.offset
    checkPlainStart({ text, start, end: text.length })
    if ('-?:'.includes(text.charAt(start)) && this.#endsScalar(start + 1)) this.#fail('This is not understood.')
    let offset = start
    while (!this.#endsScalar(offset)) {
      const character = text[offset]
      if (character === ':' && this.#endsKey(offset + 1)) break
      if (character === '\t' || (character === '#' && text[offset - 1] === ' ')) {
        failYaml(text, offset, 'A tab or a comment stands within brackets.')
      }
      offset++
    }
    return trimmed(text, start, offset)
  }

  #endsKey(offset: number): boolean {
    return this.#text.charCodeAt(offset) === SPACE || this.#endsScalar(offset)
  }

  #endsScalar(offset: number): boolean {
    switch (this.#text[offset]) {
      case undefined:
      case '\n':
      case '\r':
      case ',':
      case '[':
      case ']':
      case '{':
      case '}':
        return true
      default:
        return false
    }
  }

  /** Skips that many characters, then spaces and line breaks. */
  #skip(length: number): void {
    const text = this.#text
    let offset = this.offset + length
    for (let code = text.charCodeAt(offset); code === SPACE || code === NEWLINE || code === RETURN;) {
      code = text.charCodeAt(++offset)
    }
    this.offset = offset
  }

  #fail(reason: string): never {
    return failYaml(this.#text, this.offset, reason)
  }
}
