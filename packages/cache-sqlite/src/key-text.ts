/** A noncharacter: no text meant for people has it, so that nearly every key is stored as it is. */
const ESCAPE = '\uFFFE'
const TO_ESCAPE = /[\uFFFE\p{Surrogate}]/gu
const ESCAPED = /\uFFFE([0-9a-f]{4})/g
const LAST_CODE_POINT = 0x10ffff

/**
 * Writes a key, a category or a tag as text that SQLite keeps apart from every other. SQLite stores UTF-8, which has no
 * lone surrogates: all of them would become the same U+FFFD. Code point by code point, so that a prefix stays a prefix.
 *
 * @throws TypeError for what is not a string.
 */
export function toKeyText(key: string): string {
  if (typeof key !== 'string')
    throw new TypeError(`Not a string: ${String(key)}. Keys, categories and tags are strings.`)
  if (key.isWellFormed() && !key.includes(ESCAPE)) return key
  return key.replace(TO_ESCAPE, (unit) => ESCAPE + unit.charCodeAt(0).toString(16).padStart(4, '0'))
}

/** Reads what `toKeyText` wrote. */
export function fromKeyText(text: string): string {
  if (!text.includes(ESCAPE)) return text
  return text.replace(ESCAPED, (_, unit: string) => String.fromCharCode(Number.parseInt(unit, 16)))
}

/** Where the key texts that begin with a prefix lie, in SQLite's order (that of code points). */
export interface KeyTextRange {
  /** The first that may be in it. */
  readonly from: string
  /** The first after it; `undefined` when nothing can come after. */
  readonly before: string | undefined
}

/**
 * The range of the key texts whose keys begin with a prefix. A high surrogate at its end is left out, because the next
 * unit may complete it to another code point: the range is then wider than the prefix.
 */
export function keyTextRange(prefix: string): KeyTextRange {
  const last = prefix.charCodeAt(prefix.length - 1)
  const from = toKeyText(last >= 0xd800 && last <= 0xdbff ? prefix.slice(0, -1) : prefix)
  return { from, before: successor(from) }
}

function successor(text: string): string | undefined {
  const points = Array.from(text, (character) => character.codePointAt(0) ?? 0)
  while (points.at(-1) === LAST_CODE_POINT) points.pop()
  const last = points.pop()
  if (last === undefined) return undefined
  // U+D800 to U+DFFF are surrogates, which no key text has.
  points.push(last === 0xd7ff ? 0xe000 : last + 1)
  return points.map((point) => String.fromCodePoint(point)).join('')
}
