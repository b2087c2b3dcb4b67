/** Headers whose values are nobody's secret. */
const HARMLESS: ReadonlySet<string> = new Set(
  'accept accept-encoding accept-language cache-control content-type if-match if-none-match prefer user-agent'.split(
    ' ',
  ),
)

/** A shorter value of a header hides nothing, and would take its characters out of every message. */
const SHORTEST_SECRET = 4

/** The characters of what the expression looks for: the engine refuses one that is too large. What is longer is found as it stands, and percent-encoded. */
const MOST_IN_EXPRESSION = 16_384

/** Characters that nobody writes otherwise. */
const PLAIN = /[\dA-Za-z]/
const BASE64 = /^[\w+/-]{4,}={0,2}$/
const NAMES_IN_HTML: ReadonlyMap<string, string> = new Map([
  ['&', 'amp'],
  ['<', 'lt'],
  ['>', 'gt'],
  ['"', 'quot'],
  ["'", 'apos'],
])

/** What must never be seen in a message, in any of the ways in which a server may echo it. */
export class Secrets {
  readonly #pattern: RegExp
  /** Those that are too long for it. */
  readonly #long: readonly string[]

  constructor(secrets: Iterable<string>) {
    // The longest first: what contains another is taken out whole.
    const texts = Array.from(secrets).flatMap(encodingsOf).filter(Boolean)
    texts.sort((a, b) => b.length - a.length)
    let room = MOST_IN_EXPRESSION
    const fitting = new Set(texts.toReversed().filter(({ length }) => (room -= length) >= 0))
    const others = texts.filter((text) => !fitting.has(text))
    this.#long = others.flatMap((text) => [encodeURIComponent(text.toWellFormed()), text])
    const short = texts.filter((text) => fitting.has(text))
    const sources = short.flatMap((text) =>
      [exactly, inUrl, inJson, inHtml].map((write) =>
        Array.from(text, (char) => (PLAIN.test(char) ? char : write(char))).join(''),
      ),
    )
    // Without any it must match nothing.
    this.#pattern = new RegExp([...new Set(sources)].join('|') || '(?!)', 'g')
  }

  /** A text without them. */
  redact(text: string): string {
    const rest = this.#long.reduce((left, secret) => left.replaceAll(secret, '[redacted]'), text)
    return rest.replace(this.#pattern, '[redacted]')
  }
}

/** The values of headers that may be secret, also without their scheme (`Bearer`, `Basic`). */
export function secretValues(headers: Headers): string[] {
  return Array.from(headers)
    .filter(([name]) => !HARMLESS.has(name))
    .flatMap(([, value]) => [value, value.slice(value.indexOf(' ') + 1)])
    .filter(({ length }) => length >= SHORTEST_SECRET)
}

/** A secret, and its forms in base64. */
function encodingsOf(secret: string): string[] {
  const base64 = [Buffer.from(secret).toString('base64'), ...(BASE64.test(secret) ? [secret] : [])]
  const alphabets = base64.flatMap((text) => [text, text.replaceAll('+', '-').replaceAll('/', '_')])
  return [secret, ...alphabets, ...alphabets.map((text) => text.replace(/=+$/, ''))]
}

// How a character is written, as the source of an expression. Where a character begins what others are written with, it is
// never left as it is: no text matches in two ways, and so none takes more than linear time.

function exactly(text: string): string {
  return codeUnits(text)
    .map((unit) => `\\u${unit}`)
    .join('')
}

function inUrl(char: string): string {
  const encoded = Array.from(Buffer.from(char), (byte) => `%${inAnyCase(byte.toString(16).padStart(2, '0'))}`).join('')
  return char === '%' ? encoded : oneOf(exactly(char), encoded, ...(char === ' ' ? ['\\+'] : []))
}

function inJson(char: string): string {
  const escaped = codeUnits(char).map((unit) => `\\\\u${inAnyCase(unit)}`)
  const short = exactly(char === '/' ? '\\/' : JSON.stringify(char).slice(1, -1))
  return oneOf(short, escaped.join(''), ...(char === '\\' ? [] : [exactly(char)]))
}

function inHtml(char: string): string {
  const code = char.codePointAt(0) ?? 0
  const name = NAMES_IN_HTML.get(char)
  const references = [
    `#0*${code};`,
    `#[xX]0*${inAnyCase(code.toString(16))};`,
    ...(name === undefined ? [] : [`${name};`]),
  ]
  const reference = `&${oneOf(...references)}`
  return char === '&' ? reference : oneOf(exactly(char), reference)
}

/** Of UTF-16, each in four hexadecimal digits. */
function codeUnits(text: string): string[] {
  return Array.from({ length: text.length }, (_, index) => text.charCodeAt(index).toString(16).padStart(4, '0'))
}

function inAnyCase(digits: string): string {
  return digits.replace(/[a-f]/g, (digit) => `[${digit}${digit.toUpperCase()}]`)
}

/** Each once: a character that matches in two ways would double the time with every one of them. */
function oneOf(...sources: string[]): string {
  return `(?:${[...new Set(sources)].join('|')})`
}
