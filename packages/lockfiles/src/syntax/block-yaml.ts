import { joinBlockScalar, readBlockScalarHeader } from './block-scalar.ts'
import { endsKey, isRestEmpty, type LinePart, type Read, readPlain, readQuoted, skipSpaces } from './inline-yaml.ts'
import { readFlowCollection } from './flow-yaml.ts'
import { refuseLoneCarriageReturns } from './line-breaks.ts'
import { failYaml, type YamlEntry, type YamlMap, type YamlValue } from './yaml-value.ts'

const MAX_DEPTH = 50

/** The indentation of a document marker and of the end of the text: less than any line's. */
const NO_LINE = -1

/**
 * Reads the YAML that package managers and formatters write: block mappings and lists by indentation, flow collections,
 * quoted, plain and block scalars, long keys behind `?`, several documents. Whatever else YAML has (anchors, aliases,
 * tags, merge keys, tabs, empty lines and comments within a value) is refused, never guessed. Linear in time and memory.
 *
 * @returns the mapping of each document; an empty document is left out.
 * @throws LockfileFault `MALFORMED` at the first thing that is not understood.
 */
export function readYamlDocuments(text: string): YamlMap[] {
  refuseLoneCarriageReturns(text)
  return new BlockYamlReader(text).readDocuments()
}

class BlockYamlReader {
  readonly #text: string
  #line = 0
  #lineStart = 0
  #nextStart = 0
  /** Where the current line's text begins and ends, and its column: for the reader of the level it belongs to. */
  #start = 0
  #end = 0
  #indent = NO_LINE
  #isAtEnd = false

  constructor(text: string) {
    this.#text = text
  }

