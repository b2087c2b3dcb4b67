import { refuseLoneCarriageReturns } from '../../syntax/line-breaks.ts'
import { LockfileFault } from '../../lockfile-fault.ts'
import { type LockfileProblem } from '../../parsed-lockfile.ts'
import { repeatedKey } from '../../syntax/repeated-key.ts'
import { closingQuote } from '../../syntax/quoted-string.ts'

/** One entry of a yarn 1 lockfile, before anything is made of it. */
export interface YarnClassicEntry {
  /** The line of its key, counted from 1. */
  readonly line: number
  /** What asks for it, such as `name@^1.0.0`; at least one. */
  readonly descriptors: readonly string[]
  /** Its single values: version, resolved, integrity. Of a repeated one the last. */
  readonly properties: ReadonlyMap<string, string>
  /** What it asks for: names and ranges. */
  readonly requirements: readonly (readonly [name: string, range: string])[]
}

const REQUIREMENTS = new Set(['dependencies', 'optionalDependencies'])
const UNQUOTED = /[^\s,:"]+/y
/** A quoted word in which nothing is escaped. */
const PLAIN = /"[ !#-[\]-\uffff]*"/y

/**
 * Splits a yarn 1 lockfile into its entries: keys at column 1, properties at 3, requirements at 5, as yarn writes them.
 *
 * @param text - the whole file.
 * @param problems - told of properties that stand twice in an entry.
 * @throws LockfileFault `MALFORMED` at the first line of another shape.
 */
export function readYarnClassicEntries(text: string, problems: LockfileProblem[]): YarnClassicEntry[] {
  refuseLoneCarriageReturns(text)
  const reader = new EntryReader(problems)
  let number = 0
  for (let start = 0; start < text.length;) {
    const newline = text.indexOf('\n', start)
    const end = newline === -1 ? text.length : newline
    const line = readLine(text.slice(start, end), ++number)
    if (line !== undefined) reader.add(line)
    start = end + 1
  }
  return reader.entries
}

interface Entry extends YarnClassicEntry {
  readonly properties: Map<string, string>
  readonly requirements: (readonly [name: string, range: string])[]
}

class EntryReader {
  /** Keeps what was compiled for the class, as that of `JsonCursor` does. */
  static readonly living: EntryReader = new EntryReader([])

  readonly entries: Entry[] = []
  readonly #problems: LockfileProblem[]
  /** The object that lines at column 5 belong to. */
  #section: string | undefined

  constructor(problems: LockfileProblem[]) {
    this.#problems = problems
  }

  add(line: Line): void {
    const entry = this.entries.at(-1)
    if (line.indent === 0 && line.kind === 'open') {
      this.#section = undefined
      this.entries.push({ line: line.number, descriptors: line.words, properties: new Map(), requirements: [] })
    } else if (entry === undefined || !this.#addTo(entry, line)) throw fault(line.number, line.indent + 1)
  }

  /** False when a line of this shape cannot stand in an entry. */
  #addTo(entry: Entry, { number, indent, kind, words }: Line): boolean {
    const [name = '', value = ''] = words
    if (indent === 2 && kind === 'value') {
      this.#section = undefined
      if (entry.properties.has(name)) this.#problems.push(repeatedKey(name, number))
      entry.properties.set(name, value)
    } else if (indent === 2 && words.length === 1) this.#section = name
    else if (indent === 4 && kind === 'value' && this.#section !== undefined) {
      if (REQUIREMENTS.has(this.#section)) entry.requirements.push([name, value])
    } else return false
    return true
  }
}

interface Line {
  readonly number: number
  readonly indent: number
  /** `open`: words with commas between them and a colon at the end. `value`: two words with a space between them. */
  readonly kind: 'open' | 'value'
  readonly words: string[]
}

/** Reads one line without its line feed; undefined when there is nothing on it but spaces or a comment. */
function readLine(raw: string, number: number): Line | undefined {
  const content = raw.endsWith('\r') ? raw.slice(0, -1) : raw
  const indent = skipSpaces(content, 0)
  if (indent === content.length || content[indent] === '#') return undefined

  const first = readWord(content, indent, number)
  if (content[first.end] === ' ') {
    const second = readWord(content, skipSpaces(content, first.end), number)
    if (skipSpaces(content, second.end) !== content.length) throw fault(number, second.end + 1)
    return { number, indent, kind: 'value', words: [first.value, second.value] }
  }

  const words = [first.value]
  let { end } = first
  while (content[end] === ',') {
    const word = readWord(content, skipSpaces(content, end + 1), number)
    words.push(word.value)
    end = word.end
  }
  if (content[end] !== ':' || skipSpaces(content, end + 1) !== content.length) throw fault(number, end + 1)
  return { number, indent, kind: 'open', words }
}

function readWord(line: string, start: number, number: number): { value: string; end: number } {
  if (line[start] === '"') {
    PLAIN.lastIndex = start
    if (PLAIN.test(line)) return { value: line.slice(start + 1, PLAIN.lastIndex - 1), end: PLAIN.lastIndex }
    const close = closingQuote(line, start)
    const value = close === -1 ? undefined : unquote(line.slice(start, close + 1))
    if (value === undefined) throw fault(number, start + 1)
    return { value, end: close + 1 }
  }
  UNQUOTED.lastIndex = start
  const match = UNQUOTED.exec(line)
  if (match === null) throw fault(number, start + 1)
  return { value: match[0], end: UNQUOTED.lastIndex }
}

/** yarn quotes as JSON does. */
function unquote(quoted: string): string | undefined {
  try {
    return JSON.parse(quoted) as string
  } catch {
    return undefined
  }
}

function skipSpaces(line: string, start: number): number {
  let offset = start
  while (line[offset] === ' ') offset++
  return offset
}

function fault(line: number, column: number): LockfileFault {
  return new LockfileFault('MALFORMED', 'This is not what yarn writes.', { line, column })
}
