import { LineCounter } from './line-counter.ts'
import { LockfileFault, placeOf } from '../lockfile-fault.ts'

/** A term of Elixir as `mix.lock` has them: a text, an atom, a list or tuple, a map or keyword list. */
export type ElixirTerm = string | ElixirAtom | readonly ElixirTerm[] | readonly ElixirPair[]

/** `:name`, `"name"` behind a colon, `true`, a number. */
export interface ElixirAtom {
  /** Without its colon. */
  readonly atom: string
}

/** `key: value` or `"key" => value`. */
export interface ElixirPair {
  /** What stands before it. */
  readonly key: string
  /** What stands behind it. */
  readonly value: ElixirTerm
  /** The line of the key, counted from 1. */
  readonly line: number
}

const MAX_DEPTH = 100
/** BAD: `(?:#[^\n]*\s*)*`. It takes `##` for one comment or two, in exponential time. */
const SKIPPED = /\s*(?:#[^\n]*(?:\n\s*|$))*/y
const TOKEN =
  /(?:("(?:[^"\\]|\\[^])*")(:(?=\s))?|:("(?:[^"\\]|\\[^])*"|[\w@]+[?!]?)|([a-z_]\w*[?!]?):(?=\s)|([\w.]+)|(=>)|(%\{|[[\]{},]))/y
const CLOSING: ReadonlyMap<string, string> = new Map([
  ['{', '}'],
  ['%{', '}'],
  ['[', ']'],
])

interface Token {
  readonly kind: 'text' | 'key' | 'atom' | 'arrow' | 'bracket'
  readonly value: string
  readonly offset: number
}

/**
 * Reads one term: only data, no expression.
 *
 * @throws LockfileFault `MALFORMED` at the first thing that is none.
 */
export function readElixirTerm(text: string): ElixirTerm {
  return new TermReader(text).read()
}

class TermReader {
  readonly #text: string
  readonly #counter: LineCounter
  #offset = 0

  constructor(text: string) {
    this.#text = text
    this.#counter = new LineCounter(text)
  }

  read(): ElixirTerm {
    const term = this.#readTerm(this.#next(), 0)
    if (this.#skip() !== this.#text.length) this.#fail('Expected the end.')
    return term
  }

  #readTerm(token: Token, depth: number): ElixirTerm {
    if (depth > MAX_DEPTH) this.#fail('The terms are nested too deeply.')
    if (token.kind === 'text') return token.value
    if (token.kind === 'atom') return { atom: token.value }
    const closing = CLOSING.get(token.value)
    if (token.kind !== 'bracket' || closing === undefined) return this.#fail('Expected a term.')
    return this.#readItems(closing, depth)
  }

  #readItems(closing: string, depth: number): ElixirTerm {
    const items: (ElixirTerm | ElixirPair)[] = []
    let token = this.#next()
    while (token.value !== closing || token.kind !== 'bracket') {
      items.push(this.#readItem(token, depth + 1))
      token = this.#next()
      if (token.kind === 'bracket' && token.value === ',') token = this.#next()
      else if (token.kind !== 'bracket' || token.value !== closing) this.#fail(`Expected "," or "${closing}".`)
    }
    return items as ElixirTerm
  }

  #readItem(token: Token, depth: number): ElixirTerm | ElixirPair {
    const line = this.#counter.lineOf(token.offset)
    if (token.kind === 'key') return { key: token.value, value: this.#readTerm(this.#next(), depth), line }
    const term = this.#readTerm(token, depth)
    const before = this.#offset
    if (typeof term !== 'string' || this.#peek()?.kind !== 'arrow') {
      this.#offset = before
      return term
    }
    return { key: term, value: this.#readTerm(this.#next(), depth), line }
  }

  #next(): Token {
    return this.#peek() ?? this.#fail('This is no data of Elixir.')
  }

  #peek(): Token | undefined {
    const offset = this.#skip()
    TOKEN.lastIndex = offset
    const match = TOKEN.exec(this.#text)
    if (match === null) return undefined
    const [, text, colon, atom, key, word, arrow, bracket = ''] = match
    this.#offset = TOKEN.lastIndex
    if (text !== undefined) return { kind: colon === undefined ? 'text' : 'key', value: unquoted(text), offset }
    if (atom !== undefined) return { kind: 'atom', value: unquoted(atom), offset }
    if (key !== undefined) return { kind: 'key', value: key, offset }
    if (word !== undefined) return { kind: 'atom', value: word, offset }
    return { kind: arrow === undefined ? 'bracket' : 'arrow', value: bracket, offset }
  }

  /** Where what is no space and no comment goes on. */
  #skip(): number {
    SKIPPED.lastIndex = this.#offset
    SKIPPED.exec(this.#text)
    return SKIPPED.lastIndex
  }

  #fail(reason: string): never {
    throw new LockfileFault('MALFORMED', reason, placeOf(this.#text, this.#offset))
  }
}

function unquoted(text: string): string {
  return text.startsWith('"') ? text.slice(1, -1).replaceAll(/\\([^])/g, '$1') : text
}
