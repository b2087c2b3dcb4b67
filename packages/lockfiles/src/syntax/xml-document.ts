import { LineCounter } from './line-counter.ts'
import { LockfileFault, placeOf } from '../lockfile-fault.ts'

/** An element of an XML text. */
export interface XmlElement {
  /** Without a namespace's prefix. */
  readonly name: string
  /** The line of its start tag, counted from 1. */
  readonly line: number
  /** The text directly in it, without spaces around it. */
  readonly text: string
  /** The elements directly in it, in the order of the text. */
  readonly children: readonly XmlElement[]
}

/** No project file is nested this deeply. */
const MAX_DEPTH = 200

const TOKEN =
  /<!--[^]*?-->|<!\[CDATA\[([^]*?)\]\]>|<\?[^]*?\?>|<\/([^\s<>/]+)\s*>|<([^\s<>/!?=]+)((?:\s+[^\s<>/=]+\s*=\s*(?:"[^"<]*"|'[^'<]*'))*)\s*(\/?)>|([^<]+)/y
const ENTITY = /&[^;\s]*;?/g
const ENTITIES: ReadonlyMap<string, string> = new Map([
  ['lt', '<'],
  ['gt', '>'],
  ['amp', '&'],
  ['quot', '"'],
  ['apos', "'"],
])

interface OpenElement {
  readonly tag: string
  readonly name: string
  readonly line: number
  text: string
  readonly children: XmlElement[]
}

/**
 * Reads an XML text: elements and their text. Linear in time and memory.
 *
 * @throws LockfileFault `MALFORMED` for what is not well-formed, and for a document type: with one come entities of its own.
 */
export function readXmlDocument(text: string): XmlElement {
  return new XmlReader(text).read()
}

class XmlReader {
  readonly #text: string
  readonly #counter: LineCounter
  readonly #open: OpenElement[] = []
  #root: XmlElement | undefined
  #offset = 0

  constructor(text: string) {
    this.#text = text
    this.#counter = new LineCounter(text)
  }

  read(): XmlElement {
    for (; this.#offset < this.#text.length; this.#offset = TOKEN.lastIndex) {
      TOKEN.lastIndex = this.#offset
      const match = TOKEN.exec(this.#text)
      if (match === null) {
        const isDoctype = this.#text.startsWith('<!DOCTYPE', this.#offset)
        return this.#fail(isDoctype ? 'A document type is not read.' : 'This is no XML.')
      }
      const [, data, endTag, startTag, , slash, characters = ''] = match
      if (startTag !== undefined) this.#start(startTag, slash === '/')
      else if (endTag !== undefined) this.#end(endTag)
      else this.#addText(data, characters)
    }
    return this.#root ?? this.#fail('The file ends too early.')
  }

  #start(tag: string, isEmpty: boolean): void {
    if (this.#root !== undefined) this.#fail('There is a second root.')
    if (this.#open.length >= MAX_DEPTH) this.#fail('The elements are nested too deeply.')
    const line = this.#counter.lineOf(this.#offset)
    const element = { tag, name: tag.slice(tag.indexOf(':') + 1), line, text: '', children: [] }
    if (isEmpty) this.#close(element)
    else this.#open.push(element)
  }

  #end(tag: string): void {
    const element = this.#open.pop()
    if (element?.tag !== tag) this.#fail(`The end of ${JSON.stringify(tag.slice(0, 200))} has no beginning.`)
    else this.#close(element)
  }

  #close({ name, line, text, children }: OpenElement): void {
    const closed = { name, line, text: text.trim(), children }
    const parent = this.#open.at(-1)
    if (parent === undefined) this.#root = closed
    else parent.children.push(closed)
  }

  #addText(data: string | undefined, characters: string): void {
    const parent = this.#open.at(-1)
    if (parent !== undefined) parent.text += data ?? this.#decode(characters)
    else if (data !== undefined || characters.trim() !== '') this.#fail('Text stands outside of the root.')
  }

  #decode(text: string): string {
    if (!text.includes('&')) return text
    return text.replaceAll(ENTITY, (entity) => this.#character(entity.slice(1, -1)))
  }

  /** What a named or numbered entity stands for. */
  #character(name: string): string {
    const [, hexadecimal, decimal] = /^#(?:x([\da-f]{1,6})|(\d{1,7}))$/i.exec(name) ?? []
    const point = hexadecimal === undefined ? Number(decimal) : Number.parseInt(hexadecimal, 16)
    const isPoint = point > 0 && point <= 0x10_ff_ff
    return ENTITIES.get(name) ?? (isPoint ? String.fromCodePoint(point) : this.#fail('The entity is not known.'))
  }

  #fail(reason: string): never {
    throw new LockfileFault('MALFORMED', reason, placeOf(this.#text, this.#offset))
  }
}

/** The first child of a name. */
export function xmlChild(element: XmlElement | undefined, name: string): XmlElement | undefined {
  return element?.children.find((child) => child.name === name)
}

/** The children of a name. */
export function xmlChildren(element: XmlElement | undefined, name: string): readonly XmlElement[] {
  return element?.children.filter((child) => child.name === name) ?? []
}