  readDocuments(): YamlMap[] {
    const documents: YamlMap[] = []
    this.#advance()
    while (!this.#isAtEnd) {
      if (this.#indent === NO_LINE) {
        this.#advance()
        continue
      }
      if (this.#indent > 0) failYaml(this.#text, this.#start, 'The document is indented.')
      documents.push(this.#readMap(0, 0))
      if (this.#indent !== NO_LINE) failYaml(this.#text, this.#start, 'Expected a key.')
    }
    return documents
  }

  /** To the next line that is neither empty nor a comment. */
  #advance(): void {
    if (this.#readLine()) this.#settle()
    else this.#finish()
  }

  /** Stays on the line that was just read if it counts, else goes on to the next one that does. */
  #settle(): void {
    while (this.#start === this.#end || this.#text[this.#start] === '#') {
      if (!this.#readLine()) {
        this.#finish()
        return
      }
    }
    if (this.#indent === 0 && this.#isMarker()) this.#indent = NO_LINE
  }

  #finish(): void {
    this.#indent = NO_LINE
    this.#isAtEnd = true
  }

  #readLine(): boolean {
    const text = this.#text
    if (this.#nextStart >= text.length) return false
    this.#lineStart = this.#nextStart
    const newline = text.indexOf('\n', this.#lineStart)
    let end = newline === -1 ? text.length : newline
    this.#nextStart = end + 1
    if (text[end - 1] === '\r' && end > this.#lineStart) end--
    this.#line++
    this.#end = end
    this.#start = skipSpaces(text, this.#lineStart, end)
    this.#indent = this.#start - this.#lineStart
    return true
  }

  #isMarker(): boolean {
    const text = this.#text
    if (!text.startsWith('---', this.#start) && !text.startsWith('...', this.#start)) return false
    const end = this.#start + 3
    if (isRestEmpty(text, end, this.#end)) return true
    if (text[end] === ' ') failYaml(text, end, 'The document does not begin on its own line.')
    return false
  }

  /** Whether an indicator and a space, or the line's end, stand at an offset of the current line. */
  #isIndicator(indicator: '-' | '?' | ':', offset: number): boolean {
    if (this.#text[offset] !== indicator || offset >= this.#end) return false
    return offset + 1 === this.#end || this.#text[offset + 1] === ' '
  }

  #partFrom(start: number): LinePart {
    return { text: this.#text, start, end: this.#end }
  }

  /** Reads the value that begins on this line, at a level below `parentIndent`. */
  #readBlock(depth: number, parentIndent: number): YamlValue {
    if (depth > MAX_DEPTH) failYaml(this.#text, this.#start, 'The values are nested too deeply.')
    if (this.#isIndicator('-', this.#start)) return this.#readList(this.#indent, depth)
    if (this.#isIndicator('?', this.#start)) return this.#readMap(this.#indent, depth)
    const firstKey = this.#keyAt(this.#start)
    return firstKey === undefined
      ? this.#readInline(this.#start, parentIndent)
      : this.#readMap(this.#indent, depth, firstKey)
  }

  /** `firstKey`: that of the line it is on, where it was read already. */
  #readMap(indent: number, depth: number, firstKey?: Read<string>): YamlMap {
    const map = new Map<string, YamlEntry>()
    let known = firstKey
    while (this.#indent === indent) {
      const line = this.#line
      const start = this.#start
      const isExplicit = known === undefined && this.#isIndicator('?', start)
      const key = known ?? (isExplicit ? this.#readExplicitKey(indent) : this.#readKey(start))
      known = undefined
      if (map.has(key.value) || key.value === '<<') {
        failYaml(this.#text, start, `The key ${JSON.stringify(key.value)} is repeated or special.`)
      }
      map.set(key.value, { value: this.#readValue(key.end, { indent, depth, isCompact: isExplicit }), line })
    }
    if (this.#indent > indent) failYaml(this.#text, this.#start, 'The line is indented too far.')
    return map
  }

  #readList(indent: number, depth: number): YamlValue[] {
    const list: YamlValue[] = []
    while (this.#indent === indent && this.#isIndicator('-', this.#start)) {
      list.push(this.#readValue(this.#start + 1, { indent, depth, isCompact: true }))
    }
    if (this.#indent > indent) failYaml(this.#text, this.#start, 'The line is indented too far.')
    return list
  }

  /** Reads a key that starts at `start`; the result ends behind its colon. */
  #readKey(start: number): Read<string> {
    return this.#keyAt(start) ?? failYaml(this.#text, start, 'Expected a key and a colon.')
  }

  /** Reads `? key` and goes to the `:` below it; the result ends behind that colon. */
  #readExplicitKey(indent: number): Read<string> {
    const text = this.#text
    const start = skipSpaces(text, this.#start + 1, this.#end)
    const part = this.#partFrom(start)
    const { value, end } = text[start] === '"' || text[start] === "'" ? readQuoted(part) : readPlain(part)
    if (end > this.#end || !isRestEmpty(text, end, this.#end)) failYaml(text, start, 'Expected a key alone.')
    this.#advance()
    if (this.#indent !== indent || !this.#isIndicator(':', this.#start)) {
      failYaml(text, this.#isAtEnd ? text.length : this.#start, 'Expected the colon of the key above.')
    }
    return { value, end: this.#start + 1 }
  }

  /** Reads what stands behind a key's colon or a list's dash, and goes to the next line of the level or above. */
  #readValue(
    start: number,
    { indent, depth, isCompact }: { indent: number; depth: number; isCompact: boolean },
  ): YamlValue {
    const text = this.#text
    if (isRestEmpty(text, start, this.#end)) {
      this.#advance()
      if (this.#indent > indent) return this.#readBlock(depth + 1, indent)
      // A list may stand at the column of its key.
      if (!isCompact && this.#indent === indent && this.#isIndicator('-', this.#start))
        return this.#readList(indent, depth)
      return ''
    }
    const offset = skipSpaces(text, start, this.#end)
    if (text[offset] === '|' || text[offset] === '>') return this.#readBlockScalar(offset, indent)
    if (isCompact && this.#startsBlock(offset)) {
      this.#start = offset
      this.#indent = offset - this.#lineStart
      return this.#readBlock(depth + 1, indent)
    }
    return this.#readInline(offset, indent)
  }

  /** Reads a value that begins at `offset`, and goes to the next line of the level or above. */
  #readInline(offset: number, indent: number): YamlValue {
    const character = this.#text[offset]
    if (character === '{' || character === '[') {
      return this.#finishInline(readFlowCollection(this.#text, offset, this.#line), { offset, indent })
    }
    if (character === '"' || character === "'") {
      return this.#finishInline(readQuoted(this.#partFrom(offset)), { offset, indent })
    }
    return this.#readPlainLines(offset, indent)
  }

  #finishInline<T>({ value, end }: Read<T>, { offset, indent }: { offset: number; indent: number }): T {
    this.#moveTo(offset, end, indent)
    if (!isRestEmpty(this.#text, end, this.#end)) failYaml(this.#text, end, 'Expected the end of the line.')
    this.#advance()
    if (this.#indent > indent) failYaml(this.#text, this.#start, 'The line is indented too far.')
    return value
  }

  /** To the line on which a value ends that began on this one; each line of it must be indented beyond the level. */
  #moveTo(start: number, end: number, indent: number): void {
    for (let newline = this.#text.indexOf('\n', start); newline !== -1 && newline < end;) {
      this.#readLine()
      if (this.#indent <= indent) failYaml(this.#text, this.#start, 'The line is not indented enough.')
      newline = this.#text.indexOf('\n', newline + 1)
    }
  }

  /** Reads a plain scalar that may go on over the lines that follow at once and are indented beyond the level. */
  #readPlainLines(offset: number, indent: number): string {
    let joined: string | undefined
    let start = offset
    for (;;) {
      const { value, end } = readPlain(this.#partFrom(start))
      const colon = skipSpaces(this.#text, end, this.#end)
      const isCommented = colon < this.#end
      if (isCommented && endsKey(this.#text, colon, this.#end)) {
        failYaml(this.#text, colon, 'A key cannot stand here.')
      }
      joined = joined === undefined ? value : `${joined} ${value}`
      const line = this.#line
      this.#advance()
      if (this.#indent <= indent) return joined
      if (isCommented || this.#line !== line + 1) failYaml(this.#text, this.#start, 'The line is indented too far.')
      start = this.#start
    }
  }

  #startsBlock(offset: number): boolean {
    return this.#isIndicator('-', offset) || this.#isIndicator('?', offset) || this.#keyAt(offset) !== undefined
  }

  /** The key and colon at an offset; undefined where something else stands there. */
  #keyAt(start: number): Read<string> | undefined {
    const text = this.#text
    const character = text[start]
    if (character === '{' || character === '[') return undefined
    const part = this.#partFrom(start)
    const key = character === '"' || character === "'" ? readQuoted(part) : readPlain(part)
    const colon = skipSpaces(text, key.end, this.#end)
    if (colon >= this.#end || !endsKey(text, colon, this.#end)) return undefined
    return { value: key.value, end: colon + 1 }
  }

  #readBlockScalar(start: number, parentIndent: number): string {
    const header = readBlockScalarHeader(this.#text, start, this.#end)
    const lines: string[] = []
    let indent = header.indent === undefined ? undefined : parentIndent + header.indent
    for (;;) {
      if (!this.#readLine()) {
        this.#finish()
        break
      }
      const isBlank = this.#start === this.#end
      indent ??= isBlank || this.#indent <= parentIndent ? undefined : this.#indent
      if (!isBlank && (indent === undefined || this.#indent < indent)) {
        this.#settle()
        break
      }
      lines.push(this.#text.slice(Math.min(this.#lineStart + (indent ?? this.#indent), this.#end), this.#end))
    }
    return joinBlockScalar(lines, header)
  }
}
